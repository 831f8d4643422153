"""Which of the versions of a shift or a pattern holds on a day."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Protocol, TypeVar


class Dated(Protocol):
    """Something that holds from a day on."""

    @property
    def first_day(self) -> date: ...


Version = TypeVar("Version", bound=Dated)


def version_on(versions: Iterable[Version], day: date) -> Version | None:
    """The version that holds on a day; None before the first. versions: in the order of their days; of two from one day the last."""
    found = None
    for one in versions:
        if one.first_day > day:
            break
        found = one
    return found


def last_day_before_next(versions: Iterable[Dated], first_day: date) -> date | None:
    """Until when a version from this day holds; None where nothing follows."""
    later = [one.first_day for one in versions if one.first_day > first_day]
    return min(later) - timedelta(days=1) if later else None
