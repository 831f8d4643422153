"""`/grants/bulk`: a grant for a department, a site or a list of people at once: looked at in numbers, recorded, taken back."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission, Scope
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.attendance import actions as attendance
from server.attendance.actions import BulkPreview, BulkWish, Crowd
from server.attendance.engine.bulk import BULK_KINDS
from server.attendance.model.grants import DayPart, GrantKind
from server.attendance.pages.asked import choices, is_key
from server.errors import InvalidInputError, ServerError
from server.web.asking import database_of, given_day, now, said, shell_of, whole
from server.web.visitor import needs

router = APIRouter()
CHANGES = [needs(Permission.CHANGE_GRANTS), needs(Permission.SEE_PEOPLE)]
HOURS = "hours"
SPANS = (DayPart.DAY, DayPart.MORNING, DayPart.AFTERNOON, HOURS)
LONGEST_REASON = 500
LOOK = "look"
_CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})")


@router.get("/grants/bulk", dependencies=CHANGES)
def bulk_page(request: Request, done: str = "") -> Response:
    """The form; with `look` in the address also what it would do."""
    typed = dict(request.query_params)
    if LOOK not in typed:
        return _page(request, typed, done=done[:64])
    try:
        crowd, wish = read_bulk(typed, _scope(request))
        with database_of(request).reading() as uow:
            seen = attendance.preview_bulk(uow, crowd, wish)
    except ServerError as error:
        return _page(request, typed, error.status, wrong=said(request, error))
    return _page(request, typed, seen=seen)


@router.post("/grants/bulk", dependencies=CHANGES)
async def record(request: Request) -> Response:
    typed = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_record, request, typed)


@router.post("/grants/bulk/undo", dependencies=CHANGES)
def undo(request: Request, reference: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = "") -> Response:
    """Take back all that a bulk recorded."""
    with database_of(request).writing() as uow:
        attendance.withdraw_bulk(uow, reference[:64], actor_of(request), now(), reason[:LONGEST_REASON], scope=_scope(request))
    return RedirectResponse("/grants/bulk?done=undone", 303)


def read_bulk(typed: Mapping[str, str], scope: Scope) -> tuple[Crowd, BulkWish]:
    """What was typed; raises InvalidInputError with the field."""
    first = given_day(typed.get("first_day", ""), "first_day")
    if first is None:
        raise InvalidInputError(field="first_day", reason="give the days or the times it is for")
    last = given_day(typed.get("last_day", ""), "last_day") or first
    span = typed.get("span") or DayPart.DAY.value
    if span not in SPANS:
        raise InvalidInputError(field="span", reason="choose one that the list offers")
    kind = typed.get("kind", "")
    if kind not in set(BULK_KINDS):
        raise InvalidInputError(field="kind", reason="choose one that the list offers")
    reason = typed.get("reason", "").strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise InvalidInputError(field="reason", reason="say why, so that it can be understood later")
    return _crowd(typed, scope), BulkWish(
        kind=GrantKind(kind),
        first_day=_sane(first, "first_day"),
        last_day=_sane(last, "last_day"),
        reason=reason,
        part=DayPart.DAY if span == HOURS else DayPart(span),
        hours=(_minute(typed.get("from", ""), "from"), _minute(typed.get("until", ""), "until")) if span == HOURS else None,
        late=bool(typed.get("late")),
    )


def _crowd(typed: Mapping[str, str], scope: Scope) -> Crowd:
    department, site = (_key(typed.get(name, ""), name) for name in ("department", "site"))
    numbers = [one for one in re.split(r"[\s,，、;；]+", typed.get("people", "").replace("\0", "")) if one]
    return Crowd(department, site, tuple(dict.fromkeys(numbers)), scope)


def _key(value: str, field: str) -> int | None:
    number = whole(value, field)
    if number is not None and not is_key(number):
        raise InvalidInputError(field=field, reason="choose one that the list offers")
    return number


def _sane(day: date, field: str) -> date:
    """Days that have neighbours in every calendar."""
    if not date(1971, 1, 1) <= day <= date(9997, 12, 31):
        raise InvalidInputError(field=field, reason="give a day from 1971 to 9997")
    return day


def _minute(text: str, field: str) -> int:
    found = _CLOCK.fullmatch(text.strip())
    if found is None or int(found[2]) > 59:
        raise InvalidInputError(field=field, reason="give a time such as 13:30, or 26:00 for two in the morning after")
    return int(found[1]) * 60 + int(found[2])


def _record(request: Request, typed: dict[str, str]) -> Response:
    try:
        crowd, wish = read_bulk(typed, _scope(request))
        with database_of(request).writing() as uow:
            reference, _ = attendance.record_bulk(uow, crowd, wish, actor_of(request), now())
    except ServerError as error:
        return _page(request, typed, error.status, wrong=said(request, error))
    return RedirectResponse(f"/grants/bulk?done={reference}", 303)


def _page(
    request: Request, typed: Mapping[str, str], status: int = 200, *, wrong: str = "", seen: BulkPreview | None = None, done: str = ""
) -> Response:
    with database_of(request).reading() as uow:
        offered = choices(uow)
        numbers = attendance.numbers_of(uow, seen.people) if seen else {}
        held = attendance.bulk_size(uow, done, _scope(request)) if done and done != "undone" else 0
    facts: dict[str, Any] = {"typed": typed, "wrong": wrong, "seen": seen, "done": done, "held": held, "offered": offered}
    facts["numbers"] = sorted(numbers.values())
    return shell_of(request).page(request, "attendance/bulk.html", status, **facts, kinds=BULK_KINDS, spans=SPANS)


def _scope(request: Request) -> Scope:
    return scope_of_visitor(request, Permission.CHANGE_GRANTS)
