"""From a finished draft to the attendance day."""

from collections.abc import Sequence

from server.attendance.engine.day.draft import Draft
from server.attendance.engine.day.entries import Entry
from server.attendance.engine.day.lateness import Judged
from server.attendance.engine.day.spans import length, overlap
from server.attendance.model.days import AttendanceDay, DayState, DayStatus, PartResult, Step
from server.roster.model import PlannedDay


def not_employed(plan: PlannedDay, entries: Sequence[Entry], *, explain: bool) -> AttendanceDay:
    """A day outside of every employment. Punches are shown and count for nothing."""
    for entry in entries:
        entry.reason = "unused.not-employed"
    told = [Step(code=one.reason, facts={"punch_id": one.punch.id, "punch_at": one.punch.at}) for one in entries]
    return AttendanceDay(
        work_date=plan.work_date,
        kind=plan.kind,
        state=DayState.FINAL,
        status=DayStatus.NOT_EMPLOYED,
        settles_at=plan.ends,
        uses=tuple([entry.use() for entry in entries]),
        steps=(*told, Step(code="verdict.not-employed", facts={})) if explain else (),
    )


def result_of(draft: Draft, steps: tuple[Step, ...]) -> AttendanceDay:
    plan, owed, worked, reckoned, premiums = draft.plan, draft.owed, draft.worked, draft.reckoned, draft.premiums
    total = worked.total if worked else 0
    minutes = total // 60
    overtime = sum([one.minutes for one in reckoned.overtime])
    stays, found = draft.found.stays, draft.found
    arrived = stays[0].arrived if stays else None
    for entry in (*found.forgotten, found.open):
        if entry is not None and (arrived is None or entry.at < arrived):
            arrived = entry.at
    punched_out = [stay.left for stay in stays if not stay.assumed] + [entry.at for entry in draft.found.lone_outs]
    return AttendanceDay(
        work_date=plan.work_date,
        kind=plan.kind,
        state=draft.state,
        status=draft.status,
        settles_at=draft.settles_at,
        scheduled_minutes=owed.scheduled // 60,
        owed_minutes=owed.scheduled // 60 - owed.leave_minutes(),
        worked_minutes=minutes,
        worked_seconds=total,
        regular_minutes=max(0, minutes - overtime - reckoned.banked),
        undertime_minutes=undertime_of(draft, minutes),
        late_minutes=sum([one.late for one in draft.judged]),
        early_minutes=sum([one.early for one in draft.judged]),
        absent_halves=draft.absent_halves,
        absent_minutes=draft.absent_minutes,
        banked_minutes=reckoned.banked,
        night_minutes=premiums.night if premiums else 0,
        trip_minutes=draft.trip_minutes,
        excused_minutes=_excused(draft) if draft.grants else 0,
        top_up_minutes=worked.top_up // 60 if worked else 0,
        overtime=reckoned.overtime,
        by_rule=tuple(premiums.by_rule) if premiums else (),
        leave=tuple(owed.leave),
        allowances=tuple(premiums.allowances) if premiums else (),
        premium_by_date=tuple(sorted(premiums.by_date.items())) if premiums else (),
        arrived_at=arrived,
        left_at=max(punched_out) if punched_out else None,
        lunch=worked.lunch if worked else None,
        parts=_parts(draft) if draft.judged else (),
        intervals=tuple(worked.intervals) if worked else (),
        uses=tuple([entry.use() for entry in draft.entries]),
        exceptions=tuple(draft.exceptions),
        shifts=draft.shifts,
        on_duty=draft.on_duty,
        corrected=any(entry.punch.grant_id is not None and not entry.reason for entry in draft.entries),
        steps=steps,
    )


def undertime_of(draft: Draft, minutes: int) -> int:
    """Owed and not worked; none while the day has no verdict."""
    if draft.status is DayStatus.PENDING or draft.status is DayStatus.INCOMPLETE:
        return 0
    short = draft.owed.scheduled // 60 - draft.owed.leave_minutes() - draft.owed.forgiven // 60
    short -= draft.nursing_minutes + minutes
    return short if short > draft.rules.undertime_tolerance_minutes else 0


def _excused(draft: Draft) -> int:
    """Minutes that are paid without work: excused and not worked, and what the nursing hour was used for."""
    if not draft.owed.excused or draft.worked is None:
        return draft.nursing_minutes
    spans = [(one.start, one.end) for one in draft.worked.intervals]
    idle = length(draft.owed.excused) - sum(overlap(spans, *one) for one in draft.owed.excused)
    return idle // 60 + draft.nursing_minutes


def _parts(draft: Draft) -> tuple[PartResult, ...]:
    found = []
    for index, judged in enumerate(draft.judged):
        owed = draft.owed.parts[index]
        found.append(
            PartResult(
                status=DayStatus.PENDING if draft.status is DayStatus.PENDING else draft.part_statuses[index],
                scheduled_minutes=owed.scheduled // 60,
                worked_minutes=_worked_in(draft, index) // 60,
                late_minutes=judged.late,
                early_minutes=judged.early,
                required_in=_required_in(draft, index, judged),
                required_out=judged.required_out,
                arrived_at=judged.arrived,
                left_at=judged.left,
            )
        )
    return tuple(found)


def _worked_in(draft: Draft, index: int) -> int:
    """Seconds of the intervals that belong to a part; those of none are shown with the first."""
    intervals = draft.worked.intervals if draft.worked else []
    whole = len(draft.judged) == 1
    return sum([one.end - one.start for one in intervals if whole or (one.part or 0) == index])


def _required_in(draft: Draft, index: int, judged: Judged) -> int:
    """With a flexible band the last moment of the band; nobody may miss the core."""
    plan = draft.plan
    if index or not plan.come_late_minutes or judged.required_in != draft.owed.parts[0].start:
        return judged.required_in
    latest = plan.parts[0].start + plan.come_late_minutes * 60
    return latest if plan.core is None else min(latest, plan.core[0])
