"""Assessed days and plans for tests of what lies above a day: a date, and only what matters."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from server.attendance.engine.day.assessing import assess_day
from server.attendance.engine.day.days import go_through
from server.attendance.engine.day.dividing import RulesOf
from server.attendance.model.days import (
    AttendanceDay,
    AttendanceException,
    DayState,
    DayStatus,
    ExceptionKind,
    Horizon,
    Overtime,
    TimedPunch,
)
from server.attendance.model.grants import Grant
from server.attendance.model.rules import SettledBy
from server.directory.model import HoursSystem
from server.roster.model import DayKind, PlannedDay

RATES = {DayKind.WORKDAY: 150, DayKind.REST_DAY: 200, DayKind.COMPANY_HOLIDAY: 200, DayKind.STATUTORY_HOLIDAY: 300}


def assessed(
    work_date: date,
    worked: int = 480,
    overtime: int = 0,
    *,
    kind: DayKind = DayKind.WORKDAY,
    rate: int | None = None,
    settled_by: SettledBy = SettledBy.PAY,
    late: int = 0,
    **others,
) -> AttendanceDay:
    """A final day with so much work, of which so much is overtime; on days off all of it is."""
    minutes = overtime if kind is DayKind.WORKDAY else worked
    extra = (Overtime(kind=kind, rate=rate or RATES[kind], minutes=minutes, settled_by=settled_by),) if minutes else ()
    exceptions = (AttendanceException(kind=ExceptionKind.LATE, minutes=late),) if late else ()
    facts = {"status": DayStatus.PRESENT if worked else DayStatus.OFF, "state": DayState.FINAL, "exceptions": exceptions} | others
    return AttendanceDay(
        work_date=work_date, kind=kind, worked_minutes=worked, regular_minutes=worked - minutes, overtime=extra, late_minutes=late, **facts
    )


def planned(work_date: date, system: HoursSystem = HoursSystem.STANDARD, **others) -> PlannedDay:
    """A plan that says nothing but who works under which system."""
    begins = int(datetime(work_date.year, work_date.month, work_date.day, tzinfo=UTC).timestamp())
    return PlannedDay(work_date=work_date, zone="UTC", begins=begins, ends=begins + 86_400, hours_system=system, **others)


def assess_days(
    plans: Sequence[PlannedDay],
    punches: Sequence[TimedPunch],
    grants: Sequence[Grant],
    rules_of: RulesOf,
    horizon: Horizon,
    first: date,
    last: date,
) -> list[AttendanceDay]:
    """The days from first to last, by the loop of the product, with every grant given to each of them."""
    rules_on = rules_of if callable(rules_of) else (lambda _: rules_of)
    found: list[AttendanceDay] = []

    def assess(plan: PlannedDay, own: tuple[TimedPunch, ...], follows: bool) -> int | None:
        if plan.work_date < first and not (follows and plan.work_date + timedelta(days=1) == first):
            return None
        day = assess_day(plan, own, grants, rules_on(plan.work_date), horizon)
        if plan.work_date >= first:
            found.append(day)
        return day.left_at

    go_through(plans, punches, grants, rules_of, last, assess)
    return found


def dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
