"""Time zone and clock of a terminal that pushes. It sets its clock from the Date header plus the zone it was told; no rule of summer time.

TimeZone: whole hours as hours (8, -6), halves and quarters in minutes (330 is +5:30, -210 is -3:30, 345 is +5:45).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from protocol.instants import WallTime, pack_moment, wall_moment

FAR_AHEAD = timedelta(hours=24)
LAST_HOUR = 14
"""No zone is further from universal time; a larger number counts minutes."""


@dataclass(frozen=True, slots=True)
class ClockEvidence:
    """What speaks for this machine's clock. valid_from, valid_until: of the edge's certificate, None where it cannot be read.

    set_back: the clock shows an hour that is over, judging by when rows were released.
    """

    now: datetime
    set_back: bool
    valid_from: datetime | None
    valid_until: datetime | None


def trusted(evidence: ClockEvidence) -> bool:
    """Whether terminals may set their clocks by this machine's.

    A box without a battery clock starts in 1970, or at the last time it was switched off. The first lies before the edge's own
    certificate, the second behind rows that were released; what neither contradicts is believed.
    """
    if evidence.set_back or evidence.valid_from is None or evidence.valid_until is None:
        return False
    return evidence.valid_from <= evidence.now <= evidence.valid_until


def zone_value(zone: ZoneInfo, at: datetime) -> str:
    """What TimeZone must say at this instant; at a change to summer time it is another value, which has to be told."""
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    minutes = round(offset.total_seconds() / 60)
    return str(minutes // 60 if minutes % 60 == 0 else minutes)


def zone_minutes(value: str) -> int | None:
    """How far a TimeZone is from universal time, in minutes; None for one that is not written like this."""
    digits = value.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 4):
        return None
    number = int(value)
    return number * 60 if abs(number) <= LAST_HOUR else number


def zone_offset(zone: ZoneInfo, at: datetime) -> str:
    """The offset at this instant as security push writes it: +0800."""
    return at.astimezone(zone).strftime("%z")


def date_header(now: datetime) -> str:
    """An aware instant in UTC as HTTP writes it."""
    return format_datetime(now, usegmt=True)


def latest_believable(zone: ZoneInfo, now: datetime) -> WallTime:
    """A wall time behind this one is more than a day ahead."""
    return pack_moment((now.astimezone(zone) + FAR_AHEAD).replace(tzinfo=None))


def shown_instant(wall: WallTime, zone: ZoneInfo, near: datetime) -> datetime | None:
    """When a clock of this zone showed a time; of the two instants at the end of summer time the one closer to `near`. None: never."""
    moment = wall_moment(wall)
    if moment is None:
        return None
    try:
        both = [moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    except OverflowError:  # the first day of the first year, or the last of the last
        return None
    return min(both, key=lambda one: abs(one - near))


def packed_seconds(wall: datetime) -> int:
    """A naive moment as both protocols pack it into 32 bits: every month has 31 days."""
    return ((wall.year - 2000) * 372 + (wall.month - 1) * 31 + wall.day - 1) * 86_400 + wall.hour * 3600 + wall.minute * 60 + wall.second


def unpacked_parts(packed: int) -> tuple[int, int, int, int, int, int]:
    """Year, month, day, hour, minute, second of such a number; no calendar need have such a day."""
    rest, second = divmod(packed, 60)
    rest, minute = divmod(rest, 60)
    rest, hour = divmod(rest, 24)
    rest, day = divmod(rest, 31)
    year, month = divmod(rest, 12)
    return 2000 + year, month + 1, day + 1, hour, minute, second
