"""`/staff/settings`: what the company sets for its staff records."""

from collections.abc import Mapping
from dataclasses import fields

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.pages.visitors import actor_of
from server.errors import ServerError
from server.hr.staff import actions as staff
from server.hr.staff.model import StaffSettings
from server.hr.staff.pages.common import CHANGES, REFUSALS, SEES, form_of
from server.web.asking import database_of, now, said, shell_of, whole

router = APIRouter(include_in_schema=False)
NAMES = tuple(one.name for one in fields(StaffSettings))


@router.get("/staff/settings", dependencies=SEES)
def settings_page(request: Request, done: str = "") -> Response:
    return _page(request, done=bool(done))


@router.post("/staff/settings", dependencies=CHANGES)
async def change_settings(request: Request) -> Response:
    return await run_in_threadpool(_change, request, await form_of(request))


def _change(request: Request, form: Mapping[str, str]) -> Response:
    try:
        wanted = StaffSettings(**{name: whole(form.get(name, "").strip(), name) or 0 for name in NAMES})
        with database_of(request).writing() as uow:
            staff.change_settings(uow, wanted, actor_of(request), now())
    except REFUSALS as error:
        return _page(request, form, error=error)
    return RedirectResponse("/staff/settings?done=1", 303)


def _page(request: Request, typed: Mapping[str, str] | None = None, *, error: ServerError | None = None, done: bool = False) -> Response:
    with database_of(request).reading() as uow:
        held = staff.settings_now(uow)
    shown = typed or {name: str(getattr(held, name)) for name in NAMES}
    wrong, status = (said(request, error), error.status) if error else ("", 200)
    return shell_of(request).page(
        request, "staff/settings.html", status, typed=shown, wrong=wrong, done=done, trail_of=(("staff", "settings"),)
    )
