"""An event as a form or a program says it, in codes and numbers, and as the action takes it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EmploymentKind, EventKind, HoursSystem, LeavingGround, Protection
from server.errors import InvalidInputError
from server.fleet import actions as fleet
from server.storage import UnitOfWork
from server.web.asking import given_day

Word = TypeVar("Word", bound=StrEnum)
KEEP = "keep"
"""What a form says of a field that it leaves as it is; a program leaves the field out."""
LISTS: Mapping[str, Callable[[UnitOfWork], Sequence[Any]]] = {
    "department": directory.list_departments,
    "position": directory.list_positions,
    "site": fleet.list_sites,
    "legal_entity": fleet.list_legal_entities,
    "pay_group": directory.pay_groups,
}


def event_of(uow: UnitOfWork, said: Mapping[str, str | None]) -> NewEvent:
    """The event; raises InvalidInputError, which names the field. "" and None mean none, a field that is not there keeps what holds."""
    kind = one_of(EventKind, said.get("kind"), "kind")
    day = given_day(said.get("effective_on") or "", "effective_on")
    if day is None:
        raise InvalidInputError(field="effective_on", reason="give a date such as 2026-11-23")
    until = given_day(said.get("until") or "", "until")
    return NewEvent(kind, day, _sets(uow, kind, said), until, (said.get("reason") or "").strip())


def one_of(words: type[Word], value: str | None, field: str) -> Word:
    try:
        return words(value or "")
    except ValueError as error:
        raise InvalidInputError(field=field, reason="choose one that the list offers") from error


def _sets(uow: UnitOfWork, kind: EventKind, said: Mapping[str, str | None]) -> dict[str, Any]:
    told = {name: value for name, value in said.items() if value != KEEP}
    sets: dict[str, Any] = {}
    if kind in {EventKind.TRANSFER, EventKind.HIRE}:
        sets |= {f"{name}_id": _coded(uow, name, told[name]) for name in LISTS if name in told}
        if "manager" in told:
            sets["manager_id"] = manager_of_number(uow, told["manager"], "manager")
    if kind in {EventKind.KIND, EventKind.HIRE} and "employment_kind" in told:
        sets["kind"] = one_of(EmploymentKind, told["employment_kind"], "employment_kind").value
    if kind in {EventKind.HOURS, EventKind.HIRE} and "hours_system" in told:
        sets["hours_system"] = one_of(HoursSystem, told["hours_system"], "hours_system").value
        sets |= _approval(told)
    if kind is EventKind.PROTECTION:
        sets["protection"] = one_of(Protection, told.get("protection"), "protection").value
    if kind is EventKind.LEAVING:
        sets["ground"] = one_of(LeavingGround, told.get("ground"), "ground").value
    return sets


def _approval(told: Mapping[str, str | None]) -> dict[str, str]:
    number, until = (told.get("hours_approval") or "").strip(), given_day(told.get("hours_approval_until") or "", "hours_approval_until")
    if len(number) > 100:
        raise InvalidInputError(field="hours_approval", reason="use at most {most} characters", most=100)
    return ({"hours_approval": number} if number else {}) | ({"hours_approval_until": until.isoformat()} if until else {})


def _coded(uow: UnitOfWork, name: str, code: str | None) -> int | None:
    if not code:
        return None
    found = next((one.id for one in LISTS[name](uow) if one.code == code), None)
    if found is None:
        raise InvalidInputError(field=name, reason="{code} is not there: choose one that the list offers", code=code)
    return int(found)


def manager_of_number(uow: UnitOfWork, number: str | None, field: str) -> int | None:
    """The person with an employee number, None for none; raises InvalidInputError."""
    number = (number or "").strip()
    if not number:
        return None
    found = directory.find_person(uow, number)
    if found is None:
        raise InvalidInputError(field=field, reason="there is nobody with the employee number {number}", number=number)
    return found.id


def day_or_today(value: str, today: date) -> date:
    """The day of an address; today for none. Raises InvalidInputError."""
    return given_day(value, "day") or today
