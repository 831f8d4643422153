"""`/terminals/{id}/settings`: how its edge reaches a terminal; `/clocks`: when edges set clocks, and how they are now."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from protocol.wanted import ClockRule
from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, NotFoundError, RefusedError, ServerError
from server.fleet import actions as fleet
from server.fleet.engine import DIALECTS, LAYOUTS, TRANSPORTS, checked_key, checked_settings
from server.fleet.model import TerminalDriver, TerminalOverview, TerminalSettings
from server.web.asking import database_of, now, said, shell_of
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_FLEET)]
CHANGES = [*SEES, needs(Permission.CHANGE_FLEET)]
REFUSALS = (InvalidInputError, NotFoundError, RefusedError)
Text = Annotated[str, Form()]


@router.get("/terminals/{terminal_id:int}/settings", dependencies=CHANGES)
def settings_form(request: Request, terminal_id: int) -> Response:
    """What its edge is told; the key is never shown."""
    one, settings = _known(request, terminal_id)
    shown = settings or TerminalSettings()
    typed = {name: str(getattr(shown, name)) for name in TerminalSettings.__slots__} | {"secret": "", "reason": ""}
    return _settings_form(request, one, settings, typed)


@router.post("/terminals/{terminal_id:int}/settings", dependencies=CHANGES)
async def set_settings(request: Request, terminal_id: int) -> Response:
    """Tell its edge so from now on."""
    async with request.form(max_files=0, max_fields=30) as form:
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_set_settings, request, terminal_id, typed)


@router.post("/terminals/{terminal_id:int}/settings/drop", dependencies=CHANGES)
def drop_settings(request: Request, terminal_id: int) -> Response:
    """Tell no edge of it any more."""
    one, _ = _known(request, terminal_id)
    with database_of(request).writing() as uow:
        fleet.drop_terminal_settings(uow, one.terminal.serial, actor_of(request), now())
    return RedirectResponse(f"/terminals/{terminal_id}", 303)


@router.get("/clocks", dependencies=SEES)
def clocks_page(request: Request) -> Response:
    """Rules by site, and clocks that are off."""
    return _clocks(request)


@router.post("/clocks", dependencies=CHANGES)
def set_rule(request: Request, site: Text = "", corrects: Text = "", tolerance: Text = "", most: Text = "") -> Response:
    """When the edges of a site set clocks; seconds, and minutes at most."""
    try:
        rule = ClockRule(bool(corrects), _milliseconds(tolerance, 1000, "from"), _milliseconds(most, 60_000, "up to"))
        with database_of(request).writing() as uow:
            fleet.set_clock_rule(uow, site, rule, actor_of(request), now())
    except REFUSALS as error:
        return _clocks(request, error)
    return RedirectResponse("/clocks", 303)


def _set_settings(request: Request, terminal_id: int, typed: Mapping[str, str]) -> Response:
    one, settings = _known(request, terminal_id)
    try:
        wanted = checked_settings(typed)
        key = 0 if typed.get("no_key") else checked_key(typed.get("secret", ""))
        with database_of(request).writing() as uow:
            reason = typed.get("reason", "").strip()[:500]
            fleet.set_terminal_settings(uow, one.terminal.serial, wanted, key, actor_of(request), now(), reason)
    except REFUSALS as error:
        empty = dict.fromkeys((*TerminalSettings.__slots__, "reason"), "")
        return _settings_form(request, one, settings, {**empty, **typed, "secret": ""}, error)
    return RedirectResponse(f"/terminals/{terminal_id}", 303)


def _known(request: Request, terminal_id: int) -> tuple[TerminalOverview, TerminalSettings | None]:
    with database_of(request).reading() as uow:
        return fleet.find_terminal(uow, terminal_id), fleet.terminal_settings(uow).get(terminal_id)


def _settings_form(
    request: Request, one: TerminalOverview, settings: TerminalSettings | None, typed: Mapping[str, Any], error: ServerError | None = None
) -> Response:
    return shell_of(request).page(
        request,
        "orders/settings.html",
        error.status if error else 200,
        one=one,
        settings=settings,
        typed=typed,
        drivers=list(TerminalDriver),
        transports=TRANSPORTS,
        layouts=LAYOUTS,
        dialects=DIALECTS,
        wrong=said(request, error) if error else "",
    )


def _clocks(request: Request, error: ServerError | None = None) -> Response:
    with database_of(request).reading() as uow:
        sites, rules = fleet.list_sites(uow), fleet.clock_rules(uow)
        terminals = [one for one in fleet.list_terminals(uow) if one.health and one.health.drift_ms is not None]
    ordered = sorted(terminals, key=lambda one: -abs((one.health.drift_ms if one.health else None) or 0))
    return shell_of(request).page(
        request,
        "orders/clocks.html",
        error.status if error else 200,
        wrong=said(request, error) if error else "",
        rules=[(site, rules.get(site.id, ClockRule())) for site in sites],
        terminals=ordered,
        trail_of=(("site", ""),),
    )


def _milliseconds(typed: str, unit: int, field: str) -> int:
    try:
        return round(float(typed) * unit)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(field=field, reason="give a number") from error
