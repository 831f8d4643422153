"""`/enrolments`: who is which terminal user in which group of terminals, and whom the numbers that are nobody's may belong to."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from sqlalchemy import Select
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.audit.model import DEED
from server.directory import actions as directory
from server.directory.model import Person, TemplateKind
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import actions as fleet
from server.ingest.actions import accept, enrol_and_replay, suggestions
from server.ingest.pages.common import export_address
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, may, now, said, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_PEOPLE), *SEES]
PAGE, EXPORT_PAGE, SHOWN = 100, 2_000, 200
DAY = timedelta(days=1)
HEADING = ("Terminal user", "Group of terminals", "Employee number", "Person", "From", "To", "Card", "Templates")
Field = Annotated[str, Form()]


@router.get("/enrolments", dependencies=SEES)
def enrolments_page(request: Request, done: str = "") -> Response:
    return _page(request, done=done)


@router.get("/enrolments.csv", dependencies=SEES)
@router.get("/enrolments.xlsx", dependencies=SEES)
def enrolments_file(request: Request) -> Response:
    tell = words(request)
    heading = [tell(name) for name in HEADING]
    return table_answer(request, tell("Enrolments"), heading, _cells(request))


@router.post("/enrolments", dependencies=CHANGES)
def add(
    request: Request, person: Field = "", zone: Field = "", user: Field = "", since: Field = "", until: Field = "", card: Field = ""
) -> Response:
    """Enrol somebody, by their employee number; punches that were kept back are replayed."""
    typed = {"person": person, "zone": zone, "user": user, "since": since, "until": until, "card": card}
    try:
        with database_of(request).writing() as uow:
            who, limits = person_of(request, uow, person), request.app.state.limits
            zone_id, first = zone_of(uow, zone), _needed(since, "since")
            by, reason = actor_of(request), "on the page of enrolments"
            enrol_and_replay(uow, who.id, zone_id, user, first, given_day(until, "until"), limits, by, now(), reason=reason, card=card)
    except (InvalidInputError, NotFoundError, RefusedError) as error:
        return _page(request, wrong=said(request, error), typed=typed, status=error.status)
    return RedirectResponse("/enrolments?done=added", 303)


@router.post("/enrolments/{enrolment_id:int}/end", dependencies=CHANGES)
def end(request: Request, enrolment_id: int, last: Field = "") -> Response:
    """Let it hold up to a last day."""
    try:
        with database_of(request).writing() as uow:
            held_enrolment(request, uow, enrolment_id)
            directory.end_enrolment(uow, enrolment_id, _needed(last, "last"), actor_of(request), now())
    except (InvalidInputError, RefusedError) as error:
        return _page(request, wrong=said(request, error), status=error.status)
    return RedirectResponse("/enrolments?done=ended", 303)


@router.post("/enrolments/{enrolment_id:int}/known-by", dependencies=CHANGES)
def known_by(request: Request, enrolment_id: int, card: Field = "", templates: Annotated[list[str] | None, Form()] = None) -> Response:
    """Say by which card and kinds of templates terminals know somebody; nothing ticked says that there are none."""
    try:
        with database_of(request).writing() as uow:
            held_enrolment(request, uow, enrolment_id)
            directory.note_known_by(uow, enrolment_id, card, template_kinds(templates or ()), actor_of(request), now())
    except (InvalidInputError, RefusedError) as error:
        return _page(request, wrong=said(request, error), status=error.status)
    return RedirectResponse("/enrolments?done=changed", 303)


@router.post("/enrolments/{enrolment_id:int}/move", dependencies=CHANGES)
def move(request: Request, enrolment_id: int, person: Field = "", since: Field = "") -> Response:
    """From a day on the number is somebody else's: it ends the day before, and another enrolment begins."""
    try:
        with database_of(request).writing() as uow:
            held, who, first = held_enrolment(request, uow, enrolment_id), person_of(request, uow, person), _needed(since, "since")
            by, limits = actor_of(request), request.app.state.limits
            directory.end_enrolment(uow, enrolment_id, first - DAY, by, now(), "moved")
            enrol_and_replay(uow, who.id, held.zone_id, held.terminal_user, first, held.valid_until, limits, by, now(), reason="moved")
    except (InvalidInputError, NotFoundError, RefusedError) as error:
        return _page(request, wrong=said(request, error), status=error.status)
    return RedirectResponse("/enrolments?done=moved", 303)


