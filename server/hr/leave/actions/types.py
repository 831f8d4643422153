"""Kinds of leave: listed as they are on a day, made, changed from a date on, taken back, archived."""

import re
from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.leave.engine.checking import check_terms
from server.hr.leave.model import LeaveTerms, LeaveType, TypeVersion
from server.hr.leave.store import types as store
from server.storage import UnitOfWork

CODE = re.compile(r"[a-z][a-z0-9-]{1,31}")


def leave_types(uow: UnitOfWork, on: date, *, archived: bool = False) -> list[LeaveType]:
    """What kinds of leave there are on a day, in the order in which they were made. archived: those too that are no longer offered."""
    versions = store.versions(uow)
    found = []
    for type_id, (code, is_archived) in store.codes(uow).items():
        held = version_on(versions.get(type_id, ()), on)
        if held is not None and (archived or not is_archived):
            found.append(LeaveType(type_id, code, is_archived, held.id, held.first_day, held.terms))
    return found


def find_type(uow: UnitOfWork, code: str, on: date) -> LeaveType:
    """The kind with this code as it is on a day; raises NotFoundError."""
    found = next((one for one in leave_types(uow, on, archived=True) if one.code == code), None)
    if found is None:
        raise NotFoundError(what="kind of leave", name=code)
    return found


def type_versions(uow: UnitOfWork, code: str) -> list[TypeVersion]:
    """All versions of a kind in the order of their days, withdrawn ones too; raises NotFoundError."""
    return list(store.versions(uow, type_id_of(uow, code)).get(type_id_of(uow, code), ()))


def add_type(uow: UnitOfWork, code: str, terms: LeaveTerms, first_day: date, by: Actor, now: datetime, *, reason: str = "") -> LeaveType:
    """Make a kind of leave that can be taken from a day on; raises InvalidInputError, or RefusedError when its code is taken."""
    if not CODE.fullmatch(code):
        raise InvalidInputError(field="code", reason="use 2 to 32 small letters, digits and hyphens, beginning with a letter")
    if any(there == code for there, _ in store.codes(uow).values()):
        raise RefusedError(reason="There is a kind of leave {code} already; choose another code.", code=code)
    check_terms(terms)
    store.add_version(uow, store.add_type(uow, code), first_day, terms, by.name, now, reason)
    record(uow, by, "leave-type.add", "kind of leave", code, at=now, after=_told(first_day, terms), reason=reason)
    return find_type(uow, code, first_day)


def change_type(uow: UnitOfWork, code: str, terms: LeaveTerms, first_day: date, by: Actor, now: datetime, *, reason: str = "") -> LeaveType:
    """Let a kind be this from a day on, up to its next version. Raises NotFoundError, InvalidInputError, RefusedError."""
    type_id = type_id_of(uow, code)
    check_terms(terms)
    before = version_on(store.versions(uow, type_id).get(type_id, ()), first_day)
    if before is not None and before.terms == terms:
        raise RefusedError(reason="This kind of leave is like this on {day} already; nothing was changed.", day=first_day)
    store.add_version(uow, type_id, first_day, terms, by.name, now, reason)
    earlier = None if before is None else _told(before.first_day, before.terms)
    record(uow, by, "leave-type.change", "kind of leave", code, at=now, before=earlier, after=_told(first_day, terms), reason=reason)
    return find_type(uow, code, first_day)


def withdraw_type_version(uow: UnitOfWork, version_id: int, by: Actor, now: datetime, *, reason: str = "") -> None:
    """Take a version back; the one before it holds on. Raises NotFoundError; RefusedError for the only one."""
    found = next((one for each in store.versions(uow).values() for one in each if one.id == version_id and not one.withdrawn), None)
    if found is None:
        raise NotFoundError(what="version", name=version_id)
    counting = [one for one in store.versions(uow, found.type_id)[found.type_id] if not one.withdrawn]
    if len(counting) == 1:
        raise RefusedError(reason="This is the only version of this kind of leave; change it from its first day on instead.")
    store.withdraw_version(uow, version_id)
    code = store.codes(uow)[found.type_id][0]
    before = _told(found.first_day, found.terms)
    record(uow, by, "leave-type.withdraw", "kind of leave", code, at=now, before=before, reason=reason)


def archive_type(uow: UnitOfWork, code: str, by: Actor, now: datetime) -> None:
    """Offer a kind no longer; balances of it stay. Raises NotFoundError."""
    store.set_archived(uow, type_id_of(uow, code), archived=True)
    record(uow, by, "leave-type.archive", "kind of leave", code, at=now)


def restore_type(uow: UnitOfWork, code: str, by: Actor, now: datetime) -> None:
    """Offer it again. Raises NotFoundError."""
    store.set_archived(uow, type_id_of(uow, code), archived=False)
    record(uow, by, "leave-type.restore", "kind of leave", code, at=now)


def type_id_of(uow: UnitOfWork, code: str) -> int:
    """The number of a kind; raises NotFoundError."""
    found = next((type_id for type_id, (there, _) in store.codes(uow).items() if there == code), None)
    if found is None:
        raise NotFoundError(what="kind of leave", name=code)
    return found


def version_on(versions: Sequence[TypeVersion], day: date) -> TypeVersion | None:
    """The version that holds on a day; of two from one day the later one."""
    held = [one for one in versions if not one.withdrawn and one.first_day <= day]
    return held[-1] if held else None


def _told(first_day: date, terms: LeaveTerms) -> dict[str, object]:
    return {"first_day": first_day, "terms": msgspec.to_builtins(terms)}
