"""Which shift a pattern gives on which date."""

from datetime import date, timedelta

from server.roster.model import CalendarKind, HolidayChoice, PatternTerms

DAYS_OFF = frozenset({CalendarKind.STATUTORY, CalendarKind.MOVED, CalendarKind.SWAPPED_REST, CalendarKind.WEEKEND, CalendarKind.COMPANY})
"""Dates on which people of a pattern that follows the calendar are off."""


def shift_on(terms: PatternTerms, day: date, calendar_kind: CalendarKind | None, offset_days: int = 0) -> int | None:
    """The number of the shift, None for rest. calendar_kind: what the calendar says of the date."""
    place = (day - terms.starts_on).days + offset_days
    own = terms.days[place % len(terms.days)]
    if terms.holidays is HolidayChoice.GO_ON or calendar_kind is None:
        return own
    if calendar_kind in DAYS_OFF:
        return None
    return own or terms.make_up_shift or _last_shift(terms, place)


def _last_shift(terms: PatternTerms, place: int) -> int | None:
    """What the cycle worked on the last working day before this place."""
    back = (terms.days[(place - number) % len(terms.days)] for number in range(1, len(terms.days) + 1))
    return next((one for one in back if one is not None), None)


def preview(terms: PatternTerms, first: date, days: int, kinds: dict[date, CalendarKind], offset_days: int = 0) -> list[int | None]:
    """What the pattern gives on so many days from `first` on."""
    dates = (first + timedelta(days=number) for number in range(days))
    return [shift_on(terms, day, kinds.get(day), offset_days) for day in dates]
