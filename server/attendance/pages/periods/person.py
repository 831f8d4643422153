"""`/periods/{group}/{month}/people/{person}`: one person's period, the answer first, then how it came about."""

from collections.abc import Callable, Iterator

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.attendance import actions as attendance
from server.attendance.actions import OwnPeriod
from server.attendance.model.periods import AttendancePeriod
from server.attendance.pages.asked import is_key, today
from server.attendance.pages.people import known_person
from server.attendance.pages.periods.told import period_of, result_said
from server.attendance.pages.words import STATES, hours
from server.audit.model import CONCERNS
from server.errors import NotFoundError
from server.storage import UnitOfWork
from server.web.asking import database_of, shell_of, words
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_DAYS), needs(Permission.SEE_PEOPLE)]
MINUTES = {
    "Planned": "scheduled_minutes",
    "Worked": "worked_minutes",
    "Regular hours": "regular_minutes",
    "Short of the plan": "undertime_minutes",
    "At night": "night_minutes",
    "Banked": "banked_minutes",
}
"""Labels of totals in minutes, with their names."""


@router.get("/periods/{group_id:int}/{month}/people/{person_id:int}", dependencies=SEES)
def person_page(request: Request, group_id: int, month: str, person_id: int) -> Response:
    tell = words(request)
    with database_of(request).reading() as uow:
        seen = see_person(uow, request, group_id, month, person_id)
        days = attendance.period_signs(uow, [seen.member])[person_id]
    return shell_of(request).page(
        request,
        "attendance/periods/person.html",
        seen=seen,
        period=seen.period,
        result=seen.result,
        totals=list(totals_said(seen.result, tell)) if seen.result else [],
        days=days,
        states=STATES,
        hours=hours,
        **result_said(seen.result, tell, shell_of(request).zone.key),
        trail_of=(("period", seen.period.name), (CONCERNS, str(person_id))),
    )


def see_person(uow: UnitOfWork, request: Request, group_id: int, month: str, person_id: int) -> OwnPeriod:
    """Somebody's period: worked out now while it is open, as it was frozen once it is closed. Raises NotFoundError, InvalidInputError."""
    period = period_of(uow, group_id, month)
    if not is_key(person_id):
        raise NotFoundError(what="person", name=person_id)
    known_person(uow, person_id)
    return attendance.own_period(uow, period.group.code, period.month, person_id, today(request))


def totals_said(result: AttendancePeriod, tell: Callable[..., str]) -> Iterator[tuple[str, str]]:
    """The totals that payroll reads, as rows of a table; those that are nothing are left out but for the first three."""
    yield tell("Days present"), tell("{n} of {owed} owed", n=result.attended_days, owed=result.owed_days)
    for label, name in MINUTES.items():
        if getattr(result, name) or label in ("Planned", "Worked"):
            yield tell(label), hours(getattr(result, name))
    yield from ((tell(label), said) for label, said in _wrong(result, tell) if said)
    for one in result.overtime:
        parts = (tell(one.kind.value).replace("-", " "), f"{one.rate} %", tell(one.settled_by.value), tell(one.name) if one.name else "")
        yield tell("Overtime"), " · ".join([hours(one.minutes), *filter(None, parts)])
    for leave in result.leave:
        whole = f" · {tell('{n} {n:day|days}', n=f'{leave.halves / 2:g}')}" if leave.halves else ""
        yield tell(leave.kind.value).replace("-", " "), hours(leave.minutes) + whole
    for code, minutes in result.allowances:
        yield code, f"{hours(minutes)} · {tell('{n} {n:day|days}', n=dict(result.allowance_days).get(code, 0))}"


def _wrong(result: AttendancePeriod, tell: Callable[..., str]) -> Iterator[tuple[str, str]]:
    """Lateness and the like, "" for none."""
    yield "Times late", _times(result.late_times, result.late_minutes, tell)
    yield "Times seriously late", str(result.serious_late_times or "")
    yield "Forgiven", _times(result.forgiven_times, result.forgiven_minutes, tell)
    yield "Times left early", _times(result.early_times, result.early_minutes, tell)
    yield "Missing punches", str(result.missing_punches or "")
    yield "Corrections", str(result.corrections or "")
    absent = result.absent_halves + result.counter_halves
    yield "Days absent", f"{absent / 2:g}" if absent else ""


def _times(times: int, minutes: int, tell: Callable[..., str]) -> str:
    return f"{times} · {tell('{n} min', n=minutes)}" if times else ""
