"""State, status and exceptions of a day. What speaks against somebody waits until the day is settled: an offline site makes no absence."""

from server.attendance.engine.day.draft import Draft
from server.attendance.engine.day.lateness import Judged, consequence
from server.attendance.engine.day.overtime import HOLIDAYS
from server.attendance.engine.day.owing import still_owed
from server.attendance.engine.day.premiums import LAWFUL_NIGHT, minutes_between
from server.attendance.engine.day.runs import LONGEST_STAY_MINUTES
from server.attendance.engine.day.spans import length
from server.attendance.model.days import AttendanceException, DayState, DayStatus, ExceptionKind
from server.attendance.model.grants import GrantKind
from server.attendance.model.rules import Consequence, DayRules
from server.roster.model import PlannedDay, RosterSource, instant_of

_NO_VERDICT = (ExceptionKind.MISSING_IN, ExceptionKind.MISSING_OUT, ExceptionKind.OVERLONG)
_OF_PUNCHES = {"unused.outside-window": ExceptionKind.OUTSIDE_WINDOW, "unused.away": ExceptionKind.AWAY}
_TIERS = {Consequence.HALF_DAY_ABSENT: 1, Consequence.ABSENT: 2}


def settles_at(plan: PlannedDay, rules: DayRules) -> int:
    """When a day is over: its last window has closed, or its date has ended. Final once every terminal has reported up to there."""
    boundary = 0 if rules.day_boundary is None else instant_of(plan.work_date, 1440 + rules.day_boundary, plan.zone)
    if not plan.parts:
        return max(plan.ends, boundary)
    last = plan.parts[-1]
    return last.closes if last.sure_close else max(last.closes, boundary)


def set_state(draft: Draft) -> None:
    plan, rules, horizon = draft.plan, draft.rules, draft.horizon
    draft.settles_at = settles_at(plan, rules)
    if not plan.parts and draft.found.open is not None:
        longest = rules.longest_shift_minutes or LONGEST_STAY_MINUTES
        draft.settles_at = max(draft.settles_at, draft.found.open.at + longest * 60)
    reported = horizon.reported_until is not None and horizon.reported_until >= draft.settles_at
    if horizon.now < draft.settles_at:
        draft.state = DayState.PENDING
    elif not reported or not plan.calendar_known:
        draft.state = DayState.PROVISIONAL
    draft.settled = reported and draft.state is not DayState.PENDING


def give_verdict(draft: Draft) -> None:
    """Set the status of the day and of its parts, and the absence."""
    _find_missing(draft)
    draft.part_statuses = [_part_status(draft, index, judged) for index, judged in enumerate(draft.judged)]
    status = _status_off(draft) if draft.day_off else _status_of_workday(draft)
    if not draft.settled:
        draft.absent_halves = draft.absent_minutes = 0
        against = status in {DayStatus.ABSENT, DayStatus.INCOMPLETE, DayStatus.HALF_DAY}
        status = DayStatus.PENDING if against or draft.state is DayState.PENDING else status
    draft.status = status
    if draft.state is DayState.PENDING:
        _late_by_now(draft)


def collect_exceptions(draft: Draft) -> None:
    """Everything that somebody may have to look at, in the order it came about."""
    kept = draft.exceptions
    if draft.settled:
        kept.extend(draft.found.exceptions)
    else:
        kept.extend(one for one in draft.found.exceptions if one.kind in {ExceptionKind.OVERLONG, ExceptionKind.ASSUMED_OUT})
    for entry in draft.entries:
        if entry.reason in _OF_PUNCHES:
            kept.append(AttendanceException(kind=_OF_PUNCHES[entry.reason], at=entry.punch.at, punch_id=entry.punch.id))
    for index, judged in enumerate(draft.judged):
        _late_and_early(draft, index, judged)
    _absences(draft)
    if draft.reckoned.unapproved and draft.settled:
        kept.append(AttendanceException(kind=ExceptionKind.OVERTIME_NOT_APPROVED, minutes=draft.reckoned.unapproved))
    if draft.plan.roster_source is RosterSource.NOTHING and not draft.plan.rostered and draft.shifts and not draft.day_off:
        kept.append(AttendanceException(kind=ExceptionKind.NO_ROSTER))
    if draft.plan.protected:
        _protect(draft)


def _find_missing(draft: Draft) -> None:
    found = draft.found
    for entry in (*found.forgotten, found.open):
        if entry is not None and not any(part == entry.part for part, _ in draft.standing):
            draft.missing = True
            found.exceptions.append(
                AttendanceException(kind=ExceptionKind.MISSING_OUT, part=entry.part, at=entry.punch.at, punch_id=entry.punch.id)
            )
    for entry in found.lone_outs:
        if entry.reason == "unused.double-out" or not (found.stays or found.open):
            draft.missing = True
            found.exceptions.append(
                AttendanceException(kind=ExceptionKind.MISSING_IN, part=entry.part, at=entry.punch.at, punch_id=entry.punch.id)
            )
    for one in found.exceptions:
        draft.missing = draft.missing or one.kind is ExceptionKind.OVERLONG


def _part_status(draft: Draft, index: int, judged: Judged) -> DayStatus:
    if judged.covered:
        return DayStatus.LEAVE if draft.owed.leave else DayStatus.OFF
    for one in draft.found.exceptions:
        if one.part == index and one.kind in _NO_VERDICT:
            return DayStatus.INCOMPLETE
    return DayStatus.PRESENT if judged.present else DayStatus.ABSENT


