"""People's employments, positions and pay groups, and files of people; for a browser and for a program."""

from fastapi import APIRouter

from server.directory.pages import (
    api,
    codes,
    departments,
    employment,
    employments_api,
    hire,
    imports,
    legal_entities,
    lists,
    org,
    sign_ins,
    staff,
)

__all__ = ["router"]

router = APIRouter()
for _part in (staff, hire, departments, org, imports, employment, sign_ins, codes, lists, legal_entities, api, employments_api):
    router.include_router(_part.router)
