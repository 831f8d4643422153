"""Working days out from what is stored, and keeping the results. The two are apart, so that a result can be looked at before it counts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec

from server.attendance.actions.erasing import erased_until
from server.attendance.actions.rule_sets import rules_of
from server.attendance.engine.day.assessing import assess_day
from server.attendance.engine.day.days import go_through
from server.attendance.engine.day.dividing import REACH_DAYS
from server.attendance.engine.reporting import Reports
from server.attendance.model import DayInputs, RulesSpan
from server.attendance.model.assessed import Assessed, Known
from server.attendance.model.days import Horizon, TimedPunch
from server.attendance.model.grants import Grant
from server.attendance.store.days import encode_day
from server.attendance.store.grants import grants_touching
from server.attendance.store.inputs import known_days, timed_punches
from server.attendance.store.reports import reports_of
from server.roster import actions as roster
from server.roster.model import PlannedDay
from server.storage import UnitOfWork

_JSON = msgspec.json.Encoder()
_REACH = timedelta(days=REACH_DAYS)


class _Waits(msgspec.Struct):
    """What of a stored day says until when it has to be waited for."""

    settles_at: int = 0


_WAITS = msgspec.json.Decoder(_Waits)


@dataclass
class _Material:
    """Everything that days of several people are worked out from."""

    first: date
    last: date
    now: int
    explain: bool
    plans: Mapping[int, Sequence[PlannedDay]]
    punches: Mapping[int, Sequence[TimedPunch]]
    grants: Mapping[int, Sequence[Any]]
    rules: Mapping[int, Sequence[RulesSpan]]
    reports: Reports
    known: Mapping[tuple[int, date], Known]
    erased: Mapping[int, date]
    """Up to which day somebody's days are erased: these are not worked out again."""
    only: Collection[tuple[int, date]] | None
    encoded: dict[int, bytes] = field(default_factory=dict)
    """Plans as JSON by identity: people on one shift share them."""
    horizons: dict[int | None, Horizon] = field(default_factory=dict)

    def wants(self, person_id: int, day: date) -> bool:
        there = self.first <= day <= self.last and day > self.erased.get(person_id, date.min)
        return there and (self.only is None or (person_id, day) in self.only)

    def horizon(self, reported_until: int | None) -> Horizon:
        if reported_until not in self.horizons:
            self.horizons[reported_until] = Horizon(now=self.now, reported_until=reported_until)
        return self.horizons[reported_until]

    def encode_plan(self, plan: PlannedDay) -> bytes:
        if id(plan) not in self.encoded:
            self.encoded[id(plan)] = _JSON.encode(plan)
        return self.encoded[id(plan)]


def work_out(
    uow: UnitOfWork,
    person_ids: Collection[int],
    first: date,
    last: date,
    now: datetime,
    *,
    explain: bool = True,
    rules: Mapping[int, Sequence[RulesSpan]] | None = None,
    only: Collection[tuple[int, date]] | None = None,
) -> list[Assessed]:
    """What every day of these people from first to last comes to, by person and date. Reads only.

    A final day whose inputs are what they were is left out. rules: others than those that are stored, to see what they would do; then
    every day is worked out. only: these (person, work date) and no others, where it is given.
    """
    since, until = first - _REACH, last + _REACH
    stored_rules = rules_of(uow, person_ids, since, until) if rules is None else rules
    material = _Material(
        first=first,
        last=last,
        now=int(now.timestamp()),
        explain=explain,
        plans=roster.planned_days(uow, person_ids, since, until),
        punches=timed_punches(uow, person_ids, since, until),
        grants=grants_touching(uow, person_ids, since, until),
        rules=stored_rules,
        reports=reports_of(uow, person_ids, since, until, int(now.timestamp())),
        known=known_days(uow, person_ids, first - timedelta(days=1), last) if rules is None else {},
        erased=erased_until(uow, person_ids),
        only=only,
    )
    return [one for person_id in sorted(person_ids) for one in _days_of(person_id, material)]


