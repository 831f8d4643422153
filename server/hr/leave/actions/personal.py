"""What leave holds about somebody."""

from datetime import datetime

from sqlalchemy import update

from server.hr.leave.tables import leave_ground, leave_movement, leave_waiver
from server.storage import DataSubject, Holding, UnitOfWork


def _erase_movements(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    """The ledger is evidence: the database lets go of a row only when it says nothing any more."""
    own = leave_movement.c.person_id == one.person_id
    uow.execute(update(leave_movement).where(own).values(reason="", facts={}, author=""))
    return uow.execute(leave_movement.delete().where(own)).rowcount


HOLDINGS = (
    Holding(
        leave_movement, "Leave ledger", lambda one: leave_movement.c.person_id == one.person_id, keep="requests", erased=_erase_movements
    ),
    Holding(leave_ground, "Grounds for leave", lambda one: leave_ground.c.person_id == one.person_id, keep="requests"),
    Holding(leave_waiver, "Leave given up", lambda one: leave_waiver.c.person_id == one.person_id, keep="requests"),
)
