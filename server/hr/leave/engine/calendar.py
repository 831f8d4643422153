"""Leave years, and counting in whole months."""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from server.hr.leave.model import Accrual, Basis, Entitlement

DAY = timedelta(days=1)


@lru_cache(maxsize=65536)
def months_later(day: date, months: int) -> date:
    """The same day so many months later (or earlier); the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def years_later(day: date, years: int) -> date:
    return months_later(day, years * 12)


def year_with(entitlement: Entitlement, hired_on: date | None, day: date) -> tuple[date, date]:
    """First and last day of the leave year that a day is in: the calendar's, one from the day of the hire, or for what is earned the
    month."""
    if entitlement.basis is Basis.EARNED:
        first = day.replace(day=1)
        return first, months_later(first, 1) - DAY
    if entitlement.accrual is not Accrual.ANNIVERSARY or hired_on is None or day < hired_on:
        return date(day.year, 1, 1), date(day.year, 12, 31)
    passed = day.year - hired_on.year
    if years_later(hired_on, passed) > day:
        passed -= 1
    return years_later(hired_on, passed), years_later(hired_on, passed + 1) - DAY
