"""Both brokers, real, with real certificates."""

import pytest

from server.broker.authority import Authority
from server.broker.mosquitto import find_mosquitto
from server.broker.processes import BrokerKind, BrokerPlace, BrokerProcess


@pytest.fixture
def authority(tmp_path):
    keys = Authority(tmp_path / "keys")
    keys.create([], bytes(range(32)))
    return keys


@pytest.fixture(params=[BrokerKind.AMQTT, BrokerKind.MOSQUITTO])
def broker(request, authority, tmp_path):
    if request.param is BrokerKind.MOSQUITTO and find_mosquitto() is None:
        pytest.skip("mosquitto is not installed (apt install mosquitto)")
    from server.broker.authority import Role

    authority.tool("ingest-1", Role.INGEST)
    process = BrokerProcess(BrokerPlace(request.param, "127.0.0.1", 0, tmp_path / "broker"), authority)
    process.start()
    yield process
    process.stop()
