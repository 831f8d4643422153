"""What happens, for everybody who has a board open: one look at the database twice a second for all of them together.

A web process learns of new punches from the database and never from ingest's memory, so any number of processes and workers show the same.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date

import structlog

from server.attendance import actions as attendance
from server.attendance.model import BoardCursor, Presence, PunchLine
from server.fleet import actions as fleet
from server.fleet.model import EdgeOverview
from server.storage import Database, StorageError

LOOK_SECONDS = 0.4
FIGURES_EVERY = 10
"""Looks between two counts of who is there."""
SHOWN = 50

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """Punches that came, oldest first; figures when they were counted anew."""

    punches: tuple[PunchLine, ...] = ()
    figures: "Figures | None" = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Who is there today, and how the sites' edges are."""

    day: date
    presence: tuple[Presence, ...]
    edges: tuple[EdgeOverview, ...]


def figures_of(database: Database, day: date) -> Figures:
    with database.reading() as uow:
        return Figures(day, tuple(attendance.presence(uow, day)), tuple(fleet.list_edges(uow)))


class BoardFeed:
    """One for each web process; it looks while somebody listens. today: the date at the company."""

    def __init__(self, database: Database, today: Callable[[], date]) -> None:
        self._database, self._today = database, today
        self._listeners: set[asyncio.Queue[News]] = set()
        self._task: asyncio.Task[None] | None = None
        self._cursor: BoardCursor | None = None
        self._latest: list[PunchLine] = []

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[tuple[list[PunchLine], "asyncio.Queue[News]"]]:
        """The latest punches, oldest first, and a queue of everything after them. A listener that falls far behind is cut off."""
        if self._task is None or self._task.done():
            self._latest, self._cursor = await asyncio.to_thread(self._begin)
            self._task = asyncio.create_task(self._look_again_and_again())
        queue: asyncio.Queue[News] = asyncio.Queue(200)
        self._listeners.add(queue)
        try:
            yield list(self._latest), queue
        finally:
            self._listeners.discard(queue)
            if not self._listeners and self._task:
                self._task.cancel()
                self._task = None

    async def _look_again_and_again(self) -> None:
        looks = 0
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            looks += 1
            try:
                fresh = await asyncio.to_thread(self._look)
                counted = await asyncio.to_thread(figures_of, self._database, self._today()) if looks % FIGURES_EVERY == 0 else None
            except StorageError as error:  # the board stands still meanwhile; nothing is passed over
                log.warning("board_cannot_look", error=error.code)
                continue
            self._latest = [*self._latest, *fresh][-SHOWN:]
            if fresh or counted:
                self._tell(News(tuple(fresh), counted))

    def _tell(self, news: News) -> None:
        for queue in list(self._listeners):
            if queue.full():
                self._listeners.discard(queue)  # its browser reads no more; it comes again and gets everything anew
                continue
            queue.put_nowait(news)

    def _begin(self) -> tuple[list[PunchLine], BoardCursor]:
        with self._database.reading() as uow:
            return attendance.board_start(uow, SHOWN)

    def _look(self) -> list[PunchLine]:
        assert self._cursor is not None
        with self._database.reading() as uow:
            fresh, self._cursor = attendance.punches_after(uow, self._cursor)
        return fresh
