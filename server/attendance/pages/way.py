"""How long a punch was on its way, from the finger to the server's table."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from protocol.instants import wall_moment
from server.attendance.model import PunchLine

HEARD_AT_ONCE = "zk-live"
"""The source of punches that the edge heard while the finger was still on the terminal."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def on_the_way(line: PunchLine) -> tuple[timedelta, bool] | None:
    """(how long, whether that is exact); None where the terminal's time names no moment.

    A punch that was heard live has its moment from the edge's clock. One that was read later has it from the terminal's clock, mended
    by the drift where that is known: to a second at best.
    """
    if line.source == HEARD_AT_ONCE:
        return max(line.admitted_at - line.received_at, timedelta(0)), True
    moment = wall_moment(line.wall)
    if moment is None:
        return None
    try:
        made_at = moment.replace(tzinfo=ZoneInfo(line.time_zone)).astimezone(UTC) - timedelta(milliseconds=line.drift_ms or 0)
    except OverflowError:  # a clock at the very beginning or end of the calendar
        return None
    return max(line.admitted_at - made_at, timedelta(0)), False


def in_units(way: timedelta) -> tuple[str, str]:
    """(number, key of the unit's text): a tenth of a second up to a minute, whole minutes, hours, days beyond."""
    if way < MINUTE:
        return f"{way.total_seconds():.1f}", "{n} s"
    if way < HOUR:
        return str(way // MINUTE), "{n} min"
    if way < 2 * DAY:
        return str(way // HOUR), "{n} h"
    return str(way // DAY), "{n} d"
