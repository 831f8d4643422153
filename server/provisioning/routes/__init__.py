"""JSON: what boxes ask, and what the pages do, for programs."""

from fastapi import APIRouter

from server.provisioning.routes.boxes import router as of_boxes
from server.provisioning.routes.edges import router as of_edges

__all__ = ["router"]

router = APIRouter()
for _part in (of_boxes, of_edges):
    router.include_router(_part)
