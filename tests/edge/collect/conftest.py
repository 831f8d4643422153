"""An owner of one simulated terminal, with an outbox, in the test's own event loop."""

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge.collect import Crew
from edge.devices.zkteco.frames import Command
from edge.health import HealthBook
from edge.outbox import Outbox
from edge.settings import DropFolder, EdgeSettings, ServerAddress, TerminalSettings
from protocol import codec
from tests.edge.conftest import EDGE

HARMFUL = frozenset(
    {
        Command.DISABLE_DEVICE, Command.CLEAR_DATA, Command.CLEAR_ATTENDANCE, Command.CLEAR_ADMINISTRATORS, Command.CLEAR_OPERATION_LOG,
        Command.RESTART, Command.POWER_OFF, Command.WRITE_USER, Command.DELETE_USER, Command.WRITE_OPTION, Command.SET_TIME,
    }
)  # fmt: skip
"""What collecting may never ask of a terminal: its owner reads, and leaves it as it was."""


@pytest.fixture(autouse=True)
def only_harmless_commands(heard):
    """Whatever a test is about."""
    yield
    assert HARMFUL.isdisjoint(heard)


def settings_for(tmp_path: Path, *terminals: TerminalSettings, folders: tuple[DropFolder, ...] = ()) -> EdgeSettings:
    return EdgeSettings(
        edge=EDGE, data_dir=tmp_path, server=ServerAddress(host="localhost"), terminals=list(terminals), drop_folders=list(folders)
    )


def terminal_at(port: int, **more) -> TerminalSettings:
    return TerminalSettings(**({"name": f"t{port}", "host": "127.0.0.1", "port": port, "poll_seconds": 0.3} | more))


@asynccontextmanager
async def running_crew(settings: EdgeSettings, outbox: Outbox, tmp_path: Path):
    """A crew at work; gives it and the book it writes its reports into."""
    book = HealthBook(EDGE, outbox, tmp_path / "status.json", tmp_path / "none.crt")
    crew = Crew(settings, outbox, book)
    task = asyncio.create_task(crew.run())
    try:
        yield crew, book
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(wanted, seconds: float = 240) -> None:
    async with asyncio.timeout(seconds):
        while not wanted():
            await asyncio.sleep(0.02)


def decoded(outbox: Outbox) -> list:
    """Every row of an outbox."""
    return [codec.decode_row(body) for body in outbox.read(outbox.low or 1, 1_000_000, 1 << 30).bodies]
