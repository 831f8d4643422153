"""Attendance days, exceptions and grants as JSON. Permissions are those of the pages."""

from datetime import date
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel

from server.access.model import Permission
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.attendance import actions as attendance
from server.attendance.engine.telling import tell_day, tell_exception
from server.attendance.model import ExceptionLine, GrantLine, StoredDay
from server.attendance.pages.asked import is_key, name_key, today, written_name_key
from server.attendance.pages.day import DaySeen, asked_day, see_day
from server.attendance.pages.grant_forms import read_grant
from server.attendance.pages.grants import grant_filter, preview_lines, require_own_grant, zone_of
from server.attendance.pages.inbox import asked_exceptions, checked_ids, page_of, place_asked, require_own_exceptions
from server.attendance.pages.month import asked_month
from server.attendance.pages.month_rows import NOTHING, SIGN, MonthRow, month_page
from server.attendance.pages.own import own_id
from server.attendance.pages.people import known_person
from server.attendance.pages.today import GROUPS, Today, asked_today
from server.attendance.pages.words import SIGNS
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError
from server.web.asking import database_of, given_day, now, shell_of, whole
from server.web.language import LANGUAGES, language_of, translator
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["attendance"])
MOST, MOST_DAYS = 500, 366
SEES = [needs(Permission.SEE_DAYS), needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_GRANTS), needs(Permission.SEE_PEOPLE)]


class Settling(BaseModel):
    """Exceptions by their ids, and why they may stand as they are."""

    ids: list[int]
    reason: str


class Reopening(BaseModel):
    """Settled exceptions by their ids, and why they are to be looked at again."""

    ids: list[int]
    reason: str


class Granting(BaseModel):
    """A grant as the form of the pages has it: a span by days (with `span` days, mornings, afternoons) or by times on the site's clock."""

    person: int
    kind: str
    reason: str
    span: str = ""
    first_day: str = ""
    last_day: str = ""
    starts_at: str = ""
    ends_at: str = ""
    leave: str = ""
    heading: str = ""
    minutes: str = ""
    settled_by: str = ""
    late: str = ""


class Withdrawing(BaseModel):
    """Why a grant is obeyed no longer. late: also where its period is closed."""

    reason: str
    late: bool = False


@router.get("/people/{person_id}/attendance/{day}", dependencies=SEES)
def one_day(request: Request, person_id: int, day: str, language: str = "") -> dict[str, Any]:
    """One day with its answer (`says`), the steps that lead to it, and every fact; texts in `language`, en or zh."""
    with database_of(request).reading() as uow:
        return _whole_day(see_day(uow, person_id, asked_day(day), _teller(request, language)))


@router.get("/people/{person_id}/attendance", dependencies=SEES)
def days_between(request: Request, person_id: int, since: str, until: str, language: str = "") -> dict[str, Any]:
    """One person's days from `since` to `until`, both included, without their steps; at most 366."""
    first, last = _span(since, until)
    with database_of(request).reading() as uow:
        known_person(uow, person_id)
        within = directory.days_within(uow, scope_of_visitor(request, Permission.SEE_DAYS), first, last)
        found = [one for one in attendance.days_of(uow, person_id, first, last) if within(person_id, one.work_date)]
    return {"days": [_day(one, _teller(request, language)) for one in found]}


@router.get("/me/attendance", dependencies=[needs(Permission.SEE_OWN)])
def own_days(request: Request, since: str, until: str, language: str = "") -> dict[str, Any]:
    """The days of the person that the account belongs to, as of people."""
    first, last = _span(since, until)
    with database_of(request).reading() as uow:
        found = attendance.days_of(uow, _own(request), first, last)
    return {"days": [_day(one, _teller(request, language)) for one in found]}


@router.get("/me/attendance/{day}", dependencies=[needs(Permission.SEE_OWN)])
def own_day(request: Request, day: str, language: str = "") -> dict[str, Any]:
    """One day of the person that the account belongs to, with its steps."""
    with database_of(request).reading() as uow:
        return _whole_day(see_day(uow, _own(request), asked_day(day), _teller(request, language)))


