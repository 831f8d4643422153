"""What leave adds to a person's page."""

from fastapi import Request

from server.access.model import Permission
from server.attendance.pages.asked import today
from server.directory import actions as directory
from server.hr.leave import actions as leave
from server.hr.leave.pages.told import card
from server.storage import UnitOfWork
from server.web.asking import may, shell_of, words
from server.web.language import language_of
from server.web.page_parts import Card


def person_card(request: Request, uow: UnitOfWork, person_id: int) -> Card | None:
    """What is left of each kind of leave, for those who may see it."""
    day = today(request)
    if not may(request, Permission.SEE_LEAVE):
        return None
    if not directory.is_within(uow, request.state.visitor.scope(Permission.SEE_LEAVE), person_id, day):
        return None
    tell, language = words(request), language_of(request, shell_of(request).language)
    shown = [card(one, tell, language) for one in leave.balances_of(uow, person_id, day) if one.limited and one.available]
    return Card("Leave", "leave/on_person.html", {"cards": shown, "person_id": person_id})
