"""Punches as lines of a list: with terminal, site, and the person that enrolments name today."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, and_, or_, select, type_coerce

from protocol.identifiers import TerminalSerial, TerminalUser
from protocol.instants import WallTime
from server.attendance.model import Punch, PunchLine
from server.attendance.tables import punch
from server.directory.tables import department, enrolment, person
from server.fleet.tables import site, terminal
from server.storage import UnitOfWork, pack_date

_DAY = 1_000_000
"""A packed wall time is a packed date times this, plus hhmmss."""
_END_OF_DAY = 235_959


def day_starts(day: date) -> int:
    """Packed wall time of a date's first second."""
    return pack_date(day) * _DAY


def day_ends(day: date) -> int:
    """Packed wall time of a date's last second."""
    return pack_date(day) * _DAY + _END_OF_DAY


def enrolled_then() -> ColumnElement[bool]:
    """Condition between punch, terminal and enrolment: this enrolment was in force for this punch."""
    first = type_coerce(enrolment.c.valid_from, BigInteger) * _DAY
    last = type_coerce(enrolment.c.valid_until, BigInteger) * _DAY + _END_OF_DAY
    return and_(
        enrolment.c.zone_id == terminal.c.zone_id,
        enrolment.c.terminal_user == punch.c.terminal_user,
        punch.c.wall >= first,
        or_(enrolment.c.valid_until.is_(None), punch.c.wall <= last),
    )


def lines_by_id(uow: UnitOfWork, ids: Sequence[int], *, see_people: bool) -> dict[int, PunchLine]:
    """The lines of these punches, by id; they name nobody where people may not be seen."""
    joined = punch.join(terminal, terminal.c.id == punch.c.terminal_id).join(site, site.c.id == terminal.c.site_id)
    columns = [*_OF_PUNCH, terminal.c.serial, terminal.c.name, site.c.id, site.c.name, site.c.time_zone]
    if see_people:
        joined = joined.outerjoin(enrolment, enrolled_then()).outerjoin(person, person.c.id == enrolment.c.person_id)
        joined = joined.outerjoin(department, department.c.id == person.c.department_id)
        columns += [person.c.id, person.c.employee_number, person.c.name, department.c.name]
    query = select(*columns).select_from(joined).where(punch.c.id.in_(ids))
    return {row[0]: _line(row) for row in uow.fetch_all(query)}


def punch_by_id(uow: UnitOfWork, punch_id: int) -> Punch | None:
    """The punch itself, with its bytes."""
    row = uow.fetch_one(select(punch).where(punch.c.id == punch_id))
    return None if row is None else as_punch(row)


def as_punch(row: Row[Any]) -> Punch:
    """A row of the whole table as a value."""
    return Punch(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name for a row as a mapping


_OF_PUNCH: tuple[Any, ...] = (
    punch.c.id,
    punch.c.wall,
    punch.c.terminal_id,
    punch.c.terminal_user,
    punch.c.received_at,
    punch.c.admitted_at,
    punch.c.drift_ms,
    punch.c.verify,
    punch.c.state,
    punch.c.source,
    punch.c.live,
)


def _line(row: Row[Any]) -> PunchLine:
    values = tuple(row)
    punch_id, wall, terminal_id, user, received_at, admitted_at, drift_ms, verify, state, source, live = values[:11]
    serial, terminal_name, site_id, site_name, time_zone = values[11:16]
    person_id, number, name, unit = values[16:] or (None, None, None, None)
    return PunchLine(
        id=punch_id,
        wall=WallTime(wall),
        terminal_id=terminal_id,
        terminal_serial=TerminalSerial(serial),
        terminal_name=terminal_name,
        terminal_user=TerminalUser(user),
        site_id=site_id,
        site_name=site_name,
        time_zone=time_zone,
        person_id=person_id,
        employee_number=number,
        person_name=name,
        department_name=unit,
        received_at=received_at,
        admitted_at=admitted_at,
        drift_ms=drift_ms,
        verify=verify,
        state=state,
        source=source,
        live=live,
    )
