"""Assessed days and plans for tests of what lies above a day: a date, and only what matters."""

from datetime import UTC, date, datetime, timedelta

from server.attendance.model.days import AttendanceDay, AttendanceException, DayState, DayStatus, ExceptionKind, Overtime
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


def dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
