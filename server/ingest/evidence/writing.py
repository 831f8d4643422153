"""The file of a person's month, written from what is stored: nothing is assessed here but the totals of the period."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from importlib.metadata import version
from typing import Any

import msgspec
from msgspec.structs import replace

from protocol.signing import Signer
from server.attendance import actions as attendance
from server.attendance.actions.confirming import own_periods
from server.attendance.engine.period.assessing import assess_period, days_needed
from server.attendance.engine.telling import tell_day, tell_period, tell_steps
from server.attendance.model import Confirmation, DayInputs, GrantFilter, Period, StoredArrear, StoredDay, StoredGrant
from server.attendance.model.days import AttendanceDay
from server.attendance.model.rules import PeriodRules
from server.attendance.model.stored import DecidedDay
from server.directory import actions as directory
from server.directory.model import Person
from server.errors import InvalidInputError, NotFoundError
from server.ingest.evidence.model import (
    MONTH,
    Evidence,
    EvidenceArrears,
    EvidenceDay,
    EvidenceDifference,
    EvidenceException,
    EvidenceGrant,
    EvidencePeriod,
    EvidenceRules,
    EvidenceStanding,
)
from server.ingest.evidence.punches import gather
from server.ingest.evidence.sealing import seals_of, signed_text
from server.storage import UnitOfWork
from server.web.language import LANGUAGES, translator

MOST_DAYS, MOST_GRANTS = 366, 10_000


def export_month(uow: UnitOfWork, signer: Signer, employee_number: str, since: date, until: date, now: datetime) -> bytes:
    """A person's punches and days from `since` to `until`, both included, as JSON, signed. Raises NotFoundError or InvalidInputError."""
    person = directory.find_person(uow, employee_number)
    if person is None:
        raise NotFoundError(what="person", name=employee_number)
    if not 0 <= (until - since).days < MOST_DAYS:
        raise InvalidInputError(field="until", reason="choose a last day from the first on, within a year")
    days, rules = _days(uow, person, since, until)
    decided = attendance.decided_days_of(uow, person.id, days[0].work_date, until) if days else []
    used = {punch_id: one.work_date for one in days for punch_id in one.punch_ids}
    used |= {punch.id: one.day.work_date for one in decided for punch in one.inputs.punches if punch.grant_id is None}
    inputs = [*(one.inputs for one in days), *(one.inputs for one in decided)]
    evidence = replace(
        gather(uow, person, since, until, used),
        format=MONTH,
        made_at=now.isoformat(),
        made_by=version("clockbridge"),
        grants=[_grant(one) for one in _grants(uow, person.id, inputs)],
        rules=[_rules(uow, version_id) for version_id in sorted({one.rules_version_id for one in inputs})],
        days=[_day(one) for one in days],
        differences=[_difference(one) for one in decided],
        period=None if rules is None else _period(uow, person.id, days, decided, rules, (since, until), now),
        server_key=signer.verifier.public,
    )
    seals = seals_of(_plain(evidence))
    signed = replace(evidence, seals=seals, signature=signer.sign(signed_text(seals)))
    return msgspec.json.format(msgspec.json.encode(signed), indent=1)


def _days(uow: UnitOfWork, person: Person, since: date, until: date) -> tuple[list[StoredDay], PeriodRules | None]:
    """The days, with those before them that totals depend on, and the rules of the period; None where nothing was assessed."""
    own = attendance.days_of(uow, person.id, since, until)
    if not own:
        return [], None
    rules = attendance.find_rule_version(uow, own[-1].rules_version_id).rules.period
    first, last = days_needed(since, until, rules, {one.plan.hours_system for one in own})
    return attendance.explained_days_of(uow, person.id, first, last), rules


