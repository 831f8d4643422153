"""The explanation of a day: its steps in order, read off the finished draft. The codes stand in `steps`."""

from typing import Any

from server.attendance.engine.day.draft import Draft
from server.attendance.engine.day.entries import Entry
from server.attendance.engine.day.lateness import Judged, consequence
from server.attendance.engine.day.result import undertime_of
from server.attendance.engine.day.standing import plan_stands
from server.attendance.model.days import DayState, DayStatus, ExceptionKind, Step
from server.attendance.model.grants import GrantKind, Heading
from server.attendance.model.rules import Consequence, DayRules, Direction, SettledBy, Tier

_MISSING = {
    ExceptionKind.MISSING_IN: "missing.in",
    ExceptionKind.MISSING_OUT: "missing.out",
    ExceptionKind.MISSING_BREAK_IN: "missing.break-in",
    ExceptionKind.MISSING_BREAK_OUT: "missing.break-out",
}
_GRANTED = {
    GrantKind.TRIP: "grant.trip",
    GrantKind.FIELD_WORK: "grant.trip",
    GrantKind.UNPUNCHED: "grant.unpunched",
}
_HARD = {Consequence.HALF_DAY_ABSENT: "half-day", Consequence.ABSENT: "absent"}


class _Told(list[Step]):
    def add(self, code: str, **facts: Any) -> None:
        self.append(Step(code=code, facts=facts))


