"""Staff records for a browser and for a program."""

from fastapi import APIRouter

from server.hr.staff.pages import contracts, documents, identity, own, own_fields, record, service, settings, waiting
from server.hr.staff.pages.own import entries
from server.hr.staff.pages.waiting import work_lists

__all__ = ["entries", "router", "work_lists"]

router = APIRouter()
for _part in (record, identity, documents, contracts, service, own_fields, settings, waiting, own):
    router.include_router(_part.router)
