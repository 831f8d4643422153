"""How long somebody has worked, from spans of days.

Spans that share a day or follow each other at once are one. Of each the whole months count, and the days left over are added up: thirty
are a month. Nothing of the day itself counts, so that who began on 1 March has twelve months on 1 March.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from server.hr.staff.engine.months import months_later, whole_months

Days = tuple[date, date]
"""First and last day, both included."""
DAY = timedelta(days=1)
DAYS_OF_MONTH = 30


def months_before(spans: Iterable[Days], day: date) -> int:
    """Whole months of these spans that are over before a day."""
    months = days = 0
    for first, last in joined(spans):
        after = min(last + DAY, day)
        if after > first:
            whole = whole_months(first, after)
            months += whole
            days += (after - months_later(first, whole)).days
    return months + days // DAYS_OF_MONTH


def counted_from(spans: Iterable[Days], day: date) -> date | None:
    """The day from which service would count had it had no gap: as much before the last span that has begun as the earlier ones are long.

    The same on every day of that span, so that what goes by years of service changes on one day and stays. None before any.
    """
    begun = [span for span in joined(spans) if span[0] <= day]
    if not begun:
        return None
    months = months_before(begun[:-1], begun[-1][0])
    return months_later(begun[-1][0], -months)


def joined(spans: Iterable[Days]) -> Sequence[Days]:
    """The spans in the order of their days, without a day twice and without a seam."""
    found: list[Days] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + DAY:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found
