"""`/me/leave`: what somebody has left, by when it ends and what comes, made for a phone. Whose leave it is comes from the account."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.attendance.pages.asked import today
from server.directory import actions as directory
from server.hr.leave import actions as leave
from server.hr.leave.pages.asked import day_asked
from server.hr.leave.pages.told import card, movement_lines
from server.storage import UnitOfWork
from server.web.asking import database_of, shell_of, words
from server.web.language import language_of
from server.web.own import OwnEntry
from server.web.visitor import needs

router = APIRouter()
OWN = [needs(Permission.SEE_OWN)]


def entries(request: Request, _uow: UnitOfWork) -> list[OwnEntry]:
    """One's own balances, among the pages about oneself."""
    return [OwnEntry("/me/leave", words(request)("My leave"))]


@router.get("/me/leave", dependencies=OWN)
def my_leave(request: Request) -> Response:
    key: int | None = request.state.visitor.person_id
    if key is None:
        return shell_of(request).page(request, "attendance/no_person.html")
    day, tell, language = day_asked(request), words(request), language_of(request, shell_of(request).language)
    with database_of(request).reading() as uow:
        person = directory.see_person(uow, key)[0].person
        cards = [card(one, tell, language) for one in leave.balances_of(uow, key, day)]
        rows = leave.ledgers_of(uow, key, day)
    ledgers = {one.code: movement_lines([row for row in rows[one.code] if row.day <= day], one.balance.type.terms, tell) for one in cards}
    limited = [one for one in cards if one.balance.limited and (one.balance.minutes or one.balance.available or ledgers[one.code])]
    return shell_of(request).page(
        request,
        "leave/mine.html",
        person=person,
        day=day,
        today=today(request),
        limited=limited,
        others=[one for one in cards if not one.balance.limited and one.balance.taken],
        ledgers=ledgers,
    )
