"""Rule sets: added, given versions by date, and assigned. The past keeps the rules it had, until somebody gives it others."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import update

from server.attendance.engine.rules.checks import check_rules
from server.attendance.engine.rules.fields import own_label
from server.attendance.engine.rules.resolving import Place, spans_of_rules
from server.attendance.model import RuleAssignment, RuleSet, RuleSetVersion, RulesSpan, RuleSubject
from server.attendance.model.rules import Rules
from server.attendance.store import rule_sets as store
from server.attendance.store.people import places_of
from server.attendance.tables import rule_assignment, rule_set, rule_set_version
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.storage import Subject, UnitOfWork, leave_change

_SUBJECTS = {
    RuleSubject.COMPANY: Subject.EVERYBODY,
    RuleSubject.SITE: Subject.SITE,
    RuleSubject.DEPARTMENT: Subject.DEPARTMENT,
    RuleSubject.POSITION: Subject.POSITION,
    RuleSubject.PERSON: Subject.PERSON,
}


def rules_of(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, tuple[RulesSpan, ...]]:
    """Everybody's rules on the days of first..last, in order; days in no span have none, and are not assessed."""
    assignments = store.assignments(uow)
    versions = {one.id: one.versions for one in store.rule_sets(uow)}
    own: dict[int, list[RuleAssignment]] = defaultdict(list)
    shared = []
    for one in assignments:
        own[one.subject_id].append(one) if one.subject is RuleSubject.PERSON else shared.append(one)
    found: dict[int, tuple[RulesSpan, ...]] = {}
    like: dict[tuple[Place, ...], tuple[RulesSpan, ...]] = {}
    for person_id, places in places_of(uow, person_ids, first, last).items():
        if person_id in own:
            found[person_id] = spans_of_rules(person_id, places, [*shared, *own[person_id]], versions, first, last)
            continue
        if places not in like:  # most people of a company are in the same few places
            like[places] = spans_of_rules(person_id, places, shared, versions, first, last)
        found[person_id] = like[places]
    return found


def list_rule_sets(uow: UnitOfWork) -> list[RuleSet]:
    """All rule sets by name, each with its versions, the latest first."""
    return store.rule_sets(uow)


def find_rule_set(uow: UnitOfWork, rule_set_id: int) -> RuleSet:
    """Raises NotFoundError."""
    found = store.rule_set_by_id(uow, rule_set_id)
    if found is None:
        raise NotFoundError(what="rule set", name=rule_set_id)
    return found


def find_rule_version(uow: UnitOfWork, version_id: int) -> RuleSetVersion:
    """Raises NotFoundError."""
    found = store.version_by_id(uow, version_id)
    if found is None:
        raise NotFoundError(what="version of rules", name=version_id)
    return found


def list_rule_assignments(uow: UnitOfWork, rule_set_id: int | None = None) -> list[RuleAssignment]:
    """Whom rule sets are for, in the order it was decided; of one set where it is given."""
    return store.assignments(uow, rule_set_id)


def add_rule_set(
    uow: UnitOfWork, name: str, rules: Rules, valid_from: date, by: Actor, now: datetime, *, reason: str = "", ready_made: str = ""
) -> RuleSet:
    """A new rule set with its first version; it is nobody's until it is assigned. Raises InvalidInputError or RefusedError."""
    name = name.strip()
    if not 1 <= len(name) <= 80:
        raise InvalidInputError(field="name", reason="use 1 to 80 characters")
    if any(one.name == name for one in store.rule_sets(uow)):
        raise RefusedError(reason="There is a rule set {name} already; choose another name.", name=name)
    values = {"name": name, "ready_made": ready_made, "made_at": now}
    _checked(rules)
    made = int(uow.scalar(rule_set.insert().values(**values).returning(rule_set.c.id)))
    version = _add_version(uow, made, valid_from, rules, by, now, reason)
    after = {"valid_from": valid_from, "version": version, "ready_made": ready_made, "rules": msgspec.to_builtins(rules, str_keys=True)}
    record(uow, by, "rules.add", "rule set", name, at=now, after=after, reason=reason)
    return find_rule_set(uow, made)


def add_rule_version(
    uow: UnitOfWork, rule_set_id: int, valid_from: date, rules: Rules, by: Actor, now: datetime, *, reason: str
) -> RuleSetVersion:
    """Other rules from a day on, until the day the next version begins. Raises NotFoundError or InvalidInputError."""
    if not reason.strip():
        raise InvalidInputError(field="reason", reason="say why, so that it can be understood later")
    found = find_rule_set(uow, rule_set_id)
    _checked(rules)
    version_id = _add_version(uow, rule_set_id, valid_from, rules, by, now, reason.strip())
    following = [one.valid_from for one in found.versions if one.valid_from > valid_from]
    last = min(following) - timedelta(days=1) if following else None
    oldest = min(one.valid_from for one in found.versions)
    leave_change(uow, Subject.RULE_SET, rule_set_id, date.min if valid_from < oldest else valid_from, last, "rules")
    after = {"valid_from": valid_from, "version": version_id, "rules": msgspec.to_builtins(rules, str_keys=True)}
    record(uow, by, "rules.version", "rule set", found.name, at=now, after=after, reason=reason.strip())
    return find_rule_version(uow, version_id)


