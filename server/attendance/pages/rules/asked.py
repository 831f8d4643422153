"""What the pages of rule sets share: the fields of a form, whom an assignment is for."""

from dataclasses import dataclass
from datetime import date

from fastapi import Request

from server.access.model import Scope
from server.attendance.model import RuleAssignment, RuleSubject
from server.attendance.pages.asked import is_key
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError
from server.fleet import actions as fleet
from server.storage import UnitOfWork
from server.web.asking import given_day, now, shell_of

LONGEST = 200
"""Characters of one field; more is nobody's."""


async def form_of_request(request: Request) -> dict[str, str]:
    """The fields of a form as texts; files and what is too long are left out."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str) and len(value) <= LONGEST}


def today(request: Request) -> date:
    """On the company's clock."""
    return now().astimezone(shell_of(request).zone).date()


def needed_day(value: str, field: str) -> date:
    """A date out of a form. Raises InvalidInputError for none."""
    found = given_day(value, field)
    if found is None:
        raise InvalidInputError(field=field, reason="give a date such as 2026-11-23")
    return found


def known_id(number: int, what: str) -> int:
    """A number that a row could have. Raises NotFoundError: a database fails when it is asked for a higher one."""
    if not is_key(number):
        raise NotFoundError(what=what, name=number)
    return number


@dataclass(frozen=True, slots=True)
class SubjectChoice:
    """Something that a rule set can be for. value: as the form sends it ("site:3")."""

    value: str
    name: str


@dataclass(frozen=True, slots=True)
class AppliesTo:
    """An assignment with the name of whom it is for; name "" where the reader may not know people, or it is the company."""

    assignment: RuleAssignment
    name: str


def subject_groups(uow: UnitOfWork) -> list[tuple[RuleSubject, list[SubjectChoice]]]:
    """Everything that can be chosen from a list; people are given by their number."""
    lists = (
        (RuleSubject.SITE, fleet.list_sites(uow)),
        (RuleSubject.DEPARTMENT, directory.list_departments(uow)),
        (RuleSubject.POSITION, directory.list_positions(uow)),
    )
    return [(kind, [SubjectChoice(f"{kind}:{one.id}", f"{one.name} ({one.code})") for one in found]) for kind, found in lists if found]


def read_subject(uow: UnitOfWork, scope: Scope, today: date, value: str, employee_number: str) -> tuple[RuleSubject, int]:
    """Whom the form means. Raises InvalidInputError or NotFoundError."""
    kind, _, number = value.partition(":")
    if kind == RuleSubject.COMPANY:
        return RuleSubject.COMPANY, 0
    if kind == RuleSubject.PERSON:
        person = directory.find_person_within(uow, scope, employee_number.strip(), today)
        if person is None:
            raise NotFoundError(what="person", name=employee_number.strip() or "–")
        return RuleSubject.PERSON, person.id
    return checked_subject(uow, scope, today, RuleSubject(kind) if kind in set(RuleSubject) else None, number)


def checked_subject(uow: UnitOfWork, scope: Scope, today: date, kind: RuleSubject | None, number: str) -> tuple[RuleSubject, int]:
    """A subject that is there; a person must be within the scope. Raises InvalidInputError or, for a person, NotFoundError."""
    if kind is RuleSubject.COMPANY:
        return kind, 0
    if kind is RuleSubject.PERSON and number.isdecimal():
        person_id = known_id(int(number), "person")
        directory.require_within(uow, scope, person_id, today)
        return kind, directory.see_person(uow, person_id)[0].person.id
    known = {choice.value for _, choices in subject_groups(uow) for choice in choices}
    if kind is None or f"{kind}:{number}" not in known:
        raise InvalidInputError(field="subject", reason="choose whom the rules are for")
    return kind, int(number)


def named(uow: UnitOfWork, assignments: list[RuleAssignment], scope: Scope, today: date) -> list[AppliesTo]:
    """Assignments with names, in the order it was decided; people out of the scope are not named."""
    names = {choice.value: choice.name for _, choices in subject_groups(uow) for choice in choices}
    return [AppliesTo(one, _name(uow, one, names, scope, today)) for one in assignments]


def _name(uow: UnitOfWork, one: RuleAssignment, names: dict[str, str], scope: Scope, today: date) -> str:
    if one.subject is RuleSubject.PERSON:
        seen = directory.is_within(uow, scope, one.subject_id, today)
        person = directory.see_person(uow, one.subject_id)[0].person if seen else None
        return f"{person.name} ({person.employee_number})" if person else ""
    return names.get(f"{one.subject}:{one.subject_id}", "")
