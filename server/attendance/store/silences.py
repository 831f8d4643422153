"""Silent terminals and accepted silences as rows."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, func, or_, select, update

from server.attendance.model.days import DayState
from server.attendance.model.silent import Silence, SilentTerminal
from server.attendance.store.reports import terminals_reported
from server.attendance.tables import attendance_day, silence
from server.directory.tables import enrolment
from server.fleet.tables import site, terminal
from server.storage import UnitOfWork

_day = attendance_day.c


def silent_terminals(uow: UnitOfWork, now: int) -> list[SilentTerminal]:
    """Terminals that days which are over wait for, those that most days wait for first."""
    columns = (terminal.c.id, terminal.c.serial, terminal.c.name, terminal.c.zone_id, site.c.name.label("site_name"), site.c.time_zone)
    rows = {row.id: row for row in uow.fetch_all(select(*columns).join(site, site.c.id == terminal.c.site_id))}
    found, counted = [], {}
    for terminal_id, until in terminals_reported(uow, now).items():
        row = rows[terminal_id]
        key = (row.zone_id, until)
        if key not in counted:
            counted[key] = _waiting(uow, row.zone_id, until or 0, now)
        people, days = counted[key]
        if days:
            found.append(SilentTerminal(terminal_id, row.serial, row.name, row.site_name, row.time_zone, until, people, days))
    return sorted(found, key=lambda one: (-one.days, one.serial))


def silences(uow: UnitOfWork) -> list[Silence]:
    """Those that hold, the latest first."""
    return [as_silence(row) for row in uow.fetch_all(select(silence).where(silence.c.withdrawn_at.is_(None)).order_by(silence.c.id.desc()))]


def silence_by_id(uow: UnitOfWork, silence_id: int) -> Silence | None:
    """One that holds."""
    row = uow.fetch_one(select(silence).where(silence.c.id == silence_id, silence.c.withdrawn_at.is_(None)))
    return None if row is None else as_silence(row)


def add_silence(uow: UnitOfWork, terminal_id: int, starts_at: int, ends_at: int, author: str, reason: str, now: datetime) -> int:
    values = {"terminal_id": terminal_id, "starts_at": starts_at, "ends_at": ends_at, "author": author, "reason": reason}
    return int(uow.scalar(silence.insert().values(**values, accepted_at=now).returning(silence.c.id)))


def withdraw(uow: UnitOfWork, silence_id: int, author: str, now: datetime) -> None:
    uow.execute(update(silence).where(silence.c.id == silence_id).values(withdrawn_at=now, withdrawn_by=author))


def days_between(uow: UnitOfWork, terminal_id: int, starts_at: int, ends_at: int) -> Sequence[tuple[int, date]]:
    """Stored days of people of the terminal's zone that a silence of then can have let pass."""
    first = datetime.fromtimestamp(starts_at, UTC).date() - timedelta(days=2) if starts_at else date.min
    last = datetime.fromtimestamp(ends_at, UTC).date() + timedelta(days=1)
    zone = select(terminal.c.zone_id).where(terminal.c.id == terminal_id).scalar_subquery()
    query = select(_day.person_id, _day.work_date).select_from(attendance_day.join(enrolment, _in_force()))
    rows = uow.fetch_all(query.where(enrolment.c.zone_id == zone, _day.work_date.between(first, last)).distinct())
    return [(row.person_id, row.work_date) for row in rows]


def as_silence(row: Row[Any]) -> Silence:
    return Silence(row.id, row.terminal_id, row.starts_at, row.ends_at, row.author, row.reason, row.accepted_at)


def _waiting(uow: UnitOfWork, zone_id: int, until: int, now: int) -> tuple[int, int]:
    """(people, days) of a zone that are over by now and end behind `until`."""
    waits = and_(_day.state == DayState.PROVISIONAL.value, _day.settles_at > until, _day.settles_at <= now)
    query = select(func.count(_day.person_id.distinct()), func.count()).select_from(attendance_day.join(enrolment, _in_force()))
    row = uow.fetch_one(query.where(waits, enrolment.c.zone_id == zone_id))
    assert row is not None
    people, days = tuple(row)
    return int(people), int(days)


def _in_force() -> Any:
    still = or_(enrolment.c.valid_until.is_(None), enrolment.c.valid_until >= _day.work_date)
    return and_(enrolment.c.person_id == _day.person_id, enrolment.c.valid_from <= _day.work_date, still)
