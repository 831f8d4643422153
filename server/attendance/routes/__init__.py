"""The pages of attendance as JSON."""

from fastapi import APIRouter

from server.attendance.routes import days, periods, punches, rules

router = APIRouter()
for _part in (punches, days, periods, rules):
    router.include_router(_part.router)
