"""People's employments, positions and pay groups; for a browser and for a program."""

from fastapi import APIRouter

from server.directory.pages import (
    codes,
    departments,
    employment,
    employments_api,
    hire,
    legal_entities,
    lists,
    org,
    sign_ins,
    staff,
)

__all__ = ["router"]

router = APIRouter()
for _part in (staff, hire, departments, org, employment, sign_ins, codes, lists, legal_entities, employments_api):
    router.include_router(_part.router)