def _status_off(draft: Draft) -> DayStatus:
    if draft.found.stays:
        return DayStatus.INCOMPLETE if draft.missing else DayStatus.PRESENT
    if draft.missing:
        return DayStatus.INCOMPLETE
    return DayStatus.HOLIDAY if draft.plan.kind in HOLIDAYS else DayStatus.OFF


def _status_of_workday(draft: Draft) -> DayStatus:
    owed, there = draft.owed, bool(draft.found.stays or draft.standing or draft.standing_loose)
    if owed.scheduled == 0 and not owed.parts:
        return _status_unplanned(draft)
    if still_owed(owed) == 0 and (owed.leave or not there):
        return DayStatus.LEAVE if owed.leave else DayStatus.OFF
    if draft.missing:
        return DayStatus.INCOMPLETE
    halves_left = 1 if any(one.halves for one in owed.leave) else 2
    if not there and not draft.on_duty:
        return _absent(draft, still_owed(owed), halves_left)
    missed = sum(owed.parts[index].owed() for index, judged in enumerate(draft.judged) if not (judged.present or judged.covered))
    if missed:
        draft.absent_minutes = missed // 60
        draft.absent_halves = halves_left if missed == still_owed(owed) else int(missed * 2 >= owed.scheduled)
    return _by_limits(draft)


def _status_unplanned(draft: Draft) -> DayStatus:
    """Nothing is rostered and no time is owed."""
    if draft.missing:
        return DayStatus.INCOMPLETE
    if draft.found.stays or draft.on_duty:
        return DayStatus.PRESENT
    return DayStatus.LEAVE if draft.of(GrantKind.LEAVE) else DayStatus.OFF


def _by_limits(draft: Draft) -> DayStatus:
    """Present, unless the day was too short or somebody came too late or left too early by the rules."""
    rules, worked = draft.rules, draft.worked
    halves = 0
    for judged in draft.judged:
        late, early = consequence(judged.late, rules.late_tiers), consequence(judged.early, rules.early_tiers)
        halves = max(halves, _TIERS.get(late, 0), _TIERS.get(early, 0))
    minutes = (worked.total if worked else 0) // 60 + draft.owed.leave_minutes() + draft.owed.forgiven // 60
    if minutes < rules.absent_below_minutes:
        halves = 2
    elif minutes < rules.half_day_below_minutes:
        halves = max(halves, 1)
    if halves == 2:
        return _absent(draft, still_owed(draft.owed), 2)
    if halves == 1:
        draft.absent_halves = 1
        draft.absent_minutes = max(draft.absent_minutes, still_owed(draft.owed) // 120)
        return DayStatus.HALF_DAY
    return DayStatus.PRESENT


def _absent(draft: Draft, seconds: int, halves: int) -> DayStatus:
    draft.absent_halves, draft.absent_minutes = halves, seconds // 60
    return DayStatus.ABSENT


def _late_by_now(draft: Draft) -> None:
    """While the day goes on: who should be there and is not is late by now."""
    now, grace = draft.horizon.now, draft.rules.grace_in_minutes
    for judged in draft.judged:
        expected = judged.required_in
        if draft.owed.parts and judged is draft.judged[0] and not judged.covered:
            expected = max(expected, draft.plan.parts[0].start + draft.plan.come_late_minutes * 60)
        behind = (min(now, judged.required_out) - expected) // 60
        if not judged.covered and judged.arrived is None and behind > grace and now < judged.required_out:
            judged.late = behind


def _late_and_early(draft: Draft, index: int, judged: Judged) -> None:
    rules = draft.rules
    if judged.late and judged.arrived is not None and not judged.covered:
        tier = consequence(judged.late, rules.late_tiers)
        if tier not in _TIERS:
            kind = ExceptionKind.SERIOUS_LATE if tier is Consequence.SERIOUS else ExceptionKind.LATE
            draft.exceptions.append(AttendanceException(kind=kind, minutes=judged.late, part=index, at=judged.arrived))
    if judged.early and judged.left is not None:
        tier = consequence(judged.early, rules.early_tiers)
        if tier not in _TIERS:
            kind = ExceptionKind.SERIOUS_EARLY_LEAVE if tier is Consequence.SERIOUS else ExceptionKind.EARLY_LEAVE
            draft.exceptions.append(AttendanceException(kind=kind, minutes=judged.early, part=index, at=judged.left))


def _absences(draft: Draft) -> None:
    if draft.status is DayStatus.ABSENT or draft.status is DayStatus.HALF_DAY:
        draft.exceptions.append(AttendanceException(kind=ExceptionKind.ABSENCE, minutes=draft.absent_minutes))
    elif draft.absent_minutes:
        for index, judged in enumerate(draft.judged):
            if not (judged.present or judged.covered):
                minutes = draft.owed.parts[index].owed() // 60
                draft.exceptions.append(AttendanceException(kind=ExceptionKind.ABSENCE, minutes=minutes, part=index, at=judged.required_in))


def _protect(draft: Draft) -> None:
    """Night work of protected staff (pregnant from the seventh month, nursing)."""
    if draft.worked is None:
        return
    spans = [(one.start, one.end) for one in draft.worked.intervals]
    minutes = minutes_between(spans, draft.rules.night or LAWFUL_NIGHT, draft.plan) if length(spans) else 0
    if minutes:
        draft.exceptions.append(AttendanceException(kind=ExceptionKind.PROTECTED_NIGHT, minutes=minutes))
