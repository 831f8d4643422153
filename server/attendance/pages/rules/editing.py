"""The editor: a new rule set out of a ready-made one, a new version from a day on, and the preview while somebody types."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance.actions import rule_sets
from server.attendance.engine.rules.forms import form_of
from server.attendance.engine.rules.ready_made import READY_MADE, localized
from server.attendance.model import RuleSet, RuleSetVersion
from server.attendance.model.rules import Rules
from server.attendance.pages.rules.asked import form_of_request, known_id, needed_day, today
from server.attendance.pages.rules.form_views import groups_of
from server.attendance.pages.rules.preview import look_at
from server.attendance.pages.rules.showing import held_on
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.storage import UnitOfWork
from server.web.asking import database_of, now, said, shell_of, whole, words
from server.web.visitor import needs

router = APIRouter()
CHANGE = [needs(Permission.CHANGE_RULES)]
REFUSALS = (InvalidInputError, RefusedError)
Typed = Annotated[dict[str, str], Depends(form_of_request)]
LOOK = "look"


@router.get("/rules/new", dependencies=CHANGE)
def new_set(request: Request, ready: str = "") -> Response:
    """The ready-made sets to choose from, or the editor with the chosen one."""
    if not ready:
        return shell_of(request).page(request, "attendance/rules_ready.html", ready_made=READY_MADE.values())
    if ready not in READY_MADE:
        raise NotFoundError(what="ready-made rule set", name=ready)
    tell = words(request)
    made = READY_MADE[ready]
    head = {"name": tell(made.title), "valid_from": str(today(request).replace(day=1)), "reason": "", "ready": ready}
    return _editor(request, form_of(localized(made.rules, tell)) | head)


@router.post("/rules/new", dependencies=CHANGE)
def add_set(request: Request, typed: Typed) -> Response:
    """Keep it, or only look at it (`deed` is "look")."""
    filled, _ = look_at(typed, None, words(request))
    if filled.rules is None or typed.get("deed") == LOOK:
        return _editor(request, typed, status=200 if typed.get("deed") == LOOK else 422)
    ready = typed.get("ready", "")
    try:
        first = needed_day(typed.get("valid_from", ""), "valid_from")
        with database_of(request).writing() as uow:
            facts = {"reason": typed.get("reason", ""), "ready_made": ready if ready in READY_MADE else ""}
            made = rule_sets.add_rule_set(uow, typed.get("name", ""), filled.rules, first, actor_of(request), now(), **facts)
    except REFUSALS as error:
        return _editor(request, typed, wrong=said(request, error), status=error.status)
    return RedirectResponse(f"/rules/{made.id}", 303)


@router.get("/rules/{set_id:int}/new-version", dependencies=CHANGE)
def new_version(request: Request, set_id: int, base: str = "") -> Response:
    """The editor with what holds now, or with the version `base`."""
    with database_of(request).reading() as uow:
        found, old = _base(request, uow, set_id, base)
    head = {"valid_from": str(_next_month(today(request))), "reason": "", "base": str(old.id)}
    return _editor(request, form_of(old.rules) | head, found, old)


@router.post("/rules/{set_id:int}/new-version", dependencies=CHANGE)
def add_version(request: Request, set_id: int, typed: Typed) -> Response:
    """Other rules from a day on; what lies before keeps those that it had."""
    with database_of(request).reading() as uow:
        found, old = _base(request, uow, set_id, typed.get("base", ""))
    filled, _ = look_at(typed, old.rules, words(request))
    if filled.rules is None or typed.get("deed") == LOOK:
        return _editor(request, typed, found, old, status=200 if typed.get("deed") == LOOK else 422)
    try:
        first = needed_day(typed.get("valid_from", ""), "valid_from")
        with database_of(request).writing() as uow:
            made = rule_sets.add_rule_version(uow, set_id, first, filled.rules, actor_of(request), now(), reason=typed.get("reason", ""))
    except REFUSALS as error:
        return _editor(request, typed, found, old, wrong=said(request, error), status=error.status)
    return RedirectResponse(f"/rules/versions/{made.id}", 303)


@router.post("/rules/preview", dependencies=CHANGE)
def preview(request: Request, typed: Typed) -> Response:
    """The preview alone, for the page to put in its place while somebody types."""
    base: Rules | None = None
    number = whole(typed.get("base", ""), "base")
    if number is not None:
        with database_of(request).reading() as uow:
            base = rule_sets.find_rule_version(uow, known_id(number, "version of rules")).rules
    _, seen = look_at(typed, base, words(request))
    return shell_of(request).page(request, "attendance/rules_preview.html", seen=seen)


def _base(request: Request, uow: UnitOfWork, set_id: int, base: str) -> tuple[RuleSet, RuleSetVersion]:
    """The set, and the version that the new one is made of. Raises NotFoundError or InvalidInputError."""
    found = rule_sets.find_rule_set(uow, set_id)
    number = whole(base, "base")
    old = held_on(found, today(request)) if number is None else next((one for one in found.versions if one.id == number), None)
    if old is None:
        raise NotFoundError(what="version of rules", name=base)
    return found, old


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _editor(
    request: Request,
    form: Mapping[str, str],
    found: RuleSet | None = None,
    old: RuleSetVersion | None = None,
    *,
    wrong: str = "",
    status: int = 200,
) -> Response:
    """found, old: of a new version; None for a new set."""
    tell = words(request)
    filled, seen = look_at(form, old.rules if old else None, tell)
    return shell_of(request).page(
        request,
        "attendance/rules_form.html",
        status,
        one=found,
        old=old,
        head={name: form.get(name, "") for name in ("name", "valid_from", "reason", "ready", "base")},
        groups=groups_of(form, filled.problems, tell),
        seen=seen,
        wrong=wrong,
    )
