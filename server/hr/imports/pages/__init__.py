"""`/imports`: the import room, for a browser and for a program."""

from fastapi import APIRouter

from server.hr.imports.pages import api, files, one, room

__all__ = ["router"]

router = APIRouter()
for _part in (room, files, one, api):
    router.include_router(_part.router)
