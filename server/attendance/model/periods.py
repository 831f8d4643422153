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


class HoursSum(Struct, frozen=True, kw_only=True, gc=False):
    """Comprehensive hours of one calendar month, quarter or year.

    standard_minutes: of the membership, in proportion by weekdays. not_owed_minutes: leave and excused time, which lower what is owed.
    statutory_minutes: worked on statutory holidays, at 300 by themselves. excess_minutes: worked, less those, above what is owed.
    settled: the sum, or the membership, ends in the period that is assessed; otherwise the figures are those so far.
    """

    first_day: date
    last_day: date
    standard_minutes: int
    not_owed_minutes: int
    worked_minutes: int
    statutory_minutes: int
    excess_minutes: int
    settled: bool


class AttendancePeriod(Struct, frozen=True, kw_only=True):
    """One employee's period. owed_days, attended_days: work dates with owed, with recorded work. Counters' half days stand apart from
    those of days.

    late_times, late_minutes, early_times, early_minutes: what counters forgive is not in them. overtime: by kind, rate and settlement, what
    payroll pays or banks; it holds the excess of comprehensive hours, which belongs to no day. standard_minutes: of the sums that are
    settled, None where none is. days: every assessed work date of the period; who earned time off when, and at which rate, stands there, so
    that time off which expires can be paid.
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
    forgiven_times: int = 0
    forgiven_minutes: int = 0
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
    sums: tuple[HoursSum, ...] = ()
    findings: tuple[PeriodFinding, ...] = ()
    steps: tuple[Step, ...] = ()