def _grants(uow: UnitOfWork, person_id: int, inputs: Sequence[DayInputs]) -> list[StoredGrant]:
    """Those that the days obey; also one that was withdrawn after a day was last assessed."""
    ids = {grant.id for one in inputs for grant in one.grants}
    if not ids:
        return []
    lines = attendance.list_grants(uow, GrantFilter(person_id=person_id, withdrawn=True), limit=MOST_GRANTS)
    return sorted((line.stored for line in lines if line.stored.grant.id in ids), key=lambda one: one.grant.id)


def _grant(one: StoredGrant) -> EvidenceGrant:
    return EvidenceGrant(one.grant, one.origin.value, one.origin_reference, one.author, one.reason, one.recorded_at.isoformat())


def _rules(uow: UnitOfWork, version_id: int) -> EvidenceRules:
    one = attendance.find_rule_version(uow, version_id)
    name = attendance.find_rule_set(uow, one.rule_set_id).name
    return EvidenceRules(one.id, name, one.valid_from, one.author, one.reason, one.recorded_at.isoformat(), one.rules)


def _day(one: StoredDay) -> EvidenceDay:
    settled = [
        EvidenceException(
            each.exception.kind.value,
            each.state.value,
            each.settled_by,
            each.settled_at.isoformat() if each.settled_at else None,
            each.reason,
        )
        for each in one.exceptions
    ]
    return EvidenceDay(one.day, one.inputs, one.assessed_at.isoformat(), settled, _told(one.day, one.plan.zone))


def _difference(one: DecidedDay) -> EvidenceDifference:
    told = _told(one.day, one.inputs.plan.zone)
    return EvidenceDifference(one.period, one.state, one.day, one.inputs, one.decided_by, one.decided_at.isoformat(), one.reason, told)


def _told(day: AttendanceDay, zone: str) -> dict[str, list[str]]:
    return _in_both(lambda tell: [tell_day(day, tell, zone), *tell_steps(day.steps, tell, zone, day.work_date)])


def _period(
    uow: UnitOfWork,
    person_id: int,
    days: Sequence[StoredDay],
    decided: Sequence[DecidedDay],
    rules: PeriodRules,
    span: tuple[date, date],
    now: datetime,
) -> EvidencePeriod:
    plans = [one.plan for one in days]
    accepted = {one.day.work_date: one.day for one in decided if one.state == "accepted"}
    period = assess_period([one.day for one in days], plans, rules, *span)
    instead = [accepted.get(one.work_date, one.day) for one in days]
    periods = [(one, said) for one, said in own_periods(uow, person_id, now.date()) if one.first_day <= span[1] and one.last_day >= span[0]]
    return EvidencePeriod(
        period,
        _standing(periods),
        _in_both(lambda tell: [tell_period(period, tell)]),
        assess_period(instead, plans, rules, *span) if accepted else None,
        [_arrears(one, owed) for one, _ in periods for owed in attendance.list_arrears(uow, one).get(person_id, ())],
    )


def _arrears(period: Period, one: StoredArrear) -> EvidenceArrears:
    due = f"{one.due_month:%Y-%m}" if one.due_month else ""
    return EvidenceArrears(period.name, due, one.items, one.decided_by, one.decided_at.isoformat(), one.reason)


def _standing(periods: Sequence[tuple[Period, Confirmation | None]]) -> list[EvidenceStanding]:
    """The person's attendance periods that have days in the file."""
    return [
        EvidenceStanding(
            one.name,
            one.first_day,
            one.last_day,
            one.state.value,
            one.closed_by,
            one.closed_at.isoformat() if one.closed_at else None,
            said.answer.value if said else "",
            said.comment if said else "",
            said.answered_at.isoformat() if said else None,
        )
        for one, said in periods
    ]


def _in_both(told: Callable[[Callable[..., str]], list[str]]) -> dict[str, list[str]]:
    return {language: told(translator(language)) for language in LANGUAGES}


def _plain(evidence: Evidence) -> Any:
    """As JSON gives it back."""
    return msgspec.json.decode(msgspec.json.encode(evidence))
