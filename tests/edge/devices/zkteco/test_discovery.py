"""Whatever answers at an address, over TCP or UDP, a look at it ends with a finding and invents no terminal."""

import asyncio
import struct
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from edge.devices.driver import TerminalAddress, Transport
from edge.devices.zkteco import discovery
from edge.devices.zkteco.discovery import Finding, probe
from edge.devices.zkteco.frames import PREFIX, Command, Frame, encode_payload, encode_tcp

frames = st.builds(
    Frame,
    st.one_of(st.sampled_from([command.value for command in Command]), st.integers(0, 65_535)),
    st.just(9),
    st.integers(0, 3),
    st.binary(max_size=40),
)
said_over_tcp = st.one_of(
    st.binary(max_size=80),
    st.binary(max_size=40).map(lambda data: b"\xaa" + data),
    st.binary(max_size=40).map(lambda data: PREFIX + struct.pack("<I", len(data)) + data),
    st.lists(frames, max_size=4).map(lambda sent: b"".join(map(encode_tcp, sent))),
    st.tuples(frames, st.binary(max_size=20)).map(lambda parts: encode_tcp(parts[0]) + parts[1]),
)
said_over_udp = st.one_of(st.binary(max_size=80), frames.map(encode_payload))


@pytest.fixture
def short_looks(monkeypatch):
    """Nobody here is far away."""

    class QuickDriver(discovery.ZkDriver):
        def __init__(self, address, silence_seconds):
            super().__init__(address, silence_seconds=0.02)

    monkeypatch.setattr(discovery, "ZkDriver", QuickDriver)
    monkeypatch.setattr(discovery, "LOOK_SECONDS", 0.1)


@pytest.fixture
def long_looks(monkeypatch):
    """Whoever is there answers, however late."""
    monkeypatch.setattr(discovery, "LOOK_SECONDS", 60)


async def look_over_tcp(said, *, stays):
    serving = []

    async def serve(reader, writer):
        serving.append(asyncio.current_task())
        with suppress(OSError):
            await reader.read(4096)
            writer.write(said)
            while stays and await reader.read(4096):
                pass
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        result = await probe(TerminalAddress("127.0.0.1", server.sockets[0].getsockname()[1]))
        await asyncio.gather(*serving)
        return result


async def look_over_udp(said):
    class Door(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, addr):
            self.transport.sendto(said, addr)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Door, local_addr=("127.0.0.1", 0))
    try:
        return await probe(TerminalAddress("127.0.0.1", transport.get_extra_info("sockname")[1], Transport.UDP))
    finally:
        transport.close()


few = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@few
@given(said_over_tcp, st.booleans())
def test_given_any_bytes_in_answer_when_looked_at_over_tcp_then_there_is_a_finding_and_no_terminal(short_looks, said, stays):
    result = asyncio.run(look_over_tcp(said, stays=stays))

    assert result.finding in set(Finding) - {Finding.TERMINAL, Finding.NO_ROUTE, Finding.PORT_CLOSED}
    assert result.facts is None


@few
@given(said_over_udp)
def test_given_any_datagram_in_answer_when_looked_at_over_udp_then_there_is_a_finding_and_no_terminal(short_looks, said):
    result = asyncio.run(look_over_udp(said))

    assert result.finding in set(Finding) - {Finding.TERMINAL, Finding.NO_ROUTE, Finding.PORT_CLOSED}
    assert result.facts is None


@pytest.mark.parametrize("command", [2001, 2003, 2004])
def test_given_a_terminal_that_says_no_for_now_when_looked_at_then_it_is_busy(long_looks, command):
    said = b"".join(encode_tcp(Frame(command, 9, reply)) for reply in range(4))

    assert asyncio.run(look_over_tcp(said, stays=True)).finding is Finding.BUSY


@pytest.mark.parametrize("command", [65_531, 65_532, 65_533, 65_535])
def test_given_a_terminal_that_does_not_know_our_way_when_looked_at_then_it_refuses_the_pull(long_looks, command):
    assert asyncio.run(look_over_tcp(encode_tcp(Frame(command, 9, 0)), stays=True)).finding is Finding.PULL_REFUSED
