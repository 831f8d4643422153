"""What is to be seen just now: health, the newest punches, files. User numbers are masked; names are shown where the station knows them."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from edge.collect.files.desk import known_terminals
from edge.collect.files.room import FileRoom, Handed
from edge.errors import OutboxError
from edge.health import HealthBook
from edge.line_trouble import Trouble
from edge.outbox import Outbox
from edge.settings import EdgeSettings
from protocol import codec
from protocol.errors import DecodeError
from protocol.messages import Health, PunchRow

PUNCHES = 20
FILES = 10
FRESH_SECONDS = 1.0
"""Many who look at once share one look."""
NameOf = Callable[[str, str], str]
"""The name of a user at a terminal, "" where this edge knows none."""


@dataclass(frozen=True, slots=True)
class ShownPunch:
    """who: a name, or the masked number. terminal: its name."""

    wall: str
    who: str
    terminal: str
    state: int | None
    source: str
    received_at: datetime
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """health is None where the outbox cannot be asked; trouble says why then, or why there is no line."""

    health: Health | None
    line_up: bool
    trouble: Trouble | None
    punches: Sequence[ShownPunch]
    files: Sequence[Handed]
    terminals: Sequence[str]


class Gathering:
    """Gathers them."""

    def __init__(
        self, settings: EdgeSettings, outbox: Outbox, book: HealthBook, room: FileRoom, line_up: Callable[[], bool], name_of: NameOf
    ) -> None:
        self._settings, self._outbox, self._book, self._room = settings, outbox, book, room
        self._line_up, self._name_of = line_up, name_of
        self._looked: tuple[float, Facts] | None = None
        self._looking = asyncio.Lock()

    async def facts(self) -> Facts:
        """Those of this second."""
        async with self._looking:
            if self._looked is None or time.monotonic() - self._looked[0] > FRESH_SECONDS:
                self._looked = (time.monotonic(), await self._look())
            return self._looked[1]

    async def _look(self) -> Facts:
        health, trouble = None, self._book.line_trouble
        try:
            health = await self._book.health()
            names = {terminal.serial: terminal.name for terminal in health.terminals}
            rows = await asyncio.to_thread(self._newest)
        except OutboxError as error:
            rows, names, trouble = [], {}, Trouble(error.english, error.chinese)
        punches = [await asyncio.to_thread(self._shown, row, names) for row in rows]
        files = (await asyncio.to_thread(self._room.all))[:FILES]
        return Facts(health, self._line_up(), trouble, punches, files, known_terminals(self._settings, self._outbox))

    def _newest(self) -> list[PunchRow]:
        """The newest rows first."""
        high = self._outbox.high
        if not high:
            return []
        first = max(self._outbox.low, high - PUNCHES + 1)
        rows = []
        for body in self._outbox.read(first, PUNCHES, 1 << 20).bodies if first <= high else []:
            with suppress(DecodeError):
                rows.append(codec.decode_row(body))
        return rows[::-1]

    def _shown(self, row: PunchRow, names: dict[str, str]) -> ShownPunch:
        who = self._name_of(row.terminal, row.user) or mask(row.user)
        terminal = names.get(row.terminal) or row.terminal
        return ShownPunch(row.wall, who, terminal, row.state, row.source, row.received_at, bool(row.doubt))


def mask(user: str) -> str:
    """As much of a number as tells its owner which punch is theirs."""
    return f"••{user[-2:]}" if len(user) > 2 else "••"
