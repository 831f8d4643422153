"""Up to when terminals have reported, with what need not be waited for. Instants are whole seconds. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

NEVER = 0
"""A terminal that never reported: a silence that begins here covers it from its first day."""


class Quiet(NamedTuple):
    """A time that a terminal need not report: it was out of service, or somebody accepted its silence."""

    starts_at: int
    ends_at: int


class Watched(NamedTuple):
    """The zone that somebody is enrolled in, from first to last day."""

    first_day: date
    last_day: date
    zone_id: int


def reported_until(reported: int | None, quiet: Iterable[Quiet]) -> int | None:
    """Up to when a terminal need not be waited for; None: it never reported, and nobody accepted that."""
    until = NEVER if reported is None else reported
    for one in sorted(quiet):
        if one.starts_at <= until:
            until = max(until, one.ends_at)
    return None if until == NEVER else until


def earliest(moments: Iterable[int | None], now: int) -> int | None:
    """Of several terminals the one to wait for; without any there is nothing to wait for."""
    until: int | None = now
    for one in moments:
        if one is None:
            return None
        until = min(until, one) if until is not None else one
    return until


class Reports:
    """Up to when everything has been reported that can matter to somebody on a day."""

    def __init__(self, watched: Mapping[int, list[Watched]], zones: Mapping[int, int | None], now: int) -> None:
        self._watched, self._zones, self._now = watched, zones, now

    def until(self, person_id: int, day: date) -> int | None:
        """None: a terminal of theirs never reported."""
        until = self._now
        for first_day, last_day, zone_id in self._watched.get(person_id, ()):
            if first_day <= day <= last_day:
                reported = self._zones.get(zone_id, until)
                if reported is None:
                    return None
                until = min(until, reported)
        return until
