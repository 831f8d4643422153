"""The JSON API of approvals."""

from fastapi import APIRouter

from server.hr.approvals.routes import courses, delegations, flows

router = APIRouter()
for _part in (courses, delegations, flows):
    router.include_router(_part.router)
