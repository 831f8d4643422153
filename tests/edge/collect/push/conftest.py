"""A desk on a free port, and requests as a terminal sends them: whole bytes over a socket."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from edge.collect.duty import Rules
from edge.collect.push import PushDesk
from edge.collect.trust import ClockTrust
from edge.health import HealthBook
from edge.settings import EdgeSettings, PushSettings, PushTerminal, ServerAddress
from protocol.wanted import ClockRule
from tests.edge.conftest import EDGE

SN = "CJ92183760123"


@pytest.fixture
def settings(tmp_path, certificate):
    def make(*terminals, **more):
        listed = [PushTerminal(serial=one) if isinstance(one, str) else one for one in terminals or (SN,)]
        return EdgeSettings(
            edge=EDGE,
            data_dir=tmp_path,
            server=ServerAddress(host="localhost", certificate=certificate),
            push=PushSettings(**({"host": "127.0.0.1", "port": 0, "terminals": listed} | more)),
        )

    return make


@pytest.fixture
def desk_counts():
    """For tests of what the desk has counted of its own accord; elsewhere its questions would come among the commands, early or late."""


@pytest.fixture(autouse=True)
def own_commands_only(request, monkeypatch):
    if "desk_counts" not in request.fixturenames:
        monkeypatch.setattr("edge.collect.push.work.Worker.ask_for_proof", lambda *_: None)


def new_desk(settings, outbox, book):
    trust = ClockTrust(outbox, settings.server.certificate)
    return PushDesk(settings, settings.push, Rules(settings.zone, ClockRule(), trust.now), trust, outbox, book)


@asynccontextmanager
async def running_desk(settings, outbox):
    """A desk at work; gives it and the book it writes into."""
    book = HealthBook(EDGE, outbox, settings.status_file, settings.server.certificate)
    desk = new_desk(settings, outbox, book)
    task = asyncio.create_task(desk.run())
    try:
        async with asyncio.timeout(60):
            while desk.port is None and not task.done():
                await asyncio.sleep(0.01)
        yield desk, book
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def send(desk, data: bytes, source: str = "127.0.0.1") -> tuple[int, dict[str, str], bytes]:
    """Status, headers (small letters) and body of the answer to these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.port, local_addr=(source, 0))
    writer.write(data)
    answer = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}, body


async def get(desk, target: str, **more):
    return await send(desk, f"GET /iclock/{target} HTTP/1.1\r\nUser-Agent: iClock Proxy/1.09\r\nConnection: close\r\n\r\n".encode(), **more)


async def post(desk, target: str, body: bytes, **more):
    return await send(desk, f"POST /iclock/{target} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body, **more)


async def greeted(desk, serial: str = SN, announce: str = "pushver=2.4.1&DeviceType=att"):
    return await get(desk, f"cdata?SN={serial}&options=all&{announce}")


def alarms(book):
    return [code.split(": ")[0] for code in book._alarm_notes()]
