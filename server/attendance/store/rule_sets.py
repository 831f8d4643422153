"""Rule sets, their versions and assignments."""

from collections import defaultdict
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Row, and_, select

from server.attendance.model import RuleAssignment, RuleSet, RuleSetVersion, RuleSubject
from server.attendance.model.rules import Rules
from server.attendance.tables import attendance_day, locked_span, rule_assignment, rule_set, rule_set_version
from server.storage import UnitOfWork

_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER = msgspec.json.Decoder(Rules)


def encode_rules(rules: Rules) -> bytes:
    """One spelling for equal rules."""
    return _ENCODER.encode(rules)


@lru_cache(maxsize=256)
def decode_rules(body: bytes) -> Rules:
    """Equal bodies give the same value: a company has few, and its people share them."""
    return _DECODER.decode(body)


def rule_sets(uow: UnitOfWork) -> list[RuleSet]:
    """All rule sets by name, each with its versions that hold, the latest first."""
    versions: dict[int, list[RuleSetVersion]] = defaultdict(list)
    newest_first = (rule_set_version.c.valid_from.desc(), rule_set_version.c.id.desc())
    for row in uow.fetch_all(select(rule_set_version).where(rule_set_version.c.withdrawn_at.is_(None)).order_by(*newest_first)):
        versions[row.rule_set_id].append(as_version(row))
    rows = uow.fetch_all(select(rule_set).order_by(rule_set.c.name))
    return [RuleSet(row.id, row.name, row.ready_made, tuple(versions[row.id])) for row in rows]


def rule_set_by_id(uow: UnitOfWork, rule_set_id: int) -> RuleSet | None:
    return next((one for one in rule_sets(uow) if one.id == rule_set_id), None)


def version_by_id(uow: UnitOfWork, version_id: int) -> RuleSetVersion | None:
    row = uow.fetch_one(select(rule_set_version).where(rule_set_version.c.id == version_id))
    return None if row is None else as_version(row)


def closed_days_of(uow: UnitOfWork, version_id: int) -> bool:
    """Whether a day of a closed period was assessed by this version."""
    within = (
        locked_span.c.person_id == attendance_day.c.person_id,
        locked_span.c.first_day <= attendance_day.c.work_date,
        locked_span.c.last_day >= attendance_day.c.work_date,
    )
    query = select(attendance_day.c.person_id).join(locked_span, and_(*within))
    return uow.fetch_one(query.where(attendance_day.c.rules_version_id == version_id).limit(1)) is not None


def assignments(uow: UnitOfWork, rule_set_id: int | None = None) -> list[RuleAssignment]:
    """Those that hold, in the order they were recorded; of one set where it is given."""
    query = select(rule_assignment).where(rule_assignment.c.withdrawn_at.is_(None)).order_by(rule_assignment.c.id)
    if rule_set_id is not None:
        query = query.where(rule_assignment.c.rule_set_id == rule_set_id)
    return [_assignment(row) for row in uow.fetch_all(query)]


def first_day_of_rules(uow: UnitOfWork) -> date | None:
    """The first day that any rules hold; days before it are not assessed. None: there are no rules."""
    query = select(rule_assignment.c.first_day).where(rule_assignment.c.withdrawn_at.is_(None))
    return uow.scalar(query.order_by(rule_assignment.c.first_day).limit(1))  # type: ignore[no-any-return]


def as_version(row: Row[Any]) -> RuleSetVersion:
    rules = decode_rules(bytes(row.body))
    return RuleSetVersion(row.id, row.rule_set_id, row.valid_from, rules, row.author, row.reason, row.recorded_at)


def _assignment(row: Row[Any]) -> RuleAssignment:
    span = (row.first_day, row.last_day)
    return RuleAssignment(row.id, row.rule_set_id, RuleSubject(row.subject), row.subject_id, *span, row.author, row.reason, row.recorded_at)
