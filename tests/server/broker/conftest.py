"""Both brokers, real, with real certificates; one of each kind for all tests of a file."""

import pytest

from protocol.identifiers import EdgeId
from server.broker.authority import Role
from server.broker.mosquitto import find_mosquitto
from server.broker.processes import BrokerKind, BrokerPlace, BrokerProcess
from tests.support.kits import issue_edge, make_authority
from tests.support.world import free_port

A, B = EdgeId("site-a"), EdgeId("site-b")


@pytest.fixture(scope="module", params=[BrokerKind.AMQTT, BrokerKind.MOSQUITTO])
def kind(request):
    if request.param is BrokerKind.MOSQUITTO and find_mosquitto() is None:
        pytest.skip("mosquitto is not installed (apt install mosquitto)")
    return request.param


@pytest.fixture(scope="module")
def authority(kind, tmp_path_factory):
    keys = make_authority(tmp_path_factory.mktemp("keys"))
    keys.tool("ingest-1", Role.INGEST)
    return keys


@pytest.fixture(scope="module")
def broker(kind, authority, tmp_path_factory):
    process = BrokerProcess(BrokerPlace(kind, "127.0.0.1", free_port(), tmp_path_factory.mktemp("broker")), authority)
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def kits(authority, tmp_path_factory):
    return {edge: issue_edge(authority, edge, tmp_path_factory.mktemp(edge)) for edge in (A, B)}


@pytest.fixture
def guests():
    """Clients that are sent home at the end of the test."""
    all_of_them = []
    yield all_of_them
    for guest in all_of_them:
        guest.leave()
