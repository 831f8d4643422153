"""`/`: the live board. A punch is on it within a second of its commit, by server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from server.access.model import Permission
from server.attendance import actions as attendance
from server.attendance.model import Presence, PunchLine
from server.attendance.pages.asked import choices, local_now, see_people, today, whole
from server.attendance.pages.feed import SHOWN, BoardFeed, Figures, News, figures_of
from server.fleet.model import EdgeOverview
from server.web.asking import database_of, now, shell_of
from server.web.visitor import needs

router = APIRouter()
HEARTBEAT_SECONDS = 15.0
SILENT_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class SiteState:
    """A site on the board: people, how many have punched today, and since when it is silent (None while it speaks)."""

    id: int
    name: str
    people: int
    punched: int
    silent: bool
    heard_at: datetime | None


@router.get("/", dependencies=[needs(Permission.SEE_PUNCHES)])
def board_page(request: Request, site: str = "") -> Response:
    wanted = whole(site, "site")
    with database_of(request).reading() as uow:
        lines, _ = attendance.board_start(uow, SHOWN, see_people=see_people(request))
        offered = choices(uow)
    figures = figures_of(database_of(request), today(request))
    return shell_of(request).page(
        request,
        "attendance/board.html",
        lines=_fitting(lines, wanted)[::-1],
        sites=offered.sites,
        site=offered.site(wanted),
        states=_states(figures, now()),
        day=figures.day,
    )


@router.get("/board/events", dependencies=[needs(Permission.SEE_PUNCHES)])
async def board_events(request: Request, site: str = "") -> StreamingResponse:
    """First the rows as they are, so that nothing is missed however often the line breaks; then each punch as it comes."""
    headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
    return StreamingResponse(_events(request, whole(site, "site")), media_type="text/event-stream", headers=headers)


async def _events(request: Request, site: int | None) -> AsyncIterator[str]:
    async with _feed(request).listening() as (latest, queue):
        yield _event("rows", _rows(request, _fitting(latest, site)[::-1]))
        while not await request.is_disconnected():
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    news = await queue.get()
            except TimeoutError:
                yield ": still here\n\n"
                continue
            for event in _told(request, news, site):
                yield event


def _told(request: Request, news: News, site: int | None) -> Iterable[str]:
    fitting = _fitting(news.punches, site)
    if fitting:
        yield _event("punches", _rows(request, fitting[::-1]))
    if news.figures:
        html = shell_of(request).render(request, "attendance/board_sites.html", states=_states(news.figures, now()))
        yield _event("sites", html)


def _rows(request: Request, lines: Iterable[PunchLine]) -> str:
    shown = list(lines) if see_people(request) else [_unnamed(line) for line in lines]
    return shell_of(request).render(request, "attendance/board_rows.html", lines=shown)


def _unnamed(line: PunchLine) -> PunchLine:
    """For readers who may not see people."""
    return replace(line, person_id=None, employee_number=None, person_name=None, department_name=None)


def _fitting(lines: Iterable[PunchLine], site: int | None) -> list[PunchLine]:
    return [line for line in lines if site in (None, line.site_id)]


def _event(name: str, html: str) -> str:
    data = "".join(f"data: {line}\n" for line in html.splitlines())
    return f"event: {name}\n{data}\n"


def _feed(request: Request) -> BoardFeed:
    """The process's one; made when the first board is opened."""
    state = request.app.state
    if not hasattr(state, "board_feed"):
        state.board_feed = BoardFeed(database_of(request), lambda: local_now(request).date())
    found: BoardFeed = state.board_feed
    return found


def _states(figures: Figures, moment: datetime) -> list[SiteState]:
    """Sites that have people or an edge, by name."""
    counted = {one.site_id: one for one in figures.presence}
    edges: dict[int, list[EdgeOverview]] = {}
    for one in figures.edges:
        edges.setdefault(one.site.id, []).append(one)
    names = {one.site.id: one.site.name for one in figures.edges}
    found = [_state(key, name, counted.get(key), edges[key], moment) for key, name in names.items()]
    return sorted(found, key=lambda state: state.name)


def _state(key: int, name: str, there: Presence | None, edges: list[EdgeOverview], moment: datetime) -> SiteState:
    heard = [one.health.received_at for one in edges if one.health]
    silent = any(one.health is None or one.health.cut_at is not None or moment - one.health.received_at > SILENT_AFTER for one in edges)
    people, punched = (there.people, there.punched) if there else (0, 0)
    return SiteState(key, name, people, punched, silent, min(heard, default=None))
