"""Shifts: made, changed from a date on, taken back, archived."""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec
from sqlalchemy import select

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.roster.actions.left import leave_roster_change
from server.roster.actions.refusals import require
from server.roster.engine.checking import check_shift
from server.roster.engine.versions import last_day_before_next, version_on
from server.roster.model import Shift, ShiftTerms, ShiftVersion
from server.roster.store import shifts as store
from server.roster.tables import shift, shift_version
from server.storage import Subject, UnitOfWork


def add_shift(
    uow: UnitOfWork, name: str, sign: str, terms: ShiftTerms, first_day: date, by: Actor, now: datetime, *, reason: str = ""
) -> Shift:
    """Make a shift that can be rostered from `first_day` on; raises InvalidInputError or RefusedError."""
    require(check_shift(terms))
    name, sign = checked_names(name, sign)
    if store.shift_by_name(uow, name):
        raise RefusedError(reason="There is a shift {name} already; choose another name, or change that one from a date on.", name=name)
    uow.execute(shift.insert().values(name=name, sign=sign, archived=False))
    made = store.shift_by_name(uow, name)
    assert made is not None
    _insert(uow, made.id, first_day, terms, by, now, reason)
    after = {"sign": sign, "first_day": first_day, "terms": msgspec.to_builtins(terms)}
    record(uow, by, "shift.add", "shift", name, at=now, after=after, reason=reason)
    return made


def change_shift(
    uow: UnitOfWork, shift_id: int, terms: ShiftTerms, first_day: date, by: Actor, now: datetime, *, reason: str = ""
) -> ShiftVersion:
    """Let a shift be this from a day on, up to the next version; days before keep what they had.

    Raises NotFoundError, InvalidInputError, RefusedError.
    """
    require(check_shift(terms))
    held = _shift(uow, shift_id)
    before = version_on(store.versions_that_count(uow, [shift_id]).get(shift_id, ()), first_day)
    if before is not None and before.terms == terms:
        raise RefusedError(reason="The shift is like this on {day} already; nothing was changed.", day=first_day)
    _insert(uow, shift_id, first_day, terms, by, now, reason)
    versions = store.versions_that_count(uow, [shift_id])[shift_id]
    leave_roster_change(uow, Subject.SHIFT, shift_id, first_day, last_day_before_next(versions, first_day), "shift")
    told = {"first_day": first_day, "terms": msgspec.to_builtins(terms)}
    earlier = None if before is None else {"first_day": before.first_day, "terms": msgspec.to_builtins(before.terms)}
    record(uow, by, "shift.change", "shift", held.name, at=now, before=earlier, after=told, reason=reason)
    made = version_on(versions, first_day)
    assert made is not None
    return made


def withdraw_shift_version(uow: UnitOfWork, version_id: int, by: Actor, now: datetime, *, reason: str = "") -> None:
    """Take a version back; the one before it holds on. Raises NotFoundError; RefusedError for the only one."""
    row = uow.fetch_one(select(shift_version.c.shift_id).where(shift_version.c.id == version_id, shift_version.c.withdrawn.is_(False)))
    if row is None:
        raise NotFoundError(what="version", name=version_id)
    held, versions = _shift(uow, row.shift_id), store.versions_that_count(uow, [row.shift_id])[row.shift_id]
    if len(versions) == 1:
        raise RefusedError(reason="This is the only version of the shift; change it from its first day on instead.")
    gone = next(one for one in versions if one.id == version_id)
    uow.execute(shift_version.update().where(shift_version.c.id == version_id).values(withdrawn=True))
    leave_roster_change(uow, Subject.SHIFT, held.id, gone.first_day, last_day_before_next(versions, gone.first_day), "shift")
    before = {"first_day": gone.first_day, "terms": msgspec.to_builtins(gone.terms)}
    record(uow, by, "shift.withdraw", "shift", held.name, at=now, before=before, reason=reason)


def rename_shift(uow: UnitOfWork, shift_id: int, name: str, sign: str, by: Actor, now: datetime) -> None:
    """Change how a shift is called; raises NotFoundError, InvalidInputError, RefusedError."""
    held, (name, sign) = _shift(uow, shift_id), checked_names(name, sign)
    other = store.shift_by_name(uow, name)
    if other is not None and other.id != shift_id:
        raise RefusedError(reason="There is a shift {name} already; choose another name.", name=name)
    uow.execute(shift.update().where(shift.c.id == shift_id).values(name=name, sign=sign))
    before, after = {"name": held.name, "sign": held.sign}, {"name": name, "sign": sign}
    record(uow, by, "shift.rename", "shift", name, at=now, before=before, after=after)


def archive_shift(uow: UnitOfWork, shift_id: int, by: Actor, now: datetime) -> None:
    """Offer a shift no longer; rosters that have it keep it. Raises NotFoundError."""
    held = _shift(uow, shift_id)
    uow.execute(shift.update().where(shift.c.id == shift_id).values(archived=True))
    record(uow, by, "shift.archive", "shift", held.name, at=now)


def restore_shift(uow: UnitOfWork, shift_id: int, by: Actor, now: datetime) -> None:
    """Offer an archived shift again; raises NotFoundError."""
    held = _shift(uow, shift_id)
    uow.execute(shift.update().where(shift.c.id == shift_id).values(archived=False))
    record(uow, by, "shift.restore", "shift", held.name, at=now)


def list_shifts(uow: UnitOfWork) -> list[Shift]:
    """All shifts, by name, the archived ones last."""
    return store.shifts(uow)


def shift_versions(uow: UnitOfWork, shift_ids: Iterable[int] | None = None) -> dict[int, tuple[ShiftVersion, ...]]:
    """By shift the versions that count, in the order of their days; `engine.versions.version_on` finds the one of a day."""
    return store.versions_that_count(uow, shift_ids)


def see_shift(uow: UnitOfWork, shift_id: int) -> tuple[Shift, list[ShiftVersion]]:
    """A shift with all its versions, also withdrawn ones, in the order of their days; raises NotFoundError."""
    return _shift(uow, shift_id), store.versions_of(uow, shift_id)


def checked_names(name: str, sign: str) -> tuple[str, str]:
    """Raises InvalidInputError."""
    name, sign = name.strip(), sign.strip()
    if not 1 <= len(name) <= 64:
        raise InvalidInputError(field="name", reason="use 1 to 64 characters")
    sign = sign or name[0]
    if len(sign) > 4:
        raise InvalidInputError(field="sign", reason="use at most 4 characters: it stands in the cells of the roster")
    return name, sign


def _shift(uow: UnitOfWork, shift_id: int) -> Shift:
    found = store.shift_by_id(uow, shift_id)
    if found is None:
        raise NotFoundError(what="shift", name=shift_id)
    return found


def _insert(uow: UnitOfWork, shift_id: int, first_day: date, terms: ShiftTerms, by: Actor, now: datetime, reason: str) -> None:
    made = {"author": by.name, "reason": reason, "at": now, "withdrawn": False}
    uow.execute(shift_version.insert().values(shift_id=shift_id, first_day=first_day, terms=msgspec.to_builtins(terms), **made))
