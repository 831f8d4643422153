"""Pages of punches and of what they come to: the live board, lists, people, who has not punched, rule sets."""

from fastapi import APIRouter

from server.attendance.pages import absent, board, people, punches, rules

router = APIRouter(include_in_schema=False)
for _part in (board, absent, punches, people, rules):
    router.include_router(_part.router)
