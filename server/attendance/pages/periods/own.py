"""`/me/periods`: one's own periods, confirmed or objected to on the phone.

Whose they are comes from the account, never from the address.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance import actions as attendance
from server.attendance.model import Answer
from server.attendance.pages.asked import today
from server.attendance.pages.own import own_id
from server.attendance.pages.periods.closing import REFUSALS
from server.attendance.pages.periods.told import period_of, result_said
from server.attendance.pages.words import hours
from server.errors import InvalidInputError, ServerError
from server.web.asking import database_of, now, said, shell_of, words
from server.web.visitor import needs

router = APIRouter()
OWN = [needs(Permission.SEE_OWN)]
Field = Annotated[str, Form()]


@router.get("/me/periods", dependencies=OWN)
def my_periods(request: Request) -> Response:
    key = own_id(request)
    if key is None:
        return shell_of(request).page(request, "attendance/no_person.html")
    with database_of(request).reading() as uow:
        found = attendance.own_periods(uow, key, today(request))
    return shell_of(request).page(request, "attendance/periods/my_periods.html", periods=found, today=today(request))


@router.get("/me/periods/{group_id:int}/{month}", dependencies=OWN)
def my_period(request: Request, group_id: int, month: str) -> Response:
    return _page(request, group_id, month)


@router.post("/me/periods/{group_id:int}/{month}", dependencies=OWN)
def answer(request: Request, group_id: int, month: str, answer: Field = "", comment: Field = "", figures: Field = "") -> Response:
    """Confirm, or object with a comment. figures: the mark of what was on the page."""
    key = own_id(request)
    if key is None:
        return shell_of(request).page(request, "attendance/no_person.html", 404)
    try:
        if answer not in {Answer.CONFIRMED, Answer.OBJECTED}:
            raise InvalidInputError(field="answer", reason="choose one that the list offers")
        with database_of(request).writing() as uow:
            period = period_of(uow, group_id, month)
            seen = (period.group.code, period.month, key, Answer(answer), comment, _mark(figures))
            attendance.answer_period(uow, *seen, actor_of(request), now(), today(request))
    except REFUSALS as error:
        return _page(request, group_id, month, error, comment)
    return RedirectResponse(f"/me/periods/{group_id}/{month}", 303)


def _page(request: Request, group_id: int, month: str, error: ServerError | None = None, comment: str = "") -> Response:
    key = own_id(request)
    if key is None:
        return shell_of(request).page(request, "attendance/no_person.html", 404)
    with database_of(request).reading() as uow:
        period = period_of(uow, group_id, month)
        own = attendance.own_period(uow, period.group.code, period.month, key, today(request))
    result = own.result
    return shell_of(request).page(
        request,
        "attendance/periods/my_period.html",
        error.status if error else 200,
        own=own,
        period=own.period,
        result=result,
        overtime=sum(one.minutes for one in result.overtime) if result else 0,
        leave=sum(one.minutes for one in result.leave) if result else 0,
        hours=hours,
        comment=comment,
        wrong=said(request, error) if error else "",
        **result_said(result, words(request), shell_of(request).zone.key),
    )


def _mark(figures: str) -> bytes:
    try:
        return bytes.fromhex(figures)
    except ValueError:
        return b""
