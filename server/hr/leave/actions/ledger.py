"""Reading a person's ledger."""

from collections.abc import Sequence

from server.errors import NotFoundError
from server.hr.leave.actions.types import type_id_of
from server.hr.leave.model import Ground, Movement, Waiver
from server.hr.leave.store import grounds, ledger
from server.storage import UnitOfWork


def movements_of(uow: UnitOfWork, person_id: int, type_code: str) -> list[Movement]:
    """All movements of one kind, by the day from which they count, the latest first. Raises NotFoundError for a kind that is not there."""
    type_id = type_id_of(uow, type_code)
    found = ledger.movements_of(uow, [person_id], [type_id]).get((person_id, type_id), [])
    return sorted(found, key=lambda one: (one.day, one.id), reverse=True)


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
