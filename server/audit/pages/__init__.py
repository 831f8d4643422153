"""`/audit`, and the trail at the foot of every object's page."""

from fastapi import APIRouter

from server.audit.pages import search
from server.audit.pages.foot import foot
from server.audit.pages.search import work_lists

__all__ = ["foot", "router", "work_lists"]

router = APIRouter(include_in_schema=False)
router.include_router(search.router)
