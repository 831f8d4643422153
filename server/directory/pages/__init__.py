"""Files of people, departments and sites, for a browser and for a program."""

from fastapi import APIRouter

from server.directory.pages.api import router as api
from server.directory.pages.imports import router as imports

__all__ = ["router"]

router = APIRouter()
router.include_router(imports)
router.include_router(api)