@router.post("/enrolments/accept", dependencies=[*CHANGES, needs(Permission.RESOLVE_QUARANTINE)])
def accept_suggestions(request: Request, chosen: Annotated[list[str] | None, Form()] = None) -> Response:
    """Enrol whom the ticked suggestions name. chosen: `zone/person/user` as the page offered it; what holds no more is left out."""
    with database_of(request).writing() as uow:
        offered = suggestions(uow, people_of(request), today_of(uow))
        wanted = set(chosen or ())
        taken = [one for one in offered if one.person and f"{one.zone_id}/{one.person.id}/{one.terminal_user}" in wanted]
        result = accept(uow, taken, request.app.state.limits, actor_of(request), now())
    return RedirectResponse(f"/enrolments?done=accepted&count={len(taken)}&replayed={result.replayed + result.known}", 303)


def _page(request: Request, *, wrong: str = "", done: str = "", typed: dict[str, str] | None = None, status: int = 200) -> Response:
    asked = request.query_params
    after = asked.get("after", "")
    user, _, key = after.rpartition("/")
    behind = (user, whole(key, "after") or 0) if after else None
    with database_of(request).reading() as uow:
        today = today_of(uow)
        rows = directory.list_enrolments(uow, people_of(request), **_filter(request, today), after=behind, limit=PAGE + 1)
        zones = fleet.list_zones(uow)
        offered = suggestions(uow, people_of(request), today) if may(request, Permission.SEE_QUARANTINE) else []
    following = f"{rows[PAGE - 1].terminal_user}/{rows[PAGE - 1].id}" if len(rows) > PAGE else ""
    facts: dict[str, Any] = {"rows": rows[:PAGE], "following": following, "zones": zones, "offered": offered[:SHOWN], "today": today}
    facts |= {
        "kinds": list(TemplateKind),
        "more": max(0, len(offered) - SHOWN),
        "wrong": wrong,
        "done": done,
        "typed": typed or {},
        "asked": asked,
        "paged": bool(after),
    }
    return shell_of(request).page(
        request,
        "ingest/enrolments.html",
        status,
        **facts,
        export=export_address(request, "/enrolments.csv"),
        trail_of=((DEED, "enrolment.add"), (DEED, "enrolment.end")),
    )


def _filter(request: Request, today: date) -> dict[str, Any]:
    asked = request.query_params
    text = asked.get("text", "").replace("\0", "").strip()[:64]
    return {"text": text, "zone_id": whole(asked.get("zone", ""), "zone"), "on": None if asked.get("all") else today}


def _cells(request: Request) -> Iterator[tuple[object, ...]]:
    tell = words(request)
    after: tuple[str, int] | None = None
    while True:
        with database_of(request).reading() as uow:
            asked = _filter(request, today_of(uow))
            rows = directory.list_enrolments(uow, people_of(request), **asked, after=after, limit=EXPORT_PAGE)
        for row in rows:
            kinds = ", ".join(tell(one) for one in row.templates or ())
            yield row.terminal_user, row.zone, row.employee_number, row.name, row.valid_from, row.valid_until, row.card, kinds
        if len(rows) < EXPORT_PAGE:
            return
        after = (rows[-1].terminal_user, rows[-1].id)


def people_of(request: Request) -> Select[Any] | None:
    return directory.people_within(request.state.visitor.scope(Permission.SEE_PEOPLE), now().astimezone(shell_of(request).zone).date())


def held_enrolment(request: Request, uow: UnitOfWork, enrolment_id: int) -> Any:
    held = directory.find_enrolment(uow, enrolment_id)
    directory.require_within(uow, request.state.visitor.scope(Permission.CHANGE_PEOPLE), held.person_id, today_of(uow))
    return held


def person_of(request: Request, uow: UnitOfWork, number: str) -> Person:
    number = number.strip().partition(" ")[0]
    found = directory.find_person_within(uow, request.state.visitor.scope(Permission.CHANGE_PEOPLE), number, today_of(uow))
    if found is None:
        raise InvalidInputError(field="person", reason="there is nobody with the employee number {number}", number=number)
    return found


def zone_of(uow: UnitOfWork, value: str) -> int:
    zone_id = whole(value, "zone")
    if zone_id not in {one.id for one in fleet.list_zones(uow)}:
        raise InvalidInputError(field="zone", reason="choose one that the list offers")
    assert zone_id is not None
    return zone_id


def template_kinds(chosen: Iterable[str]) -> tuple[TemplateKind, ...]:
    """Raises InvalidInputError for what is no kind."""
    known = {one.value: one for one in TemplateKind}
    if any(one not in known for one in chosen):
        raise InvalidInputError(field="templates", reason="choose one that the list offers")
    return tuple(known[one] for one in chosen)


def _needed(value: str, field: str) -> date:
    found = given_day(value, field)
    if found is None:
        raise InvalidInputError(field=field, reason="give a date such as 2026-11-23")
    return found


def today_of(uow: UnitOfWork) -> date:
    return directory.today_of(uow, now())
