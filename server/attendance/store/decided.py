"""Differences of closed periods that a person has decided, with everything they are the value of."""

from datetime import date

from sqlalchemy import and_, select

from server.attendance.model.stored import DecidedDay
from server.attendance.store.days import decode_day, decode_inputs
from server.attendance.tables import day_difference
from server.attendance.tables.periods import attendance_period, period_closing
from server.directory.tables import pay_group
from server.storage import UnitOfWork


def decided_days(uow: UnitOfWork, person_id: int, first: date, last: date) -> list[DecidedDay]:
    """A person's, by date and in the order of the decisions; none of before a period was opened again."""
    own, period, closing = day_difference.c, attendance_period.c, period_closing.c
    held = and_(closing.period_id == own.period_id, closing.reopened_at.is_(None), closing.closed_at <= own.decided_at)
    query = select(day_difference, pay_group.c.code, period.month).join_from(day_difference, period_closing, held)
    query = query.join(attendance_period, period.id == own.period_id).join(pay_group, pay_group.c.id == period.pay_group_id)
    query = query.where(own.person_id == person_id, own.work_date.between(first, last), own.state != "open")
    return [
        DecidedDay(
            period=f"{row.code} {row.month:%Y-%m}",
            state=row.state,
            day=decode_day(row.body, row.steps),
            inputs=decode_inputs(row.inputs),
            decided_at=row.decided_at,
            decided_by=row.decided_by,
            reason=row.reason,
        )
        for row in uow.fetch_all(query.order_by(own.work_date, own.decided_at, own.id))
    ]
