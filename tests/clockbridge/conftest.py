"""A server's folder that no test writes, and a copy of it for each that does."""

import pytest

from tests.clockbridge.server_commands import Installed


@pytest.fixture(scope="session")
def pristine(tmp_path_factory) -> Installed:
    return Installed.make(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def installed(pristine, tmp_path) -> Installed:
    return pristine.copy(tmp_path)
