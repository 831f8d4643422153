"""The gate by row for every address that names a person: somebody out of the visitor's scope is not there.

Other pages ask `directory.actions.people_within` and its neighbours for themselves.
"""

from calendar import monthrange
from datetime import date

from fastapi import Request

from server.access.model import Permission, Scope
from server.access.pages.visitors import scope_of_visitor
from server.directory.actions import find_person_within, is_within_any, list_staff, people_within
from server.directory.model import StaffQuestion, StaffState
from server.errors import NotFoundError, RefusedError
from server.storage import UnitOfWork
from server.web.asking import database_of, now, shell_of

MOST_CALLED = 50
"""People whom one text may mean at once."""


def require_person(request: Request, permission: str) -> None:
    """Raises NotFoundError where the address names a person whom the visitor may not see by this permission.

    The day is the one that the address names, a day of the month that it names, else today.
    """
    scope, named = scope_of_visitor(request, permission), str(request.path_params["person_id"])
    if scope.everybody:
        return
    if not (named.isascii() and named.isdecimal() and len(named) < 19):
        raise NotFoundError(what="person", name=named[:64])
    first, last = _days(request)
    with database_of(request).reading() as uow:
        if not is_within_any(uow, scope, int(named), first, last):
            raise NotFoundError(what="person", name=named)


def people_called(uow: UnitOfWork, scope: Scope, text: str, day: date) -> list[int]:
    """Whom an employee number or a part of a name means, of those within the scope, whether they are here or have left."""
    if exact := find_person_within(uow, scope, text, day):
        return [exact.id]
    asked = StaffQuestion(day, text=text, state=StaffState.ALL, within=people_within(scope, day))
    return [line.person_id for line in list_staff(uow, asked, None, MOST_CALLED).lines]


def require_everybody(request: Request) -> None:
    """Raises RefusedError for somebody who may change the data of a part of the company only."""
    if not scope_of_visitor(request, Permission.CHANGE_PEOPLE).everybody:
        raise RefusedError(reason="This holds for the whole company. Ask somebody who is responsible for everybody to do it.")


def _days(request: Request) -> tuple[date, date]:
    asked, today = request.path_params, now().astimezone(shell_of(request).zone).date()
    try:
        if "day" in asked:
            day = date.fromisoformat(str(asked["day"]))
            return day, day
        if "month" in asked:
            first = date.fromisoformat(f"{asked['month']}-01")
            return first, first.replace(day=monthrange(first.year, first.month)[1])
    except ValueError:  # the route says what is wrong with it
        pass
    return today, today
