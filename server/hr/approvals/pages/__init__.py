"""Pages of approvals: the inbox, one course, delegations, and for HR the flows."""

from fastapi import APIRouter

from server.hr.approvals.pages import course, delegations, inbox

router = APIRouter(include_in_schema=False)
for _part in (inbox, course, delegations):
    router.include_router(_part.router)
