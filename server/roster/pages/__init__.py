"""Pages of the roster."""

from fastapi import APIRouter

from server.roster.pages import assignments, calendars, grid, patterns, plain, settings, shifts

router = APIRouter(include_in_schema=False)
for part in (grid, plain, settings, shifts, patterns, assignments, calendars):
    router.include_router(part.router)
