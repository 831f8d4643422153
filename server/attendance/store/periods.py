"""Attendance periods in the database: periods, answers, closings, frozen results, arrears, decisions on differences."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row, and_, delete, func, or_, select, update

from server.attendance.model.closing import Answer, Arrear, Confirmation, Difference, DueArrear, FrozenPeriod, Membership, StoredArrear
from server.attendance.model.days import AttendanceDay
from server.attendance.model.periods import AttendancePeriod
from server.attendance.store.days import decode_day
from server.attendance.store.writing import accepted_bodies
from server.attendance.tables import attendance_day, day_difference, day_mark, locked_span
from server.attendance.tables.periods import attendance_period, period_answer, period_arrear, period_closing, period_result
from server.directory.tables import employment_span, person
from server.storage import UnitOfWork

_ENCODER = msgspec.json.Encoder()
_PERIOD = msgspec.json.Decoder(AttendancePeriod)
decode_period = _PERIOD.decode
encode_period = msgspec.json.encode
_ARREARS = msgspec.json.Decoder(tuple[Arrear, ...])
AT_ONCE = 5_000
DAY = timedelta(days=1)


class FrozenRow(NamedTuple):
    """Somebody's result, as the table of results has it. rules_version_id: of its last day."""

    person_id: int
    answer: str
    rules_version_id: int
    body: bytes


def members(uow: UnitOfWork, pay_group_id: int, first: date, last: date, *, person_id: int | None = None) -> list[Membership]:
    """Who is paid with the group in these days, by the sound of their names, each with the stretches of such days.

    person_id: to ask for one person only.
    """
    span = employment_span.c
    query = select(person.c.id, person.c.employee_number, person.c.name, span.first_day, span.last_day)
    query = query.join_from(person, employment_span, span.person_id == person.c.id)
    query = query.where(span.pay_group_id == pay_group_id, span.first_day <= last, span.last_day >= first)
    if person_id is not None:
        query = query.where(person.c.id == person_id)
    found: dict[int, Membership] = {}
    for row in uow.fetch_all(query.order_by(person.c.name_sort, person.c.id, span.first_day)):
        begin, end = max(row.first_day, first), min(row.last_day, last)
        earlier = found[row.id].spans if row.id in found else ()
        if earlier and earlier[-1][1] + DAY == begin:
            earlier, begin = earlier[:-1], earlier[-1][0]
        found[row.id] = Membership(row.id, row.employee_number, row.name, (*earlier, (begin, end)))
    return list(found.values())


def count_members(uow: UnitOfWork, pay_group_id: int, first: date, last: date) -> int:
    span = employment_span.c
    query = select(func.count(span.person_id.distinct()))
    return int(uow.scalar(query.where(span.pay_group_id == pay_group_id, span.first_day <= last, span.last_day >= first)))


def people_without_group(uow: UnitOfWork, day: date) -> int:
    """How many employed people are in no pay group on a day."""
    span = employment_span.c
    query = select(func.count()).where(span.pay_group_id.is_(None), span.first_day <= day, span.last_day >= day)
    return int(uow.scalar(query.select_from(employment_span)))


def period_rows(uow: UnitOfWork, pay_group_id: int | None = None) -> list[Row[Any]]:
    """Rows of periods that somebody has done something with, each with its closing that holds (or None), the latest month first."""
    closing = period_closing.c
    joined = attendance_period.outerjoin(period_closing, and_(closing.period_id == attendance_period.c.id, closing.reopened_at.is_(None)))
    query = select(attendance_period, closing.id.label("closing_id"), closing.closed_at, closing.closed_by).select_from(joined)
    if pay_group_id is not None:
        query = query.where(attendance_period.c.pay_group_id == pay_group_id)
    return list(uow.fetch_all(query.order_by(attendance_period.c.month.desc())))


