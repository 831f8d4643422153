"""Reading and writing departments, people and enrolments."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select, tuple_

from server.directory.model import Department, Enrolment, Person, PersonOverview, TemplateKind, sort_key
from server.directory.tables import department, enrolment, person
from server.fleet.tables import site
from server.storage import UnitOfWork, pack_date

MOST_INITIALS = 4
"""Letters that may be the beginnings of a name's words."""
FOR_EVER = 99991231
"""Packed last day of an enrolment that goes on."""


def departments(uow: UnitOfWork) -> list[Department]:
    """All departments, by code."""
    return [Department(**row._mapping) for row in uow.fetch_all(select(department).order_by(department.c.code))]  # noqa: SLF001 - a documented name


def department_with_those_below(uow: UnitOfWork, department_id: int) -> list[int]:
    """Ids of a department and of all below it, however deep."""
    below: dict[int | None, list[int]] = defaultdict(list)
    for row in uow.fetch_all(select(department.c.id, department.c.parent_id)):
        below[row.parent_id].append(row.id)
    found, look = [department_id], [department_id]
    while look:
        next_ones = [one for one in below[look.pop()] if one not in found]
        found += next_ones
        look += next_ones
    return found


def person_by_id(uow: UnitOfWork, person_id: int) -> Person | None:
    row = uow.fetch_one(select(person).where(person.c.id == person_id))
    return None if row is None else _person(row)


def person_by_number(uow: UnitOfWork, employee_number: str) -> Person | None:
    row = uow.fetch_one(select(person).where(person.c.employee_number == employee_number))
    return None if row is None else _person(row)


def people_by_number(uow: UnitOfWork) -> dict[str, Person]:
    """Everybody, by employee number."""
    return {row.employee_number: _person(row) for row in uow.fetch_all(select(person))}


def overview(uow: UnitOfWork, person_id: int) -> PersonOverview | None:
    row = uow.fetch_one(_overviews().where(person.c.id == person_id))
    return None if row is None else _overview(row)


def list_people(
    uow: UnitOfWork,
    *,
    text: str = "",
    department_id: int | None = None,
    site_id: int | None = None,
    active: bool | None = True,
    after: tuple[str, int] | None = None,
    limit: int = 50,
    within: Select[Any] | None = None,
) -> list[tuple[PersonOverview, tuple[str, int]]]:
    """People in the order of their names' sound, each with the key that `after` takes for the next page.

    text: a part of the name, its pinyin without spaces between words left out, or the beginning of the employee number.
    within: a SELECT of the ids of those who may be seen; None: everybody.
    """
    query = _overviews().add_columns(person.c.name_sort).order_by(person.c.name_sort, person.c.id).limit(limit)
    if text:
        query = query.where(named(text))
    if department_id is not None:
        query = query.where(person.c.department_id == department_id)
    if site_id is not None:
        query = query.where(person.c.site_id == site_id)
    if active is not None:
        query = query.where(person.c.active.is_(active))
    if within is not None:
        query = query.where(person.c.id.in_(within))
    if after is not None:
        query = query.where(tuple_(person.c.name_sort, person.c.id) > after)
    return [(_overview(row), (row.name_sort, row.id)) for row in uow.fetch_all(query)]


def named(text: str) -> Any:
    """Condition: the person's name or its sound contains the text, or the employee number begins with it.

    The sound also without its spaces ("wangwei") and by the first letters of its words ("ww").
    """
    text = text.strip()
    sound = text.casefold()
    joined = func.replace(person.c.name_sort, " ", "").contains(sound.replace(" ", ""), autoescape=True)
    initials = (
        [person.c.name_sort.like("% ".join(sound) + "%")] if sound.isascii() and sound.isalpha() and len(sound) <= MOST_INITIALS else []
    )
    return or_(
        joined,
        *initials,
        person.c.name.contains(text, autoescape=True),
        person.c.name_sort.contains(sound, autoescape=True),
        person.c.employee_number.istartswith(text, autoescape=True),
    )


def enrolments_of(uow: UnitOfWork, person_id: int) -> list[Enrolment]:
    """A person's enrolments, the latest first."""
    query = select(enrolment).where(enrolment.c.person_id == person_id)
    rows = uow.fetch_all(query.order_by(enrolment.c.valid_from.desc(), enrolment.c.id.desc()))
    return [enrolment_of(row) for row in rows]


def enrolments_at(uow: UnitOfWork, zone_id: int, terminal_user: str) -> list[Enrolment]:
    """Whoever a terminal user was and is, in the order of time."""
    query = select(enrolment).where(enrolment.c.zone_id == zone_id, enrolment.c.terminal_user == terminal_user)
    return [enrolment_of(row) for row in uow.fetch_all(query.order_by(enrolment.c.valid_from))]


