"""A company and its import room."""

import pytest

from tests.support.company import found_company
from tests.support.import_room import Room


@pytest.fixture
def company(database):
    return found_company(database)


@pytest.fixture
def room(database, company):
    return Room(database)
