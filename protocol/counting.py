"""What edge and server compare of a terminal's day: how many distinct punches it has, and a digest that no order changes.

Where the two differ, a listing says which punches the edge has, by digests: the server knows each of them that it has itself.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time
from functools import reduce
from hashlib import sha256
from itertools import groupby
from operator import xor
from struct import Struct

from protocol.instants import WallTime, pack_moment
from protocol.messages import CountedDay

MIDNIGHT = 1_000_000
"""A packed time is a packed date times this, plus the time of day."""
LONGEST_USER = 64
"""As `PunchRow.user`."""
_ENTRY = Struct(">IQ")
"""Of a listing: the time of day of a punch, and its digest."""
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


def count_days(identities: Iterable[tuple[WallTime, str]], listed: Collection[date] = ()) -> list[CountedDay]:
    """Count distinct (wall, user) of one terminal, given in the order of their days. listed: days that come with a listing.

    Left out are days that no calendar has, and users that no row can hold: the server keeps those rows as bytes, under no identity.
    """
    counted = []
    for packed, ones in groupby(identities, lambda one: one[0] // MIDNIGHT):
        try:
            day = date(packed // 10_000, packed // 100 % 100, packed % 100)
        except ValueError:  # the server quarantines such a row as an impossible time, under no day
            continue
        found = [(wall % MIDNIGHT, digest_of(wall, user)) for wall, user in ones if len(user) <= LONGEST_USER and "\0" not in user]
        if found:
            listing = b"".join(_ENTRY.pack(*one) for one in found) if day in listed else b""
            counted.append(CountedDay(day, len(found), _digest(found), listing))
    return counted


def read_listing(day: CountedDay) -> dict[int, int] | None:
    """The time of day (as in a packed time) of each punch of a day, by `digest_of` it; None where the day has no listing that is of it."""
    if len(day.listing) != day.count * _ENTRY.size:
        return None
    found = list(_ENTRY.iter_unpack(day.listing)) if day.count else []
    listed = {digest: time for time, digest in found}
    return listed if len(listed) == day.count and _digest(found) == day.digest else None


def digest_of(wall: WallTime, user: str) -> int:
    """Of one punch of a terminal: 64 bits, which say nothing of whose it is to who does not know the user already."""
    return int.from_bytes(sha256(f"{wall}\n{user}".encode()).digest()[:8])


def _digest(found: Iterable[tuple[int, int]]) -> str:
    return f"{reduce(xor, (digest for _, digest in found), 0):016x}"
