"""Pages of the roster."""

from fastapi import APIRouter

from server.roster.pages import assignments, calendars, grid, patterns, plain, shifts

router = APIRouter(include_in_schema=False)
for part in (grid, plain, shifts, patterns, assignments, calendars):
    router.include_router(part.router)
