"""Stored days: reading them whole, and as rows of a grid."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import BigInteger, Row, and_, delete, select, type_coerce

from server.attendance.model import DayInputs, DaySigns, StoredDay, StoredException
from server.attendance.model.days import AttendanceDay, AttendanceException, DayState, DayStatus, ExceptionKind, Step
from server.attendance.model.grants import LeaveKind
from server.attendance.model.stored import ExceptionState
from server.attendance.tables import attendance_day, day_difference, day_exception, day_mark, locked_span
from server.roster.model import DayKind
from server.storage import UnitOfWork, unpack_date

AT_ONCE = 500
"""People in one statement: below what a statement of either database takes, and enough for one plan to pay."""

_DAY = msgspec.json.Decoder(AttendanceDay)
_STEPS = msgspec.json.Decoder(tuple[Step, ...])
_INPUTS = msgspec.json.Decoder(DayInputs)
_ENCODER = msgspec.json.Encoder()


def encode_day(day: AttendanceDay) -> tuple[bytes, bytes]:
    """(the day without its steps, the steps)."""
    return _ENCODER.encode(replace(day, steps=()) if day.steps else day), _ENCODER.encode(day.steps)


def decode_day(body: bytes, steps: bytes | None = None) -> AttendanceDay:
    day = _DAY.decode(body)
    return day if steps is None else replace(day, steps=_STEPS.decode(steps))


def decode_inputs(body: bytes) -> DayInputs:
    return _INPUTS.decode(body)


def days_between(
    uow: UnitOfWork, person_ids: Collection[int], first: date, last: date, *, explained: bool = False
) -> dict[int, list[StoredDay]]:
    """Stored days of these people from first to last, in order, by person; nobody is left out. explained: with their steps."""
    found: dict[int, list[StoredDay]] = {person_id: [] for person_id in person_ids}
    columns = attendance_day.c if explained else [column for column in attendance_day.c if column.name != "steps"]
    for some in _parts(person_ids):
        exceptions, locks = exceptions_between(uow, some, first, last), locks_between(uow, some, first, last)
        query = select(*columns).where(_span(attendance_day, some, first, last))
        for row in uow.fetch_all(query.order_by(attendance_day.c.person_id, attendance_day.c.work_date)):
            own = exceptions.get((row.person_id, row.work_date), ())
            found[row.person_id].append(_stored(row, own, period_on(locks.get(row.person_id, ()), row.work_date), explained=explained))
    return found


def signs_between(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, list[DaySigns]]:
    """Rows of a grid, in order, by person; nobody is left out."""
    found: dict[int, list[DaySigns]] = {person_id: [] for person_id in person_ids}
    for some in _parts(person_ids):
        query = select(*_SIGNS).where(_span(attendance_day, some, first, last))
        for row in uow.execute(query.order_by(attendance_day.c.person_id, attendance_day.c.work_date)):
            found[row[0]].append(_signs(row))
    return found


def exceptions_between(
    uow: UnitOfWork, person_ids: Collection[int], first: date, last: date
) -> Mapping[tuple[int, date], tuple[StoredException, ...]]:
    """What days show, by (person, work date)."""
    found: dict[tuple[int, date], list[StoredException]] = defaultdict(list)
    shown = and_(_span(day_exception, person_ids, first, last), day_exception.c.state != "gone")
    for row in uow.fetch_all(select(day_exception).where(shown).order_by(day_exception.c.id)):
        found[row.person_id, row.work_date].append(as_exception(row))
    return {key: tuple(own) for key, own in found.items()}


def as_exception(row: Row[Any]) -> StoredException:
    said = AttendanceException(kind=ExceptionKind(row.kind), minutes=row.minutes, part=row.part, at=row.at, punch_id=row.punch_id)
    state = ExceptionState(row.state)
    return StoredException(row.id, row.person_id, row.work_date, said, state, row.settled_by, row.settled_at, row.reason)


def locks_between(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, list[tuple[date, date, int]]]:
    """(first day, last day, period) of closed periods that touch first..last, by person."""
    found: dict[int, list[tuple[date, date, int]]] = defaultdict(list)
    span = locked_span.c
    query = select(locked_span).where(span.person_id.in_(list(person_ids)), span.first_day <= last, span.last_day >= first)
    for row in uow.fetch_all(query):
        found[row.person_id].append((row.first_day, row.last_day, row.period_id))
    return found


def period_on(locks: Iterable[tuple[date, date, int]], day: date) -> int | None:
    """The closed period that a day belongs to."""
    return next((period for first, last, period in locks if first <= day <= last), None)


def _stored(row: Row[Any], exceptions: tuple[StoredException, ...], period_id: int | None, *, explained: bool) -> StoredDay:
    day = decode_day(row.body, row.steps if explained else None)
    inputs = decode_inputs(row.inputs)
    return StoredDay(row.person_id, day, inputs, bytes(row.inputs_hash), row.assessed_at, exceptions, period_id)


_c = attendance_day.c
_SIGNS: tuple[Any, ...] = (
    _c.person_id, type_coerce(_c.work_date, BigInteger), _c.state, _c.status, _c.kind, _c.scheduled_minutes, _c.worked_minutes,
    _c.late_minutes, _c.early_minutes, _c.overtime_minutes, _c.absent_halves, _c.leave_minutes, _c.leave_halves, _c.leave_kind,
    _c.exceptions, _c.open_exceptions, _c.flags, _c.arrived_at, _c.left_at,
)  # fmt: skip

_date_of = lru_cache(maxsize=4096)(unpack_date)
_STATES = {one.value: one for one in DayState}
_STATUSES = {one.value: one for one in DayStatus}
_KINDS = {one.value: one for one in DayKind}
_LEAVES = {"": None} | {one.value: one for one in LeaveKind}


def _signs(row: Sequence[Any]) -> DaySigns:
    person_id, day, state, status, kind = row[:5]
    shown = (person_id, _date_of(day), _STATES[state], _STATUSES[status], _KINDS[kind], *row[5:13], _LEAVES[row[13]], *row[14:])
    return DaySigns._make(shown)


def overtime_days(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> Iterable[tuple[int, AttendanceDay]]:
    """(person, day) of the stored days with overtime, without their steps."""
    query = select(attendance_day.c.person_id, attendance_day.c.body).where(attendance_day.c.overtime_minutes > 0)
    for some in _parts(person_ids):
        for row in uow.fetch_all(query.where(_span(attendance_day, some, first, last))):
            yield row.person_id, decode_day(row.body)


def _span(table: Any, person_ids: Collection[int], first: date, last: date) -> Any:
    return and_(table.c.person_id.in_(list(person_ids)), table.c.work_date.between(first, last))


def _parts(person_ids: Collection[int]) -> Iterable[list[int]]:
    ordered = sorted(person_ids)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))


def forget_people(uow: UnitOfWork, person_ids: Collection[int]) -> None:
    """Delete all that was worked out for these people, and what waits to be."""
    people = sorted(person_ids)
    for start in range(0, len(people), AT_ONCE):
        part = people[start : start + AT_ONCE]
        for table in (day_difference, day_exception, attendance_day, day_mark):
            uow.execute(delete(table).where(table.c.person_id.in_(part)))
