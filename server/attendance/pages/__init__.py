"""Pages of punches and of what they come to: the live board, lists, people, days, the month, exceptions, grants, rule sets, periods."""

from fastapi import APIRouter

from server.attendance.pages import (
    absent,
    board,
    bulk,
    day,
    grants,
    inbox,
    month,
    own,
    people,
    periods,
    punches,
    rules,
    silent,
    today,
    trials,
)

router = APIRouter(include_in_schema=False)
for _part in (board, absent, punches, people, today, month, day, inbox, grants, bulk, own, rules, silent, trials, periods):
    router.include_router(_part.router)
