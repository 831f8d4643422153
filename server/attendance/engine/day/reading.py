"""Which punches of a day can count at all: repeats of one record, double taps and punches from too far away cannot."""

from collections.abc import Sequence
from operator import attrgetter

from server.attendance.engine.day.entries import Entry
from server.attendance.model.days import TimedPunch
from server.attendance.model.grants import Grant, Heading
from server.attendance.model.rules import DayRules

_by_time = attrgetter("at")
_ORDER = {Heading.OUT: 0, None: 1, Heading.IN: 2}


def in_order(punches: Sequence[TimedPunch]) -> list[TimedPunch]:
    """By time, one punch for each identity. Of two punches in one second the OUT comes first, whatever order they arrived in."""
    ordered, before = sorted(punches, key=_by_time), None
    for punch in ordered:
        if punch.at == before:
            unlike = {(one.id, one.grant_id): one for one in ordered}
            return sorted(unlike.values(), key=_whole_order)
        before = punch.at
    return ordered


def _whole_order(punch: TimedPunch) -> tuple[int, int, int, int, int]:
    return punch.at, _ORDER[punch.label], punch.terminal_id or 0, punch.id, punch.grant_id or 0


def read_punches(punches: Sequence[TimedPunch], away: Sequence[Grant], rules: DayRules) -> list[Entry]:
    """Entries in order; those that cannot count carry their reason. away: trips and field work of the day."""
    gap, radius = rules.duplicate_seconds, rules.geofence_metres
    entries, kept = [], None
    for punch in in_order(punches):
        at = punch.at if rules.whole_seconds else punch.at - punch.at % 60
        entry = Entry(punch, at, at)
        entries.append(entry)
        if radius is not None and (punch.distance_metres or 0) > radius and not _granted_elsewhere(punch.at, away):
            entry.reason = "unused.away"
        elif gap is not None and kept is not None and punch.grant_id is None and punch.at - kept <= gap:
            entry.reason = "unused.duplicate"
        else:
            kept = punch.at
    return entries


def _granted_elsewhere(at: int, away: Sequence[Grant]) -> bool:
    """A punch on approved field work or a trip is no matter of distance."""
    return any(grant.starts_at is None or grant.ends_at is None or grant.starts_at <= at <= grant.ends_at for grant in away)
