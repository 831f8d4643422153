"""Which layout a table's body has, and its rows as values. Pure.

Firmware does not say how long its rows are, and the count it gives may be wrong, so the whole body decides: a layout is possible
when the body is a whole number of its rows and the rows make sense. Exactly one possible layout is taken. When none is, or two would
give different punches, nothing is decoded: the bytes are doubtful, and are kept.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from edge.devices.driver import DoubtfulBytes, TerminalPunch
from edge.devices.zkteco.records import (
    PUNCH_LAYOUTS,
    USER_SIZES,
    PunchLayout,
    TerminalUserRow,
    columns,
    decode_time,
    decode_user,
    text_number,
)
from protocol.instants import WallTime, wall_moment

JUNK = b"\xff255" + bytes(5)
"""Stands before some rows of some firmware (reported for 40-byte rows); nine bytes of no known meaning."""
DOUBTFUL_PIECE = 4096
"""Doubtful bytes travel in pieces that fit into a row of the outbox."""
EARLIEST_YEAR = 2005
"""A clock with a dead battery starts in 2000, and rows in a wrong layout often seem to be of 2000 to 2004: neither speaks for one."""
MOSTLY = 0.9
"""With at least ten rows, a layout stays possible when so many have a likely date: single broken dates occur in real logs."""
LARGEST_NUMBER = 999_999_999
STATES = frozenset({0, 1, 2, 3, 4, 5, 255})
"""In, out, break out, break in, overtime in, overtime out, not stated."""
LARGEST_VERIFY = 200
FIRST_LOOK = 64
"""Rows that are looked at before all are: most layouts that are wrong show it there."""
DAY_SECONDS = 86_400
MINUTES = tuple(minute // 60 * 10_000 + minute % 60 * 100 for minute in range(1440))
"""hhmm00 of each minute of a day."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A log's punches in order, what made no sense, and the layout that was taken; None when nothing could be decided."""

    punches: list[TerminalPunch]
    doubtful: tuple[DoubtfulBytes, ...]
    layout: str | None
    reason: str | None = None


def decode_log(
    body: bytes,
    users: Mapping[int, str],
    now: datetime,
    count: int | None = None,
    known: str | None = None,
    forced: str | None = None,
) -> Decoded:
    """Decode the rows of a log, without the length that stands before them.

    users: uid to number, of the same read; the 8-byte layouts need it. now: for which dates are likely; naive or aware.
    count: the terminal's own count, which only decides between layouts that are equally likely. known: the layout this terminal had
    before, which decides the same. forced: a layout a person has chosen; rows that make no sense in it are doubtful all the same.
    """
    if not body:
        return Decoded([], (), known)
    latest_year = now.year + 1
    candidates = [forced] if forced else list(PUNCH_LAYOUTS)
    likely = [name for name in candidates if _possible(PUNCH_LAYOUTS[name], body, latest_year, certain=bool(forced))]
    if not likely and not forced and JUNK in body:
        stripped = _without_junk(body)
        if stripped is not None and _possible(PUNCH_LAYOUTS["40"], stripped, latest_year, certain=False):
            return _decode(PUNCH_LAYOUTS["40"], stripped, users)
    if not likely:
        return _nothing(body, "no known layout fits all rows")
    if len(likely) > 1:
        told = [name for name in likely if count and count * PUNCH_LAYOUTS[name].size == len(body)]
        likely = [known] if known in likely else told if len(told) == 1 else likely
    if len(likely) > 1:
        return _nothing(body, f"the layouts {' and '.join(likely)} are equally likely; choose one for this terminal")
    return _decode(PUNCH_LAYOUTS[likely[0]], body, users)


def decode_users(body: bytes, count: int | None) -> list[TerminalUserRow] | None:
    """Decode a user table; None when its row size cannot be told (some sizes fit both, and the count may be wrong)."""
    if not body:
        return []
    tables: dict[int, list[TerminalUserRow]] = {}
    for size in USER_SIZES:
        if len(body) % size == 0:
            found = [decode_user(size, body[start : start + size]) for start in range(0, len(body), size)]
            if all(found):
                tables[size] = [row for row in found if row]
    if len(tables) > 1:
        tables = {size: table for size, table in tables.items() if len(table) == count}
    return next(iter(tables.values())) if len(tables) == 1 else None


