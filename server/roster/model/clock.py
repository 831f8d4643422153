"""Between the clock of a site and instants, by the rules of its zone."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


def instant_of(work_date: date, minutes: int, zone: str) -> int:
    """The instant at which the clock of the zone shows so many minutes from midnight of the date; may be negative or exceed 1440.

    A wall time that comes twice is its first occurrence; one that a change of the clocks leaves out is as far behind the change as it
    would have been.
    """
    days, rest = divmod(minutes, 1440)
    wall = datetime(work_date.year, work_date.month, work_date.day, rest // 60, rest % 60, tzinfo=_zone(zone)) + timedelta(days=days)
    return int(wall.timestamp())


def date_of(instant: int, zone: str) -> date:
    """The date on the clock of the zone."""
    return datetime.fromtimestamp(instant, _zone(zone)).date()


_zone = lru_cache(maxsize=None)(ZoneInfo)


def each_day(first: date, last: date) -> list[date]:
    """The dates from the first to the last, both included; none when the last is earlier."""
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]
