"""The roster for programs, and for the grid's script."""

from fastapi import APIRouter

from server.roster.routes import calendars, grid, people, settings, shifts

router = APIRouter()
for part in (grid, settings, shifts, people, calendars):
    router.include_router(part.router)
