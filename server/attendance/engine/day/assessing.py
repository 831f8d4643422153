"""One employee's work date, from its punches to the verdict."""

from collections.abc import Sequence
from operator import attrgetter

from server.attendance.engine.day.directions import set_directions
from server.attendance.engine.day.draft import NO_GRANTS, Draft
from server.attendance.engine.day.entries import Entry, said_heading
from server.attendance.engine.day.explaining import explain_day
from server.attendance.engine.day.lateness import Judged, apply_grace, consequence, forgive, hold_to_core, judge_part
from server.attendance.engine.day.matching import part_near
from server.attendance.engine.day.overtime import HOLIDAYS, overtime_of
from server.attendance.engine.day.owing import (
    forgive_start,
    late_leave_minutes,
    owed_of,
    standing_loose,
    starts_covered,
    take_excused,
    take_leave,
    touches,
)
from server.attendance.engine.day.pairing import Paired, pair
from server.attendance.engine.day.premiums import premiums_of
from server.attendance.engine.day.reading import read_punches
from server.attendance.engine.day.result import not_employed, result_of
from server.attendance.engine.day.rounding import round_entries
from server.attendance.engine.day.runs import runs
from server.attendance.engine.day.spans import length, overlap
from server.attendance.engine.day.standing import close_open, complete, granted, plan_stands, standing_minutes, whole_plan
from server.attendance.engine.day.verdict import collect_exceptions, give_verdict, set_state
from server.attendance.engine.day.working import missing_break_punches, work_of
from server.attendance.model.days import AttendanceDay, AttendanceException, DayState, ExceptionKind, Horizon, TimedPunch
from server.attendance.model.grants import Grant, GrantKind
from server.attendance.model.rules import Consequence, DayOf, DayRules
from server.directory.model import HoursSystem
from server.roster.model import DayKind, PlannedDay

_INSTEAD_OF_COMING = (GrantKind.LEAVE, GrantKind.EXCUSED, GrantKind.TRIP, GrantKind.FIELD_WORK, GrantKind.UNPUNCHED)


def assess_day(
    plan: PlannedDay, punches: Sequence[TimedPunch], grants: Sequence[Grant], rules: DayRules, horizon: Horizon, *, explain: bool = True
) -> AttendanceDay:
    """Work out one employee's attendance day.

    punches: those that `divide` gives to the date, corrections among them, in any order; may hold repeats. grants: the employee's; those
    that say nothing about the date change nothing. plan.previous_left_at: the last OUT of the day before.
    Repeating the call with the same arguments gives the same day; with a later horizon only what was not settled changes.
    Source: docs/explanation/attendance-day.md.
    """
    if not plan.employed:
        return not_employed(plan, read_punches(punches, (), rules), explain=explain)
    touching = _by_kind(grants, plan) if grants else NO_GRANTS
    away = [*touching.get(GrantKind.TRIP, ()), *touching.get(GrantKind.FIELD_WORK, ())] if touching else ()
    entries = read_punches(punches, away, rules)
    draft = Draft(plan, rules, horizon, touching, plan.kind is not DayKind.WORKDAY, entries, Paired(), owed_of(plan, None))
    _match(draft)
    _pair(draft)
    _owe(draft)
    _stand(draft)
    set_state(draft)
    _judge(draft)
    _work(draft)
    give_verdict(draft)
    _reckon(draft)
    collect_exceptions(draft)
    return result_of(draft, explain_day(draft) if explain else ())


def _by_kind(grants: Sequence[Grant], plan: PlannedDay) -> dict[GrantKind, list[Grant]]:
    """Those that can say something about the day, the earlier grant first."""
    found: dict[GrantKind, list[Grant]] = {}
    for grant in sorted(grants, key=attrgetter("id")):
        if touches(grant, plan):
            found.setdefault(grant.kind, []).append(grant)
    return found


def _match(draft: Draft) -> None:
    """Put each punch to its roster part, or say why it counts for none."""
    plan, rules = draft.plan, draft.rules
    if plan.kind in HOLIDAYS and not rules.holiday_work:
        for entry in draft.entries:
            entry.reason = entry.reason or "unused.holiday"
        return
    if not plan.parts:
        return
    for entry in draft.entries:
        if entry.reason:
            continue
        entry.part = part_near(plan.parts, entry.at, said_heading(entry.punch, rules))
        if entry.part is None:
            entry.reason = "unused.outside-window"


