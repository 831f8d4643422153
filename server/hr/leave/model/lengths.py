"""How long a leave is."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from server.roster.model import DayKind


@dataclass(frozen=True, slots=True)
class LeaveDay:
    """One day of a leave. planned_minutes: of the roster. work_minutes: of them the leave covers. minutes: what it takes from the balance.

    assumed: nobody made a roster for the day, so a standard day was counted. provisional: the year's holidays are not announced.
    """

    day: date
    kind: DayKind
    planned_minutes: int
    work_minutes: int
    minutes: int
    assumed: bool = False
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class LeaveLength:
    """A leave day by day, in the order of days; days off are there with no minutes where they do not count."""

    days: tuple[LeaveDay, ...]
    standard_day_minutes: int

    @property
    def minutes(self) -> int:
        """What it takes from the balance: what `reserve` and `book` are given."""
        return sum(one.minutes for one in self.days)

    @property
    def work_minutes(self) -> int:
        """Planned time that it covers."""
        return sum(one.work_minutes for one in self.days)

    @property
    def in_days(self) -> Decimal:
        """Its length in standard days, to two places."""
        return (Decimal(self.minutes) / self.standard_day_minutes).quantize(Decimal("0.01"))

    @property
    def by_day(self) -> dict[date, int]:
        """Minutes of the days that count."""
        return {one.day: one.minutes for one in self.days if one.minutes}