def add_period(uow: UnitOfWork, pay_group_id: int, month: date, first: date, last: date) -> int:
    values = {"pay_group_id": pay_group_id, "month": month, "first_day": first, "last_day": last}
    key = uow.execute(attendance_period.insert().values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def lock_period(uow: UnitOfWork, period_id: int) -> None:
    """Let others who do something with this period wait until this transaction ends."""
    uow.fetch_one(select(attendance_period.c.id).where(attendance_period.c.id == period_id).with_for_update())


def ask(uow: UnitOfWork, period_id: int, until: date | None, at: datetime | None) -> None:
    values = {"asked_at": at, "confirm_until": until}
    uow.execute(update(attendance_period).where(attendance_period.c.id == period_id).values(**values))


def answers(uow: UnitOfWork, period_id: int) -> dict[int, Confirmation]:
    """What people said, by person."""
    rows = uow.fetch_all(select(period_answer).where(period_answer.c.period_id == period_id))
    return {row.person_id: _answer(row) for row in rows}


def answer_of(uow: UnitOfWork, period_id: int, person_id: int) -> Confirmation | None:
    row = uow.fetch_one(select(period_answer).where(period_answer.c.period_id == period_id, period_answer.c.person_id == person_id))
    return None if row is None else _answer(row)


def count_answers(uow: UnitOfWork) -> dict[int, int]:
    """How many people have answered, by period."""
    query = select(period_answer.c.period_id, func.count().label("people")).group_by(period_answer.c.period_id)
    return {row.period_id: row.people for row in uow.fetch_all(query)}


def put_answer(uow: UnitOfWork, period_id: int, said: Confirmation) -> None:
    where = and_(period_answer.c.period_id == period_id, period_answer.c.person_id == said.person_id)
    uow.execute(delete(period_answer).where(where))
    values = {"period_id": period_id, "person_id": said.person_id, "answer": said.answer.value, "comment": said.comment}
    uow.execute(period_answer.insert().values(**values, answered_at=said.answered_at, figures=said.figures))


def frozen_row(person_id: int, answer: Answer, rules_version_id: int, result: AttendancePeriod) -> FrozenRow:
    """A result as `add_closing` takes it: encoded at once, because thousands are held until all are there."""
    return FrozenRow(person_id, answer.value, rules_version_id, _ENCODER.encode(result))


def set_job(uow: UnitOfWork, period_id: int, job_id: int) -> None:
    uow.execute(update(attendance_period).where(attendance_period.c.id == period_id).values(job_id=job_id))


def marks_of_days(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, tuple[Any, ...]]:
    """What tells, by person, whether a day from first to last was assessed anew: how many there are, since when, and what they come to."""
    found: dict[int, tuple[Any, ...]] = {}
    own, listed = attendance_day.c, sorted(person_ids)
    summed = (own.worked_minutes, own.late_minutes, own.overtime_minutes, own.leave_minutes, own.absent_halves, own.open_exceptions)
    for start in range(0, len(listed), AT_ONCE):
        query = select(own.person_id, func.count(), func.max(own.assessed_at), *(func.sum(each) for each in summed))
        query = query.where(own.person_id.in_(listed[start : start + AT_ONCE]), own.work_date.between(first, last))
        for row in uow.fetch_all(query.group_by(own.person_id)):
            marks = tuple(row)
            found[marks[0]] = marks[1:]
    return found


def accepted_last(uow: UnitOfWork) -> tuple[int, datetime | None]:
    """How many differences were accepted in all, and when the last one was."""
    query = select(func.count().label("days"), func.max(day_difference.c.decided_at).label("at"))
    row = uow.fetch_one(query.where(day_difference.c.state == "accepted"))
    assert row is not None
    return int(row.days), row.at


def add_closing(uow: UnitOfWork, period_id: int, frozen: Sequence[FrozenRow], accepted: dict[str, str], by: str, at: datetime) -> int:
    """Write the closing and everybody's result."""
    values = {"period_id": period_id, "closed_at": at, "closed_by": by, "accepted": accepted, "reopen_reason": ""}
    key = uow.execute(period_closing.insert().values(**values)).inserted_primary_key
    assert key is not None
    closing_id = int(key[0])
    rows = [{"closing_id": closing_id, **one._asdict()} for one in frozen]
    if rows:
        uow.execute(period_result.insert(), rows)
    return closing_id


def end_closing(uow: UnitOfWork, closing_id: int, by: str, at: datetime, reason: str) -> None:
    values = {"reopened_at": at, "reopened_by": by, "reopen_reason": reason}
    uow.execute(update(period_closing).where(period_closing.c.id == closing_id).values(**values))


def results(uow: UnitOfWork, closing_id: int, person_ids: Collection[int] | None = None) -> dict[int, FrozenPeriod]:
    """What was frozen, by person; `person_ids` limits it."""
    query = select(period_result).where(period_result.c.closing_id == closing_id)
    if person_ids is not None:
        query = query.where(period_result.c.person_id.in_(list(person_ids)))
    return {row.person_id: FrozenPeriod(row.person_id, Answer(row.answer), _PERIOD.decode(row.body)) for row in uow.fetch_all(query)}


def lock_days(uow: UnitOfWork, period_id: int, members: Sequence[Membership]) -> None:
    """From now on these days change by decisions only."""
    rows = [
        {"person_id": one.person_id, "first_day": first, "last_day": last, "period_id": period_id}
        for one in members
        for first, last in one.spans
    ]
    if rows:
        uow.execute(locked_span.insert(), rows)


def unlock_days(uow: UnitOfWork, period_id: int) -> list[tuple[int, date, date]]:
    """Let the days of a period be worked out again; returns whose and which they were."""
    rows = uow.fetch_all(select(locked_span).where(locked_span.c.period_id == period_id))
    uow.execute(delete(locked_span).where(locked_span.c.period_id == period_id))
    return [(row.person_id, row.first_day, row.last_day) for row in rows]


def waiting_days(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, int]:
    """How many days of each of these people are to be assessed again."""
    found: dict[int, int] = {}
    listed = sorted(person_ids)
    for start in range(0, len(listed), AT_ONCE):
        query = select(day_mark.c.person_id, func.count().label("days")).group_by(day_mark.c.person_id)
        query = query.where(day_mark.c.person_id.in_(listed[start : start + AT_ONCE]), day_mark.c.work_date.between(first, last))
        found |= {row.person_id: row.days for row in uow.fetch_all(query)}
    return found


def differences(uow: UnitOfWork, period_id: int, since: datetime) -> list[Difference]:
    """Days that would be otherwise now, of a period that was closed at `since`: by date and person, each with what it counts as."""
    own = day_difference.c
    day = attendance_day.c
    joined = day_difference.outerjoin(attendance_day, and_(day.person_id == own.person_id, day.work_date == own.work_date))
    query = select(day_difference, day.body.label("before")).select_from(joined)
    query = query.where(own.period_id == period_id, or_(own.state == "open", own.decided_at >= since))
    found: list[Difference] = []
    counted: dict[tuple[int, date], bytes] = {}
    for row in uow.fetch_all(query.order_by(own.work_date, own.person_id, own.id)):
        before = counted.get((row.person_id, row.work_date), row.before)
        found.append(_difference(row, before))
        if row.state == "accepted":
            counted[row.person_id, row.work_date] = row.body
    return found


def count_differences(uow: UnitOfWork) -> dict[int, int]:
    """How many differences nobody has decided, by period."""
    query = select(day_difference.c.period_id, func.count().label("days")).where(day_difference.c.state == "open")
    return {row.period_id: row.days for row in uow.fetch_all(query.group_by(day_difference.c.period_id))}


def decide(uow: UnitOfWork, ids: Collection[int], state: str, by: str, at: datetime, reason: str) -> None:
    values = {"state": state, "decided_at": at, "decided_by": by, "reason": reason}
    uow.execute(update(day_difference).where(day_difference.c.id.in_(list(ids)), day_difference.c.state == "open").values(**values))


def drop_open_differences(uow: UnitOfWork, period_id: int) -> None:
    """Of a period that is reopened: its days are worked out again, so nothing is beside them."""
    uow.execute(delete(day_difference).where(day_difference.c.period_id == period_id, day_difference.c.state == "open"))


def accepted_days(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[tuple[int, date], AttendanceDay]:
    """What days of closed periods count as since a difference was accepted, by (person, work date)."""
    return {key: decode_day(body) for key, body in accepted_bodies(uow, person_ids, first, last).items()}


def add_arrear(uow: UnitOfWork, closing_id: int, new: StoredArrear) -> None:
    values = {"closing_id": closing_id, "person_id": new.person_id, "items": _ENCODER.encode(new.items), "due_month": new.due_month}
    uow.execute(period_arrear.insert().values(**values, decided_at=new.decided_at, decided_by=new.decided_by, reason=new.reason))


def arrears(uow: UnitOfWork, closing_id: int) -> dict[int, list[StoredArrear]]:
    """Arrears of a closing in the order of their decisions, by person."""
    found: dict[int, list[StoredArrear]] = defaultdict(list)
    for row in uow.fetch_all(select(period_arrear).where(period_arrear.c.closing_id == closing_id).order_by(period_arrear.c.id)):
        found[row.person_id].append(_arrear(row))
    return found


def due_arrears(uow: UnitOfWork, pay_group_id: int, month: date) -> list[DueArrear]:
    """Arrears that a group pays with the period of a month, of closings that hold, by the sound of the names and in order of time."""
    own, closing = attendance_period.c, period_closing.c
    query = select(period_arrear, own.month, person.c.employee_number, person.c.name)
    query = query.join_from(period_arrear, period_closing, closing.id == period_arrear.c.closing_id)
    query = query.join(attendance_period, own.id == closing.period_id).join(person, person.c.id == period_arrear.c.person_id)
    query = query.where(own.pay_group_id == pay_group_id, period_arrear.c.due_month == month, closing.reopened_at.is_(None))
    rows = uow.fetch_all(query.order_by(person.c.name_sort, person.c.id, own.month, period_arrear.c.id))
    return [DueArrear(row.month, row.employee_number, row.name, _arrear(row)) for row in rows]


def locked_behind(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> set[int]:
    """Closed periods that hold days of these people from first to last."""
    span = locked_span.c
    query = select(span.period_id).where(span.person_id.in_(list(person_ids)), span.first_day <= last, span.last_day >= first)
    return {row.period_id for row in uow.fetch_all(query.distinct())}


def _arrear(row: Row[Any]) -> StoredArrear:
    return StoredArrear(row.person_id, _ARREARS.decode(row.items), row.decided_at, row.decided_by, row.reason, row.due_month)


def _answer(row: Row[Any]) -> Confirmation:
    return Confirmation(row.person_id, Answer(row.answer), row.comment, row.answered_at, bytes(row.figures))


def _difference(row: Row[Any], before: bytes | None) -> Difference:
    return Difference(
        row.id,
        row.person_id,
        row.work_date,
        row.state,
        None if before is None else decode_day(before),
        decode_day(row.body, row.steps),
        row.found_at,
        row.decided_at,
        row.decided_by,
        row.reason,
    )
