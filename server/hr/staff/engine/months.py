"""Months as the law counts them: from a day to the same day of a later month, or to its last day where it has no such day."""

from calendar import monthrange
from datetime import date


def month_number(day: date) -> int:
    """Months since the year 0: what months are counted by."""
    return day.year * 12 + day.month - 1


def months_later(day: date, months: int) -> date:
    """The same day of a later month (an earlier one for a negative number), at the latest its last."""
    year, month = divmod(month_number(day) + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def whole_months(first: date, after: date) -> int:
    """Months that are over between a first day and the day after the last; 0 where there is none."""
    months = month_number(after) - month_number(first)
    if months_later(first, months) > after:
        months -= 1
    return max(0, months)
