"""`/periods`: all pay groups' last periods; `/periods/{group}/{month}`: one of them, where it stands, and everybody in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.attendance import actions as attendance
from server.attendance.model import Answer, Confirmation, Membership, PeriodCheck
from server.attendance.model.days import DayStatus
from server.attendance.model.periods import AttendancePeriod
from server.attendance.model.stored import DayFlag, DaySigns
from server.attendance.pages.asked import export_address, today
from server.attendance.pages.periods.told import arrear_said, issue_lines, period_of
from server.attendance.pages.periods.within import as_seen, seen_in
from server.attendance.pages.words import hours
from server.errors import ServerError
from server.storage import UnitOfWork
from server.web.asking import database_of, said, shell_of, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_DAYS), needs(Permission.SEE_PEOPLE)]
PRESENT = {DayStatus.PRESENT, DayStatus.HALF_DAY}
DAYS_TO_ANSWER = 3


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody's period in a list. overtime: minutes as the days have them while it is open, and as they settle once it is closed."""

    member: Membership
    attended: int
    worked_minutes: int
    late_times: int
    absent_halves: int
    overtime_minutes: int
    open: int
    answer: Answer
    comment: str = ""


@router.get("/periods", dependencies=SEES)
def periods_page(request: Request) -> Response:
    day = today(request)
    with database_of(request).reading() as uow:
        found = attendance.list_periods(uow, day)
        counts = attendance.period_counts(uow, found)
        without = attendance.people_without_group(uow, day)
    return shell_of(request).page(request, "attendance/periods/periods.html", periods=found, counts=counts, without=without, today=day)


@router.get("/periods/{group_id:int}/{month}", dependencies=SEES)
def period_page(request: Request, group_id: int, month: str) -> Response:
    return page(request, group_id, month)


@router.get("/periods/{group_id:int}/{month}/people.csv", dependencies=SEES)
@router.get("/periods/{group_id:int}/{month}/people.xlsx", dependencies=SEES)
def period_export(request: Request, group_id: int, month: str) -> Response:
    """The people of the period as the page shows them."""
    tell = words(request)
    with database_of(request).reading() as uow:
        check = as_seen(request, uow, attendance.check_period(uow, period_of(uow, group_id, month), today(request)))
        lines = person_lines(uow, check)
    heading = (
        "Employee number",
        "Person",
        "Days present",
        "Worked minutes",
        "Times late",
        "Days absent",
        "Overtime minutes",
        "Open exceptions",
        "Answer",
    )
    rows = (
        (
            one.member.employee_number, one.member.name, one.attended, one.worked_minutes, one.late_times, one.absent_halves / 2,
            one.overtime_minutes, one.open, tell(one.answer.value),
        )
        for one in lines
    )  # fmt: skip
    return table_answer(request, f"{tell('Attendance period')} {check.period.name}", [tell(name) for name in heading], rows)


def page(request: Request, group_id: int, month: str, error: ServerError | None = None, typed: dict[str, str] | None = None) -> Response:
    """One period, or with an error beside what was typed."""
    day = today(request)
    with database_of(request).reading() as uow:
        check = as_seen(request, uow, attendance.check_period(uow, period_of(uow, group_id, month), day))
        seen = seen_in(request, uow, check.period)
        lines = person_lines(uow, check)
        differences = [one for one in attendance.list_differences(uow, check.period) if seen(one.person_id)]
        job = attendance.closing_job(uow, check.period)
        due = [one for one in attendance.due_arrears(uow, check.period) if seen(one.arrear.person_id)]
    return shell_of(request).page(
        request,
        "attendance/periods/period.html",
        error.status if error else 200,
        period=check.period,
        check=check,
        issues=issue_lines(words(request), check.issues, check.period),
        lines=lines,
        answered=counted_answers(check),
        open_differences=sum(one.state == "open" for one in differences),
        all_differences=len(differences),
        job=job,
        due=[(one, [arrear_said(words(request), item) for item in one.arrear.items]) for one in due],
        until=day + timedelta(days=DAYS_TO_ANSWER),
        today=day,
        hours=hours,
        typed=typed or {},
        wrong=said(request, error) if error else "",
        export=export_address(request, f"{request.url.path.removesuffix('/ask').removesuffix('/reopen')}/people.csv"),
        trail_of=(("period", check.period.name),),
    )


def counted_answers(check: PeriodCheck) -> dict[str, int]:
    """How many people gave each answer; `none` for no answer."""
    given = [check.answers[one.person_id].answer for one in check.members if one.person_id in check.answers]
    confirmed, objected = given.count(Answer.CONFIRMED), given.count(Answer.OBJECTED)
    return {"confirmed": confirmed, "objected": objected, "none": len(check.members) - confirmed - objected}


def person_lines(uow: UnitOfWork, check: PeriodCheck) -> list[PersonLine]:
    """Everybody in the period: from the frozen results once it is closed, from the days before."""
    frozen = attendance.frozen_results(uow, check.period)
    signs = attendance.period_signs(uow, check.members)
    found = []
    for one in check.members:
        answer = check.answers.get(one.person_id)
        if one.person_id in frozen:
            found.append(_frozen_line(one, frozen[one.person_id].result, frozen[one.person_id].answer, answer))
        else:
            found.append(_open_line(one, signs.get(one.person_id, ()), answer))
    return found


def _open_line(one: Membership, days: Sequence[DaySigns], answer: Confirmation | None) -> PersonLine:
    return PersonLine(
        member=one,
        attended=sum(_is_attended(day) for day in days),
        worked_minutes=sum(day.worked_minutes for day in days),
        late_times=sum(day.late_minutes > 0 for day in days),
        absent_halves=sum(day.absent_halves for day in days),
        overtime_minutes=sum(day.overtime_minutes for day in days),
        open=sum(day.open for day in days),
        answer=answer.answer if answer else Answer.NONE,
        comment=answer.comment if answer else "",
    )


def _is_attended(day: DaySigns) -> bool:
    """As periods count days present, so that the list says the same before it is closed and after."""
    return day.status in PRESENT or day.worked_minutes > 0 or bool(day.flags & (DayFlag.TRIP | DayFlag.FIELD_WORK))


def _frozen_line(one: Membership, result: AttendancePeriod, said_then: Answer, answer: Confirmation | None) -> PersonLine:
    return PersonLine(
        member=one,
        attended=result.attended_days,
        worked_minutes=result.worked_minutes,
        late_times=result.late_times + result.serious_late_times,
        absent_halves=result.absent_halves + result.counter_halves,
        overtime_minutes=sum(each.minutes for each in result.overtime),
        open=0,
        answer=said_then,
        comment=answer.comment if answer else "",
    )