def _pair(draft: Draft) -> None:
    plan, rules = draft.plan, draft.rules
    counting = [entry for entry in draft.entries if not entry.reason]
    if not counting:
        return
    for number, shift in enumerate([counting] if plan.parts else _shifts(counting, plan, rules)):
        for entry in shift:
            entry.shift = number
        set_directions(shift, plan, rules)
        round_entries(shift, plan, rules)
        pair(shift, plan, rules, draft.found)
        draft.shifts += 1
    if rules.day_of is DayOf.SPLIT_AT_MIDNIGHT and not plan.parts:
        _keep_own_date(draft)


def _shifts(counting: Sequence[Entry], plan: PlannedDay, rules: DayRules) -> list[list[Entry]]:
    """The shifts of a day without a roster."""
    if len(counting) == 1:
        return [list(counting)]
    entry_of = {id(entry.punch): entry for entry in counting}
    found = runs([entry.punch for entry in counting], lambda _: (rules, plan.zone))
    return [[entry_of[id(punch)] for punch in run] for run in found]


def _keep_own_date(draft: Draft) -> None:
    """Split at midnight: of every stay what lies on this date."""
    begins, ends = draft.plan.begins, draft.plan.ends
    for stay in draft.found.stays:
        stay.arrived, stay.left = max(stay.arrived, begins), min(stay.left, ends)
        stay.start, stay.end = max(stay.start, begins), min(stay.end, ends)
    draft.found.stays = [stay for stay in draft.found.stays if stay.end > stay.start]
    draft.found.exceptions = [one for one in draft.found.exceptions if one.at is None or begins <= one.at < ends]
    draft.found.lone_outs = [entry for entry in draft.found.lone_outs if begins <= entry.at < ends]
    if draft.found.open is not None and not begins <= draft.found.open.at < ends:
        draft.found.open = None


def _owe(draft: Draft) -> None:
    """What is owed after the flexible band, leave, what is excused, and what the evening before allows."""
    plan, found = draft.plan, draft.found
    if draft.day_off:
        return
    if plan.parts and (plan.come_late_minutes or plan.come_early_minutes) and not starts_covered(plan, draft.of(*_INSTEAD_OF_COMING)):
        draft.owed = owed_of(plan, _arrival(found))
    draft.late_leave_minutes = late_leave_minutes(plan) if plan.late_leave else 0
    if draft.late_leave_minutes:
        forgive_start(draft.owed, draft.late_leave_minutes)
    if draft.grants:
        take_leave(draft.owed, plan, draft.of(GrantKind.LEAVE))
        take_excused(draft.owed, plan, draft.of(GrantKind.EXCUSED))


def _arrival(found: Paired) -> int | None:
    arrivals = [stay.arrived for stay in found.stays]
    arrivals.extend(entry.at for entry in (*found.forgotten, found.open) if entry is not None)
    return min(arrivals, default=None)


def _stand(draft: Draft) -> None:
    """What stands in for punches."""
    plan, owed, rules, found = draft.plan, draft.owed, draft.rules, draft.found
    if not draft.day_off:
        if draft.grants:
            trips = draft.of(GrantKind.TRIP, GrantKind.FIELD_WORK)
            trip = granted(owed, plan, trips)
            draft.trip_minutes = standing_minutes(trip)
            draft.on_duty = bool(trip) or (bool(trips) and not plan.parts)
            unpunched = draft.of(GrantKind.UNPUNCHED)
            draft.standing = sorted({*trip, *granted(owed, plan, unpunched)})
            if owed.loose:
                draft.trip_minutes = standing_loose(owed, trips) // 60
                draft.standing_loose = standing_loose(owed, [*trips, *unpunched])
        if plan_stands(plan, draft.entries):
            draft.standing, draft.standing_loose = whole_plan(owed), owed.loose
        if found.open is not None or found.lone_outs:
            complete(found, draft.standing, owed, plan)
    if found.open is not None and (rules.close_after_minutes is not None or rules.longest_open_minutes is not None):
        so_far = work_of(found.stays, [], plan, rules, None).total
        draft.assumed_out = close_open(found, owed, so_far, rules, plan, draft.horizon.now)


