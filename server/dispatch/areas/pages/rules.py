"""The lines that say who belongs, as people read them and as forms send them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from starlette.datastructures import FormData

from server.directory import actions as directory
from server.dispatch.areas.model import Area, Rule
from server.errors import InvalidInputError
from server.fleet import actions as fleet
from server.storage import UnitOfWork
from server.web.asking import whole

FIELDS = ("site", "department", "position", "legal_entity")
"""Of a line of the form; `person` stands beside them, as an employee number."""
BLANK = dict.fromkeys((*FIELDS, "person"), "")
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Offered:
    """What the selects of a line offer: (id, name) by field."""

    sites: Sequence[tuple[int, str]]
    departments: Sequence[tuple[int, str]]
    positions: Sequence[tuple[int, str]]
    legal_entities: Sequence[tuple[int, str]]


def offered(uow: UnitOfWork) -> Offered:
    """Departments that were closed are offered no more."""
    return Offered(
        [(one.id, one.name) for one in fleet.list_sites(uow)],
        [(one.id, one.name) for one in directory.list_departments(uow) if one.closed_on is None],
        [(one.id, one.name) for one in directory.list_positions(uow)],
        [(one.id, one.name) for one in fleet.list_legal_entities(uow)],
    )


def told_rules(uow: UnitOfWork, area: Area, tell: Callable[..., str], within: Select[Any] | None) -> list[str]:
    """Each line as a sentence; people whom the reader may not see are not named."""
    lists: Mapping[str, Mapping[int, str]] = {
        "site_id": {one.id: one.name for one in fleet.list_sites(uow)},
        "department_id": {one.id: one.name for one in directory.list_departments(uow)},
        "position_id": {one.id: one.name for one in directory.list_positions(uow)},
        "legal_entity_id": {one.id: one.name for one in fleet.list_legal_entities(uow)},
        "person_id": _names(uow, area, tell, within),
    }
    return [" · ".join(names[key] for field, names in lists.items() if (key := getattr(rule, field)) is not None) for rule in area.rules]


def typed_lines(area: Area, numbers: Mapping[int, str]) -> list[dict[str, str]]:
    """The lines of an area as the form has them; a person whom the reader may not see stands in no line."""
    return [
        {name: str(getattr(rule, f"{name}_id") or "") for name in FIELDS} | {"person": numbers.get(rule.person_id or 0, "")}
        for rule in area.rules
        if rule.person_id is None or rule.person_id in numbers
    ]


def sent_lines(form: FormData) -> list[dict[str, str]]:
    """The lines as they were typed, those that say nothing left out."""
    names = (*FIELDS, "person")
    columns = [form.getlist(name)[:MOST_LINES] for name in names]
    lines = [dict(zip(names, (str(one) for one in values), strict=True)) for values in zip(*columns, strict=False)]
    return [line for line in lines if any(value.strip() for value in line.values())]


def rules_of(uow: UnitOfWork, lines: Sequence[Mapping[str, str]], within: Select[Any] | None) -> tuple[Rule, ...]:
    """Raises InvalidInputError for somebody who is not there, or whom the reader may not see."""
    return tuple(
        Rule(
            whole(line["site"], "rules"),
            whole(line["department"], "rules"),
            whole(line["position"], "rules"),
            whole(line["legal_entity"], "rules"),
            _person(uow, line["person"].strip(), within),
        )
        for line in lines
    )


def _person(uow: UnitOfWork, number: str, within: Select[Any] | None) -> int | None:
    if not number:
        return None
    found = directory.find_person(uow, number)
    if found is None or not directory.only_within(uow, {found.id}, within):
        raise InvalidInputError(field="rules", reason="there is nobody with the employee number {number}", number=number)
    return found.id


def _names(uow: UnitOfWork, area: Area, tell: Callable[..., str], within: Select[Any] | None) -> dict[int, str]:
    people = {rule.person_id for rule in area.rules if rule.person_id is not None}
    known = directory.names_of(uow, directory.only_within(uow, people, within)) if people else {}
    return {key: known.get(key, tell("a person")) for key in people}
