"""Enrolments as a list: who is which terminal user where, and when."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select, tuple_

from server.directory.store.people import named
from server.directory.tables import enrolment, person
from server.fleet.tables import zone
from server.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class EnrolmentLine:
    """An enrolment with whom and where. valid_until: the last day, None while it goes on."""

    id: int
    person_id: int
    employee_number: str
    name: str
    employed: bool
    zone_id: int
    zone: str
    terminal_user: str
    valid_from: date
    valid_until: date | None


def list_enrolments(
    uow: UnitOfWork,
    within: Select[Any] | None,
    *,
    text: str = "",
    zone_id: int | None = None,
    on: date | None = None,
    after: tuple[str, int] | None = None,
    limit: int = 100,
) -> list[EnrolmentLine]:
    """By terminal user; on: only those that hold on the day. text: of the name or employee number, or the whole terminal user."""
    held = enrolment.c
    columns = (held.id, held.person_id, person.c.employee_number, person.c.name, person.c.active, held.zone_id, zone.c.name.label("zone"))
    joined = enrolment.join(person, person.c.id == held.person_id).join(zone, zone.c.id == held.zone_id)
    query = select(*columns, held.terminal_user, held.valid_from, held.valid_until).select_from(joined)
    if within is not None:
        query = query.where(held.person_id.in_(within))
    if text:
        query = query.where(or_(named(text), held.terminal_user == text.strip()))
    if zone_id is not None:
        query = query.where(held.zone_id == zone_id)
    if on is not None:
        query = query.where(held.valid_from <= on, or_(held.valid_until.is_(None), held.valid_until >= on))
    if after is not None:
        query = query.where(tuple_(held.terminal_user, held.id) > after)
    rows = uow.fetch_all(query.order_by(held.terminal_user, held.id).limit(limit))
    return [EnrolmentLine(*tuple(row)) for row in rows]
