"""Pages of approvals: the inbox, one course, delegations, and for HR the flows."""

from fastapi import APIRouter

from server.hr.approvals.pages import course, delegations, flow_editor, flows, inbox, trying

router = APIRouter(include_in_schema=False)
for _part in (inbox, course, delegations, flows, flow_editor, trying):
    router.include_router(_part.router)
