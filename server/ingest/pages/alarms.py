"""`/alarms`: what somebody must look at now, with what to do next; taking one on, muting one; `/alarms/history`."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.ingest.actions import read_fleet
from server.ingest.alarms import Alarm, AlarmKind, alarms
from server.ingest.overview import Fleet
from server.ingest.pages.common import export_address
from server.ingest.watch import actions as watch
from server.ingest.watch.actions import TakenOn
from server.ingest.watch.store import PAGE
from server.web.asking import database_of, now, own_path, said, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
SEES, CHANGES = [needs(Permission.SEE_FLEET)], [needs(Permission.CHANGE_FLEET)]
Text = Annotated[str, Form()]
HOURS = (1, 4, 24, 72, 24 * 7, 24 * 30)
"""For how long somebody may want to hear nothing of an alarm."""
STEPS = {"began": "told", "lasts": "told again", "escalated": "escalated", "over": "told that it is over"}
UNWATCHED = timedelta(minutes=5)


@router.get("/alarms", dependencies=SEES)
def alarms_page(request: Request, kind: str = "", state: str = "") -> Response:
    """All alarms, the gravest first; `kind` limits them, `state` to those that nobody has taken on, or that somebody has."""
    return _page(request, kind, state)


@router.post("/alarms/take-on", dependencies=CHANGES)
def take_on(request: Request, key: Text = "", note: Text = "", back: Text = "") -> Response:
    """Somebody looks after it."""
    try:
        with database_of(request).writing() as uow:
            watch.take_on(uow, key, note, actor_of(request), now())
    except (InvalidInputError, NotFoundError) as error:
        return _page(request, error=error)
    return RedirectResponse(own_path(back or "/alarms"), 303)


@router.post("/alarms/mute", dependencies=CHANGES)
def mute(request: Request, key: Text = "", hours: Text = "", reason: Text = "", back: Text = "") -> Response:
    """Nobody is told of it for a while."""
    moment = now()
    try:
        until = moment + _span(hours)
        with database_of(request).writing() as uow:
            watch.mute(uow, key, until, reason, actor_of(request), moment)
    except (InvalidInputError, NotFoundError) as error:
        return _page(request, error=error)
    return RedirectResponse(own_path(back or "/alarms"), 303)


@router.post("/alarms/unmute", dependencies=CHANGES)
def unmute(request: Request, key: Text = "", back: Text = "") -> Response:
    """It is told of again."""
    try:
        with database_of(request).writing() as uow:
            watch.unmute(uow, key, actor_of(request), now())
    except NotFoundError as error:
        return _page(request, error=error)
    return RedirectResponse(own_path(back or "/alarms"), 303)


@router.get("/alarms/history", dependencies=SEES)
def history_page(request: Request, kind: str = "", page: str = "", below: str = "") -> Response:
    """Alarms that were, and that are: when, how long, who took them on, who was told. `page`: of one edge or terminal."""
    with database_of(request).reading() as uow:
        found = watch.history_of(uow, href=page, kind=kind, below=whole(below, "below"))
    return shell_of(request).page(
        request,
        "ingest/alarm_history.html",
        rows=found[:PAGE],
        following=found[PAGE - 1].episode.id if len(found) > PAGE else None,
        kinds=list(AlarmKind),
        kind=kind,
        about=page,
        steps=STEPS,
        export=export_address(request, "/alarms/history.csv"),
    )


@router.get("/alarms/history.csv", dependencies=SEES)
@router.get("/alarms/history.xlsx", dependencies=SEES)
def history_file(request: Request, kind: str = "", page: str = "", below: str = "") -> Response:
    """A page of it as seen."""
    tell = words(request)
    names = ("About", "What happened", "Weight", "Begun", "Over", "Taken on by", "Note", "Told")
    with database_of(request).reading() as uow:
        found = watch.history_of(uow, href=page, kind=kind, below=whole(below, "below"))[:PAGE]
    rows = (
        [
            past.episode.subject,
            tell(past.episode.text, **past.episode.facts),
            tell(past.episode.severity),
            past.episode.begun_at,
            past.episode.ended_at,
            past.episode.taken_by,
            past.episode.note,
            "; ".join(f"{name}: {tell(STEPS[step])}" for step, _, name in past.told),
        ]
        for past in found
    )
    return table_answer(request, tell("History of alarms"), [tell(name) for name in names], rows)


@router.get("/alarms.csv", dependencies=SEES)
@router.get("/alarms.xlsx", dependencies=SEES)
def alarms_file(request: Request, kind: str = "", state: str = "") -> Response:
    """The list as seen."""
    tell = words(request)
    heading = [tell(name) for name in ("Weight", "About", "Since", "What happened", "What to do", "Taken on by", "Muted until")]
    found, taken, _ = _found(request)
    rows = (
        [
            tell(alarm.severity.value),
            alarm.subject,
            alarm.since,
            tell(alarm.text, **alarm.facts),
            tell(alarm.advice, **alarm.facts),
            taken.taken[alarm.key].taken_by if alarm.key in taken.taken else None,
            taken.muted[alarm.key].until if alarm.key in taken.muted else None,
        ]
        for alarm in _chosen(found, taken, kind, state)
    )
    return table_answer(request, tell("Alarms"), heading, rows)


def _page(request: Request, kind: str = "", state: str = "", error: ServerError | None = None) -> Response:
    found, taken, fleet = _found(request)
    moment = now()
    return shell_of(request).page(
        request,
        "ingest/alarms.html",
        error.status if error else 200,
        export=export_address(request, "/alarms.csv"),
        alarms=_chosen(found, taken, kind, state),
        total=len(found),
        watched=bool(fleet.edges),
        needy=sum(one.key not in taken for one in found),
        kinds=[known for known in AlarmKind if any(alarm.kind is known for alarm in found)],
        kind=kind,
        state=state,
        taken=taken,
        unwatched=taken.looked_at is not None and moment - taken.looked_at > UNWATCHED,
        hours=HOURS,
        wrong=said(request, error) if error else "",
        trail_of=(("alarm", ""),),
    )


def _span(hours: str) -> timedelta:
    found = whole(hours, "hours")
    if found not in HOURS:
        raise InvalidInputError(field="hours", reason="choose one that the list offers")
    return timedelta(hours=found)


def _chosen(found: list[Alarm], taken: TakenOn, kind: str, state: str) -> list[Alarm]:
    """Those that need somebody before those that do not, else in their order."""
    fits = [alarm for alarm in found if (not kind or alarm.kind == kind) and (not state or (alarm.key in taken) == (state == "taken"))]
    return sorted(fits, key=lambda one: one.key in taken)


def _found(request: Request) -> tuple[list[Alarm], TakenOn, Fleet]:
    with database_of(request).reading() as uow:
        fleet = read_fleet(uow)
        return alarms(fleet, now()), watch.taken_on(uow, now()), fleet
