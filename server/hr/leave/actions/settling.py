"""Bringing the ledger to what the rules say of today: what is granted, carried, ends; and corrections of what changed since."""

from collections.abc import Collection
from datetime import date, datetime

from server.access.model import Permission
from server.audit.model import SERVER
from server.hr.leave.actions.recorded import load
from server.hr.leave.actions.types import leave_types
from server.hr.leave.engine.settling import corrections
from server.hr.leave.model import NewMovement
from server.hr.leave.model.ledger import as_new
from server.hr.leave.store import grounds, ledger
from server.jobs import actions as jobs
from server.jobs.model import NewJob
from server.storage import UnitOfWork


def missing_movements(uow: UnitOfWork, person_ids: Collection[int], today: date) -> list[tuple[int, int, NewMovement]]:
    """(person, kind, movement) that the ledger lacks to say what the rules say of all days up to today."""
    kinds = [kind for kind in leave_types(uow, today, archived=True) if kind.limited]
    known = load(uow, person_ids, kinds, today)
    found = []
    for (person_id, type_id), rows in known.unwritten.items():
        found += [(person_id, type_id, as_new(row)) for row in rows]
    for person_id in person_ids:
        for kind in kinds:
            dues = known.course(person_id, kind, today).dues
            found += [(person_id, kind.id, one) for one in corrections(dues, known.movements.get((person_id, kind.id), ()))]
    return found


def settle(uow: UnitOfWork, person_ids: Collection[int], today: date, now: datetime) -> int:
    """Write what is missing; returns how many movements. A second call writes nothing, one after days of standstill all of them."""
    if grounds.begins_on(uow) is None:
        grounds.set_begins_on(uow, date(today.year, 1, 1))
    ledger.lock_people(uow, person_ids)  # recorded leave must be written once, whoever else is at it
    return ledger.add_movements(uow, missing_movements(uow, person_ids, today), SERVER.name, now)


def ask_settling(uow: UnitOfWork, now: datetime, today: date) -> None:
    """Ask for everybody's ledger to be brought to a day; asked twice in an hour, it is the same work."""
    key = f"settle-leave:{now:%Y-%m-%dT%H}"
    title = "Leave of {day}: grants, carry-over and what ends"
    facts, arguments = {"day": today.isoformat()}, {"today": today.isoformat()}
    permission = Permission.SEE_LEAVE.value
    jobs.enqueue(uow, NewJob("settle-leave", key, title, permission, arguments, facts, "/leave/balances"), SERVER.name, now)
