"""Pages of approvals: the inbox, one course, delegations, and for HR the flows."""

from fastapi import APIRouter

from server.hr.approvals.pages import course, delegations, flow_editor, flows, inbox

router = APIRouter(include_in_schema=False)
for _part in (inbox, course, delegations, flows, flow_editor):
    router.include_router(_part.router)
