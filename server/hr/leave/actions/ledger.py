"""Reading a person's ledger."""

from collections.abc import Sequence
from datetime import date

from server.errors import NotFoundError
from server.hr.leave.actions.facts import Known
from server.hr.leave.actions.recorded import load
from server.hr.leave.actions.types import find_type, leave_types
from server.hr.leave.model import Ground, LeaveType, Movement, Waiver
from server.hr.leave.store import grounds, ledger
from server.storage import UnitOfWork

HIGHEST_ID = 2**63 - 1


def movements_of(uow: UnitOfWork, person_id: int, type_code: str, day: date) -> list[Movement]:
    """All movements of one kind, by the day from which they count, the latest first; those of recorded leave that are not written yet, too,
    without a number. Raises NotFoundError for a kind that is not there on the day."""
    kind = find_type(uow, type_code, day)
    return _ordered(load(uow, [person_id], [kind], day), person_id, kind)


def ledgers_of(uow: UnitOfWork, person_id: int, day: date) -> dict[str, list[Movement]]:
    """The same of every kind that is offered on the day, by its code."""
    kinds = leave_types(uow, day)
    known = load(uow, [person_id], kinds, day)
    return {kind.code: _ordered(known, person_id, kind) for kind in kinds}


def _ordered(known: Known, person_id: int, kind: LeaveType) -> list[Movement]:
    found = known.movements.get((person_id, kind.id), ())
    return sorted(found, key=lambda one: (one.day, one.id or HIGHEST_ID), reverse=True)


def grounds_of(uow: UnitOfWork, person_id: int) -> dict[int, Sequence[Ground]]:
    """By number of the kind what was noted and not ended."""
    found = grounds.grounds_of(uow, [person_id])
    return {type_id: [one for one in each if one.ended_at is None] for (_, type_id), each in found.items()}


def waivers_of(uow: UnitOfWork, person_id: int) -> dict[int, Sequence[Waiver]]:
    """By number of the kind what was waived and not withdrawn."""
    found = grounds.waivers_of(uow, [person_id])
    return {type_id: [one for one in each if one.withdrawn_at is None] for (_, type_id), each in found.items()}


def movement(uow: UnitOfWork, movement_id: int) -> Movement:
    """One row; raises NotFoundError."""
    found = ledger.movement_by_id(uow, movement_id)
    if found is None:
        raise NotFoundError(what="movement", name=movement_id)
    return found
