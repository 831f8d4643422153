"""Room for logs in memory. On an edge's first day a hundred terminals have a hundred thousand rows each: all of them at once would take
gigabytes, and read one after the other they are on the disk just as soon."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

ROWS_AT_ONCE = 250_000
"""Some 100 MB, decoded and as rows of the outbox (measured)."""
UNTOLD_ROWS = 100_000
"""Of a terminal that does not tell how many it has: a full log of most models."""


class LogRoom:
    """Holds back whoever wants to read a log while those that are being read fill the room, in the order of their coming."""

    def __init__(self, rows: int = ROWS_AT_ONCE) -> None:
        self._rows = self._free = rows
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def of(self, rows: int | None) -> AsyncIterator[None]:
        """Room for a log of so many rows; a longer one than the room is for is read when no other is."""
        taken = min(UNTOLD_ROWS if rows is None else rows, self._rows)
        async with self._turn:
            while self._free < taken:
                self._freed.clear()
                await self._freed.wait()
            self._free -= taken
        try:
            yield
        finally:
            self._free += taken
            self._freed.set()
