"""Reading patterns, their versions, and who works by them."""

from collections import defaultdict
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Row, or_, select

from server.roster.model import Assignment, Pattern, PatternTerms, PatternVersion, Scope
from server.roster.tables import pattern, pattern_assignment, pattern_version
from server.storage import UnitOfWork


def patterns(uow: UnitOfWork) -> list[Pattern]:
    """All patterns, by name, the archived ones last."""
    return [_pattern(row) for row in uow.fetch_all(select(pattern).order_by(pattern.c.archived, pattern.c.name))]


def pattern_by_id(uow: UnitOfWork, pattern_id: int) -> Pattern | None:
    row = uow.fetch_one(select(pattern).where(pattern.c.id == pattern_id))
    return None if row is None else _pattern(row)


def pattern_by_name(uow: UnitOfWork, name: str) -> Pattern | None:
    row = uow.fetch_one(select(pattern).where(pattern.c.name == name))
    return None if row is None else _pattern(row)


def versions_of(uow: UnitOfWork, pattern_id: int) -> list[PatternVersion]:
    """All versions of a pattern, also withdrawn ones, in the order of their days."""
    order = (pattern_version.c.first_day, pattern_version.c.id)
    rows = uow.fetch_all(select(pattern_version).where(pattern_version.c.pattern_id == pattern_id).order_by(*order))
    return [_version(row) for row in rows]


def versions_that_count(uow: UnitOfWork) -> dict[int, tuple[PatternVersion, ...]]:
    """By pattern the versions that are not withdrawn, as `store.shifts.versions_that_count` gives them."""
    query = select(pattern_version).where(pattern_version.c.withdrawn.is_(False))
    found: dict[int, list[PatternVersion]] = defaultdict(list)
    for row in uow.fetch_all(query.order_by(pattern_version.c.first_day, pattern_version.c.id)):
        found[row.pattern_id].append(_version(row))
    return {key: tuple(versions) for key, versions in found.items()}


def assignments(uow: UnitOfWork) -> list[Assignment]:
    """All assignments, the latest first."""
    order = (pattern_assignment.c.first_day.desc(), pattern_assignment.c.id.desc())
    return [_assignment(row) for row in uow.fetch_all(select(pattern_assignment).order_by(*order))]


def assignment_by_id(uow: UnitOfWork, assignment_id: int) -> Assignment | None:
    row = uow.fetch_one(select(pattern_assignment).where(pattern_assignment.c.id == assignment_id))
    return None if row is None else _assignment(row)


def assignments_between(uow: UnitOfWork, first: date, last: date) -> list[Assignment]:
    """Assignments that share a day with first..last."""
    spans = (pattern_assignment.c.first_day <= last, _lasts_to(first))
    return [_assignment(row) for row in uow.fetch_all(select(pattern_assignment).where(*spans))]


def overlapping(uow: UnitOfWork, scope: Scope, scope_id: int, first: date, last: date | None) -> list[Assignment]:
    """Assignments of this scope and number that share a day with first..last, in the order of time."""
    conditions = [pattern_assignment.c.scope == scope.value, pattern_assignment.c.scope_id == scope_id, _lasts_to(first)]
    if last is not None:
        conditions.append(pattern_assignment.c.first_day <= last)
    rows = uow.fetch_all(select(pattern_assignment).where(*conditions).order_by(pattern_assignment.c.first_day))
    return [_assignment(row) for row in rows]


def _lasts_to(day: date) -> Any:
    return or_(pattern_assignment.c.last_day.is_(None), pattern_assignment.c.last_day >= day)


def _pattern(row: Row[Any]) -> Pattern:
    return Pattern(row.id, row.name, row.archived)


def _version(row: Row[Any]) -> PatternVersion:
    terms = msgspec.convert(row.terms, PatternTerms)
    return PatternVersion(row.id, row.pattern_id, row.first_day, terms, row.author, row.reason, row.at, row.withdrawn)


def _assignment(row: Row[Any]) -> Assignment:
    scope, span, made = Scope(row.scope), (row.first_day, row.last_day), (row.author, row.reason, row.at)
    return Assignment(row.id, row.pattern_id, scope, row.scope_id, row.offset_days, *span, *made)
