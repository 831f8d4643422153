"""Tells the server what became of users, and what was read of those whose templates are carried."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import groupby

from edge.downlink.users.book import WantedBook
from edge.link import Link
from protocol.errors import SealError
from protocol.identifiers import EdgeId, TerminalSerial
from protocol.messages import Captured, Reported
from protocol.wanted import Templates, UserTemplates, wrap

TOGETHER = 500
AGAIN_SECONDS = 3600
"""What was told in the last hour may have been on a line that broke."""
DAY = 86_400


class Teller:
    """Speaks for the book. What was not told stays in it, also through a restart."""

    def __init__(self, edge: EdgeId, link: Link, book: WantedBook, server_key: Callable[[], bytes]) -> None:
        self._edge, self._link, self._book, self._server_key = edge, link, book, server_key
        self._all_told_at = time.monotonic()
        self._turn = asyncio.Lock()
        """What was told into a line that broke counts as told before the next line lets it be told again."""

    async def tell(self) -> None:
        """Tell what the server does not know, as far as there is a line; once a day, all of it."""
        if time.monotonic() - self._all_told_at > DAY:
            self._all_told_at = time.monotonic()
            await asyncio.to_thread(self._book.tell_again, 0)
        while self._link.up:
            untold = await asyncio.to_thread(self._book.untold, TOGETHER)
            for serial, some in groupby(untold, key=lambda one: one.serial):
                told = list(some)
                message = Reported(edge=self._edge, terminal=serial, at=datetime.now(UTC), users=[one.report for one in told])
                async with self._turn:
                    if not self._link.publish(message):
                        return
                    await asyncio.to_thread(self._book.note_told, told, int(time.time()))
            if len(untold) < TOGETHER:
                return

    async def tell_again(self) -> None:
        """A new line is open."""
        async with self._turn:
            await asyncio.to_thread(self._book.tell_again, int(time.time()) - AGAIN_SECONDS)

    def tell_templates(self, serial: TerminalSerial, found: Sequence[UserTemplates], at: datetime) -> bool:
        """Seal templates for the server and send them; False where it takes none, or there is no line."""
        if not self._link.up:
            return False
        try:
            sealed = wrap(Templates(list(found)), self._server_key(), "captured", self._edge, serial)
        except SealError:
            return False
        return self._link.publish(Captured(edge=self._edge, terminal=serial, at=at, sealed=sealed))