def all_enrolments(uow: UnitOfWork) -> list[Enrolment]:
    """Everything, in no order."""
    return [enrolment_of(row) for row in uow.fetch_all(select(enrolment))]


def overlapping(uow: UnitOfWork, zone_id: int, terminal_user: str, first: date, last: date | None) -> list[Enrolment]:
    """Enrolments of this terminal user that share a day with first..last."""
    conditions = [enrolment.c.zone_id == zone_id, enrolment.c.terminal_user == terminal_user]
    conditions.append(or_(enrolment.c.valid_until.is_(None), enrolment.c.valid_until >= first))
    if last is not None:
        conditions.append(enrolment.c.valid_from <= last)
    return [enrolment_of(row) for row in uow.fetch_all(select(enrolment).where(and_(*conditions)))]


def enrolled_spans(uow: UnitOfWork, zone_ids: Sequence[int] | None = None) -> dict[tuple[int, str], tuple[tuple[int, int], ...]]:
    """(zone, terminal user) to the (first, last) packed days somebody is enrolled as that; `zone_ids` limits it."""
    query = select(enrolment.c.zone_id, enrolment.c.terminal_user, enrolment.c.valid_from, enrolment.c.valid_until)
    if zone_ids is not None:
        query = query.where(enrolment.c.zone_id.in_(zone_ids))
    spans: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    for row in uow.fetch_all(query):
        last = FOR_EVER if row.valid_until is None else pack_date(row.valid_until)
        spans[(row.zone_id, row.terminal_user)].append((pack_date(row.valid_from), last))
    return {key: tuple(sorted(found)) for key, found in spans.items()}


def enrolment_of(row: Row[Any]) -> Enrolment:
    return Enrolment(
        row.id, row.person_id, row.zone_id, row.terminal_user, row.valid_from, row.valid_until, row.card or "", kinds_of(row.templates)
    )


def kinds_of(listed: Sequence[str] | None) -> tuple[TemplateKind, ...] | None:
    """Kinds of templates as they are stored."""
    return None if listed is None else tuple(map(TemplateKind, listed))


def with_card(uow: UnitOfWork, zone_id: int, card: str, first: date, last: date | None) -> list[Enrolment]:
    """Enrolments with this card that share a day with first..last."""
    conditions = [enrolment.c.zone_id == zone_id, enrolment.c.card == card]
    conditions.append(or_(enrolment.c.valid_until.is_(None), enrolment.c.valid_until >= first))
    if last is not None:
        conditions.append(enrolment.c.valid_from <= last)
    return [enrolment_of(row) for row in uow.fetch_all(select(enrolment).where(*conditions))]


def names_of(uow: UnitOfWork, person_ids: Iterable[int]) -> dict[int, str]:
    """Names by person."""
    rows = uow.fetch_all(select(person.c.id, person.c.name).where(person.c.id.in_(list(person_ids))))
    return {row.id: row.name for row in rows}


def sounding_like(uow: UnitOfWork, name: str, most: int) -> list[Person]:
    """People whose names sound like this one, by employee number."""
    sound = sort_key(name.strip()).removesuffix(f" {name.strip()}")
    alike = person.c.name_sort.startswith(f"{sound} ", autoescape=True)
    rows = uow.fetch_all(select(person).where(alike).order_by(person.c.employee_number))
    return [one for one in map(_person, rows) if sort_key(one.name) == f"{sound} {one.name}"][:most]


def only_within(uow: UnitOfWork, person_ids: Collection[int], within: Select[Any] | None) -> set[int]:
    """Those of these people who are within; all of them where nothing limits it."""
    if within is None or not person_ids:
        return set(person_ids)
    query = select(person.c.id).where(person.c.id.in_(list(person_ids)), person.c.id.in_(within))
    return {row.id for row in uow.fetch_all(query)}


def numbers_of(uow: UnitOfWork, person_ids: Iterable[int]) -> dict[int, str]:
    """Employee numbers by person."""
    rows = uow.fetch_all(select(person.c.id, person.c.employee_number).where(person.c.id.in_(list(person_ids))))
    return {row.id: row.employee_number for row in rows}


def _overviews() -> Select[Any]:
    joined = person.outerjoin(department, department.c.id == person.c.department_id).outerjoin(site, site.c.id == person.c.site_id)
    return select(*_PERSON, department.c.name.label("department_name"), site.c.name.label("site_name")).select_from(joined)


_PERSON = (
    person.c.id, person.c.employee_number, person.c.name, person.c.department_id, person.c.site_id, person.c.active, person.c.erased_at,
)  # fmt: skip


def _person(row: Row[Any]) -> Person:
    return Person(row.id, row.employee_number, row.name, row.department_id, row.site_id, row.active, row.erased_at)


def _overview(row: Row[Any]) -> PersonOverview:
    return PersonOverview(_person(row), row.department_name, row.site_name)
