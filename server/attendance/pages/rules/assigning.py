"""Saying whom a rule set is for, from a day on; and taking that back."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.attendance.actions import rule_sets
from server.attendance.pages.rules.asked import needed_day, read_subject, today
from server.attendance.pages.rules.showing import show_set
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.web.asking import database_of, given_day, now, said
from server.web.visitor import needs

router = APIRouter()
CHANGE = [needs(Permission.CHANGE_RULES), needs(Permission.SEE_PEOPLE)]
REFUSALS = (InvalidInputError, NotFoundError, RefusedError)
Text = Annotated[str, Form()]


@router.post("/rules/{set_id:int}/assign", dependencies=CHANGE)
def assign(
    request: Request,
    set_id: int,
    subject: Text = "",
    number: Text = "",
    first_day: Text = "",
    last_day: Text = "",
    reason: Text = "",
) -> Response:
    """Everybody's days of the subject from first_day on are worked out again."""
    try:
        span = (needed_day(first_day, "first_day"), given_day(last_day, "last_day"))
        with database_of(request).writing() as uow:
            whose = read_subject(uow, scope_of_visitor(request, Permission.CHANGE_RULES), today(request), subject, number)
            rule_sets.assign_rules(uow, set_id, *whose, *span, actor_of(request), now(), reason=reason)
    except REFUSALS as error:
        typed = {"subject": subject, "number": number, "first_day": first_day, "last_day": last_day, "reason": reason}
        return show_set(request, set_id, wrong=said(request, error), typed=typed, status=error.status)
    return RedirectResponse(f"/rules/{set_id}", 303)


@router.post("/rules/{set_id:int}/assignments/{assignment_id:int}/withdraw", dependencies=CHANGE)
def withdraw(request: Request, set_id: int, assignment_id: int, reason: Text = "") -> Response:
    """What is left says which rules hold instead."""
    try:
        with database_of(request).writing() as uow:
            rule_sets.withdraw_assignment(uow, assignment_id, actor_of(request), now(), reason=reason)
    except REFUSALS as error:
        return show_set(request, set_id, wrong=said(request, error), status=error.status)
    return RedirectResponse(f"/rules/{set_id}", 303)
