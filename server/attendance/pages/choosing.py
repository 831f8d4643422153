"""The form that chooses people and days for a trial."""

from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import Request

from server.access.model import Scope
from server.attendance import actions as attendance
from server.attendance.model.trials import Who, WhoKind
from server.directory import actions as directory
from server.directory.model import Department
from server.errors import InvalidInputError, NotFoundError
from server.fleet import actions as fleet
from server.fleet.model import Site
from server.storage import UnitOfWork
from server.web.asking import given_day, now, shell_of, whole


@dataclass(frozen=True, slots=True)
class Choice:
    """What the form offers."""

    departments: tuple[Department, ...]
    sites: tuple[Site, ...]


def offered(uow: UnitOfWork) -> Choice:
    return Choice(tuple(directory.list_departments(uow)), tuple(fleet.list_sites(uow)))


def company_today(request: Request) -> date:
    """The date on the company's clock."""
    return now().astimezone(shell_of(request).zone).date()


def this_month(today: date) -> tuple[date, date]:
    """From the first of the month to yesterday; on the first, the month before."""
    last = today - timedelta(days=1)
    return last.replace(day=1), last


def last_month(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def given_span(first: str, last: str) -> tuple[date, date]:
    """Raises InvalidInputError."""
    found = given_day(first, "first_day"), given_day(last, "last_day")
    if found[0] is None or found[1] is None:
        raise InvalidInputError(field="first_day", reason="give the first and the last day")
    return found[0], found[1]


def given_who(uow: UnitOfWork, scope: Scope, today: date, who: str, number: str) -> Who:
    """who: `all`, `department:3`, `site:2` or `rule-set:1`; number: an employee number, which stands over it.

    scope: of whoever asks; one that is not everybody's is good for single people only. Raises InvalidInputError, NotFoundError.
    """
    if number.strip():
        person = directory.find_person_within(uow, scope, number.strip(), today)
        if person is None:
            raise NotFoundError(what="person", name=number.strip())
        return Who(WhoKind.PERSON, person.id, person.name)
    if not scope.everybody:
        raise InvalidInputError(field="number", reason="give an employee number: your role is for some people only")
    kind, _, key = who.partition(":")
    if kind not in set(WhoKind) - {WhoKind.PERSON}:
        raise InvalidInputError(field="who", reason="choose whose days")
    found = WhoKind(kind)
    return Who(found, whole(key, "who") or 0, _name(uow, found, whole(key, "who") or 0))


def _name(uow: UnitOfWork, kind: WhoKind, key: int) -> str:
    named: dict[int, str] = {}
    if kind is WhoKind.DEPARTMENT:
        named = {one.id: one.name for one in directory.list_departments(uow)}
    elif kind is WhoKind.SITE:
        named = {one.id: one.name for one in fleet.list_sites(uow)}
    elif kind is WhoKind.RULE_SET:
        return attendance.find_rule_set(uow, key).name
    elif kind is WhoKind.ALL:
        return ""
    if key not in named:
        raise InvalidInputError(field="who", reason="choose whose days")
    return named[key]
