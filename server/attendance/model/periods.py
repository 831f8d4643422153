"""What assessing one employee's attendance period gives: totals that payroll reads, and what each day adds to them."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from server.attendance.model.days import Overtime, Step
from server.attendance.model.grants import LeaveKind


class FindingKind(StrEnum):
    """What a person should know about a period; nothing here changes pay by itself."""

    OVERTIME_LIMIT = "overtime-limit"
    OVERTIME_DAY_LIMIT = "overtime-day-limit"
    PROTECTED_OVERTIME = "protected-overtime"
    CORRECTIONS_USED_UP = "corrections-used-up"
    PROVISIONAL_DAYS = "provisional-days"
    INCOMPLETE_DAYS = "incomplete-days"
    SEVEN_DAYS_IN_A_ROW = "seven-days-in-a-row"
    SYSTEM_CHANGED = "system-changed"


class PeriodFinding(Struct, frozen=True, kw_only=True, gc=False):
    """`count` is days or times, `minutes` a sum; `days` the work dates it is about."""

    kind: FindingKind
    count: int = 0
    minutes: int = 0
    days: tuple[date, ...] = ()


class DayOvertime(Struct, frozen=True, kw_only=True, gc=False):
    """Overtime of one work date after week tiers, rows of days and sums were applied; it takes the place of the day's own."""

    work_date: date
    regular_minutes: int
    overtime: tuple[Overtime, ...]


class LeaveTotal(Struct, frozen=True, kw_only=True, gc=False):
    kind: LeaveKind
    minutes: int
    halves: int


class AttendancePeriod(Struct, frozen=True, kw_only=True):
    """One employee's period. owed_days, attended_days: work dates with owed, with recorded work. Counters' half days stand apart from
    those of days.

    overtime: by kind, rate and settlement, what payroll pays or banks. standard_minutes: of a comprehensive period.
    """

    first_day: date
    last_day: date
    owed_days: int = 0
    attended_days: int = 0
    scheduled_minutes: int = 0
    worked_minutes: int = 0
    regular_minutes: int = 0
    undertime_minutes: int = 0
    late_times: int = 0
    late_minutes: int = 0
    serious_late_times: int = 0
    early_times: int = 0
    early_minutes: int = 0
    missing_punches: int = 0
    corrections: int = 0
    absent_halves: int = 0
    counter_halves: int = 0
    night_minutes: int = 0
    banked_minutes: int = 0
    standard_minutes: int | None = None
    overtime: tuple[Overtime, ...] = ()
    leave: tuple[LeaveTotal, ...] = ()
    allowances: tuple[tuple[str, int], ...] = ()
    allowance_days: tuple[tuple[str, int], ...] = ()
    days: tuple[DayOvertime, ...] = ()
    findings: tuple[PeriodFinding, ...] = ()
    steps: tuple[Step, ...] = ()
