"""`/periods`: attendance periods of pay groups from the first look to the last late fact; `/me/periods`: one's own, to confirm."""

from fastapi import APIRouter

from server.attendance.pages.periods import closing, differences, overview, own

router = APIRouter()
for _part in (overview, closing, differences, own):
    router.include_router(_part.router)
