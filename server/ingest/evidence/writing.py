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
from server.attendance.model import GrantFilter, StoredDay, StoredGrant
from server.attendance.model.rules import PeriodRules
from server.directory import actions as directory
from server.directory.model import Person
from server.errors import InvalidInputError, NotFoundError
from server.ingest.evidence.model import (
    MONTH,
    Evidence,
    EvidenceDay,
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
    used = {punch_id: one.work_date for one in days for punch_id in one.punch_ids}
    evidence = replace(
        gather(uow, person, since, until, used),
        format=MONTH,
        made_at=now.isoformat(),
        made_by=version("clockbridge"),
        grants=[_grant(one) for one in _grants(uow, person.id, days)],
        rules=[_rules(uow, version_id) for version_id in sorted({one.rules_version_id for one in days})],
        days=[_day(one) for one in days],
        period=None if rules is None else _period(days, rules, since, until, _standing(uow, person.id, since, until, now)),
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


def _grants(uow: UnitOfWork, person_id: int, days: Sequence[StoredDay]) -> list[StoredGrant]:
    """Those that the days obey; also one that was withdrawn after a day was last assessed."""
    ids = {grant_id for one in days for grant_id in one.grant_ids}
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
    zone = one.plan.zone
    told = _in_both(lambda tell: [tell_day(one.day, tell, zone), *tell_steps(one.day.steps, tell, zone, one.work_date)])
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
    return EvidenceDay(one.day, one.inputs, one.assessed_at.isoformat(), settled, told)


def _period(days: Sequence[StoredDay], rules: PeriodRules, since: date, until: date, standing: list[EvidenceStanding]) -> EvidencePeriod:
    period = assess_period([one.day for one in days], [one.plan for one in days], rules, since, until)
    return EvidencePeriod(period, standing, _in_both(lambda tell: [tell_period(period, tell)]))


def _standing(uow: UnitOfWork, person_id: int, since: date, until: date, now: datetime) -> list[EvidenceStanding]:
    """The person's attendance periods that have days from since to until."""
    periods = [(one, said) for one, said in own_periods(uow, person_id, now.date()) if one.first_day <= until and one.last_day >= since]
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
