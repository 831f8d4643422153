"""People's employments, positions and pay groups, and files of people; for a browser and for a program."""

from fastapi import APIRouter

from server.directory.pages import api, employment, employments_api, imports, lists, sign_ins

__all__ = ["router"]

router = APIRouter()
for _part in (imports, employment, sign_ins, lists, api, employments_api):
    router.include_router(_part.router)
