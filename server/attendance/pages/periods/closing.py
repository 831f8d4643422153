"""Asking employees to confirm a period, closing it, opening it again."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance import actions as attendance
from server.attendance.model import IssueKind
from server.attendance.pages.asked import today
from server.attendance.pages.periods.overview import counted_answers, page
from server.attendance.pages.periods.told import address_of, issue_lines, period_of
from server.attendance.pages.periods.within import as_seen, require_whole
from server.errors import InvalidInputError, NotFoundError, RefusedError, ServerError
from server.web.asking import database_of, given_day, now, said, shell_of, words
from server.web.visitor import needs

router = APIRouter()
CLOSES = [needs(Permission.CLOSE_PERIODS), needs(Permission.SEE_DAYS), needs(Permission.SEE_PEOPLE)]
REFUSALS = (InvalidInputError, NotFoundError, RefusedError)
Field = Annotated[str, Form()]


@router.post("/periods/{group_id:int}/{month}/ask", dependencies=CLOSES)
def ask(request: Request, group_id: int, month: str, confirm_until: Field = "") -> Response:
    """Let employees answer up to a day."""
    try:
        until = given_day(confirm_until, "confirm_until")
        if until is None:
            raise InvalidInputError(field="confirm_until", reason="give a date such as 2026-11-23")
        with database_of(request).writing() as uow:
            period = period_of(uow, group_id, month)
            require_whole(request, uow, period)
            attendance.ask_to_confirm(uow, period.group.code, period.month, until, actor_of(request), now(), today(request))
    except REFUSALS as error:
        return page(request, group_id, month, error, {"confirm_until": confirm_until})
    return RedirectResponse(address_of(period), 303)


@router.get("/periods/{group_id:int}/{month}/close", dependencies=CLOSES)
def close_page(request: Request, group_id: int, month: str) -> Response:
    """What closing will do, in numbers; it is asked once."""
    return _close_page(request, group_id, month)


@router.post("/periods/{group_id:int}/{month}/close", dependencies=CLOSES)
async def close(request: Request, group_id: int, month: str) -> Response:
    async with request.form(max_files=0, max_fields=20) as form:
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_close, request, group_id, month, typed)


@router.post("/periods/{group_id:int}/{month}/reopen", dependencies=CLOSES)
def reopen(request: Request, group_id: int, month: str, reason: Field = "") -> Response:
    try:
        with database_of(request).writing() as uow:
            period = period_of(uow, group_id, month)
            require_whole(request, uow, period)
            attendance.reopen_period(uow, period.group.code, period.month, reason, actor_of(request), now())
    except REFUSALS as error:
        return page(request, group_id, month, error, {"reason": reason})
    return RedirectResponse(address_of(period), 303)


def _close(request: Request, group_id: int, month: str, typed: dict[str, str]) -> Response:
    reasons = {kind: typed[kind.value] for kind in IssueKind if kind.value in typed}
    try:
        with database_of(request).writing() as uow:
            period = period_of(uow, group_id, month)
            require_whole(request, uow, period)
            attendance.ask_closing(uow, period.group.code, period.month, reasons, actor_of(request), now(), today(request))
    except REFUSALS as error:
        return _close_page(request, group_id, month, error, typed)
    return RedirectResponse(address_of(period), 303)


def _close_page(
    request: Request, group_id: int, month: str, error: ServerError | None = None, typed: dict[str, str] | None = None
) -> Response:
    with database_of(request).reading() as uow:
        check = as_seen(request, uow, attendance.check_period(uow, period_of(uow, group_id, month), today(request)))
    return shell_of(request).page(
        request,
        "attendance/periods/close.html",
        error.status if error else 200,
        period=check.period,
        check=check,
        issues=issue_lines(words(request), check.issues, check.period),
        answered=counted_answers(check),
        days=sum(one.days for one in check.members),
        typed=typed or {},
        wrong=said(request, error) if error else "",
        trail_of=(("period", check.period.name),),
    )
