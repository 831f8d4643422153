"""Pages of punches: the live board, lists, people, who has not punched."""

from fastapi import APIRouter

from server.attendance.pages.absent import router as absent
from server.attendance.pages.board import router as board
from server.attendance.pages.people import router as people
from server.attendance.pages.punches import router as punches

router = APIRouter(include_in_schema=False)
for _part in (board, absent, punches, people):
    router.include_router(_part)
