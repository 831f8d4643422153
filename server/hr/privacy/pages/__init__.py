"""Personal data for a browser: `/me/privacy` for everybody about themselves, `/privacy` for HR."""

from fastapi import APIRouter

from server.hr.privacy.pages import consents, erasing, own
from server.hr.privacy.pages.consents import work_lists
from server.hr.privacy.pages.own import entries

__all__ = ["entries", "router", "work_lists"]

router = APIRouter(include_in_schema=False)
for _part in (own, consents, erasing):
    router.include_router(_part.router)
