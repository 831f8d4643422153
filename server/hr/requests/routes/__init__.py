"""The JSON API of requests."""

from fastapi import APIRouter

from server.hr.requests.routes import others, own, rules

router = APIRouter()
for one in (own.router, others.router, rules.router):
    router.include_router(one)

__all__ = ["router"]
