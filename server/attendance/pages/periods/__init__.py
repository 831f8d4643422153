"""`/periods`: attendance periods of pay groups from the first look to the last late fact; `/me/periods`: one's own, to confirm."""

from fastapi import APIRouter

from server.attendance.pages.periods import closing, differences, overview, own, person

router = APIRouter()
for _part in (overview, person, closing, differences, own):
    router.include_router(_part.router)
