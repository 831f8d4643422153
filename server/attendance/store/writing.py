"""Writing assessed days, their exceptions, and differences of locked ones."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import and_, delete, select, update

from server.attendance.model import EXCEPTION_BITS, DayFlag
from server.attendance.model.assessed import Assessed
from server.attendance.model.days import AttendanceDay, AttendanceException, DayState
from server.attendance.model.grants import GrantKind
from server.attendance.tables import attendance_day, day_difference, day_exception, period_closing
from server.directory.tables import person
from server.storage import UnitOfWork, insert_ignoring, pack_date, to_microseconds, upsert

LOOKS = (1, 6, 11, 16, 31, 61, 121, 181, 241)
"""Minutes behind the start of a day at which it is looked at again while its person has not come."""


def hold_people(uow: UnitOfWork, person_ids: Collection[int]) -> None:
    """Until this transaction ends nobody else writes days of these people. On SQLite there is one writer anyway."""
    if uow.dialect == "postgresql":
        uow.fetch_all(select(person.c.id).where(person.c.id.in_(sorted(person_ids))).order_by(person.c.id).with_for_update(key_share=True))


def write_days(uow: UnitOfWork, days: Sequence[Assessed], now: datetime) -> None:
    """Bring stored days to these results, and their exceptions with them. Each has a day or nothing; nothing takes the row away."""
    gone = [(one.person_id, one.work_date) for one in days if one.day is None]
    rows = [one for one in days if one.day is not None]
    opened = _follow_exceptions(uow, days)
    _write_rows(uow, [_row(one, opened.get((one.person_id, one.work_date), 0), now) for one in rows])
    for person_id, day in gone:
        uow.execute(delete(attendance_day).where(attendance_day.c.person_id == person_id, attendance_day.c.work_date == day))


def _write_rows(uow: UnitOfWork, rows: Sequence[dict[str, Any]]) -> None:
    """On SQLite by the driver itself: a month of a company is tens of thousands of rows, and everything general costs at each value."""
    if uow.dialect != "sqlite":
        upsert(uow, attendance_day, rows, ["person_id", "work_date"])
        return
    cursor = uow.connection.connection.cursor()
    try:
        assessed_at = to_microseconds(rows[0]["assessed_at"]) if rows else 0
        cursor.executemany(_SQLITE_UPSERT, [_for_sqlite(row, assessed_at) for row in rows])
    finally:
        cursor.close()


_COLUMNS = tuple(column.name for column in attendance_day.c)
_SQLITE_UPSERT = (
    f"INSERT INTO attendance_day ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "  # noqa: S608 - our own names
    f"ON CONFLICT (person_id, work_date) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS[2:])}"
)


def _for_sqlite(row: dict[str, Any], assessed_at: int) -> tuple[Any, ...]:
    """The row as the driver takes it; all rows of one writing have one moment."""
    row["work_date"], row["assessed_at"] = pack_date(row["work_date"]), assessed_at
    return _IN_ORDER(row)


_IN_ORDER: Callable[[dict[str, Any]], tuple[Any, ...]] = itemgetter(*_COLUMNS)


def write_difference(uow: UnitOfWork, one: Assessed, period_id: int, now: datetime) -> None:
    """Put what a locked day would be now beside it, in the place of what was found before and not decided."""
    drop_difference(uow, one.person_id, one.work_date)
    if one.inputs is None:
        return
    values = {
        "person_id": one.person_id,
        "work_date": one.work_date,
        "period_id": period_id,
        "state": "open",
        "found_at": now,
        "reason": "",
    }
    said = {"rules_version_id": one.inputs.rules_version_id, "inputs_hash": one.inputs_hash}
    bodies = {"body": one.body, "steps": one.steps, "inputs": one.inputs_body}
    uow.execute(day_difference.insert().values(**values, **said, **bodies))


def drop_difference(uow: UnitOfWork, person_id: int, day: date) -> None:
    """What was found and not decided is no longer so."""
    mine = and_(day_difference.c.person_id == person_id, day_difference.c.work_date == day)
    uow.execute(delete(day_difference).where(mine, day_difference.c.state == "open"))


def accepted_bodies(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[tuple[int, date], bytes]:
    """Bodies of the last accepted differences: what locked days count as since. None of before a period was opened again."""
    column, closing = day_difference.c, period_closing.c
    mine = and_(column.person_id.in_(list(person_ids)), column.work_date.between(first, last), column.state == "accepted")
    held = and_(closing.period_id == column.period_id, closing.reopened_at.is_(None), closing.closed_at <= column.decided_at)
    query = select(column.person_id, column.work_date, column.body).join_from(day_difference, period_closing, held)
    rows = uow.fetch_all(query.where(mine).order_by(column.decided_at, column.id))
    return {(row.person_id, row.work_date): bytes(row.body) for row in rows}


def meaning_of(exception: AttendanceException) -> str:
    """Two exceptions of a day with one meaning are the same, and a settlement of one holds for the other."""
    return f"{exception.kind}:{exception.part}:{exception.minutes}:{exception.at}"


def _follow_exceptions(uow: UnitOfWork, days: Sequence[Assessed]) -> dict[tuple[int, date], int]:
    """Add what is new, take away what is gone, keep settlements; returns how many are open, by day."""
    if not days:
        return {}
    shown = {(one.person_id, one.work_date, meaning_of(each)): each for one in days if one.day is not None for each in one.day.exceptions}
    stored = _stored_exceptions(uow, days)
    added, opened = [], dict.fromkeys(((one.person_id, one.work_date) for one in days), 0)
    for key, each in shown.items():
        row = stored.pop(key, None)
        if row is None:
            added.append(_exception_row(key, each))
        elif row.state == "gone":
            uow.execute(update(day_exception).where(day_exception.c.id == row.id).values(state="settled"))
        if row is None or row.state == "open":
            opened[key[:2]] += 1
    insert_ignoring(uow, day_exception, added, ["person_id", "work_date", "meaning"])
    gone = [row.id for row in stored.values() if row.state == "open"]
    if gone:
        uow.execute(delete(day_exception).where(day_exception.c.id.in_(gone)))
    for row in stored.values():
        if row.state == "settled":
            uow.execute(update(day_exception).where(day_exception.c.id == row.id).values(state="gone"))
    return opened


def _stored_exceptions(uow: UnitOfWork, days: Sequence[Assessed]) -> dict[tuple[int, date, str], Any]:
    """Rows of these days, gone ones too. Days that were not stored before have none."""
    before = {(one.person_id, one.work_date) for one in days if one.known is not None}
    if not before:
        return {}
    dates = [day for _, day in before]
    mine = and_(day_exception.c.person_id.in_({one for one, _ in before}), day_exception.c.work_date.between(min(dates), max(dates)))
    columns = (day_exception.c.id, day_exception.c.person_id, day_exception.c.work_date, day_exception.c.meaning, day_exception.c.state)
    rows = uow.fetch_all(select(*columns).where(mine))
    return {(row.person_id, row.work_date, row.meaning): row for row in rows if (row.person_id, row.work_date) in before}


def _exception_row(key: tuple[int, date, str], each: AttendanceException) -> dict[str, Any]:
    person_id, day, meaning = key
    said = {"kind": each.kind.value, "part": each.part, "minutes": each.minutes, "at": each.at, "punch_id": each.punch_id}
    return {"person_id": person_id, "work_date": day, "meaning": meaning, "state": "open", "reason": "", **said}


def _row(one: Assessed, opened: int, now: datetime) -> dict[str, Any]:
    assert one.day is not None
    assert one.inputs is not None
    day = one.day
    leave = max(day.leave, key=lambda taken: taken.minutes) if day.leave else None
    bits = 0
    for each in day.exceptions:
        bits |= EXCEPTION_BITS[each.kind]
    return {
        "person_id": one.person_id,
        "work_date": one.work_date,
        "state": day.state.value,
        "status": day.status.value,
        "kind": day.kind.value,
        "scheduled_minutes": day.scheduled_minutes,
        "worked_minutes": day.worked_minutes,
        "late_minutes": day.late_minutes,
        "early_minutes": day.early_minutes,
        "overtime_minutes": sum([each.minutes for each in day.overtime]) if day.overtime else 0,
        "absent_halves": day.absent_halves,
        "leave_minutes": sum([taken.minutes for taken in day.leave]) if day.leave else 0,
        "leave_halves": sum([taken.halves for taken in day.leave]) if day.leave else 0,
        "leave_kind": leave.kind.value if leave is not None else "",
        "exceptions": bits,
        "open_exceptions": opened,
        "flags": int(_flags(one, day)) if one.inputs.grants or day.corrected or day.intervals else 0,
        "arrived_at": day.arrived_at,
        "left_at": day.left_at,
        "rules_version_id": one.inputs.rules_version_id,
        "inputs_hash": one.inputs_hash,
        "assessed_at": now,
        "settles_at": _look_again_at(one, day),
        "body": one.body,
        "steps": one.steps,
        "inputs": one.inputs_body,
    }


def _flags(one: Assessed, day: AttendanceDay) -> DayFlag:
    flags = DayFlag(0)
    kinds = {grant.kind for grant in one.inputs.grants} if one.inputs is not None else set()
    if day.corrected:
        flags |= DayFlag.CORRECTED
    if day.on_duty and GrantKind.TRIP in kinds:
        flags |= DayFlag.TRIP
    if day.on_duty and GrantKind.FIELD_WORK in kinds:
        flags |= DayFlag.FIELD_WORK
    if day.excused_minutes:
        flags |= DayFlag.EXCUSED
    if GrantKind.UNPUNCHED in kinds:
        flags |= DayFlag.UNPUNCHED
    if any(stay.assumed for stay in day.intervals):
        flags |= DayFlag.ASSUMED
    return flags


def _look_again_at(one: Assessed, day: AttendanceDay) -> int | None:
    """When the clock or a report can change the day."""
    if day.state is DayState.FINAL or one.inputs is None:
        return None
    if day.state is DayState.PENDING:
        return _pending_until(one, day)
    reported = one.inputs.horizon.reported_until
    return day.settles_at if reported is None or reported < day.settles_at else None


def _pending_until(one: Assessed, day: AttendanceDay) -> int:
    """The end of the day; before that the moment from which somebody who has not come is late."""
    assert one.inputs is not None
    plan, now = one.inputs.plan, one.inputs.horizon.now
    if not plan.parts or day.arrived_at is not None:
        return day.settles_at
    start = plan.parts[0].start + plan.come_late_minutes * 60
    return min([day.settles_at, *(start + minutes * 60 for minutes in LOOKS if start + minutes * 60 > now)])
