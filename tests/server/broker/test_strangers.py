"""Whoever says nothing at the broker's port is hung up on, and does not keep edges out meanwhile."""

import asyncio
import resource

from server.broker.authority import Authority
from server.broker.child import BrokerConfig, listen, tls_context
from server.broker.door import Door
from server.broker.processes import BrokerKind, BrokerPlace, BrokerProcess
from tests.support.kits import make_authority
from tests.support.world import free_port


def config_of(authority: Authority) -> BrokerConfig:
    bundle = authority.bundle("broker")
    return BrokerConfig("127.0.0.1", 0, str(bundle.authority), str(bundle.certificate), str(bundle.key))


def test_given_somebody_who_shows_no_certificate_when_the_time_is_over_then_the_line_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("server.broker.child.HANDSHAKE_SECONDS", 0.1)
    config = config_of(make_authority(tmp_path / "keys"))

    async def silent() -> bytes:
        async with await listen(Door(None), config, tls_context(config)) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            said = await asyncio.wait_for(reader.read(), 20)
            writer.close()
            return said

    assert asyncio.run(silent()) == b""


def test_given_a_broker_of_ours_then_it_may_hold_as_many_lines_as_the_system_allows(tmp_path):
    place = BrokerPlace(BrokerKind.AMQTT, "127.0.0.1", free_port(), tmp_path / "broker")
    broker = BrokerProcess(place, make_authority(tmp_path / "keys"))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096 if soft == hard else soft, hard))
    try:
        broker.start()
        assert resource.prlimit(broker.pid, resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        broker.stop()
