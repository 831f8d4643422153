"""Pages of leave: one's own, a person's, everybody's balances, kinds of leave, who is away."""

from fastapi import APIRouter

from server.hr.leave.pages import away, balances, mine, person, types
from server.hr.leave.pages.mine import entries
from server.hr.leave.pages.on_person import person_card
from server.hr.leave.pages.waiting import work_lists

router = APIRouter(include_in_schema=False)
for area in (mine, person, balances, types, away):
    router.include_router(area.router)

__all__ = ["entries", "person_card", "router", "work_lists"]
