"""A period as far as the reader may see its people; whoever decides on all of it must be responsible for all of them."""

from collections.abc import Callable
from dataclasses import replace

from fastapi import Request
from sqlalchemy import select

from server.access.model import Permission
from server.access.pages.visitors import scope_of_visitor
from server.attendance import actions as attendance
from server.attendance.model import Period, PeriodCheck
from server.directory import actions as directory
from server.errors import RefusedError
from server.storage import UnitOfWork


def seen_in(request: Request, uow: UnitOfWork, period: Period) -> Callable[[int], bool]:
    """A question for a person: does the reader see their days on a day of the period?"""
    within = directory.people_within(scope_of_visitor(request, Permission.SEE_DAYS), period.first_day, period.last_day)
    if within is None:
        return lambda _person_id: True
    return frozenset(row.person_id for row in uow.fetch_all(select(within.subquery().c.person_id))).__contains__


def as_seen(request: Request, uow: UnitOfWork, check: PeriodCheck) -> PeriodCheck:
    """The same with those people only whom the reader sees; what is in the way is counted for all and names nobody else."""
    seen = seen_in(request, uow, check.period)
    issues = tuple(replace(one, people=tuple(each for each in one.people if seen(each.person_id))) for one in check.issues)
    return replace(check, members=tuple(one for one in check.members if seen(one.person_id)), issues=issues)


def require_whole(request: Request, uow: UnitOfWork, period: Period) -> None:
    """Raises RefusedError where the reader's role is not good for everybody in the period."""
    scope = scope_of_visitor(request, Permission.CLOSE_PERIODS)
    if scope.everybody:
        return
    days = ((one.person_id, day) for one in attendance.members_of(uow, period) for day in (one.first_day, one.last_day))
    within = directory.days_within(uow, scope, period.first_day, period.last_day)
    if not all(within(person_id, day) for person_id, day in days):
        raise RefusedError(reason="This is about more people than your role is for. Ask somebody who is responsible for all of them.")
