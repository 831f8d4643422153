"""The roster for programs, and for the grid's script."""

from fastapi import APIRouter

from server.roster.routes import grid

router = APIRouter()
router.include_router(grid.router)
