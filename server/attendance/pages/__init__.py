"""Pages of punches: the live board, lists, people, who has not punched."""

from fastapi import APIRouter

from server.attendance.pages import absent, board, people, punches

router = APIRouter(include_in_schema=False)
for _part in (board, absent, punches, people):
    router.include_router(_part.router)
