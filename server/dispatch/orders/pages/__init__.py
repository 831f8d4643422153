"""Pages of orders, of how edges reach terminals, of clocks and of terminals that are new."""

from fastapi import APIRouter

from server.dispatch.orders.pages.discovery import router as discovery
from server.dispatch.orders.pages.files import router as files
from server.dispatch.orders.pages.giving import router as giving
from server.dispatch.orders.pages.orders import router as orders
from server.dispatch.orders.pages.settings import router as settings

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
for _part in (giving, orders, files, discovery, settings):
    router.include_router(_part)
