"""Times: instants in UTC, and what a terminal's clock showed.

A wall time is packed into one decimal number, YYYYMMDDhhmmss: it sorts like the time, a person can read it in any database tool,
and it can hold what a terminal really said, also 30 February. It has no zone: the site gives it one, where it is used.
"""

import re
from datetime import datetime
from typing import NewType

from protocol.errors import DecodeError

WallTime = NewType("WallTime", int)
"""YYYYMMDDhhmmss as a decimal number, 0 to 99991231235959; may name a date that does not exist."""

_WALL = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)


def pack_wall(text: str) -> WallTime:
    """Pack "YYYY-MM-DD hh:mm:ss"; digits are kept as they are, also an impossible date. Raises DecodeError on another form."""
    found = _WALL.fullmatch(text)
    if not found:
        raise DecodeError("a wall time is written YYYY-MM-DD hh:mm:ss")
    return WallTime(int("".join(found.groups())))


def pack_parts(year: int, month: int, day: int, hour: int, minute: int, second: int) -> WallTime:
    """Pack the six numbers a terminal gives; two digits each, four for the year."""
    return WallTime(((((year * 100 + month) * 100 + day) * 100 + hour) * 100 + minute) * 100 + second)


def pack_moment(moment: datetime) -> WallTime:
    """Pack a naive moment; parts of a second are cut off."""
    return pack_parts(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)


def wall_parts(wall: WallTime) -> tuple[int, int, int, int, int, int]:
    """Year, month, day, hour, minute, second as they were packed."""
    date, time = divmod(wall, 1_000_000)
    year, month_day = divmod(date, 10_000)
    hour, minute_second = divmod(time, 10_000)
    return year, month_day // 100, month_day % 100, hour, minute_second // 100, minute_second % 100


def show_wall(wall: WallTime) -> str:
    """Write "YYYY-MM-DD hh:mm:ss"; `pack_wall` reads it back."""
    year, month, day, hour, minute, second = wall_parts(wall)
    return f"{year:04d}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d}"


def wall_moment(wall: WallTime) -> datetime | None:
    """Turn it into a naive datetime; None where no calendar has such a moment."""
    try:
        return datetime(*wall_parts(wall))  # noqa: DTZ001 - a wall time has no zone by definition
    except ValueError:
        return None
