"""The JSON API of requests."""

from fastapi import APIRouter

from server.hr.requests.routes import documents, others, own, rules

router = APIRouter()
for one in (own.router, documents.router, others.router, rules.router):
    router.include_router(one)

__all__ = ["router"]
