"""What of leave waits, for the reader's first page."""

from collections.abc import Iterator

from fastapi import Request

from server.access.model import Permission
from server.attendance.pages.asked import today
from server.hr.leave import actions as leave
from server.storage import UnitOfWork
from server.web.asking import may, words
from server.web.waiting import Waiting


def work_lists(request: Request, uow: UnitOfWork) -> Iterator[Waiting]:
    """A year's days that are lost by law, for HR to decide on; and what of the reader's own ends soon."""
    visitor, day, tell = request.state.visitor, today(request), words(request)
    decides = may(request, Permission.CHANGE_LEAVE) and may(request, Permission.SEE_PEOPLE)
    if decides and (found := leave.lost_days(uow, visitor.scope(Permission.CHANGE_LEAVE), day)):
        yield Waiting("attention", tell("Annual leave that may be lost by law: {n}", n=len(found)), "/leave/balances")
    if decides and (ending := leave.count_ending(uow, visitor.scope(Permission.CHANGE_LEAVE), day)):
        yield Waiting("attention", tell("People whose leave may end within 60 days: {n}", n=ending), "/leave/balances?ends=soon")
    is_employee = may(request, Permission.SEE_OWN) and visitor.person_id is not None
    if is_employee and (own := leave.lapsing_soon(uow, [visitor.person_id], day)):
        yield Waiting("attention", tell("Leave of yours that ends soon: {n}", n=len(own)), "/me/leave")
