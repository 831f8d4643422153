"""What the address of a list of the staff asks, and the place in it where the list goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from fastapi import Request
from sqlalchemy import Select

from server.access.model import Permission
from server.directory import actions as directory
from server.directory.model import Department, EmploymentKind, Position, StaffOrder, StaffQuestion, StaffState
from server.directory.store import StaffKey
from server.errors import InvalidInputError
from server.fleet import actions as fleet
from server.fleet.model import LegalEntity, Site
from server.storage import UnitOfWork
from server.web.asking import given_day, now, shell_of, whole

Word = TypeVar("Word", bound=StrEnum)
LONGEST_TEXT = 64
BY_HIRE = frozenset({StaffOrder.HIRED, StaffOrder.HIRED_LAST})
QUESTIONS: Mapping[str, str] = {
    "text": "a part of a name or its sound, its initials, or the beginning of an employee number",
    "department": "a department's id; those below it are included",
    "position": "a position's id",
    "site": "a site's id",
    "legal_entity": "a legal entity's id",
    "manager": "a person's id: those whom this person manages",
    "kind": "a kind of employment, such as regular or intern",
    "state": "employed (when left out), probation, leaving, to-come, left or all",
    "hired_from": "the first day on which they may have been hired",
    "hired_to": "the last day on which they may have been hired",
    "day": "the day as of which the list is; today when left out",
    "order": "name (when left out), number, hired or hired-last",
}
"""What may stand in the address, for people who write programs."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What the filters of the page offer."""

    departments: list[Department]
    positions: list[Position]
    sites: list[Site]
    legal_entities: list[LegalEntity]


def offered(uow: UnitOfWork) -> Offered:
    return Offered(directory.list_departments(uow), directory.list_positions(uow), fleet.list_sites(uow), fleet.list_legal_entities(uow))


def staff_asked(request: Request) -> StaffQuestion:
    """The question in an address; raises InvalidInputError for a value that cannot be used."""
    asked = request.query_params
    day = given_day(asked.get("day", ""), "day") or today(request)
    return StaffQuestion(
        day=day,
        text=asked.get("text", "").replace("\0", "").strip()[:LONGEST_TEXT],
        department_id=whole(asked.get("department", ""), "department"),
        position_id=whole(asked.get("position", ""), "position"),
        site_id=whole(asked.get("site", ""), "site"),
        legal_entity_id=whole(asked.get("legal_entity", ""), "legal_entity"),
        manager_id=whole(asked.get("manager", ""), "manager"),
        kind=_word(EmploymentKind, asked.get("kind", ""), "kind"),
        state=_word(StaffState, asked.get("state", ""), "state") or StaffState.EMPLOYED,
        hired_from=given_day(asked.get("hired_from", ""), "hired_from"),
        hired_to=given_day(asked.get("hired_to", ""), "hired_to"),
        order=_word(StaffOrder, asked.get("order", ""), "order") or StaffOrder.NAME,
        within=within(request, day),
    )


def staff_key(value: str, asked: StaffQuestion) -> StaffKey | None:
    """The place that `written_key` wrote, None at the beginning; raises InvalidInputError."""
    if not value:
        return None
    number, _, said = value.partition("-")
    try:
        key = whole(number, "after")
        held: str | date = date.fromisoformat(said) if asked.order in BY_HIRE else said
    except (ValueError, InvalidInputError):
        key = None
    if key is None or "\0" in value:
        raise InvalidInputError(field="after", reason="start again from the first page")
    return held, key


def written_key(key: StaffKey | None) -> str:
    """A place in a list, for an address; "" for none."""
    return "" if key is None else f"{key[1]}-{key[0]}"


def within(request: Request, day: date) -> Select[Any] | None:
    """A SELECT of the people whom the reader may see on a day, None for everybody."""
    return directory.people_within(request.state.visitor.scope(Permission.SEE_PEOPLE), day)


def today(request: Request) -> date:
    """The date at the company."""
    return now().astimezone(shell_of(request).zone).date()


def _word(words: type[Word], value: str, field: str) -> Word | None:
    if not value:
        return None
    try:
        return words(value)
    except ValueError as error:
        raise InvalidInputError(field=field, reason="choose one that the list offers") from error
