"""Assignments and exemptions as far as the reader may see and change them.

What is for a department, a site or the company names nobody and is seen by everybody who sees rosters; it is changed by whoever is
responsible for everybody. What is for one person goes by that person.
"""

from collections.abc import Sequence

from fastapi import Request

from server.access.model import Permission
from server.access.pages.visitors import scope_of_visitor
from server.directory import actions as directory
from server.errors import NotFoundError, RefusedError
from server.roster import actions
from server.roster.model import Assignment, PunchExemption, Scope
from server.roster.pages.common import today_of
from server.storage import UnitOfWork


def assignments_seen(request: Request, uow: UnitOfWork, found: Sequence[Assignment]) -> list[Assignment]:
    scope, today = scope_of_visitor(request, Permission.SEE_ROSTER), today_of(request)
    return [one for one in found if one.scope is not Scope.PERSON or directory.is_within(uow, scope, one.scope_id, today)]


def exemptions_seen(request: Request, uow: UnitOfWork, found: Sequence[PunchExemption]) -> list[PunchExemption]:
    scope, today = scope_of_visitor(request, Permission.SEE_ROSTER), today_of(request)
    return [one for one in found if directory.is_within(uow, scope, one.person_id, today)]


def require_assignable(request: Request, uow: UnitOfWork, scope: Scope, scope_id: int) -> None:
    """Raises NotFoundError for a person whom the reader may not change, RefusedError for what is about others, too."""
    own = scope_of_visitor(request, Permission.CHANGE_ROSTER)
    if own.everybody:
        return
    if scope is not Scope.PERSON:
        raise RefusedError(reason="This is about more people than your role is for. Ask somebody who is responsible for all of them.")
    directory.require_within(uow, own, scope_id, today_of(request))


def require_assignment(request: Request, uow: UnitOfWork, assignment_id: int) -> None:
    """Raises as `require_assignable`; one that is not there is left to the action."""
    for one in actions.list_assignments(uow):
        if one.id == assignment_id:
            require_assignable(request, uow, one.scope, one.scope_id)


def require_exemption(request: Request, uow: UnitOfWork, exemption_id: int) -> None:
    """Raises NotFoundError for one of somebody whom the reader may not change."""
    own = scope_of_visitor(request, Permission.CHANGE_ROSTER)
    for one in actions.list_exemptions(uow):
        if one.id == exemption_id and not directory.is_within(uow, own, one.person_id, today_of(request)):
            raise NotFoundError(what="exemption", name=exemption_id)
