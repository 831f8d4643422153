"""What waits among attendance days, for the reader's first page."""

from collections.abc import Iterator

from fastapi import Request

from server.access.model import Permission
from server.access.pages.visitors import scope_of_visitor
from server.attendance import actions as attendance
from server.attendance.model import ExceptionFilter
from server.attendance.pages.words import WRONG
from server.attendance.store.trials import count_undecided
from server.storage import UnitOfWork
from server.web.asking import may, words
from server.web.waiting import Waiting


def work_lists(request: Request, uow: UnitOfWork) -> Iterator[Waiting]:
    """Exceptions that nobody has looked at, and differences of recalculated days that nobody has decided about."""
    if may(request, Permission.SEE_DAYS) and may(request, Permission.SEE_PEOPLE):
        counts = attendance.count_exceptions(uow, ExceptionFilter(scope=scope_of_visitor(request, Permission.SEE_DAYS)))
        if counts:
            kind = "wrong" if WRONG & counts.keys() else "attention"
            yield Waiting(kind, words(request)("Exceptions: {n}", n=sum(counts.values())), "/attendance/exceptions")
        if may(request, Permission.CHANGE_GRANTS) and (found := count_undecided(uow)):
            yield Waiting("attention", words(request)("Recalculations to be decided: {n}", n=found), "/recalculate")
