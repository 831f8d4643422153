"""`/assignments`: who works by which pattern from when; `/exemptions`: who need not punch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.audit.model import DEED
from server.directory import actions as directory
from server.errors import InvalidInputError, ServerError
from server.fleet import actions as fleet
from server.roster import actions
from server.roster.actions.people import position_names
from server.roster.model import Assignment, Pattern, PersonName, PunchExemption, Scope
from server.roster.pages.common import REFUSALS, form_of, needed_day, today_of
from server.roster.pages.responsible import (
    assignments_seen,
    exemptions_seen,
    require_assignable,
    require_assignment,
    require_exemption,
)
from server.roster.store import people
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, now, said, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
SEE = [needs(Permission.SEE_ROSTER), needs(Permission.SEE_PEOPLE)]
CHANGE = [needs(Permission.CHANGE_ROSTER), needs(Permission.SEE_PEOPLE)]
SCOPES = {
    Scope.COMPANY: "the whole company",
    Scope.SITE: "a site",
    Scope.DEPARTMENT: "a department and those below it",
    Scope.POSITION: "a position",
    Scope.PERSON: "a person",
}

COLUMNS = (
    "Whom", "Kind", "Pattern", "Days ahead", "First day", "Last day", "Counts for", "Stands above", "Overridden by", "Why", "Author",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AssignmentLine:
    """An assignment in the list. state: now, later or over. people: for how many it counts today, None where it does not hold.

    over: what stands behind it; under: what counts in its place, each with how many people.
    """

    assignment: Assignment
    pattern: Pattern
    subject: str
    state: str
    people: int | None = None
    over: tuple[tuple[str, int], ...] = ()
    under: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ExemptionLine:
    """An exemption in the list."""

    exemption: PunchExemption
    person: PersonName
    state: str


@router.get("/assignments", dependencies=SEE)
def assignments_page(request: Request, pattern: str = "") -> Response:
    typed = {"pattern": pattern, "first_day": today_of(request).isoformat(), "scope": Scope.DEPARTMENT.value}
    return _assignments(request, typed, only=whole(pattern, "pattern"))


@router.get("/assignments.csv", dependencies=SEE)
@router.get("/assignments.xlsx", dependencies=SEE)
def assignments_file(request: Request, pattern: str = "") -> Response:
    tell, only = words(request), whole(pattern, "pattern")
    with database_of(request).reading() as uow:
        lines = _lines(request, uow, today_of(request), tell, only)
    heading = [tell(name) for name in COLUMNS]
    rows = (
        (
            one.subject,
            tell(SCOPES[one.assignment.scope]),
            one.pattern.name,
            one.assignment.offset_days,
            one.assignment.first_day,
            one.assignment.last_day or "",
            "" if one.people is None else one.people,
            ", ".join(name for name, _ in one.over),
            ", ".join(name for name, _ in one.under),
            one.assignment.reason,
            one.assignment.author,
        )
        for one in lines
    )
    return table_answer(request, tell("Who works by what"), heading, rows)


@router.post("/assignments", dependencies=CHANGE)
async def assign(request: Request) -> Response:
    return await run_in_threadpool(_assign, request, await form_of(request))


@router.post("/assignments/{assignment_id:int}/end", dependencies=CHANGE)
async def end(request: Request, assignment_id: int) -> Response:
    """Give it a last day, or remove it where that lies before its first."""
    return await run_in_threadpool(_end, request, assignment_id, await form_of(request))


@router.get("/exemptions", dependencies=SEE)
def exemptions_page(request: Request) -> Response:
    return _exemptions(request, {"first_day": today_of(request).isoformat()})


@router.get("/exemptions.csv", dependencies=SEE)
@router.get("/exemptions.xlsx", dependencies=SEE)
def exemptions_file(request: Request) -> Response:
    tell = words(request)
    heading = [tell(name) for name in ("Employee number", "Name", "First day", "Last day", "Why", "Author")]
    rows = (
        (
            one.person.employee_number,
            one.person.name,
            one.exemption.first_day,
            one.exemption.last_day or "",
            one.exemption.reason,
            one.exemption.author,
        )
        for one in _exempt_lines(request)
    )
    return table_answer(request, tell("Need not punch"), heading, rows)


@router.post("/exemptions", dependencies=CHANGE)
async def exempt(request: Request) -> Response:
    return await run_in_threadpool(_exempt, request, await form_of(request))


@router.post("/exemptions/{exemption_id:int}/end", dependencies=CHANGE)
async def end_exemption(request: Request, exemption_id: int) -> Response:
    return await run_in_threadpool(_end_exemption, request, exemption_id, await form_of(request))


def _lines(request: Request, uow: UnitOfWork, today: date, tell: Callable[..., str], only: int | None = None) -> list[AssignmentLine]:
    """Those that count today first, the widest before the narrow ones. only: of this pattern."""
    everything = assignments_seen(request, uow, actions.list_assignments(uow))
    patterns = {one.id: one for one in actions.list_patterns(uow)}
    told, reach = _subjects(uow, everything, tell), actions.reach_of(uow, today)
    lines = [_line(one, patterns, told, reach.get(one.id), today) for one in everything if only in (None, one.pattern_id)]
    order = {"now": 0, "later": 1, "over": 2}
    return sorted(lines, key=lambda line: (order[line.state], list(SCOPES).index(line.assignment.scope)))


def _subjects(uow: UnitOfWork, assignments: Sequence[Assignment], tell: Callable[..., str]) -> dict[int, str]:
    """By assignment whom it is for, as people call them."""
    names = _names(uow, tell)
    named = people.names_of(uow, {one.scope_id for one in assignments if one.scope is Scope.PERSON})
    people_by_id = {key: f"{one.name} {one.employee_number}" for key, one in named.items()}
    by_scope = {**names, Scope.PERSON: people_by_id}
    return {one.id: by_scope[one.scope].get(one.scope_id, str(one.scope_id)) for one in assignments}


def _line(
    one: Assignment, patterns: Mapping[int, Pattern], told: Mapping[int, str], reach: actions.Reach | None, today: date
) -> AssignmentLine:
    line = AssignmentLine(one, patterns[one.pattern_id], told[one.id], _state(one.first_day, one.last_day, today))
    if reach is None:
        return replace(line, people=0) if line.state == "now" else line
    # those that the reader may not see are not told of
    over, under = (tuple((told[key], many) for key, many in each.most_common() if key in told) for each in (reach.over, reach.under))
    return replace(line, people=reach.people, over=over, under=under)


def _state(first_day: date, last_day: date | None, today: date) -> str:
    if first_day > today:
        return "later"
    return "now" if last_day is None or last_day >= today else "over"


def _names(uow: UnitOfWork, tell: Callable[..., str]) -> Mapping[Scope, Mapping[int, str]]:
    return {
        Scope.COMPANY: {0: tell("the whole company")},
        Scope.SITE: {one.id: one.name for one in fleet.list_sites(uow)},
        Scope.DEPARTMENT: {one.id: one.name for one in directory.list_departments(uow)},
        Scope.POSITION: position_names(uow),
    }


def _assignments(request: Request, typed: Mapping[str, str], *, only: int | None = None, error: ServerError | None = None) -> Response:
    tell, today = words(request), today_of(request)
    with database_of(request).reading() as uow:
        lines, names = _lines(request, uow, today, tell, only), _names(uow, tell)
        patterns = [one for one in actions.list_patterns(uow) if not one.archived]
    facts = {"patterns": patterns, "names": names, "scopes": SCOPES, "typed": typed, "yesterday": today - timedelta(days=1)}
    wrong = said(request, error) if error else ""
    status = error.status if error else 200
    return shell_of(request).page(
        request,
        "roster/assignments.html",
        status,
        lines=lines,
        wrong=wrong,
        only=only,
        today=today,
        **facts,
        trail_of=(("assignment", ""),),
    )


def _assign(request: Request, form: dict[str, str]) -> Response:
    try:
        with database_of(request).writing() as uow:
            scope, scope_id = _subject(request, uow, form)
            require_assignable(request, uow, scope, scope_id)
            actions.assign_pattern(
                uow,
                whole(form.get("pattern", ""), "pattern") or 0,
                scope,
                scope_id,
                needed_day(form.get("first_day", ""), "first_day"),
                given_day(form.get("last_day", ""), "last_day"),
                actor_of(request),
                now(),
                offset_days=whole(form.get("offset_days", ""), "offset_days") or 0,
                reason=form.get("reason", "").strip(),
            )
    except REFUSALS as error:
        return _assignments(request, form, error=error)
    return RedirectResponse("/assignments", 303)


def _subject(request: Request, uow: UnitOfWork, form: Mapping[str, str]) -> tuple[Scope, int]:
    """Whom the form means: the scope, and beside it the field of that scope. Raises InvalidInputError."""
    try:
        scope = Scope(form.get("scope", ""))
    except ValueError as error:
        raise InvalidInputError(field="scope", reason="choose one that the list offers") from error
    if scope is Scope.COMPANY:
        return scope, 0
    if scope is Scope.PERSON:
        return scope, _person(request, uow, form.get("number", ""))
    found = whole(form.get(scope.value, ""), scope.value)
    if found is None:
        raise InvalidInputError(field=scope.value, reason="choose one that the list offers")
    return scope, found


def _person(request: Request, uow: UnitOfWork, number: str) -> int:
    """By employee number. Raises InvalidInputError."""
    scope = scope_of_visitor(request, Permission.CHANGE_ROSTER)
    found = directory.find_person_within(uow, scope, number.strip(), today_of(request))
    if found is None:
        raise InvalidInputError(field="employee_number", reason="there is no person with the number {number}", number=number.strip()[:64])
    return found.id


def _end(request: Request, assignment_id: int, form: dict[str, str]) -> Response:
    try:
        last_day = given_day(form.get("last_day", ""), "last_day")
        with database_of(request).writing() as uow:
            reason = form.get("reason", "").strip()
            require_assignment(request, uow, assignment_id)
            actions.end_assignment(uow, assignment_id, last_day, actor_of(request), now(), reason=reason)
    except REFUSALS as error:
        return _assignments(request, {"first_day": today_of(request).isoformat(), "scope": "department"}, error=error)
    return RedirectResponse("/assignments", 303)


def _exempt_lines(request: Request) -> list[ExemptionLine]:
    today = today_of(request)
    with database_of(request).reading() as uow:
        found = exemptions_seen(request, uow, actions.list_exemptions(uow))
        named = people.names_of(uow, {one.person_id for one in found})
    return [ExemptionLine(one, named[one.person_id], _state(one.first_day, one.last_day, today)) for one in found]


def _exemptions(request: Request, typed: Mapping[str, str], *, error: ServerError | None = None) -> Response:
    wrong, status = (said(request, error), error.status) if error else ("", 200)
    facts = {"typed": typed, "wrong": wrong, "yesterday": today_of(request) - timedelta(days=1)}
    return shell_of(request).page(
        request,
        "roster/exemptions.html",
        status,
        lines=_exempt_lines(request),
        **facts,
        trail_of=((DEED, "exemption.add"), (DEED, "exemption.end")),
    )


def _exempt(request: Request, form: dict[str, str]) -> Response:
    try:
        first_day = needed_day(form.get("first_day", ""), "first_day")
        last_day = given_day(form.get("last_day", ""), "last_day")
        with database_of(request).writing() as uow:
            person_id = _person(request, uow, form.get("number", ""))
            actions.exempt(uow, person_id, first_day, last_day, form.get("reason", ""), actor_of(request), now())
    except REFUSALS as error:
        return _exemptions(request, form, error=error)
    return RedirectResponse("/exemptions", 303)


def _end_exemption(request: Request, exemption_id: int, form: dict[str, str]) -> Response:
    try:
        last_day = needed_day(form.get("last_day", ""), "last_day")
        with database_of(request).writing() as uow:
            reason = form.get("reason", "").strip()
            require_exemption(request, uow, exemption_id)
            actions.end_exemption(uow, exemption_id, last_day, actor_of(request), now(), reason=reason)
    except REFUSALS as error:
        return _exemptions(request, {"first_day": today_of(request).isoformat()}, error=error)
    return RedirectResponse("/exemptions", 303)
