"""A company and its import room."""

import pytest

from tests.support.import_room import Room


@pytest.fixture
def room(database, company):
    return Room(database)
