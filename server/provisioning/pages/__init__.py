"""Pages of the identity of edges: sites, the wizard of a new edge, and what stands about one."""

from fastapi import APIRouter

from server.provisioning.pages.identity import router as identity
from server.provisioning.pages.sites import router as sites
from server.provisioning.pages.wizard import router as wizard

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
for _part in (sites, wizard, identity):
    router.include_router(_part)
