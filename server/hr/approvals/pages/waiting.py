"""What waits for the reader among approvals, for the first page of a desk and of a phone."""

from collections.abc import Iterator

from fastapi import Request

from server.access.model import Permission
from server.hr.approvals import actions
from server.storage import UnitOfWork
from server.web.asking import may, now, words
from server.web.own import OwnEntry
from server.web.waiting import Waiting


def work_lists(request: Request, uow: UnitOfWork) -> Iterator[Waiting]:
    """Requests to be decided by the reader, and for HR those that nobody can decide."""
    if may(request, Permission.CHANGE_REQUESTS) and (stuck := len(actions.without_approver(uow, now()))):
        yield Waiting("wrong", words(request)("Requests that nobody can decide: {n}", n=stuck), "/approvals/stuck")
    person_id = request.state.visitor.person_id
    if person_id is not None and may(request, Permission.DECIDE) and (found := actions.count_waiting(uow, person_id, now())):
        yield Waiting("attention", words(request)("Waiting for your approval: {n}", n=found), "/approvals")


def entries(request: Request, uow: UnitOfWork) -> Iterator[OwnEntry]:
    """The inbox among the pages about oneself, for whoever has something waiting."""
    found = actions.count_waiting(uow, request.state.visitor.person_id, now()) if may(request, Permission.DECIDE) else 0
    if found:
        yield OwnEntry("/approvals", words(request)("Approvals"), words(request)("Waiting for your approval: {n}", n=found))
