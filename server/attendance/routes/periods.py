"""Attendance periods as JSON: read, asked for, closed, opened again, late facts decided. Permissions are those of the pages."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance import actions as attendance
from server.attendance.engine.telling import tell_day, tell_steps
from server.attendance.model import Difference, IssueKind, Membership, Period, StoredArrear
from server.attendance.pages.asked import today
from server.attendance.pages.periods.overview import PersonLine, counted_answers, person_lines
from server.attendance.pages.periods.person import see_person
from server.attendance.pages.periods.told import IssueLine, arrear_said, issue_lines, period_of, result_said
from server.attendance.pages.periods.within import as_seen, require_whole, seen_in
from server.web.asking import database_of, now, shell_of
from server.web.language import LANGUAGES, language_of, translator
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["attendance"])
SEES = [needs(Permission.SEE_DAYS), needs(Permission.SEE_PEOPLE)]
CLOSES = [needs(Permission.CLOSE_PERIODS), *SEES]


class Asking(BaseModel):
    """The last day on which employees can answer."""

    confirm_until: date


class Closing(BaseModel):
    """Why the period is closed in spite of what is in the way, by kind of issue; nothing where nothing is."""

    reasons: dict[IssueKind, str] = {}


class Opening(BaseModel):
    """Why a closed period is opened again."""

    reason: str


class Deciding(BaseModel):
    """Differences by their ids, and why they are accepted or refused."""

    ids: list[int]
    reason: str


@router.get("/periods", dependencies=SEES)
def list_periods(request: Request) -> dict[str, Any]:
    """Of every pay group the periods of the last months, and every older one that is not closed; the latest first."""
    day = today(request)
    with database_of(request).reading() as uow:
        found = attendance.list_periods(uow, day)
        counts = attendance.period_counts(uow, found)
        without = attendance.people_without_group(uow, day)
    counted = [dict(zip(("people", "answered", "open_differences"), counts[one.name], strict=True)) for one in found]
    shown = [_period(one) | more for one, more in zip(found, counted, strict=True)]
    return {"periods": shown, "people_without_group": without}


@router.get("/periods/{group_id}/{month}", dependencies=SEES)
def one_period(request: Request, group_id: int, month: str, language: str = "") -> dict[str, Any]:
    """One period with what is in the way of closing it (`issues`), the answers, and everybody in it; texts in `language`, en or zh."""
    tell = _teller(request, language)
    with database_of(request).reading() as uow:
        check = as_seen(request, uow, attendance.check_period(uow, period_of(uow, group_id, month), today(request)))
        lines = person_lines(uow, check)
    issues = [_issue(line) for line in issue_lines(tell, check.issues, check.period)]
    checks = {"issues": issues, "may_close": check.may_close, "answers": counted_answers(check)}
    return _period(check.period) | checks | {"people": [_line(one) for one in lines]}


@router.get("/periods/{group_id}/{month}/people/{person_id}", dependencies=SEES)
def one_person(request: Request, group_id: int, month: str, person_id: int, language: str = "") -> dict[str, Any]:
    """One person's totals (`result`) with their answer in words (`says`) and the steps that lead to them, in words and as data.

    Worked out now while the period is open, as they were frozen once it is closed; `result` is null where there are none.
    """
    tell = _teller(request, language)
    with database_of(request).reading() as uow:
        seen = see_person(uow, request, group_id, month, person_id)
    zone = shell_of(request).zone.key
    told = result_said(seen.result, tell, zone)
    said = seen.said and {"answer": seen.said.answer, "comment": seen.said.comment, "answered_at": seen.said.answered_at}
    facts = {"period": _period(seen.period), "member": _member(seen.member), "answer": said, "outdated": seen.outdated}
    steps = tell_steps(seen.result.steps, tell, zone) if seen.result else []
    words = {"says": told["sentence"], "findings": told["findings"], "steps": steps}
    return facts | words | {"result": msgspec.to_builtins(seen.result)}


@router.get("/periods/{group_id}/{month}/differences", dependencies=SEES)
def differences(request: Request, group_id: int, month: str, language: str = "") -> dict[str, Any]:
    """Days of a closed period that would be otherwise now, decided or not, as they count (`before`) and as they would be (`after`)."""
    tell, zone = _teller(request, language), shell_of(request).zone.key
    with database_of(request).reading() as uow:
        period = period_of(uow, group_id, month)
        seen = seen_in(request, uow, period)
        found = [one for one in attendance.list_differences(uow, period) if seen(one.person_id)]
    return {"differences": [_difference(one, tell, zone) for one in found]}


@router.get("/periods/{group_id}/{month}/arrears", dependencies=SEES)
def arrears(request: Request, group_id: int, month: str, language: str = "") -> dict[str, Any]:
    """What a closed period owes more or less than was frozen, a row for each person and decision; paid with the period `due_month`."""
    tell = _teller(request, language)
    with database_of(request).reading() as uow:
        period = period_of(uow, group_id, month)
        seen = seen_in(request, uow, period)
        found = attendance.list_arrears(uow, period)
    return {"arrears": [_arrear(one, tell) for key, own in found.items() if seen(key) for one in own]}


@router.get("/periods/{group_id}/{month}/due", dependencies=SEES)
def due(request: Request, group_id: int, month: str, language: str = "") -> dict[str, Any]:
    """Arrears of earlier closed periods (`month`) that are paid with this one, a row for each person, period and decision."""
    tell = _teller(request, language)
    with database_of(request).reading() as uow:
        period = period_of(uow, group_id, month)
        seen = seen_in(request, uow, period)
        found = [one for one in attendance.due_arrears(uow, period) if seen(one.arrear.person_id)]
    who = [{"month": f"{one.month:%Y-%m}", "employee_number": one.employee_number, "name": one.name} for one in found]
    return {"arrears": [more | _arrear(one.arrear, tell) for more, one in zip(who, found, strict=True)]}


@router.post("/periods/{group_id}/{month}/ask", dependencies=CLOSES)
def ask(request: Request, group_id: int, month: str, wanted: Asking) -> dict[str, Any]:
    """Let employees say whether their days are right; 409 while the period goes on, and for one that is closed."""
    with database_of(request).writing() as uow:
        period = period_of(uow, group_id, month)
        require_whole(request, uow, period)
        attendance.ask_to_confirm(uow, period.group.code, period.month, wanted.confirm_until, actor_of(request), now(), today(request))
        return _period(period_of(uow, group_id, month))


@router.post("/periods/{group_id}/{month}/close", dependencies=CLOSES, status_code=202)
def close(request: Request, group_id: int, month: str, wanted: Closing) -> dict[str, Any]:
    """Freeze everybody's period for payroll, all of it or nothing. 422 where a reason is missing, 409 for what may not be accepted.

    It goes on behind the answer, whose `job` can be followed as long work; the period's `state` tells when it is closed.
    """
    with database_of(request).writing() as uow:
        period = period_of(uow, group_id, month)
        require_whole(request, uow, period)
        by, moment, day = actor_of(request), now(), today(request)
        return {"job": attendance.ask_closing(uow, period.group.code, period.month, wanted.reasons, by, moment, day).id}


@router.post("/periods/{group_id}/{month}/reopen", dependencies=CLOSES)
def reopen(request: Request, group_id: int, month: str, wanted: Opening) -> dict[str, Any]:
    """Let the days of a closed period follow again what is known. What was frozen is kept with the closing that ends."""
    with database_of(request).writing() as uow:
        period = period_of(uow, group_id, month)
        require_whole(request, uow, period)
        attendance.reopen_period(uow, period.group.code, period.month, wanted.reason, actor_of(request), now())
        return _period(period_of(uow, group_id, month))


@router.post("/periods/{group_id}/{month}/differences/accept", dependencies=CLOSES)
def accept(request: Request, group_id: int, month: str, wanted: Deciding) -> dict[str, Any]:
    """Let these days count as they would be now; what that comes to is kept as arrears. Answers for how many people."""
    with database_of(request).writing() as uow:
        period = period_of(uow, group_id, month)
        require_whole(request, uow, period)
        chosen = (wanted.ids, wanted.reason, actor_of(request), now())
        return {"people": attendance.accept_differences(uow, period.group.code, period.month, *chosen)}


@router.post("/periods/{group_id}/{month}/differences/refuse", dependencies=CLOSES)
def refuse(request: Request, group_id: int, month: str, wanted: Deciding) -> dict[str, Any]:
    """Let these days count as they were closed. Answers for how many people."""
    with database_of(request).writing() as uow:
        period = period_of(uow, group_id, month)
        require_whole(request, uow, period)
        chosen = (wanted.ids, wanted.reason, actor_of(request), now())
        return {"people": attendance.refuse_differences(uow, period.group.code, period.month, *chosen)}


def _teller(request: Request, language: str) -> Callable[..., str]:
    return translator(language if language in LANGUAGES else language_of(request, shell_of(request).language))


def _period(one: Period) -> dict[str, Any]:
    group = {"group_id": one.group.id, "group_code": one.group.code, "group_name": one.group.name}
    span = {"month": f"{one.month:%Y-%m}", "first_day": one.first_day, "last_day": one.last_day, "state": one.state}
    asked = {"asked_at": one.asked_at, "confirm_until": one.confirm_until}
    return group | span | asked | {"closed_at": one.closed_at, "closed_by": one.closed_by or None}


def _issue(line: IssueLine) -> dict[str, Any]:
    issue = line.issue
    facts = {"kind": issue.kind, "count": issue.count, "acceptable": issue.acceptable, "says": line.said, "remedy": line.remedy}
    return facts | {"people": [one.person_id for one in issue.people]}


def _line(one: PersonLine) -> dict[str, Any]:
    totals = {name: value for name, value in asdict(one).items() if name != "member"}
    return _member(one.member) | totals


def _member(one: Membership) -> dict[str, Any]:
    who = {"person_id": one.person_id, "employee_number": one.employee_number, "name": one.name}
    return who | {"first_day": one.first_day, "last_day": one.last_day, "days": one.days, "spans": one.spans}


def _arrear(one: StoredArrear, tell: Callable[..., str]) -> dict[str, Any]:
    due_month = one.due_month and f"{one.due_month:%Y-%m}"
    found: dict[str, Any] = msgspec.to_builtins(one)
    return found | {"due_month": due_month, "says": [arrear_said(tell, item) for item in one.items]}


def _difference(one: Difference, tell: Callable[..., str], zone: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(one)
    before = tell_day(one.before, tell, zone) if one.before else None
    return found | {"says_before": before, "says_after": tell_day(one.after, tell, zone)}
