"""`/periods/{group}/{month}/differences`: what came to light after closing, to accept or to refuse, and what that comes to."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance import actions as attendance
from server.attendance.engine.telling import tell_day
from server.attendance.model import Difference
from server.attendance.pages.periods.closing import REFUSALS
from server.attendance.pages.periods.told import address_of, arrear_said, period_of
from server.attendance.pages.periods.within import require_whole, seen_in
from server.errors import InvalidInputError, ServerError
from server.web.asking import database_of, now, said, shell_of, whole, words
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_DAYS), needs(Permission.SEE_PEOPLE)]
CLOSES = [needs(Permission.CLOSE_PERIODS), *SEES]
Field = Annotated[str, Form()]
Fields = Annotated[list[str], Form()]
DEEDS = {"accept": attendance.accept_differences, "refuse": attendance.refuse_differences}


@router.get("/periods/{group_id:int}/{month}/differences", dependencies=SEES)
def differences_page(request: Request, group_id: int, month: str) -> Response:
    return _page(request, group_id, month)


@router.post("/periods/{group_id:int}/{month}/differences", dependencies=CLOSES)
def decide(
    request: Request,
    group_id: int,
    month: str,
    ids: Fields = [],  # noqa: B006 - read only
    deed: Field = "",
    reason: Field = "",
) -> Response:
    """Accept or refuse what is chosen, all of it or nothing."""
    try:
        if deed not in DEEDS:
            raise InvalidInputError(field="deed", reason="choose one that the list offers")
        chosen = [key for key in (whole(one, "differences") for one in ids) if key is not None]
        with database_of(request).writing() as uow:
            period = period_of(uow, group_id, month)
            require_whole(request, uow, period)
            DEEDS[deed](uow, period.group.code, period.month, chosen, reason, actor_of(request), now())
    except REFUSALS as error:
        return _page(request, group_id, month, error, ids, reason)
    return RedirectResponse(f"{address_of(period)}/differences", 303)


def _page(
    request: Request, group_id: int, month: str, error: ServerError | None = None, chosen: list[str] | None = None, reason: str = ""
) -> Response:
    tell, zone = words(request), shell_of(request).zone.key
    with database_of(request).reading() as uow:
        period = period_of(uow, group_id, month)
        seen = seen_in(request, uow, period)
        found = [one for one in attendance.list_differences(uow, period) if seen(one.person_id)]
        arrears = {key: own for key, own in attendance.list_arrears(uow, period).items() if seen(key)}
        members = {one.person_id: one for one in attendance.members_of(uow, period)}

    def sentences(one: Difference) -> tuple[str, str]:
        return tell_day(one.before, tell, zone) if one.before else "–", tell_day(one.after, tell, zone)

    return shell_of(request).page(
        request,
        "attendance/periods/differences.html",
        error.status if error else 200,
        period=period,
        differences=[(one, members.get(one.person_id), *sentences(one)) for one in found],
        open=[one for one in found if one.state == "open"],
        arrears=[(members.get(key), one, [arrear_said(tell, item) for item in one.items]) for key, own in arrears.items() for one in own],
        chosen=set(chosen or []),
        reason=reason,
        wrong=said(request, error) if error else "",
        trail_of=(("period", period.name),),
    )
