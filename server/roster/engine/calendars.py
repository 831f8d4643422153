"""What kind of day a date is for somebody: the calendar and the roster together.

| calendar says            | pattern follows the calendar        | pattern goes on, or there is none   |
|--------------------------|-------------------------------------|-------------------------------------|
| statutory                | statutory holiday (300 %)           | statutory holiday (300 %)           |
| moved, swapped, weekend  | rest day (200 %), whatever is worked| as rostered                         |
| company                  | company holiday                     | as rostered                         |
| make-up                  | workday, unless rostered as rest    | as rostered                         |
| nothing                  | as rostered                         | as rostered                         |

As rostered: a workday with a shift, a rest day without. Where nobody made a roster: as the calendar says, else Monday to Friday are
workdays.
Sources: docs/explanation/day-kinds.md.
"""

from datetime import date

from server.roster.model import CalendarKind, DayKind

_RESTS = frozenset({CalendarKind.MOVED, CalendarKind.SWAPPED_REST, CalendarKind.WEEKEND})


def kind_for(day: date, calendar_kind: CalendarKind | None, *, follows: bool, rostered: bool, works: bool) -> DayKind:
    """follows: the person's pattern follows the calendar. rostered: somebody made a roster for the day; works: it holds a shift."""
    if calendar_kind is CalendarKind.STATUTORY:
        return DayKind.STATUTORY_HOLIDAY
    if follows or not rostered:
        if calendar_kind in _RESTS:
            return DayKind.REST_DAY
        if calendar_kind is CalendarKind.COMPANY:
            return DayKind.COMPANY_HOLIDAY
    if rostered:
        return DayKind.WORKDAY if works else DayKind.REST_DAY
    is_workday = calendar_kind is CalendarKind.MAKE_UP or day.weekday() < 5
    return DayKind.WORKDAY if is_workday else DayKind.REST_DAY
