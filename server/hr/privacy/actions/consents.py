"""The register of consents: texts in versions, who agreed to which, and withdrawing, as easy as agreeing."""

from collections.abc import Collection
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.privacy import store
from server.hr.privacy.actions.following import begin
from server.hr.privacy.actions.subjects import subject_of
from server.hr.privacy.model import Consent, ConsentText, Purpose, TextTerms, Way
from server.storage import Subject, UnitOfWork, leave_user_changes

LONGEST = 2_000


def publish_text(uow: UnitOfWork, purpose: Purpose, terms: TextTerms, by: Actor, now: datetime) -> ConsentText:
    """A new version of a purpose's text, for which people are asked anew. Raises InvalidInputError for an answer that is not given."""
    told = TextTerms(**{one.name: getattr(terms, one.name).strip() for one in fields(TextTerms)})
    for name, text in asdict(told).items():
        if not 1 <= len(text) <= LONGEST:
            raise InvalidInputError(field=name, reason="write from 1 to {most} characters", most=LONGEST)
    version = max((one.version for one in store.texts(uow) if one.purpose is purpose), default=0) + 1
    key = store.add_text(uow, purpose, version, told, by.name, now)
    record(uow, by, "consent.publish", "consent-text", str(key), at=now, after={"purpose": purpose, "version": version} | asdict(told))
    made = store.text_by_id(uow, key)
    assert made is not None, "it was stored a moment ago"
    return made


def texts(uow: UnitOfWork) -> list[ConsentText]:
    """All versions, the latest of a purpose first."""
    return store.texts(uow)


def latest_texts(uow: UnitOfWork) -> dict[Purpose, ConsentText]:
    """What people are asked now; a purpose without a text is not asked for, and nothing is done for it."""
    found: dict[Purpose, ConsentText] = {}
    for one in store.texts(uow):
        found.setdefault(one.purpose, one)
    return found


def consents_of(uow: UnitOfWork, person_id: int) -> list[Consent]:
    """Somebody's, the latest first, withdrawn ones, too."""
    return store.consents_of(uow, person_id)


def biometric_consents(uow: UnitOfWork, people: Collection[int]) -> dict[int, bool]:
    """Of these people those who agreed to the use of their templates (True), or did once and withdrew it (False)."""
    return store.said_of(uow, Purpose.BIOMETRICS, people)


def to_carry_out(uow: UnitOfWork, within: Select[Any] | None) -> list[Consent]:
    """Withdrawn consents of which what must follow is not done."""
    return store.to_carry_out(uow, within)


def agree(uow: UnitOfWork, person_id: int, text_id: int, way: Way, by: Actor, now: datetime) -> Consent:
    """Somebody agrees to one text, and to nothing with it. Raises NotFoundError; RefusedError for a text that a later one replaced."""
    who, text = subject_of(uow, person_id), store.text_by_id(uow, text_id)
    if text is None:
        raise NotFoundError(what="consent text", name=text_id)
    if latest_texts(uow)[text.purpose].id != text_id:
        raise RefusedError(reason="There is a newer version of this text: read that one.")
    held = [one for one in store.consents_of(uow, person_id) if one.purpose is text.purpose and one.holds]
    if same := next((one for one in held if one.text_id == text_id), None):
        return same
    key = store.add_consent(uow, person_id, text_id, way, by.name, now)
    for one in held:  # the newer version takes its place; nothing was withdrawn, so nothing has to follow
        store.change_consent(uow, one.id, withdrawn_at=now, withdrawn_by=by.name, carried_out_at=now, carried_out_by=by.name)
    after = {"purpose": text.purpose, "version": text.version, "way": way}
    _follow(uow, text.purpose, person_id)
    record(uow, by, "consent.agree", "person", who.employee_number, at=now, after=after, people=(who.person_id,))
    return _found(uow, key)


def withdraw(uow: UnitOfWork, consent_id: int, by: Actor, now: datetime, *, of: int | None = None) -> Consent:
    """It no longer holds from now on, and what must follow begins. of: only when it is this person's. Raises NotFoundError."""
    found = store.consent_by_id(uow, consent_id)
    if found is None or (of is not None and found.person_id != of):
        raise NotFoundError(what="consent", name=consent_id)
    if not found.holds:
        return found
    who = subject_of(uow, found.person_id)
    store.change_consent(uow, consent_id, withdrawn_at=now, withdrawn_by=by.name)
    _follow(uow, found.purpose, found.person_id)
    after = {"purpose": found.purpose, "version": found.version}
    record(uow, by, "consent.withdraw", "person", who.employee_number, at=now, after=after, people=(who.person_id,))
    begin(uow, found, directory.today_of(uow, now), now)
    return _found(uow, consent_id)


def carry_out(uow: UnitOfWork, consent_id: int, reason: str, by: Actor, now: datetime) -> Consent:
    """What must follow a withdrawal was done; reason: what was done. Raises NotFoundError, RefusedError, InvalidInputError."""
    found = _found(uow, consent_id)
    if found.holds:
        raise RefusedError(reason="This consent holds: there is nothing to carry out.")
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST:
        raise InvalidInputError(field="reason", reason="write from 1 to {most} characters", most=LONGEST)
    if found.carried_out_at is not None:
        return found
    who = subject_of(uow, found.person_id)
    store.change_consent(uow, consent_id, carried_out_at=now, carried_out_by=by.name)
    after = {"purpose": found.purpose, "version": found.version}
    record(uow, by, "consent.carry-out", "person", who.employee_number, at=now, after=after, reason=reason, people=(who.person_id,))
    return replace(found, carried_out_at=now, carried_out_by=by.name)


def _follow(uow: UnitOfWork, purpose: Purpose, person_id: int) -> None:
    """Templates are carried to terminals, or erased there, as the person says."""
    if purpose is Purpose.BIOMETRICS:
        leave_user_changes(uow, Subject.PERSON, [person_id])


def _found(uow: UnitOfWork, consent_id: int) -> Consent:
    found = store.consent_by_id(uow, consent_id)
    if found is None:
        raise NotFoundError(what="consent", name=consent_id)
    return found
