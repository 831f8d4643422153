"""Which layout a table's body has, and its rows as values. Pure.

Firmware does not say how long its rows are, and the count it gives may be wrong, so the whole body decides: a layout is possible
when the body is a whole number of its rows and the rows make sense. Exactly one possible layout is taken. When none is, or two would
give different punches, nothing is decoded: the bytes are doubtful, and are kept.
"""

import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from edge.devices.driver import DoubtfulBytes, TerminalPunch
from edge.devices.zkteco.records import (
    PUNCH_LAYOUTS,
    USER_SIZES,
    Columns,
    PunchLayout,
    TerminalUserRow,
    columns,
    decode_time,
    decode_user,
    encode_time,
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
IMPOSSIBLE = "impossible-date"
WORK_CODES = struct.Struct("<12xI")
LEAST_DATE = encode_time(WallTime(EARLIEST_YEAR * 10_000_000_000 + 101_000_000))
"""Work codes have up to eight digits, and so lie below any likely date. Two rows of 8 bytes taken for one of 16 have a date there."""
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
    before, which decides the same. forced: a layout a person has chosen, for logs that none fits or several do; rows that make no
    sense in it are doubtful all the same.
    """
    if not body:
        return Decoded([], (), known)
    latest_year = now.year + 1
    found = {name: _possible(layout, body, latest_year) for name, layout in PUNCH_LAYOUTS.items()}
    likely = [name for name, rows in found.items() if rows]
    if forced:
        if len(body) % PUNCH_LAYOUTS[forced].size:
            return _nothing(body, f"{len(body)} bytes are no whole number of rows of the layout {forced}, which was chosen")
        if likely and forced not in likely:
            return _nothing(body, f"the rows are of the layout {', '.join(likely)}, not of {forced}, which was chosen")
        layout = PUNCH_LAYOUTS[forced]
        return _decode(layout, body, found[forced] or columns(layout, body), users, latest_year)
    if not likely and JUNK in body:
        starts = _starts_behind_junk(body)
        stripped = b"".join(body[start : start + 40] for start in starts)
        rows = _possible(PUNCH_LAYOUTS["40"], stripped, latest_year) if starts else None
        if rows:
            return _decode(PUNCH_LAYOUTS["40"], stripped, rows, users, latest_year, starts)
    if not likely:
        return _nothing(body, "no known layout fits all rows")
    if len(likely) > 1:
        told = [name for name in likely if count and count * PUNCH_LAYOUTS[name].size == len(body)]
        likely = [known] if known in likely else told if len(told) == 1 else likely
    if len(likely) > 1:
        return _nothing(body, f"the layouts {', '.join(likely)} are equally likely; choose one for this terminal")
    rows = found[likely[0]]
    assert rows is not None
    return _decode(PUNCH_LAYOUTS[likely[0]], body, rows, users, latest_year)


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


def numbers_of(rows: Iterable[TerminalUserRow]) -> dict[int, str]:
    """Which number each uid stands for; a uid that stands for two is left out, so that nobody gets somebody else's punches."""
    found: dict[int, str] = {}
    unclear = set()
    for row in rows:
        if found.setdefault(row.uid, row.number) != row.number:
            unclear.add(row.uid)
    return {uid: number for uid, number in found.items() if uid not in unclear}


def _possible(layout: PunchLayout, body: bytes, latest_year: int) -> Columns | None:
    """The rows, where every one has the form of this layout and their dates are likely.

    Where a number stands as padded text, that form alone is proof enough: states are whatever keys the terminal was given, and dates
    may be what they are.
    """
    if len(body) % layout.size:
        return None
    if _of_form(layout, body[: layout.size * FIRST_LOOK]) is None:  # most wrong layouts show at once
        return None
    found = _of_form(layout, body)
    if found is None or layout.size >= 40:
        return found
    days = Counter(time // DAY_SECONDS for time in found.times)
    good, total = sum(times for day, times in days.items() if _doubt_of_day(day, latest_year) is None), days.total()
    return found if good == total or (total >= 10 and good >= MOSTLY * total) else None


def _of_form(layout: PunchLayout, body: bytes) -> Columns | None:
    found = columns(layout, body)
    if not all(_is_person(person, layout) for person in set(found.persons)):
        return None
    if layout.size >= 40:
        return found
    if layout.name == "16" and any(code >= LEAST_DATE for (code,) in WORK_CODES.iter_unpack(body)):
        return None
    return found if STATES.issuperset(found.states) and max(found.verifies) <= LARGEST_VERIFY else None


def _is_person(person: int | bytes, layout: PunchLayout) -> bool:
    if isinstance(person, bytes):
        return text_number(person) is not None
    return 0 < person <= (LARGEST_NUMBER if layout.name == "16" else 65535)


def _doubt_of_day(day: int, latest_year: int) -> str | None:
    """Why a day is not likely; None when it is. The words are those of the server for the same doubts."""
    moment = wall_moment(decode_time(day * DAY_SECONDS))
    if moment is None:
        return IMPOSSIBLE
    if moment.year < EARLIEST_YEAR:
        return "past-time"
    return "future-time" if moment.year > latest_year else None


def _decode(
    layout: PunchLayout,
    body: bytes,
    found: Columns,
    users: Mapping[int, str],
    latest_year: int,
    starts: Sequence[int] | None = None,
) -> Decoded:
    """The rows as punches; a date that no calendar has makes a row doubtful bytes.

    In the layouts of 8 and 16 bytes an unlikely date makes a punch doubtful: it may be no date at all. starts: where each row stood in
    the log, when they did not stand one behind the other.
    """
    size = layout.size
    names = {person: _name(person, layout, users) for person in set(found.persons)}
    dates = {day: _date(day, layout, latest_year) for day in {time // DAY_SECONDS for time in found.times}}
    punches: list[TerminalPunch] = []
    doubtful: list[DoubtfulBytes] = []
    places = range(0, len(body), size)
    for place, person, time, verify, state in zip(places, found.persons, found.times, found.verifies, found.states, strict=True):
        raw, named, (date, doubt) = body[place : place + size], names[person], dates[time // DAY_SECONDS]
        if named is None or doubt == IMPOSSIBLE:
            doubtful.append(DoubtfulBytes(starts[place // size] if starts else place, raw, "no-number" if named is None else IMPOSSIBLE))
            continue
        second = time % DAY_SECONDS
        wall = WallTime(date + MINUTES[second // 60] + second % 60)
        punches.append(TerminalPunch(named[0], wall, verify, state, raw, named[1] or doubt))
    return Decoded(punches, tuple(doubtful), layout.name)


def _date(day: int, layout: PunchLayout, latest_year: int) -> tuple[WallTime, str | None]:
    """Midnight of a packed day, and why it may be none."""
    doubt = _doubt_of_day(day, latest_year)
    return decode_time(day * DAY_SECONDS), doubt if layout.size < 40 or doubt == IMPOSSIBLE else None


def _name(person: int | bytes, layout: PunchLayout, users: Mapping[int, str]) -> tuple[str, str | None] | None:
    """Number and doubt of a row's person; None where there is no number at all."""
    if isinstance(person, bytes):
        text = text_number(person)
        return (text, None) if text else None
    if layout.size == 8:
        number = users.get(person)
        return (number, None) if number else (f"uid:{person}", "uid-unresolved")
    return (str(person), None) if person else None


def _starts_behind_junk(body: bytes) -> list[int]:
    """Where the 40-byte rows stand when junk before any of them is passed over; empty when they are no whole number of rows."""
    starts, place = [], 0
    while place < len(body):
        if body.startswith(JUNK, place):
            place += len(JUNK)
        starts.append(place)
        place += 40
    return starts if place == len(body) else []


def _nothing(body: bytes, reason: str) -> Decoded:
    return Decoded([], in_pieces(body, 0, "undecodable"), None, reason)


def in_pieces(body: bytes, offset: int, reason: str) -> tuple[DoubtfulBytes, ...]:
    """Doubtful bytes that stand at `offset` of the log, in pieces."""
    starts = range(0, len(body), DOUBTFUL_PIECE)
    return tuple(DoubtfulBytes(offset + start, body[start : start + DOUBTFUL_PIECE], reason) for start in starts)


def count_repeats(punches: Sequence[TerminalPunch]) -> int:
    """Rows that equal an earlier one in person and second."""
    return len(punches) - len({(punch.user, punch.wall) for punch in punches})