@router.get("/attendance/month", dependencies=SEES)
def month(request: Request, limit: int = 60, after: str = "") -> dict[str, Any]:
    """The month grid by what the page's filters ask (`month`, `group`, `department`, `site`, `text`, `state`): signs by date, and sums."""
    with database_of(request).reading() as uow:
        wanted, _, _ = asked_month(request, uow)
        rows, following = month_page(uow, wanted, name_key(after), _checked_limit(limit))
    shown = [_row(row, wanted.dates) for row in rows]
    return {"first_day": wanted.first, "last_day": wanted.last, "rows": shown, "next": written_name_key(following) if following else None}


@router.get("/attendance/today", dependencies=SEES)
def today_counts(request: Request, group: str = "") -> dict[str, Any]:
    """How many people are present, missing, late, on leave, off, on `day` (today when left out), and who is in one `group` of them."""
    chosen, people, _ = asked_today(request)
    if group and group not in GROUPS:
        raise InvalidInputError(field="group", reason="choose one that the list offers")
    counts = {code: sum(map(test, people)) for code, (_, _, test) in GROUPS.items()}
    members = [_member(one) for one in people if GROUPS[group][2](one)] if group else None
    return {"day": chosen, "people": len(people), "counts": counts, "members": members}


@router.get("/attendance/exceptions", dependencies=SEES)
def exceptions(request: Request, limit: int = 100, after: str = "", language: str = "") -> dict[str, Any]:
    """Exceptions by what the page's filters ask (`kind`, `state`, `department`, `site`, `since`, `until`, `text`), the gravest first."""
    tell = _teller(request, language)
    with database_of(request).reading() as uow:
        lines, following = page_of(uow, asked_exceptions(request), place_asked(after), _checked_limit(limit))
    zone = shell_of(request).zone.key
    return {"exceptions": [_exception(line) | {"says": _says(line, tell, zone)} for line in lines], "next": following or None}


@router.post("/attendance/exceptions/settle", dependencies=CHANGES)
def settle(request: Request, wanted: Settling) -> dict[str, Any]:
    """Let exceptions stand as they are, with a reason."""
    with database_of(request).writing() as uow:
        require_own_exceptions(request, uow, checked_ids(wanted.ids))
        attendance.settle_exceptions(uow, checked_ids(wanted.ids), actor_of(request), now(), wanted.reason)
    return {"settled": len(set(wanted.ids))}


@router.post("/attendance/exceptions/reopen", dependencies=CHANGES)
def reopen(request: Request, wanted: Reopening) -> dict[str, Any]:
    """Open settled exceptions again."""
    with database_of(request).writing() as uow:
        require_own_exceptions(request, uow, checked_ids(wanted.ids))
        attendance.reopen_exceptions(uow, checked_ids(wanted.ids), actor_of(request), now(), wanted.reason)
    return {"reopened": len(set(wanted.ids))}


@router.get("/grants", dependencies=SEES)
def grants(request: Request, limit: int = 100, after: str = "") -> dict[str, Any]:
    """Grants by what the page's filters ask (`person`, `kind`, `department`, `site`, `since`, `until`, `withdrawn`), the newest first."""
    limit = _checked_limit(limit)
    with database_of(request).reading() as uow:
        lines = attendance.list_grants(uow, grant_filter(request), behind=whole(after, "after"), limit=limit + 1)
    shown = lines[:limit]
    return {"grants": [_grant(line) for line in shown], "next": str(shown[-1].stored.grant.id) if len(lines) > limit else None}


@router.post("/grants", dependencies=CHANGES, status_code=201)
def record(request: Request, wanted: Granting) -> dict[str, Any]:
    """Record a grant; the days it touches are worked out again by themselves. Answers with its `id`."""
    typed = {name: value for name, value in wanted.model_dump().items() if name != "person"}
    with database_of(request).writing() as uow:
        directory.require_within(uow, scope_of_visitor(request, Permission.CHANGE_GRANTS), wanted.person, today(request))
        overview, _ = known_person(uow, wanted.person)
        new = read_grant(typed, wanted.person, zone_of(uow, overview.person.site_id, shell_of(request).zone))
        return {"id": attendance.record_grant(uow, new, actor_of(request), now()).grant.id}


