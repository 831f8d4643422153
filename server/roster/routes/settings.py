"""`/api/v1/roster/settings`: what the roster warns of."""

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.roster import actions
from server.web.asking import database_of, now
from server.web.bodies import body_of, in_body, json
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1/roster", tags=["roster"])
SETTINGS = in_body(
    minimum_rest_minutes="minutes of rest wanted between two shifts, 1 to 1440; null: not looked at",
    most_days_in_row="working days in a row beyond which it warns, 1 to 31; null: never",
    reason="?why, for the trail",
)


class NewSettings(msgspec.Struct):
    minimum_rest_minutes: int | None
    most_days_in_row: int | None
    reason: str = ""


@router.get("/settings", dependencies=[needs(Permission.SEE_ROSTER)])
def see(request: Request) -> Response:
    """What the roster warns of, and the calendar of sites that name none; null: not looked at."""
    with database_of(request).reading() as uow:
        return json(actions.roster_settings_now(uow))


@router.post("/settings", dependencies=[needs(Permission.CHANGE_ROSTER)], openapi_extra=SETTINGS)
async def change(request: Request) -> Response:
    """Change what the roster warns of; no day is worked out again."""
    return await run_in_threadpool(_change, request, await body_of(request, NewSettings))


def _change(request: Request, new: NewSettings) -> Response:
    with database_of(request).writing() as uow:
        values = (new.minimum_rest_minutes, new.most_days_in_row)
        return json(actions.change_roster_settings(uow, *values, actor_of(request), now(), reason=new.reason.strip()))
