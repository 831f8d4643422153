"""`/roster/settings`: what the roster warns of, the company's own."""

import re
from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, ServerError
from server.roster import actions
from server.roster.engine.times import length_text
from server.roster.model import RosterSettings
from server.roster.pages.common import REFUSALS, form_of
from server.web.asking import database_of, now, said, shell_of, whole
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
LENGTH = re.compile(r"(\d{1,3})(?:[:：](\d{2}))?")


@router.get("/roster/settings", dependencies=[needs(Permission.SEE_ROSTER)])
def settings_page(request: Request, done: str = "") -> Response:
    return _page(request, done=bool(done))


@router.post("/roster/settings", dependencies=[needs(Permission.CHANGE_ROSTER)])
async def change(request: Request) -> Response:
    return await run_in_threadpool(_change, request, await form_of(request))


def minutes_of_length(text: str) -> int | None:
    """A length of time, "11" or "11:30" hours, as minutes; None for an empty field. Raises InvalidInputError."""
    if not text.strip():
        return None
    found = LENGTH.fullmatch(text.strip())
    if found is None or int(found[2] or 0) >= 60:
        raise InvalidInputError(field="minimum_rest_minutes", reason="write hours, such as 11 or 11:30")
    return int(found[1]) * 60 + int(found[2] or 0)


def _fields_of(settings: RosterSettings) -> dict[str, str]:
    rest, days = settings.minimum_rest_minutes, settings.most_days_in_row
    return {"minimum_rest": "" if rest is None else length_text(rest), "most_days_in_row": "" if days is None else str(days)}


def _page(request: Request, typed: Mapping[str, str] | None = None, *, error: ServerError | None = None, done: bool = False) -> Response:
    with database_of(request).reading() as uow:
        held = actions.roster_settings_now(uow)
        calendar = actions.calendar_of(uow, held.calendar_id)
    facts = {"typed": typed or _fields_of(held), "held": _fields_of(held), "calendar": calendar, "done": done}
    wrong, status = (said(request, error), error.status) if error else ("", 200)
    return shell_of(request).page(request, "roster/settings.html", status, wrong=wrong, **facts, trail_of=(("roster", "settings"),))


def _change(request: Request, form: Mapping[str, str]) -> Response:
    try:
        rest = minutes_of_length(form.get("minimum_rest", ""))
        days = whole(form.get("most_days_in_row", "").strip(), "most_days_in_row")
        with database_of(request).writing() as uow:
            actions.change_roster_settings(uow, rest, days, actor_of(request), now(), reason=form.get("reason", "").strip())
    except REFUSALS as error:
        return _page(request, form, error=error)
    return RedirectResponse("/roster/settings?done=1", 303)
