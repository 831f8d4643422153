"""What waits for who looks after terminals: users that a terminal did not take, and more stored faces than may go unnoticed."""

from collections.abc import Iterable

from fastapi import Request

from server.access.model import Permission
from server.directory import actions as directory
from server.dispatch.areas import actions
from server.storage import UnitOfWork
from server.web.asking import may, now, words
from server.web.waiting import Waiting


def work_lists(request: Request, uow: UnitOfWork) -> Iterable[Waiting]:
    """For the first page."""
    if may(request, Permission.CHANGE_FLEET) and (n := actions.count_failed(uow)):
        yield Waiting("wrong", words(request)("Users that terminals did not take: {n}", n=n), "/areas")
    if may(request, Permission.SEE_FLEET):
        for count in actions.too_many_faces(uow, directory.today_of(uow, now())).values():
            yield Waiting("attention", words(request)("Faces stored for one legal entity: {n}", n=count.most), "/areas/faces")
