"""From what terminals showed to instants, by the real rules of the site's zone. Identity stays the wall time; this is how it is read."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.attendance.model.days import TimedPunch
from server.attendance.model.grants import Heading

_DAY = 1_000_000


class RawPunch(NamedTuple):
    """A punch as it is stored, with the zone of its terminal's site. epoch_id, sequence: its place in the edge's log. role: what its
    terminal was for on the date that it showed, None for both.
    """

    id: int
    wall: int
    state: int | None
    terminal_id: int
    zone: str
    epoch_id: int
    sequence: int
    role: Heading | None = None


HEADINGS = {0: Heading.IN, 1: Heading.OUT, 2: Heading.OUT, 3: Heading.IN, 4: Heading.IN, 5: Heading.OUT}
"""What a terminal's state says: check in and out, break out and in, overtime in and out. 255 and the rest say nothing."""


def timed(punches: Iterable[RawPunch]) -> list[TimedPunch]:
    """One person's punches as instants, in the order of time; those that no calendar has are left out.

    An hour that comes twice is read as its first occurrence, unless that would put punches of one terminal out of the order in which its
    log has them.
    """
    found: list[TimedPunch] = []
    doubled: list[RawPunch] = []
    for punch in punches:
        day, clock = divmod(punch.wall, _DAY)
        start = _plain_day(day, punch.zone)
        if start is None:
            doubled.append(punch)
            continue
        hour, rest = divmod(clock, 10_000)
        found.append(_timed(punch, start + hour * 3600 + rest // 100 * 60 + rest % 100))
    if doubled:
        found += _of_changing_days(doubled)
    found.sort(key=_when)
    return found


def _when(punch: TimedPunch) -> tuple[int, int]:
    return punch.at, punch.id


def _timed(punch: RawPunch, at: int) -> TimedPunch:
    label = HEADINGS.get(-1 if punch.state is None else punch.state)
    return TimedPunch(id=punch.id, at=at, label=label, role=punch.role, terminal_id=punch.terminal_id)


@lru_cache(maxsize=4096)
def _plain_day(packed: int, zone: str) -> int | None:
    """The instant of a date's first second, where the clock runs evenly through the date; None where it is put forward or back."""
    try:
        day = date(packed // 10_000, packed // 100 % 100, packed % 100)
        start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
        end = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=ZoneInfo(zone))
    except ValueError:
        return None
    return int(start.timestamp()) if start.utcoffset() == end.utcoffset() else None


def _of_changing_days(punches: Iterable[RawPunch]) -> list[TimedPunch]:
    found: list[TimedPunch] = []
    latest: dict[int, int] = {}
    for punch in sorted(punches, key=lambda one: (one.terminal_id, one.epoch_id, one.sequence, one.id)):
        moments = _moments(punch)
        if not moments:
            continue
        before = latest.get(punch.terminal_id)
        at = moments[0] if before is None or moments[0] >= before else moments[-1]
        latest[punch.terminal_id] = max(at, before or at)
        found.append(_timed(punch, at))
    return found


def _moments(punch: RawPunch) -> list[int]:
    """The instants at which the clock showed this: one, or two where an hour came twice; none for what no calendar has."""
    day, clock = divmod(punch.wall, _DAY)
    try:
        parts = (day // 10_000, day // 100 % 100, day % 100, clock // 10_000, clock // 100 % 100, clock % 100)
        wall = datetime(*parts, tzinfo=ZoneInfo(punch.zone))
    except ValueError:
        return []
    return sorted({int(wall.timestamp()), int(wall.replace(fold=1).timestamp())})
