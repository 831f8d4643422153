"""Settling exceptions: somebody has looked, and says that the day may stand as it is. The day itself does not change by it."""

from collections.abc import Sequence
from datetime import datetime

from server.attendance.model import ExceptionState, StoredException
from server.attendance.store import exceptions as store
from server.attendance.store.people import numbers_of
from server.attendance.store.writing import hold_people
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError
from server.storage import UnitOfWork

MOST_AT_ONCE = 1_000


def settle_exceptions(uow: UnitOfWork, ids: Sequence[int], by: Actor, now: datetime, reason: str) -> int:
    """Settle these, and with a missing punch the odd punches that mean it; returns how many were open.

    Raises InvalidInputError, or NotFoundError when a day no longer shows one of them.
    """
    if not reason.strip():
        raise InvalidInputError(field="reason", reason="say why, so that it can be understood later")
    found = [one for one in _found(uow, ids) if one.state is ExceptionState.OPEN]
    if found:
        store.settle(uow, found, by.name, now, reason.strip())
        record(
            uow,
            by,
            "exception.settle",
            "exception",
            f"{len(found)}",
            at=now,
            after=_shown(uow, found),
            reason=reason.strip(),
            people={one.person_id for one in found},
        )
    return len(found)


def reopen_exceptions(uow: UnitOfWork, ids: Sequence[int], by: Actor, now: datetime, reason: str) -> int:
    """Take settlements back; returns how many there were. Raises as `settle_exceptions`."""
    if not reason.strip():
        raise InvalidInputError(field="reason", reason="say why, so that it can be understood later")
    found = [one for one in _found(uow, ids) if one.state is ExceptionState.SETTLED]
    if found:
        store.reopen(uow, found)
        record(
            uow,
            by,
            "exception.reopen",
            "exception",
            f"{len(found)}",
            at=now,
            before=_shown(uow, found),
            reason=reason.strip(),
            people={one.person_id for one in found},
        )
    return len(found)


def _found(uow: UnitOfWork, ids: Sequence[int]) -> list[StoredException]:
    if not 1 <= len(set(ids)) <= MOST_AT_ONCE:
        raise InvalidInputError(field="exceptions", reason="choose 1 to {most} at once", most=MOST_AT_ONCE)
    hold_people(uow, {one.person_id for one in store.exceptions_by_id(uow, ids)})
    found = store.exceptions_by_id(uow, ids)
    if missing := set(ids) - {one.id for one in found}:
        raise NotFoundError(what="exception", name=min(missing))
    beside = {one.id: one for odd in store.odd_beside(uow, found).values() for one in odd}
    return list(({one.id: one for one in found} | beside).values())


def _shown(uow: UnitOfWork, found: Sequence[StoredException]) -> list[dict[str, object]]:
    numbers = numbers_of(uow, {one.person_id for one in found})
    return [
        {"person": numbers[one.person_id], "day": one.work_date, "kind": one.exception.kind, "minutes": one.exception.minutes}
        for one in found
    ]