def _possible(layout: PunchLayout, body: bytes, latest_year: int, *, certain: bool) -> bool:
    """Whether every row has the form of this layout, and their dates are likely.

    Where a number stands as padded text, the form alone is proof enough, and dates may be what they are.
    """
    if len(body) % layout.size:
        return False
    if certain:
        return True
    if not _has_form(layout, body[: layout.size * FIRST_LOOK]):  # most wrong layouts show at once
        return False
    if not _has_form(layout, body):
        return False
    if layout.size >= 40:
        return True
    days = Counter(time // DAY_SECONDS for time in columns(layout, body).times)
    good, total = sum(times for day, times in days.items() if _likely_day(day, latest_year)), days.total()
    return good == total or (total >= 10 and good >= MOSTLY * total)


def _has_form(layout: PunchLayout, body: bytes) -> bool:
    found = columns(layout, body)
    return (
        STATES.issuperset(found.states)
        and max(found.verifies) <= LARGEST_VERIFY
        and all(_is_person(person, layout) for person in set(found.persons))
    )


def _is_person(person: int | bytes, layout: PunchLayout) -> bool:
    if isinstance(person, bytes):
        return text_number(person) is not None
    return 0 < person <= (LARGEST_NUMBER if layout.name == "16" else 65535)


def _likely_day(day: int, latest_year: int) -> bool:
    moment = wall_moment(decode_time(day * DAY_SECONDS))
    return moment is not None and EARLIEST_YEAR <= moment.year <= latest_year


def _decode(layout: PunchLayout, body: bytes, users: Mapping[int, str]) -> Decoded:
    found, size = columns(layout, body), layout.size
    names = {person: _name(person, layout, users) for person in set(found.persons)}
    dates = {day: _date(day) for day in {time // DAY_SECONDS for time in found.times}}
    punches: list[TerminalPunch] = []
    doubtful: list[DoubtfulBytes] = []
    places = range(0, len(body), size)
    for place, person, time, verify, state in zip(places, found.persons, found.times, found.verifies, found.states, strict=True):
        raw, named, date = body[place : place + size], names[person], dates[time // DAY_SECONDS]
        if named is None or date is None:
            doubtful.append(DoubtfulBytes(place, raw, "impossible-date" if date is None else "no-number"))
            continue
        second = time % DAY_SECONDS
        wall = WallTime(date + MINUTES[second // 60] + second % 60)
        punches.append(TerminalPunch(named[0], wall, verify, state, raw, named[1]))
    return Decoded(punches, tuple(doubtful), layout.name)


def _date(day: int) -> WallTime | None:
    """Midnight of a packed day; None where no calendar has it."""
    wall = decode_time(day * DAY_SECONDS)
    return wall if wall_moment(wall) else None


def _name(person: int | bytes, layout: PunchLayout, users: Mapping[int, str]) -> tuple[str, str | None] | None:
    """Number and doubt of a row's person; None where there is no number at all."""
    if isinstance(person, bytes):
        text = text_number(person)
        return (text, None) if text else None
    if layout.size == 8:
        number = users.get(person)
        return (number, None) if number else (f"uid:{person}", "uid-unresolved")
    return (str(person), None) if person else None


def _without_junk(body: bytes) -> bytes | None:
    """The 40-byte rows with junk cut out from before them; None when what is left is no whole number of rows."""
    parts, place = [], 0
    while place < len(body):
        if body.startswith(JUNK, place):
            place += len(JUNK)
        parts.append(body[place : place + 40])
        place += 40
    return b"".join(parts) if all(len(part) == 40 for part in parts) else None


def _nothing(body: bytes, reason: str) -> Decoded:
    pieces = range(0, len(body), DOUBTFUL_PIECE)
    doubtful = tuple(DoubtfulBytes(start, body[start : start + DOUBTFUL_PIECE], "undecodable") for start in pieces)
    return Decoded([], doubtful, None, reason)


def count_repeats(punches: Sequence[TerminalPunch]) -> int:
    """Rows that equal an earlier one in person and second."""
    return len(punches) - len({(punch.user, punch.wall) for punch in punches})
