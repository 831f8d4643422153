"""Pages of the roster."""

from fastapi import APIRouter

from server.roster.pages import grid, plain

router = APIRouter(include_in_schema=False)
for part in (grid, plain):
    router.include_router(part.router)
