"""From IN and OUT to stays. Of two INs in a row the earlier opens the stay, of two OUTs the earlier closes it.

An IN for the next part of the roster opens a stay of its own: the OUT of the part before was forgotten.
"""

from collections.abc import Sequence

from msgspec import Struct, field

from server.attendance.engine.day.directions import break_beside
from server.attendance.engine.day.entries import Entry, Stay
from server.attendance.model.days import AttendanceException, ExceptionKind
from server.attendance.model.grants import Heading
from server.attendance.model.rules import DayRules, Pairing
from server.roster.model import PlannedDay

IN = Heading.IN


class Paired(Struct, gc=False):
    """open: the IN that found no OUT. forgotten: INs of earlier parts that found none. lone_outs: OUTs that found no IN."""

    stays: list[Stay] = field(default_factory=list)
    exceptions: list[AttendanceException] = field(default_factory=list)
    open: Entry | None = None
    forgotten: list[Entry] = field(default_factory=list)
    lone_outs: list[Entry] = field(default_factory=list)


def pair(entries: Sequence[Entry], plan: PlannedDay, rules: DayRules, found: Paired) -> None:
    """Add the stays of one shift. entries: those that count, in order, with headings."""
    if rules.pairing is Pairing.FIRST_LAST:
        _set_aside_between(entries)
    opened: Entry | None = None
    last_out: Entry | None = None
    for entry in entries:
        if entry.reason:
            continue
        if entry.heading is IN:
            opened = _open(opened, entry, found)
        elif opened is not None:
            _close(opened, entry, rules, found)
            opened, last_out = None, entry
        elif last_out is not None and _bridge(last_out, entry, plan, found):
            last_out = entry
        else:
            found.lone_outs.append(entry)
            _refuse(entry, ExceptionKind.DOUBLE_OUT if last_out is not None else ExceptionKind.LEADING_OUT, found)
    if opened is not None:
        found.open = opened


def _open(opened: Entry | None, entry: Entry, found: Paired) -> Entry:
    """The IN that is open once this one has come."""
    if opened is None:
        return entry
    if opened.part != entry.part:
        found.forgotten.append(opened)
        return entry
    _refuse(entry, ExceptionKind.DOUBLE_IN, found)
    return opened


def _set_aside_between(entries: Sequence[Entry]) -> None:
    """Only the first IN and the last OUT behind it count."""
    counting = [place for place, entry in enumerate(entries) if not entry.reason]
    first = next((place for place in counting if entries[place].heading is IN), None)
    last = next((place for place in reversed(counting) if entries[place].heading is Heading.OUT), None)
    if first is None or last is None or last < first:
        return
    for place in counting:
        if place > first and place != last:
            entries[place].reason = "unused.between"


def _close(opened: Entry, entry: Entry, rules: DayRules, found: Paired) -> None:
    longest = rules.longest_shift_minutes
    if longest is not None and entry.at - opened.at > longest * 60:
        minutes = (entry.at - opened.at) // 60
        for one in (opened, entry):
            one.reason = "unused.overlong"
        found.exceptions.append(
            AttendanceException(kind=ExceptionKind.OVERLONG, minutes=minutes, at=opened.punch.at, punch_id=opened.punch.id)
        )
        return
    start, end = opened.counted_at, max(opened.counted_at, entry.counted_at)
    found.stays.append(Stay(opened.at, entry.at, start, end, opened.part, opened.shift))


def _bridge(out: Entry, entry: Entry, plan: PlannedDay, found: Paired) -> bool:
    """OUT for a roster break, then OUT at the end: the punch between is missing, and the break is taken from the roster."""
    taken = break_beside(plan, out.at, entry.at) if plan.parts else None
    if taken is None:
        return False
    back = max(taken[1], out.at)
    nearer_end = out.at - taken[0] > taken[1] - out.at
    kind = ExceptionKind.MISSING_BREAK_OUT if nearer_end else ExceptionKind.MISSING_BREAK_IN
    found.stays.append(Stay(back, entry.at, back, max(back, entry.counted_at), entry.part, entry.shift))
    found.exceptions.append(AttendanceException(kind=kind, part=entry.part, at=taken[0] if nearer_end else taken[1]))
    return True


def _refuse(entry: Entry, kind: ExceptionKind, found: Paired) -> None:
    entry.reason = f"unused.{kind.value}"
    found.exceptions.append(AttendanceException(kind=kind, part=entry.part, at=entry.punch.at, punch_id=entry.punch.id))