def withdraw_rule_version(uow: UnitOfWork, version_id: int, by: Actor, now: datetime, *, reason: str) -> None:
    """A version holds no longer, nor ever did: its days are assessed by the version before it. Raises NotFoundError, InvalidInputError, or
    RefusedError for the only version of a set and for one that a closed period was assessed by.
    """
    version = find_rule_version(uow, version_id)
    if not reason.strip():
        raise InvalidInputError(field="reason", reason="say why, so that it can be understood later")
    found = find_rule_set(uow, version.rule_set_id)
    if all(one.id != version_id for one in found.versions):
        raise RefusedError(reason="This version is withdrawn already.")
    if len(found.versions) == 1:
        raise RefusedError(reason="It is the only version of its rule set: add another first.")
    if store.closed_days_of(uow, version_id):
        raise RefusedError(reason="A closed period was assessed by this version, so it stays: add a new version instead.")
    uow.execute(update(rule_set_version).where(rule_set_version.c.id == version_id).values(withdrawn_at=now))
    following = [one.valid_from for one in found.versions if one.valid_from > version.valid_from]
    oldest = version.id == found.versions[-1].id
    last = min(following) - timedelta(days=1) if following else None
    leave_change(uow, Subject.RULE_SET, found.id, date.min if oldest else version.valid_from, last, "rules")
    before = {"valid_from": version.valid_from, "version": version_id}
    record(uow, by, "rules.withdraw", "rule set", found.name, at=now, before=before, reason=reason.strip())


def closed_days_use(uow: UnitOfWork, version_id: int) -> bool:
    """Whether a closed period was assessed by this version, which then stays for ever."""
    return store.closed_days_of(uow, version_id)


def assign_rules(
    uow: UnitOfWork,
    rule_set_id: int,
    subject: RuleSubject,
    subject_id: int,
    first_day: date,
    last_day: date | None,
    by: Actor,
    now: datetime,
    *,
    reason: str = "",
) -> RuleAssignment:
    """Say whom a rule set is for. Raises NotFoundError or InvalidInputError."""
    found = find_rule_set(uow, rule_set_id)
    if last_day is not None and last_day < first_day:
        raise InvalidInputError(field="last_day", reason="the last day must not be before the first")
    if subject is RuleSubject.COMPANY:
        subject_id = 0
    said = {"subject": subject.value, "subject_id": subject_id, "first_day": first_day, "last_day": last_day}
    values = {"rule_set_id": rule_set_id, **said, "author": by.name, "reason": reason.strip(), "recorded_at": now}
    made = int(uow.scalar(rule_assignment.insert().values(**values).returning(rule_assignment.c.id)))
    leave_change(uow, _SUBJECTS[subject], subject_id, first_day, last_day, "rules")
    record(
        uow,
        by,
        "rules.assign",
        "rule set",
        found.name,
        at=now,
        after=said,
        reason=reason.strip(),
        people=(subject_id,) if subject is RuleSubject.PERSON else (),
    )
    return next(one for one in store.assignments(uow, rule_set_id) if one.id == made)


def withdraw_assignment(uow: UnitOfWork, assignment_id: int, by: Actor, now: datetime, *, reason: str) -> None:
    """A rule set is no longer for somebody, nor ever was: their days are assessed by what is left. Raises NotFoundError."""
    found = next((one for one in store.assignments(uow) if one.id == assignment_id), None)
    if found is None:
        raise NotFoundError(what="assignment of rules", name=assignment_id)
    if not reason.strip():
        raise InvalidInputError(field="reason", reason="say why, so that it can be understood later")
    uow.execute(update(rule_assignment).where(rule_assignment.c.id == assignment_id).values(withdrawn_at=now))
    leave_change(uow, _SUBJECTS[found.subject], found.subject_id, found.first_day, found.last_day, "rules")
    said = {"subject": found.subject.value, "subject_id": found.subject_id, "first_day": found.first_day, "last_day": found.last_day}
    record(
        uow,
        by,
        "rules.unassign",
        "rule set",
        find_rule_set(uow, found.rule_set_id).name,
        at=now,
        before=said,
        reason=reason.strip(),
        people=(found.subject_id,) if found.subject is RuleSubject.PERSON else (),
    )


def _checked(rules: Rules) -> Rules:
    """Rules that do not contradict themselves. Raises InvalidInputError for the first place where they do."""
    wrong = next((one for one in check_rules(rules) if one.stops), None)
    if wrong is None:
        return rules
    facts = {name: f"{value // 60}:{value % 60:02}" if name.endswith("_minutes") else value for name, value in wrong.facts.items()}
    raise InvalidInputError(field=own_label(wrong.path), reason=wrong.text, **facts)


def _add_version(uow: UnitOfWork, rule_set_id: int, valid_from: date, rules: Rules, by: Actor, now: datetime, reason: str) -> int:
    values = {"rule_set_id": rule_set_id, "valid_from": valid_from, "body": store.encode_rules(rules)}
    values |= {"author": by.name, "reason": reason, "recorded_at": now}
    return int(uow.scalar(rule_set_version.insert().values(**values).returning(rule_set_version.c.id)))


def people_with_rules(uow: UnitOfWork, rule_set_id: int, person_ids: Sequence[int], first: date, last: date) -> set[int]:
    """Of these people, those whom the rule set is for on a day of first..last."""
    versions = {one.id for one in find_rule_set(uow, rule_set_id).versions}
    spans = rules_of(uow, person_ids, first, last)
    return {person_id for person_id, own in spans.items() if any(span.version_id in versions for span in own)}
