"""What leave holds about somebody."""

from server.hr.leave.tables import leave_ground, leave_movement, leave_waiver
from server.storage import Holding

HOLDINGS = (
    Holding(leave_movement, "Leave ledger", lambda one: leave_movement.c.person_id == one.person_id),
    Holding(leave_ground, "Grounds for leave", lambda one: leave_ground.c.person_id == one.person_id),
    Holding(leave_waiver, "Leave given up", lambda one: leave_waiver.c.person_id == one.person_id),
)
