"""Balances on any day, for one person or many."""

from collections.abc import Collection, Sequence
from datetime import date

from server.hr.leave.actions.facts import AHEAD, Known
from server.hr.leave.actions.recorded import load
from server.hr.leave.actions.types import find_type, leave_types
from server.hr.leave.engine.balancing import balance_of
from server.hr.leave.engine.calendar import year_with
from server.hr.leave.model import Balance, Basis, LeaveType
from server.storage import UnitOfWork


def balance_on(uow: UnitOfWork, person_id: int, type_code: str, day: date) -> Balance:
    """What somebody has of a kind of leave on a day, past or to come; raises NotFoundError for a kind that is not there."""
    kind = find_type(uow, type_code, day)
    return _balance(load(uow, [person_id], [kind], day), person_id, kind, day)


def balances_of(uow: UnitOfWork, person_id: int, day: date) -> list[Balance]:
    """What somebody has of every kind that is offered."""
    kinds = leave_types(uow, day)
    known = load(uow, [person_id], kinds, day)
    return [_balance(known, person_id, kind, day) for kind in kinds]


def balances_on(uow: UnitOfWork, person_ids: Collection[int], kinds: Sequence[LeaveType], day: date) -> dict[int, dict[str, Balance]]:
    """By person and code of the kind; nobody is left out. kinds: as they are on the day."""
    known = load(uow, person_ids, kinds, day)
    return {person_id: {kind.code: _balance(known, person_id, kind, day) for kind in kinds} for person_id in person_ids}


def _balance(known: Known, person_id: int, kind: LeaveType, day: date) -> Balance:
    entitlement = kind.terms.entitlement
    hired_on = known.hired_on(person_id, kind, day)
    year = (date(day.year, 1, 1), date(day.year, 12, 31)) if entitlement.basis is Basis.EARNED else year_with(entitlement, hired_on, day)
    recorded = known.movements.get((person_id, kind.id), ())
    return balance_of(kind, day, year, recorded, known.course(person_id, kind, day + AHEAD))