def explain_day(draft: Draft) -> tuple[Step, ...]:
    """From the plan over punches, stays, breaks, lateness and overtime to the verdict; what did not happen is not told."""
    told = _Told()
    _tell_plan(draft, told)
    if draft.grants:
        _tell_grants(draft, told)
    _tell_punches(draft, told)
    _tell_work(draft, told)
    for index, judged in enumerate(draft.judged):
        _tell_lateness(draft, judged, told)
        if not judged.present and not judged.covered and draft.settled and draft.status is not DayStatus.INCOMPLETE:
            owed = draft.owed.parts[index]
            told.add("part.absent", start_at=judged.required_in, end_at=judged.required_out, absent_minutes=owed.owed() // 60)
    if draft.nursing_minutes:
        told.add("nursing", nursing_minutes=draft.nursing_minutes)
    _tell_overtime(draft, told)
    _tell_verdict(draft, told)
    return tuple(told)


def _tell_plan(draft: Draft, told: _Told) -> None:
    plan, owed = draft.plan, draft.owed
    if draft.day_off:
        told.add(f"plan.{plan.kind.value}")
    elif plan.required_minutes and not plan.parts:
        told.add("plan.any-time", owed_minutes=plan.required_minutes)
    elif not plan.parts:
        told.add("plan.nothing")
    for part in plan.parts:
        told.add("plan.part", start_at=part.start, end_at=part.end, opens_at=part.opens, closes_at=part.closes)
    if owed.parts and (owed.parts[0].start != plan.parts[0].start or owed.parts[-1].end != plan.parts[-1].end):
        arrived = draft.judged[0].arrived if draft.judged else None
        told.add("plan.slid", arrived_at=arrived, start_at=owed.parts[0].start, end_at=owed.parts[-1].end)
    if not draft.day_off and plan_stands(plan, draft.entries):
        told.add("plan.stands")
    if draft.late_leave_minutes:
        told.add("plan.late-leave", left_at=plan.previous_left_at, later_minutes=draft.late_leave_minutes)


def _tell_grants(draft: Draft, told: _Told) -> None:
    for leave in draft.owed.leave:
        told.add("grant.leave", grant_id=leave.grant_id, leave_minutes=leave.minutes)
    for grant in draft.of(GrantKind.EXCUSED):
        told.add("grant.excused", grant_id=grant.id, excused_minutes=sum(end - start for start, end in draft.owed.excused) // 60)
    for kind, code in _GRANTED.items():
        for grant in draft.of(kind):
            told.add(code, grant_id=grant.id, trip_minutes=draft.trip_minutes)


def _tell_punches(draft: Draft, told: _Told) -> None:
    for entry in draft.entries:
        punch = entry.punch
        if punch.grant_id is not None:
            told.add("grant.correction", grant_id=punch.grant_id, punch_at=punch.at)
        if entry.reason:
            facts: dict[str, Any] = {"punch_id": punch.id, "punch_at": punch.at}
            if entry.reason == "unused.away":
                facts["distance_metres"] = punch.distance_metres
            elif entry.reason == "unused.overlong":
                facts["longest_minutes"] = draft.rules.longest_shift_minutes
            told.append(Step(code=entry.reason, facts=facts))
            continue
        whence = "-by-role" if _is_by_role(entry, draft.rules) else ""
        told.add(("punch.in" if entry.heading is Heading.IN else "punch.out") + whence, punch_id=punch.id, punch_at=punch.at)
        if entry.counted_at != entry.at:
            told.add("punch.rounded", punch_id=punch.id, punch_at=punch.at, counted_at=entry.counted_at)


def _is_by_role(entry: Entry, rules: DayRules) -> bool:
    """Whether the direction came from what the terminal is for."""
    return rules.direction is Direction.ROLE and entry.punch.grant_id is None and not entry.inferred


def _tell_work(draft: Draft, told: _Told) -> None:
    for stay in draft.found.stays:
        code = "stay.assumed" if stay.assumed else "stay"
        told.add(code, start_at=stay.start, end_at=stay.end, paired_minutes=(stay.end - stay.start) // 60)
    if draft.settled:
        for one in draft.found.exceptions:
            if one.kind in _MISSING:
                told.add(_MISSING[one.kind], punch_at=one.at)
    worked = draft.worked
    if worked is None or not worked.intervals:
        return
    if worked.breaks:
        told.add("break.roster", break_minutes=worked.breaks // 60)
    if worked.deducted:
        told.add("break.deducted", break_minutes=worked.deducted // 60)
    if worked.added:
        told.add("break.added", break_minutes=worked.added // 60)
    if worked.lunch is not None:
        told.add("lunch", out_at=worked.lunch[0], back_at=worked.lunch[1])
    owed = draft.owed.scheduled // 60 - draft.owed.leave_minutes()
    told.add("worked", worked_minutes=worked.total // 60, owed_minutes=owed)


def _tell_lateness(draft: Draft, judged: Judged, told: _Told) -> None:
    rules = draft.rules
    if judged.arrived is None:
        if judged.late:
            told.add("late.now", required_at=judged.required_in, late_minutes=judged.late)
    elif judged.late:
        told.add("late", arrived_at=judged.arrived, required_at=judged.required_in, late_minutes=judged.late)
        _tell_tier("late", judged.late, rules.late_tiers, told)
    elif rules.grace_in_minutes and judged.arrived - judged.required_in >= 60:
        behind = (judged.arrived - judged.required_in) // 60
        facts = {"behind_minutes": behind, "required_at": judged.required_in, "grace_minutes": rules.grace_in_minutes}
        told.add("late.grace", arrived_at=judged.arrived, **facts)
    if judged.early and judged.left is not None:
        told.add("early", left_at=judged.left, required_at=judged.required_out, early_minutes=judged.early)
        _tell_tier("early", judged.early, rules.early_tiers, told)
    elif judged.left is not None and rules.grace_out_minutes and judged.required_out - judged.left >= 60:
        before = (judged.required_out - judged.left) // 60
        facts = {"before_minutes": before, "required_at": judged.required_out, "grace_minutes": rules.grace_out_minutes}
        told.add("early.grace", left_at=judged.left, **facts)


def _tell_tier(end: str, minutes: int, tiers: tuple[Tier, ...], told: _Told) -> None:
    reached = consequence(minutes, tiers)
    if reached in _HARD:
        told.add(f"{end}.{_HARD[reached]}")


def _tell_overtime(draft: Draft, told: _Told) -> None:
    reckoned, premiums = draft.reckoned, draft.premiums
    if reckoned.punched:
        told.add("overtime.punched", overtime_minutes=reckoned.punched)
    if reckoned.unapproved:
        told.add("overtime.unapproved", unapproved_minutes=reckoned.unapproved)
    for one in reckoned.overtime:
        code = "overtime.pay" if one.settled_by is SettledBy.PAY else "overtime.time-off"
        told.add(code, overtime_minutes=one.minutes, rate_percent=one.rate)
    if reckoned.banked:
        told.add("overtime.banked", banked_minutes=reckoned.banked)
    if premiums is not None:
        if premiums.night:
            told.add("night", night_minutes=premiums.night)
        for code, minutes in premiums.allowances:
            if minutes:
                told.add("allowance", allowance_code=code, allowance_minutes=minutes)
    if draft.worked is not None and draft.worked.top_up:
        told.add("top-up", top_up_minutes=draft.worked.top_up // 60)


def _tell_verdict(draft: Draft, told: _Told) -> None:
    minutes = draft.worked.total // 60 if draft.worked else 0
    undertime = undertime_of(draft, minutes)
    if undertime:
        told.add("undertime", undertime_minutes=undertime)
    if draft.state is DayState.PENDING:
        told.add("state.pending", settles_at=draft.settles_at)
    elif draft.state is DayState.PROVISIONAL:
        told.add("state.calendar" if draft.settled else "state.unreported", settles_at=draft.settles_at)
    _tell_limits(draft, minutes, told)
    if draft.status in {DayStatus.ABSENT, DayStatus.HALF_DAY}:
        told.add(f"verdict.{draft.status.value}", absent_minutes=draft.absent_minutes)
    else:
        told.add(f"verdict.{draft.status.value}")


def _tell_limits(draft: Draft, minutes: int, told: _Told) -> None:
    rules = draft.rules
    if draft.status is DayStatus.ABSENT and minutes and minutes < rules.absent_below_minutes:
        told.add("limit.absent", limit_minutes=rules.absent_below_minutes)
    elif draft.status is DayStatus.HALF_DAY and minutes < rules.half_day_below_minutes:
        told.add("limit.half-day", limit_minutes=rules.half_day_below_minutes)
