"""The JSON API of approvals."""

from fastapi import APIRouter

from server.hr.approvals.routes import courses

router = APIRouter()
for _part in (courses,):
    router.include_router(_part.router)
