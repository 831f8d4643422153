"""The pages of requests."""

from fastapi import APIRouter

from server.hr.requests.pages import certificates, others, own, rules
from server.hr.requests.pages.on_person import person_card
from server.hr.requests.pages.own import entries
from server.hr.requests.pages.waiting import work_lists

router = APIRouter(include_in_schema=False)
for one in (own.router, certificates.router, others.router, rules.router):
    router.include_router(one)

__all__ = ["entries", "person_card", "router", "work_lists"]