def _judge(draft: Draft) -> None:
    """Late and early, part by part."""
    plan, found = draft.plan, draft.found
    if not draft.owed.parts:
        return
    presence = draft.presence()
    for index, owed in enumerate(draft.owed.parts):
        opened = next((entry.at for entry in (*found.forgotten, found.open) if entry is not None and entry.part == index), None)
        lone = next((entry.at for entry in reversed(found.lone_outs) if entry.part == index), None)
        draft.judged.append(judge_part(owed, presence, opened, lone, opened is not None or not draft.settled))
    if plan.core is not None and not draft.judged[0].covered:
        hold_to_core(draft.judged[0], plan)
    if draft.grants and GrantKind.NURSING in draft.grants:
        allowed = max(grant.minutes or 0 for grant in draft.of(GrantKind.NURSING))
        draft.nursing_minutes = forgive(draft.judged, allowed)
    for judged in draft.judged:
        _soften(judged, draft)
    _late_as_missing(draft)


def _soften(judged: Judged, draft: Draft) -> None:
    if draft.plan.hours_system is HoursSystem.IRREGULAR:
        judged.late = judged.early = 0
    else:
        apply_grace(judged, draft.rules)


def _late_as_missing(draft: Draft) -> None:
    """Somebody so late, or gone so early, that the rules do not take the punch for one of that shift: its stay does not count."""
    rules = draft.rules
    if not draft.settled or not (rules.late_tiers or rules.early_tiers):
        return
    for index, judged in enumerate(draft.judged):
        if judged.arrived is not None and consequence(judged.late, rules.late_tiers) is Consequence.MISSING:
            _set_aside(draft, judged.arrived, index, ExceptionKind.MISSING_IN)
            judged.late = 0
        if judged.left is not None and consequence(judged.early, rules.early_tiers) is Consequence.MISSING:
            _set_aside(draft, judged.left, index, ExceptionKind.MISSING_OUT)
            judged.early = 0


def _set_aside(draft: Draft, moment: int, part: int, kind: ExceptionKind) -> None:
    for entry in draft.entries:
        if entry.at == moment and not entry.reason:
            entry.reason = "unused.too-late" if kind is ExceptionKind.MISSING_IN else "unused.too-early"
    draft.found.stays = [stay for stay in draft.found.stays if moment not in {stay.arrived, stay.left}]
    draft.found.exceptions.append(AttendanceException(kind=kind, part=part, at=moment))
    draft.missing = True


def _work(draft: Draft) -> None:
    plan, found = draft.plan, draft.found
    edges = (draft.owed.parts[0].start, draft.owed.parts[-1].end) if draft.owed.parts else None
    if edges is None and plan.parts:
        edges = (plan.parts[0].start, plan.parts[-1].end)
    draft.worked = work_of(found.stays, draft.standing, plan, draft.rules, edges)
    if draft.standing_loose:
        draft.worked.total = max(draft.worked.total, min(draft.owed.loose, draft.worked.total + draft.standing_loose))
    if plan.parts and not draft.day_off and found.stays:
        found.exceptions.extend(missing_break_punches(found.stays, plan))


def _reckon(draft: Draft) -> None:
    """Overtime, night time and allowances."""
    worked, owed = draft.worked, draft.owed
    if worked is None:
        return
    draft.premiums = premiums_of(worked.intervals, draft.found.stays, draft.plan, draft.rules)
    if draft.state is DayState.PENDING:
        return
    base = owed.scheduled // 60 - owed.leave_minutes()
    excused = _excused_unworked(draft)
    draft.reckoned = overtime_of(worked.total // 60, base, excused, worked.intervals, draft.plan, draft.of(GrantKind.OVERTIME), draft.rules)


def _excused_unworked(draft: Draft) -> int:
    if not draft.owed.excused or draft.worked is None:
        return 0
    spans = [(one.start, one.end) for one in draft.worked.intervals]
    return (length(draft.owed.excused) - sum(overlap(spans, *one) for one in draft.owed.excused)) // 60
