"""Patterns: made, changed from a date on, taken back, archived."""

from datetime import date, datetime

import msgspec
from sqlalchemy import select

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.roster.actions.left import leave_roster_change
from server.roster.actions.refusals import require
from server.roster.engine.checking import check_pattern
from server.roster.engine.versions import last_day_before_next, version_on
from server.roster.model import Pattern, PatternTerms, PatternVersion
from server.roster.store import patterns as store, shifts
from server.roster.tables import pattern, pattern_version
from server.storage import Subject, UnitOfWork


def add_pattern(uow: UnitOfWork, name: str, terms: PatternTerms, first_day: date, by: Actor, now: datetime, *, reason: str = "") -> Pattern:
    """Make a pattern that can be assigned from `first_day` on; raises InvalidInputError or RefusedError."""
    require(check_pattern(terms, _offered(uow)))
    name = _checked_name(name)
    if store.pattern_by_name(uow, name):
        raise RefusedError(reason="There is a pattern {name} already; choose another name, or change that one from a date on.", name=name)
    uow.execute(pattern.insert().values(name=name, archived=False))
    made = store.pattern_by_name(uow, name)
    assert made is not None
    _insert(uow, made.id, first_day, terms, by, now, reason)
    after = {"first_day": first_day, "terms": msgspec.to_builtins(terms)}
    record(uow, by, "pattern.add", "pattern", name, at=now, after=after, reason=reason)
    return made


def change_pattern(
    uow: UnitOfWork, pattern_id: int, terms: PatternTerms, first_day: date, by: Actor, now: datetime, *, reason: str = ""
) -> PatternVersion:
    """Let a pattern be this from a day on, up to the next version. Raises NotFoundError, InvalidInputError, RefusedError."""
    held = _pattern(uow, pattern_id)
    before = version_on(store.versions_that_count(uow).get(pattern_id, ()), first_day)
    kept = before.terms.days if before else ()  # an archived shift may stay where it is
    require(check_pattern(terms, [*_offered(uow), *(one for one in kept if one is not None)]))
    if before is not None and before.terms == terms:
        raise RefusedError(reason="The pattern is like this on {day} already; nothing was changed.", day=first_day)
    _insert(uow, pattern_id, first_day, terms, by, now, reason)
    versions = store.versions_that_count(uow)[pattern_id]
    leave_roster_change(uow, Subject.PATTERN, pattern_id, first_day, last_day_before_next(versions, first_day), "pattern")
    told = {"first_day": first_day, "terms": msgspec.to_builtins(terms)}
    earlier = None if before is None else {"first_day": before.first_day, "terms": msgspec.to_builtins(before.terms)}
    record(uow, by, "pattern.change", "pattern", held.name, at=now, before=earlier, after=told, reason=reason)
    made = version_on(versions, first_day)
    assert made is not None
    return made


def withdraw_pattern_version(uow: UnitOfWork, version_id: int, by: Actor, now: datetime, *, reason: str = "") -> None:
    """Take a version back; the one before it holds on. Raises NotFoundError; RefusedError for the only one."""
    query = select(pattern_version.c.pattern_id).where(pattern_version.c.id == version_id, pattern_version.c.withdrawn.is_(False))
    row = uow.fetch_one(query)
    if row is None:
        raise NotFoundError(what="version", name=version_id)
    held, versions = _pattern(uow, row.pattern_id), store.versions_that_count(uow)[row.pattern_id]
    if len(versions) == 1:
        raise RefusedError(reason="This is the only version of the pattern; change it from its first day on instead.")
    gone = next(one for one in versions if one.id == version_id)
    uow.execute(pattern_version.update().where(pattern_version.c.id == version_id).values(withdrawn=True))
    leave_roster_change(uow, Subject.PATTERN, held.id, gone.first_day, last_day_before_next(versions, gone.first_day), "pattern")
    before = {"first_day": gone.first_day, "terms": msgspec.to_builtins(gone.terms)}
    record(uow, by, "pattern.withdraw", "pattern", held.name, at=now, before=before, reason=reason)


def archive_pattern(uow: UnitOfWork, pattern_id: int, by: Actor, now: datetime) -> None:
    """Offer a pattern no longer; whoever has it keeps it. Raises NotFoundError."""
    held = _pattern(uow, pattern_id)
    uow.execute(pattern.update().where(pattern.c.id == pattern_id).values(archived=True))
    record(uow, by, "pattern.archive", "pattern", held.name, at=now)


def restore_pattern(uow: UnitOfWork, pattern_id: int, by: Actor, now: datetime) -> None:
    """Offer an archived pattern again; raises NotFoundError."""
    held = _pattern(uow, pattern_id)
    uow.execute(pattern.update().where(pattern.c.id == pattern_id).values(archived=False))
    record(uow, by, "pattern.restore", "pattern", held.name, at=now)


def list_patterns(uow: UnitOfWork) -> list[Pattern]:
    """All patterns, by name, the archived ones last."""
    return store.patterns(uow)


def pattern_versions(uow: UnitOfWork) -> dict[int, tuple[PatternVersion, ...]]:
    """By pattern the versions that count, in the order of their days."""
    return store.versions_that_count(uow)


def see_pattern(uow: UnitOfWork, pattern_id: int) -> tuple[Pattern, list[PatternVersion]]:
    """A pattern with all its versions, also withdrawn ones, in the order of their days; raises NotFoundError."""
    return _pattern(uow, pattern_id), store.versions_of(uow, pattern_id)


def _offered(uow: UnitOfWork) -> list[int]:
    return [one.id for one in shifts.shifts(uow) if not one.archived]


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 64:
        raise InvalidInputError(field="name", reason="use 1 to 64 characters")
    return name


def _pattern(uow: UnitOfWork, pattern_id: int) -> Pattern:
    found = store.pattern_by_id(uow, pattern_id)
    if found is None:
        raise NotFoundError(what="pattern", name=pattern_id)
    return found


def _insert(uow: UnitOfWork, pattern_id: int, first_day: date, terms: PatternTerms, by: Actor, now: datetime, reason: str) -> None:
    made = {"author": by.name, "reason": reason, "at": now, "withdrawn": False}
    uow.execute(pattern_version.insert().values(pattern_id=pattern_id, first_day=first_day, terms=msgspec.to_builtins(terms), **made))
