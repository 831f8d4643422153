"""Pages of areas, of the users on a terminal, and of where somebody is."""

from fastapi import APIRouter

from server.dispatch.areas.pages import areas, changing, people, users
from server.dispatch.areas.pages.people import person_card
from server.dispatch.areas.pages.waiting import work_lists

router = APIRouter(include_in_schema=False)
for part in (areas, changing, users, people):
    router.include_router(part.router)

__all__ = ["person_card", "router", "work_lists"]
