"""Working out what a trial is about: days as they would be, beside the days that count. Reads only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from server.attendance.actions.assessing import work_out
from server.attendance.actions.rule_sets import find_rule_set, people_with_rules, rules_of
from server.attendance.engine.comparing import day_changes, period_figures
from server.attendance.engine.day.dividing import REACH_DAYS
from server.attendance.engine.period.assessing import assess_period, days_needed
from server.attendance.model import RulesSpan, StoredDay
from server.attendance.model.days import AttendanceDay, DayState
from server.attendance.model.rules import PeriodRules
from server.attendance.model.trials import Trial, TrialKind, WhoKind
from server.attendance.store import trials as store
from server.attendance.store.days import days_between
from server.directory import actions as directory
from server.roster.model import PlannedDay
from server.storage import UnitOfWork

_REACH = timedelta(days=REACH_DAYS)


@dataclass(frozen=True, slots=True)
class Findings:
    """Rows of tables: of everybody looked at, and of the days that come out otherwise."""

    people: list[dict[str, Any]]
    days: list[dict[str, Any]]


def people_of_trial(uow: UnitOfWork, trial: Trial) -> list[int]:
    """Whom it is about, in order."""
    who, first, last = trial.who, trial.first_day, trial.last_day
    match who.kind:
        case WhoKind.PERSON:
            found: Collection[int] = [who.id]
        case WhoKind.DEPARTMENT:
            found = directory.people_of_department(uow, who.id, first, last)
        case WhoKind.SITE:
            found = directory.people_of_site(uow, who.id, first, last)
        case WhoKind.RULE_SET:
            found = people_with_rules(uow, who.id, sorted(store.employed_between(uow, first, last)), first, last)
        case _:
            found = store.employed_between(uow, first, last)
    return sorted(found)


def try_people(uow: UnitOfWork, trial: Trial, people: Sequence[int], now: datetime) -> Findings:
    """Set what these people's days would be beside what counts."""
    stored = days_between(uow, people, trial.first_day, trial.last_day)
    present = rules_of(uow, people, trial.first_day, trial.last_day)
    first = min((_needed(trial, days, present.get(person_id, ())) for person_id, days in stored.items()), default=trial.first_day)
    stored = days_between(uow, people, first, trial.last_day, explained=True)
    rules = rules_for(uow, trial, people, first - _REACH, trial.last_day + _REACH)
    after: dict[int, dict[date, tuple[AttendanceDay, PlannedDay]]] = {person_id: {} for person_id in people}
    for one in work_out(uow, people, first, trial.last_day, now, rules=rules):
        if one.day is not None and one.inputs is not None:
            after[one.person_id][one.work_date] = (one.day, one.inputs.plan)
    findings = Findings([], [])
    for person_id in people:
        _compare(findings, trial, person_id, stored[person_id], after[person_id], (present.get(person_id, ()), rules.get(person_id, ())))
    return findings


def rules_for(uow: UnitOfWork, trial: Trial, people: Sequence[int], first: date, last: date) -> dict[int, Sequence[RulesSpan]]:
    """The rules of a trial, also where they are the present ones: given, they let every day be worked out, whatever is stored."""
    present: dict[int, Sequence[RulesSpan]] = dict(rules_of(uow, people, first, last))
    if trial.rules is None:
        return present
    tried = RulesSpan(first, last, trial.rules_version_id, trial.rules)
    if trial.who.kind is not WhoKind.RULE_SET:
        return dict.fromkeys(people, (tried,))
    own = {version.id for version in find_rule_set(uow, trial.who.id).versions}
    return {person_id: _exchanged(spans, own, tried) for person_id, spans in present.items()}


def _exchanged(spans: Sequence[RulesSpan], own: set[int], tried: RulesSpan) -> tuple[RulesSpan, ...]:
    return tuple(RulesSpan(one.first_day, one.last_day, tried.version_id, tried.rules) if one.version_id in own else one for one in spans)


def _needed(trial: Trial, days: Sequence[StoredDay], spans: Sequence[RulesSpan]) -> date:
    """The first date that totals of the range depend on."""
    rules = trial.rules.period if trial.rules else spans[-1].rules.period if spans else PeriodRules()
    return days_needed(trial.first_day, trial.last_day, rules, {one.plan.hours_system for one in days})[0]


def _compare(
    findings: Findings,
    trial: Trial,
    person_id: int,
    stored: Sequence[StoredDay],
    after: Mapping[date, tuple[AttendanceDay, PlannedDay]],
    rules: tuple[Sequence[RulesSpan], Sequence[RulesSpan]],
) -> None:
    before = {one.work_date: (one.day, one.plan) for one in stored}
    rows = []
    for day in sorted(before.keys() | after.keys()):
        if day < trial.first_day:
            continue
        then, now = before.get(day, (None, None)), after.get(day, (None, None))
        if trial.kind is TrialKind.SWEEP and (then[0] is None or then[0].state is not DayState.FINAL):
            continue
        if changes := day_changes(then[0], now[0]):
            plan = now[1] or then[1]
            assert plan is not None
            names = f",{','.join(one.name for one in changes)},"
            said = {"zone": plan.zone, "names": names, "figures": store.encode_figures(changes)}
            whole = {"before": store.encode_whole(then[0]), "after": store.encode_whole(now[0])}
            rows.append({"trial_id": trial.id, "person_id": person_id, "work_date": day, **said, **whole})
    totals = [_totals(trial, days, spans) for days, spans in zip((before, after), rules, strict=True)]
    if not before and not after:
        return
    findings.days.extend(rows)
    findings.people.append({
        "trial_id": trial.id, "person_id": person_id, "days": len(rows), "before": totals[0], "after": totals[1],
        "changed": int(bool(rows) or totals[0] != totals[1]),
    })  # fmt: skip


def _totals(trial: Trial, days: Mapping[date, tuple[AttendanceDay, PlannedDay]], spans: Sequence[RulesSpan]) -> dict[str, int]:
    own = [span for span in spans if span.first_day <= trial.last_day]
    rules = own[-1].rules.period if own else PeriodRules()
    found, plans = [day for day, _ in days.values()], [plan for _, plan in days.values()]
    return period_figures(assess_period(found, plans, rules, trial.first_day, trial.last_day, explain=False))
