"""Signing in and out, one's own password, and accounts."""

from fastapi import APIRouter

from server.access.pages.account import router as account
from server.access.pages.accounts import router as accounts
from server.access.pages.elsewhere import router as elsewhere
from server.access.pages.factor import router as factor
from server.access.pages.links import router as links
from server.access.pages.own import router as own
from server.access.pages.visitors import identify

__all__ = ["identify", "router"]

router = APIRouter(include_in_schema=False)
router.include_router(own)
router.include_router(elsewhere)
router.include_router(links)
router.include_router(factor)
router.include_router(accounts)
router.include_router(account)
