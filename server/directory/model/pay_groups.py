"""Pay groups, and the attendance periods that their start days cut time into."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class StartDay:
    """From the period of a month on (its first day names it), periods begin on this day of the month, 1 to 28."""

    from_month: date
    day: int


@dataclass(frozen=True, slots=True)
class PayGroup:
    """People who are paid together. start_days: the earliest first, never empty; the first one holds for all time before.

    Periods are named by the month in which they end, one for each month: with 26, November is 26 October to 25 November. They follow
    each other without a gap, so a period in which the start day changes is longer or shorter.
    """

    id: int
    code: str
    name: str
    start_days: tuple[StartDay, ...]

    def start_day(self, month: date) -> int:
        """The start day that holds for the period of a month."""
        month = month.replace(day=1)
        held = [one.day for one in self.start_days if one.from_month <= month]
        return held[-1] if held else self.start_days[0].day

    def period(self, month: date) -> tuple[date, date]:
        """First and last day of the period of a month."""
        return self._end(_month_before(month)) + timedelta(days=1), self._end(month)

    def following(self, month: date) -> tuple[date, date]:
        """First and last day of the period after that of a month."""
        return self.period(_month_after(month))

    def month_of(self, day: date) -> date:
        """The month, as its first day, whose period has the day."""
        month = _month_before(day)
        while self._end(month) < day:
            month = _month_after(month)
        return month

    def _end(self, month: date) -> date:
        day = self.start_day(month)
        return month.replace(day=day - 1 if day > 1 else monthrange(month.year, month.month)[1])


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _month_after(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