@router.post("/grants/preview", dependencies=CHANGES)
def preview(request: Request, wanted: Granting, language: str = "") -> dict[str, Any]:
    """What would become of the days if a grant were recorded: `changes` with what they are and would be. Nothing is kept."""
    typed = {name: value for name, value in wanted.model_dump().items() if name != "person"}
    with database_of(request).reading() as uow:
        directory.require_within(uow, scope_of_visitor(request, Permission.CHANGE_GRANTS), wanted.person, today(request))
        overview, _ = known_person(uow, wanted.person)
        new = read_grant(typed, wanted.person, zone_of(uow, overview.person.site_id, shell_of(request).zone))
        seen = attendance.preview_grant(uow, new, now())
    lines = preview_lines(seen, _teller(request, language))
    changes = [{"day": day, "now": before, "then": after} for day, before, after in lines]
    return {"changes": changes, "unchanged": seen.same, "without_result": seen.unknown}


@router.post("/grants/{grant_id}/withdraw", dependencies=CHANGES)
def withdraw(request: Request, grant_id: int, wanted: Withdrawing) -> dict[str, Any]:
    """Obey a grant no longer. It stays on the list, withdrawn."""
    if not is_key(grant_id):
        raise NotFoundError(what="grant", name=grant_id)
    with database_of(request).writing() as uow:
        require_own_grant(request, uow, grant_id)
        attendance.withdraw_grant(uow, grant_id, actor_of(request), now(), wanted.reason, late=wanted.late)
    return {"withdrawn": grant_id}


def _whole_day(seen: DaySeen) -> dict[str, Any]:
    if seen.stored is None:
        raise NotFoundError(what="attendance day", name=f"{seen.person.person.id}/{seen.day}")
    stored = seen.stored
    exceptions_now = [msgspec.to_builtins(one) for one in stored.exceptions]
    facts = {"person_id": stored.person_id, "says": seen.answer, "steps": seen.steps, "assessed_at": stored.assessed_at}
    result = msgspec.to_builtins(stored.day)
    more = {"exceptions": exceptions_now, "rules_version_id": stored.rules_version_id, "inputs_hash": stored.inputs_hash.hex()}
    return facts | {"result": result, "inputs": msgspec.to_builtins(stored.inputs)} | more


def _day(stored: StoredDay, tell: Any) -> dict[str, Any]:
    result = msgspec.to_builtins(stored.day)
    return {"person_id": stored.person_id, "says": tell_day(stored.day, tell, stored.plan.zone), "result": result}


def _row(row: MonthRow, dates: list[date]) -> dict[str, Any]:
    person = row.overview.person
    signs = {str(day): None if cell == NOTHING else SIGNS[cell & SIGN].code for day, cell in zip(dates, row.cells, strict=True)}
    totals = msgspec.to_builtins(row.totals)
    return {"person_id": person.id, "name": person.name, "employee_number": person.employee_number, "days": signs, "totals": totals}


def _member(one: Today) -> dict[str, Any]:
    person, signs = one.overview.person, one.signs
    known = (
        {}
        if signs is None
        else {"status": signs.status, "arrived_at": signs.arrived_at, "left_at": signs.left_at, "late_minutes": signs.late_minutes}
    )
    return {"person_id": person.id, "name": person.name, "employee_number": person.employee_number, **known}


def _exception(line: ExceptionLine) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(line)
    return found


def _says(line: ExceptionLine, tell: Any, zone: str) -> str:
    return tell_exception(line.stored.exception, tell, line.time_zone or zone, line.stored.work_date)


def _grant(line: GrantLine) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(line)
    return found


def _own(request: Request) -> int:
    key = own_id(request)
    if key is None:
        raise NotFoundError(what="person", name=request.state.visitor.login)
    return key


def _teller(request: Request, language: str) -> Any:
    return translator(language if language in LANGUAGES else language_of(request, shell_of(request).language))


def _span(since: str, until: str) -> tuple[date, date]:
    first, last = given_day(since, "since"), given_day(until, "until")
    if first is None or last is None:
        raise InvalidInputError(field="since" if first is None else "until", reason="give a date such as 2026-11-23")
    if last < first:
        raise InvalidInputError(field="until", reason="it lies before the first day")
    if (last - first).days >= MOST_DAYS:
        raise InvalidInputError(field="until", reason="ask for at most {most} days at once", most=MOST_DAYS)
    return first, last


def _checked_limit(limit: int) -> int:
    if not 1 <= limit <= MOST:
        raise InvalidInputError(field="limit", reason="give a whole number from 1 to 500")
    return limit
