"""Enrolments as a list: who is which terminal user where, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, delete, or_, select, tuple_

from server.directory.model import TemplateKind, TerminalUser
from server.directory.store.people import kinds_of, named
from server.directory.tables import enrolment, person, terminal_user
from server.fleet.tables import zone
from server.storage import UnitOfWork, upsert


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
    card: str
    templates: tuple[TemplateKind, ...] | None


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
    """By terminal user; on: only those that hold on the day. text: of the name or employee number, or the whole terminal user or card."""
    held = enrolment.c
    whom = (person.c.employee_number, person.c.name, person.c.active.label("employed"))
    columns = (held.id, held.person_id, *whom, held.zone_id, zone.c.name.label("zone"))
    joined = enrolment.join(person, person.c.id == held.person_id).join(zone, zone.c.id == held.zone_id)
    query = select(*columns, held.terminal_user, held.valid_from, held.valid_until, held.card, held.templates).select_from(joined)
    if within is not None:
        query = query.where(held.person_id.in_(within))
    if text:
        query = query.where(or_(named(text), held.terminal_user == text.strip(), held.card == text.strip()))
    if zone_id is not None:
        query = query.where(held.zone_id == zone_id)
    if on is not None:
        query = query.where(held.valid_from <= on, or_(held.valid_until.is_(None), held.valid_until >= on))
    if after is not None:
        query = query.where(tuple_(held.terminal_user, held.id) > after)
    rows = uow.fetch_all(query.order_by(held.terminal_user, held.id).limit(limit))
    return [_line(row) for row in rows]


def _line(row: Row[Any]) -> EnrolmentLine:
    values = dict(row._mapping) | {"card": row.card or "", "templates": kinds_of(row.templates)}  # noqa: SLF001 - a documented name
    return EnrolmentLine(**values)


def terminal_users(uow: UnitOfWork) -> dict[tuple[int, str], TerminalUser]:
    """What terminals say of users who are nobody here, by zone and user."""
    rows = uow.fetch_all(select(terminal_user))
    return {
        (row.zone_id, row.terminal_user): TerminalUser(row.zone_id, row.terminal_user, row.name, row.card or "", kinds_of(row.templates))
        for row in rows
    }


def write_terminal_users(uow: UnitOfWork, users: Sequence[TerminalUser], now: datetime) -> None:
    rows = [
        {
            "zone_id": one.zone_id,
            "terminal_user": one.terminal_user,
            "name": one.name,
            "card": one.card or None,
            "templates": None if one.templates is None else list(one.templates),
            "told_at": now,
        }
        for one in users
    ]
    upsert(uow, terminal_user, rows, ("zone_id", "terminal_user"))


def forget_terminal_user(uow: UnitOfWork, zone_id: int, user: str) -> None:
    uow.execute(delete(terminal_user).where(terminal_user.c.zone_id == zone_id, terminal_user.c.terminal_user == user))


def forget_terminal_users_before(uow: UnitOfWork, moment: datetime) -> int:
    """Lines that nobody needed for so long; returns how many."""
    return uow.execute(delete(terminal_user).where(terminal_user.c.told_at < moment)).rowcount