def _days_of(person_id: int, material: _Material) -> list[Assessed]:
    plans, spans = material.plans.get(person_id, ()), material.rules.get(person_id, ())
    grants = material.grants.get(person_id, ())
    punches: Sequence[TimedPunch] = material.punches.get(person_id, ())
    if not spans:
        stored = [plan for plan in plans if material.wants(person_id, plan.work_date) and (person_id, plan.work_date) in material.known]
        return [_nothing(person_id, plan, material) for plan in stored]
    alone = spans[0].rules.day if len(spans) == 1 else None
    found: list[Assessed] = []

    def assess(plan: PlannedDay, own: tuple[TimedPunch, ...], follows: bool) -> int | None:
        day = plan.work_date
        wanted, known = material.wants(person_id, day), material.known.get((person_id, day))
        if not wanted and (known is not None or not follows):
            return None if known is None else known.left_at
        span = next((one for one in spans if one.first_day <= day <= one.last_day), None)
        if span is None or (not plan.employed and not own):
            if wanted and known is not None:
                found.append(_nothing(person_id, plan, material))
            return None
        touching = tuple(one.grant for one in grants if one.from_day <= day <= one.until_day) if grants else ()
        made = _assess(person_id, plan, own, touching, span, known, material, follows=follows)
        if made is not None and wanted:
            found.append(made)
        return _left_at(made, known)

    rules_of_day = alone or (lambda day: _nearest(spans, day).rules.day)
    go_through(plans, punches, [one.grant for one in grants], rules_of_day, material.last, assess)
    return found


def _left_at(made: Assessed | None, known: Known | None) -> int | None:
    """made None: what is stored stands."""
    if made is None:
        return None if known is None else known.left_at
    return None if made.day is None else made.day.left_at


def _assess(
    person_id: int,
    plan: PlannedDay,
    punches: tuple[TimedPunch, ...],
    grants: tuple[Grant, ...],
    span: RulesSpan,
    known: Known | None,
    material: _Material,
    *,
    follows: bool,
) -> Assessed | None:
    """None where what is stored is final and still the value of these inputs."""
    reported_until = material.reports.until(person_id, plan.work_date)
    planned = _JSON.encode(plan) if plan.late_leave else material.encode_plan(plan)
    said_punches, said_grants = _JSON.encode(punches), _JSON.encode(grants)
    digest = blake2b(planned, digest_size=16)
    for part in (said_punches, said_grants, b"%d" % span.version_id):
        digest.update(part)
    inputs_hash = digest.digest()
    if known is not None and known.inputs_hash == inputs_hash and _stands(known, reported_until):
        return None
    horizon = material.horizon(reported_until)
    day = assess_day(plan, punches, grants, span.rules.day, horizon, explain=material.explain)
    body, steps = encode_day(day)
    inputs = DayInputs(plan=plan, punches=punches, grants=grants, horizon=horizon, rules_version_id=span.version_id)
    said = b'{"plan":%b,"punches":%b,"grants":%b,"horizon":%b,"rules_version_id":%d}'
    whole = said % (planned, said_punches, said_grants, _JSON.encode(horizon), span.version_id)
    return Assessed(person_id, plan.work_date, day, inputs, inputs_hash, whole, body, steps, known, follows)


def _stands(known: Known, reported_until: int | None) -> bool:
    """Whether a stored day is final and nobody took back what it was final by."""
    return known.state == "final" and reported_until is not None and reported_until >= _WAITS.decode(known.body).settles_at


def _nothing(person_id: int, plan: PlannedDay, material: _Material) -> Assessed:
    known = material.known.get((person_id, plan.work_date))
    return Assessed(person_id, plan.work_date, None, None, b"", b"", b"", b"", known)


def _nearest(spans: Sequence[RulesSpan], day: date) -> RulesSpan:
    """The rules of a day; beyond the first and the last, and between two, those nearest before it, else the first."""
    earlier = [one for one in spans if one.first_day <= day]
    return earlier[-1] if earlier else spans[0]
