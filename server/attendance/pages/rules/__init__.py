"""Pages of rule sets: where they apply, their versions, the editor with its preview."""

from fastapi import APIRouter

from server.attendance.pages.rules import assigning, editing, showing

router = APIRouter()
for _part in (editing, showing, assigning):  # the editor's addresses are words, so they stand before those with a number
    router.include_router(_part.router)
