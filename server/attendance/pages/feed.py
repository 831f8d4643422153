"""What happens, for everybody who has a board open: one look at the database twice a second for all of them together.

A web process learns of new punches from the database and never from ingest's memory, so any number of processes and workers show the same.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

import structlog

from server.attendance import actions as attendance
from server.attendance.model import BoardCursor, PunchLine
from server.attendance.pages.sites import Figures, figures_of
from server.storage import Database, StorageError

LOOK_SECONDS = 0.4
FIGURES_SECONDS = 4.0
SHOWN = 50
MOST_BEHIND = 200
"""News that wait for one listener; beyond, its browser has stopped reading."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """Punches that came, oldest first; figures when they were counted anew.

    rendered: what was made of them for one listener, for the others who read the same language with the same permissions.
    """

    punches: tuple[PunchLine, ...] = ()
    figures: Figures | None = None
    rendered: dict[tuple[object, ...], str] = field(default_factory=dict, compare=False)


Listener = asyncio.Queue[News | None]
"""None ends it: the browser shall come again and get everything anew."""


class BoardFeed:
    """One for each web process; it looks while somebody listens. today: the date at the company."""

    def __init__(self, database: Database, today: Callable[[], date]) -> None:
        self._database, self._today = database, today
        self._listeners: set[Listener] = set()
        self._beginning = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._cursor = BoardCursor(0)
        self._latest: list[PunchLine] = []

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[tuple[list[PunchLine], Listener]]:
        """The latest punches, oldest first, and a queue of everything after them. Raises StorageError when the first look fails."""
        queue: Listener = asyncio.Queue(MOST_BEHIND)
        async with self._beginning:  # boards that open in one moment must not look apart
            if self._task is None or self._task.done():
                self._latest, self._cursor = await asyncio.to_thread(self._begin)
                self._task = asyncio.create_task(self._watch())
            self._listeners.add(queue)
            latest = list(self._latest)
        try:
            yield latest, queue
        finally:
            self._listeners.discard(queue)
            if not self._listeners and self._task:
                self._task.cancel()
                self._task = None

    async def _watch(self) -> None:
        """Look and count until nobody listens. Counting has a task of its own: however long it takes, no punch waits for it."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._look_again_and_again())
                tasks.create_task(self._count_again_and_again())
        except* Exception:  # top of a task: boards that stand still in silence would be believed
            log.exception("board_feed_ended")
            self._end(list(self._listeners))

    async def _look_again_and_again(self) -> None:
        lost = False
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                # the cursor moves here and not in the thread: one that outlives its task must not move the next one's
                fresh, self._cursor = await asyncio.to_thread(self._look, self._cursor)
            except StorageError as error:  # the board stands still meanwhile; nothing is passed over
                if not lost:
                    log.warning("board_cannot_look", error=error.code)
                lost = True
                continue
            if lost:
                log.info("board_looks_again")
                lost = False
            if fresh:
                self._latest = [*self._latest, *fresh][-SHOWN:]
                self._tell(News(tuple(fresh)))

    async def _count_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(FIGURES_SECONDS)
            try:
                counted = await asyncio.to_thread(figures_of, self._database, self._today())
            except StorageError:  # whoever looks for punches says so in the log
                continue
            self._tell(News(figures=counted))

    def _tell(self, news: News) -> None:
        behind = [queue for queue in self._listeners if queue.full()]
        self._end(behind)
        for queue in self._listeners:
            queue.put_nowait(news)

    def _end(self, listeners: list[Listener]) -> None:
        for queue in listeners:
            self._listeners.discard(queue)
            while not queue.empty():
                queue.get_nowait()
            queue.put_nowait(None)

    def _begin(self) -> tuple[list[PunchLine], BoardCursor]:
        with self._database.reading() as uow:
            return attendance.board_start(uow, SHOWN)

    def _look(self, cursor: BoardCursor) -> tuple[list[PunchLine], BoardCursor]:
        with self._database.reading() as uow:
            return attendance.punches_after(uow, cursor)
