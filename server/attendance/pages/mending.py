"""What an exception can be mended with: the grant that would take it away. Pure; recording it is the page's business."""

from dataclasses import replace

from server.attendance.model import NewGrant, StoredDay
from server.attendance.model.days import AttendanceException, ExceptionKind, PartResult
from server.attendance.model.grants import GrantKind, Heading
from server.roster.model import PlannedPart

MISSING_HEADING = {
    ExceptionKind.MISSING_IN: Heading.IN,
    ExceptionKind.MISSING_OUT: Heading.OUT,
    ExceptionKind.MISSING_BREAK_OUT: Heading.OUT,
    ExceptionKind.MISSING_BREAK_IN: Heading.IN,
    ExceptionKind.ASSUMED_OUT: Heading.OUT,
}
LATE = {ExceptionKind.LATE, ExceptionKind.SERIOUS_LATE}
EARLY = {ExceptionKind.EARLY_LEAVE, ExceptionKind.SERIOUS_EARLY_LEAVE}


def correction_for(stored: StoredDay, exception: AttendanceException, reason: str, reference: str) -> NewGrant | None:
    """The missing punch, at the time the plan has it; None where no punch is missing or the plan has no time for it."""
    heading = MISSING_HEADING.get(exception.kind)
    at = None if heading is None else _planned_time(stored, exception)
    if at is None:
        return None
    kind = GrantKind.CORRECTION
    return NewGrant(person_id=stored.person_id, kind=kind, starts_at=at, heading=heading, reason=reason, origin_reference=reference)


def excuse_for(stored: StoredDay, exception: AttendanceException, reason: str, reference: str) -> NewGrant | None:
    """What makes it count as if it had been worked: the late or early stretch, or the day of an absence; None for anything else."""
    blank = NewGrant(person_id=stored.person_id, kind=GrantKind.EXCUSED, reason=reason, origin_reference=reference)
    if exception.kind is ExceptionKind.ABSENCE:
        return replace(blank, first_day=stored.work_date, last_day=stored.work_date)
    span = _stretch(stored, exception)
    return replace(blank, starts_at=span[0], ends_at=span[1]) if span else None


def _stretch(stored: StoredDay, exception: AttendanceException) -> tuple[int, int] | None:
    part = _result(stored, exception)
    if part is None:
        return None
    if exception.kind in LATE and part.arrived_at is not None and part.arrived_at > part.required_in:
        return part.required_in, part.arrived_at
    if exception.kind in EARLY and part.left_at is not None and part.left_at < part.required_out:
        return part.left_at, part.required_out
    return None


def _planned_time(stored: StoredDay, exception: AttendanceException) -> int | None:
    part, result = _planned(stored, exception), _result(stored, exception)
    if part is None:
        return None
    pauses = [one for one in part.breaks if one.punched and one.start is not None]
    match exception.kind:
        case ExceptionKind.MISSING_IN:
            return result.required_in if result else part.start
        case ExceptionKind.MISSING_BREAK_OUT:
            return pauses[0].start if pauses else None
        case ExceptionKind.MISSING_BREAK_IN:
            return pauses[0].end if pauses else None
        case _:
            return result.required_out if result else part.end


def _result(stored: StoredDay, exception: AttendanceException) -> PartResult | None:
    parts, place = stored.day.parts, exception.part or 0
    return parts[place] if place < len(parts) else None


def _planned(stored: StoredDay, exception: AttendanceException) -> PlannedPart | None:
    parts, place = stored.plan.parts, exception.part or 0
    return parts[place] if place < len(parts) else None
