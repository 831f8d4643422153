"""What edge and server compare of a terminal's day: how many distinct punches it has, and a digest that no order changes."""

from collections.abc import Iterable
from datetime import date, datetime, time
from hashlib import sha256
from itertools import groupby

from protocol.instants import WallTime, pack_moment
from protocol.messages import CountedDay

MIDNIGHT = 1_000_000
"""A packed time is a packed date times this, plus the time of day."""
LONGEST_USER = 64
"""As `PunchRow.user`."""
DAY = slice(10)
"""The date in "YYYY-MM-DD hh:mm:ss"."""


def span_of(first: date, last: date) -> tuple[WallTime, WallTime]:
    """The first and the last packed time of these days."""
    return pack_moment(datetime.combine(first, time())), pack_moment(datetime.combine(last, time(23, 59, 59)))


def day_of(wall: str) -> date | None:
    """The day of a wall time as it is written; None where no calendar has it, or there is no time."""
    try:
        return date.fromisoformat(wall[DAY])
    except ValueError:
        return None


def count_days(identities: Iterable[tuple[WallTime, str]]) -> list[CountedDay]:
    """Count distinct (wall, user) of one terminal, given in the order of their days.

    Left out are days that no calendar has, and users that no row can hold: the server keeps those rows as bytes, under no identity.
    """
    counted = []
    for packed, ones in groupby(identities, lambda one: one[0] // MIDNIGHT):
        try:
            day = date(packed // 10_000, packed // 100 % 100, packed % 100)
        except ValueError:  # the server quarantines such a row as an impossible time, under no day
            continue
        count, total = 0, 0
        for wall, user in ones:
            if len(user) <= LONGEST_USER and "\0" not in user:
                count, total = count + 1, total ^ _digest(wall, user)
        if count:
            counted.append(CountedDay(day, count, f"{total:016x}"))
    return counted


def _digest(wall: WallTime, user: str) -> int:
    return int.from_bytes(sha256(f"{wall}\n{user}".encode()).digest()[:8])
