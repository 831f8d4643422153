"""Staff records for a browser and for a program."""

from fastapi import APIRouter

from server.hr.staff.pages import contracts, documents, identity, own_fields, record, service, settings

__all__ = ["router"]

router = APIRouter()
for _part in (record, identity, documents, contracts, service, own_fields, settings):
    router.include_router(_part.router)
