"""`/board`: the live board. A punch is on it within a second of its commit, by server-sent events."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from server.access.model import Permission
from server.access.pages.visitors import scope_of_visitor
from server.attendance import actions as attendance
from server.attendance.model import PunchFilter, PunchLine
from server.attendance.pages.asked import choices, local_date, see_people, today
from server.attendance.pages.feed import SHOWN, BoardFeed, News
from server.attendance.pages.punches import unnamed
from server.attendance.pages.sites import Figures, figures_of, site_states
from server.attendance.pages.way import in_units, on_the_way
from server.directory import actions as directory
from server.errors import NotFoundError
from server.storage import StorageError, UnitOfWork
from server.web.asking import database_of, now, shell_of, whole
from server.web.language import language_of
from server.web.visitor import needs
from server.web.waiting import waiting_for

router = APIRouter()
HEARTBEAT_SECONDS = 15.0
LASTS_SECONDS = 300.0
"""After so long the browser is sent for a new stream: who has signed out meanwhile, or lost a permission, gets none."""
BEAT = ": still here\nevent: beat\ndata:\n\n"
"""A comment for proxies, and an event for the page, which cannot see comments and must notice when they stop."""

log = structlog.get_logger(__name__)


@router.get("/board", dependencies=[needs(Permission.SEE_PUNCHES)])
def board_page(request: Request, site: str = "") -> Response:
    wanted = whole(site, "site")
    with database_of(request).reading() as uow:
        latest, _ = attendance.board_start(uow, SHOWN, see_people=see_people(request))
        lines = _with_those_of_site(uow, request, latest, wanted)
        offered = choices(uow)
    if wanted is not None and offered.site(wanted) is None:
        raise NotFoundError(what="site", name=wanted)
    figures = _own(request, figures_of(database_of(request), today(request)))
    return shell_of(request).page(
        request,
        "attendance/board.html",
        lines=lines[::-1],
        sites=offered.sites,
        site=offered.site(wanted),
        events=f"/board/events?site={wanted}" if wanted is not None else "/board/events",
        states=site_states(figures, now()),
        day=figures.day,
        waiting=waiting_for(request),
        on_the_way=on_the_way,
        in_units=in_units,
    )


@router.get("/board/waiting", dependencies=[needs(Permission.SEE_PUNCHES)])
def board_waiting(request: Request) -> Response:
    """What waits for this reader; the open board asks again from time to time."""
    return shell_of(request).page(request, "attendance/board_waiting.html", waiting=waiting_for(request))


@router.get("/board/events", dependencies=[needs(Permission.SEE_PUNCHES)])
async def board_events(request: Request, site: str = "") -> StreamingResponse:
    """First the rows as they are, so that nothing is missed however often the line breaks; then each punch as it comes."""
    headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
    return StreamingResponse(_events(request, whole(site, "site")), media_type="text/event-stream", headers=headers)


async def _events(request: Request, site: int | None) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    try:
        async with _feed(request).listening() as (latest, queue):
            yield _event("rows", await asyncio.to_thread(_first_rows, request, latest, site))
            ends_at = time.monotonic() + LASTS_SECONDS
            seen = await asyncio.to_thread(_seen, request)
            while not await request.is_disconnected():
                left = ends_at - time.monotonic()
                if left <= 0:
                    yield "event: again\ndata:\n\n"
                    return
                try:
                    async with asyncio.timeout(min(HEARTBEAT_SECONDS, left)):
                        news = await queue.get()
                except TimeoutError:
                    yield BEAT
                    continue
                if news is None:
                    return
                for event in _told(request, news, site, seen):
                    yield event
    except StorageError as error:  # the answer has begun and cannot say it; the browser sees the end and comes again
        log.warning("board_cannot_begin", error=error.code)


def _first_rows(request: Request, latest: list[PunchLine], site: int | None) -> str:
    with database_of(request).reading() as uow:
        lines = _with_those_of_site(uow, request, latest, site)
    return "".join(_row(request, line) for line in reversed(lines))


def _with_those_of_site(uow: UnitOfWork, request: Request, latest: list[PunchLine], site: int | None) -> list[PunchLine]:
    """In the order they came. Among the company's latest a small site or scope may have none: its own newest are put to them."""
    scope = scope_of_visitor(request, Permission.SEE_PUNCHES)
    if site is None and scope.everybody:
        return latest
    own = attendance.list_punches(uow, PunchFilter(site_id=site, see_people=see_people(request), scope=scope), limit=SHOWN)
    found = {line.id: line for line in (*(_fitting(latest, site) if scope.everybody else ()), *own)}
    return [found[one] for one in sorted(found)][-SHOWN:]


def _seen(request: Request) -> Callable[[PunchLine], bool]:
    """Whether this reader may see a punch that comes. The scope is that of the days around now; it is asked anew with each stream."""
    scope, day = scope_of_visitor(request, Permission.SEE_PUNCHES), today(request)
    if scope.everybody:
        return lambda _line: True
    with database_of(request).reading() as uow:
        within = directory.days_within(uow, scope, day, day)
    return lambda line: line.person_id is not None and within(line.person_id, day)


def _told(request: Request, news: News, site: int | None, seen: Callable[[PunchLine], bool]) -> Iterator[str]:
    fitting = [line for line in _fitting(news.punches, site) if seen(line)]
    if fitting:
        reader = (language_of(request, shell_of(request).language), see_people(request))
        rows = [_once(news, (*reader, line.id), partial(_row, request, line)) for line in reversed(fitting)]
        yield _event("punches", "".join(rows))
    if news.figures and scope_of_visitor(request, Permission.SEE_PUNCHES).everybody:
        yield _event("sites", _once(news, (language_of(request, shell_of(request).language),), partial(_sites, request, news.figures)))
    elif news.figures:
        yield _event("sites", _sites(request, _own(request, news.figures)))


def _once(news: News, reader: tuple[object, ...], render: Callable[[], str]) -> str:
    """Rendered for the first listener of a kind; whoever reads the same gets the same."""
    if reader not in news.rendered:
        news.rendered[reader] = render()
    return news.rendered[reader]


def _row(request: Request, line: PunchLine) -> str:
    shown = line if see_people(request) else unnamed(line)
    return shell_of(request).render(request, "attendance/board_rows.html", lines=[shown], on_the_way=on_the_way, in_units=in_units)


def _sites(request: Request, figures: Figures) -> str:
    return shell_of(request).render(request, "attendance/board_sites.html", states=site_states(figures, now()))


def _own(request: Request, figures: Figures) -> Figures:
    """The figures of those whom the reader may see."""
    within = directory.people_within(scope_of_visitor(request, Permission.SEE_PUNCHES), figures.day)
    if within is None:
        return figures
    with database_of(request).reading() as uow:
        return replace(figures, presence=tuple(attendance.presence(uow, figures.day, within)))


def _fitting(lines: Iterable[PunchLine], site: int | None) -> list[PunchLine]:
    return [line for line in lines if site in (None, line.site_id)]


def _event(name: str, html: str) -> str:
    data = "".join(f"data: {line}\n" for line in html.splitlines()) or "data:\n"
    return f"event: {name}\n{data}\n"


def _feed(request: Request) -> BoardFeed:
    """The process's one; made when the first board is opened."""
    state = request.app.state
    if not hasattr(state, "board_feed"):
        zone = shell_of(request).zone
        state.board_feed = BoardFeed(database_of(request), lambda: local_date(zone))
    found: BoardFeed = state.board_feed
    return found
