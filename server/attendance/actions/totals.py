"""Working out attendance periods of people from their stored days, as they count."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from server.attendance.actions.rule_sets import rules_of
from server.attendance.engine.period.assessing import assess_period, days_needed
from server.attendance.model import Membership, RulesSpan
from server.attendance.model.days import AttendanceDay
from server.attendance.model.periods import AttendancePeriod
from server.attendance.store import periods as store
from server.attendance.store.days import days_between
from server.directory import actions as directory
from server.directory.model import HoursSystem
from server.roster import actions as roster
from server.storage import UnitOfWork

AT_ONCE = 200
"""People whose days are in memory at once."""


def assess_members(
    uow: UnitOfWork,
    members: Sequence[Membership],
    *,
    instead: Mapping[tuple[int, date], AttendanceDay] | None = None,
    explain: bool = False,
) -> dict[int, tuple[AttendancePeriod, int]]:
    """By person: the period as its days count, and the version of the rules of its last day. Who has no rules is left out.

    instead: days by (person, work date) that stand in for those that count.
    """
    found: dict[int, tuple[AttendancePeriod, int]] = {}
    for start in range(0, len(members), AT_ONCE):
        found |= dict(_assess_some(uow, members[start : start + AT_ONCE], instead or {}, explain=explain))
    return found


def figures_of(period: AttendancePeriod) -> bytes:
    """A mark that is the same for the same figures, however they are explained."""
    return sha256(msgspec.json.encode(replace(period, steps=()))).digest()[:16]


def people_without_rules(uow: UnitOfWork, members: Sequence[Membership]) -> set[int]:
    """Who has no rules on a day of the membership."""
    if not members:
        return set()
    first, last = min(one.first_day for one in members), max(one.last_day for one in members)
    spans = rules_of(uow, [one.person_id for one in members], first, last)
    return {one.person_id for one in members if _with_rules(spans[one.person_id], one) < one.days}


def _assess_some(
    uow: UnitOfWork, members: Sequence[Membership], instead: Mapping[tuple[int, date], AttendanceDay], *, explain: bool
) -> Iterator[tuple[int, tuple[AttendancePeriod, int]]]:
    ids = [one.person_id for one in members]
    first, last = min(one.first_day for one in members), max(one.last_day for one in members)
    rules = rules_of(uow, ids, first, last)
    terms = directory.terms_of(uow, ids, first, last)
    windows = {}
    for one in members:
        held = next((span for span in rules[one.person_id] if span.first_day <= one.last_day <= span.last_day), None)
        if held is not None:
            systems = {span.terms.hours_system for span in terms[one.person_id]}
            windows[one.person_id] = (held, *days_needed(one.first_day, one.last_day, held.rules.period, systems), systems)
    if not windows:
        return
    since, until = min(one[1] for one in windows.values()), max(one[2] for one in windows.values())
    stored = days_between(uow, list(windows), since, until)
    counted = store.accepted_days(uow, list(windows), since, until) | dict(instead)
    summed = [person_id for person_id, one in windows.items() if HoursSystem.COMPREHENSIVE in one[3]]
    planned = roster.planned_days(uow, summed, since, until) if summed else {}
    for one in members:
        if one.person_id not in windows:
            continue
        held, begin, end, _ = windows[one.person_id]
        own = [day for day in stored[one.person_id] if begin <= day.work_date <= end]
        days = [counted.get((one.person_id, day.work_date), day.day) for day in own]
        there = {day.work_date for day in own}
        plans = [day.plan for day in own]
        plans += [plan for plan in planned.get(one.person_id, ()) if begin <= plan.work_date <= end and plan.work_date not in there]
        result = assess_period(days, plans, held.rules.period, one.first_day, one.last_day, one.between, explain=explain)
        yield one.person_id, (result, held.version_id)


def _with_rules(spans: Collection[RulesSpan], one: Membership) -> int:
    """How many days of the membership have rules."""
    return sum(max(0, (min(span.last_day, last) - max(span.first_day, first)).days + 1) for span in spans for first, last in one.spans)
