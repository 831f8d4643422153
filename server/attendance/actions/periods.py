"""Attendance periods: found, checked, given to employees to confirm."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from server.attendance.actions.totals import people_without_rules
from server.attendance.engine.period.issues import PeriodFacts, issues_of
from server.attendance.model import FrozenPeriod, Membership, Period, PeriodCheck, PeriodState
from server.attendance.model.days import DayState
from server.attendance.model.stored import DaySigns
from server.attendance.store import periods as store
from server.attendance.store.days import signs_between
from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.model import PayGroup
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.roster import actions as roster
from server.storage import UnitOfWork

LONGEST_REASON = 500
MONTHS_SHOWN = 3
DAY = timedelta(days=1)


def list_periods(uow: UnitOfWork, today: date) -> list[Period]:
    """Of every pay group the periods of the last months up to today's, and every older one that is not closed; the latest first."""
    found: dict[tuple[int, date], Period] = {}
    for group in directory.pay_groups(uow):
        month = group.month_of(today)
        for _ in range(MONTHS_SHOWN):
            found[group.id, month] = _computed(group, month)
            month = (month - DAY).replace(day=1)
        for row in store.period_rows(uow, group.id):
            if (group.id, row.month) in found or row.closing_id is None:
                found[group.id, row.month] = _stored(group, row)
    return sorted(found.values(), key=lambda one: (-one.last_day.toordinal(), one.group.code))


def period_counts(uow: UnitOfWork, periods: Sequence[Period]) -> dict[str, tuple[int, int, int]]:
    """By name of the period: people in it, how many of them answered, and differences that nobody has decided."""
    answered, differing = store.count_answers(uow), store.count_differences(uow)
    return {
        one.name: (
            store.count_members(uow, one.group.id, one.first_day, one.last_day),
            answered.get(one.id or 0, 0),
            differing.get(one.id or 0, 0),
        )
        for one in periods
    }


def people_without_group(uow: UnitOfWork, day: date) -> int:
    """How many employed people no period would have, because they are in no pay group on a day."""
    return store.people_without_group(uow, day)


def find_period(uow: UnitOfWork, group_code: str, month: date) -> Period:
    """The period of a pay group that ends in a month; raises NotFoundError."""
    group = next((one for one in directory.pay_groups(uow) if one.code == group_code), None)
    if group is None:
        raise NotFoundError(what="pay group", name=group_code)
    row = next((one for one in store.period_rows(uow, group.id) if one.month == month.replace(day=1)), None)
    return _computed(group, month.replace(day=1)) if row is None else _stored(group, row)


def closed_periods(uow: UnitOfWork, ids: Collection[int]) -> list[Period]:
    """Those of these periods that are closed, of any group."""
    groups = {group.id: group for group in directory.pay_groups(uow)}
    rows = [row for row in store.period_rows(uow) if row.id in ids and row.closing_id is not None]
    return [_stored(groups[row.pay_group_id], row) for row in rows]


def open_period_after(uow: UnitOfWork, period: Period) -> Period:
    """The group's next period that is not closed: what comes to light of this one is paid with it."""
    closed = {row.month for row in store.period_rows(uow, period.group.id) if row.closing_id is not None}
    month = period.group.month_of(period.last_day + DAY)
    while month in closed:
        month = period.group.month_of(period.group.period(month)[1] + DAY)
    return find_period(uow, period.group.code, month)


def members_of(uow: UnitOfWork, period: Period) -> list[Membership]:
    """Who is paid with the group in the period, by the sound of their names."""
    return store.members(uow, period.group.id, period.first_day, period.last_day)


def check_period(uow: UnitOfWork, period: Period, today: date) -> PeriodCheck:
    """Who is in a period, what they said, and what is in the way of closing it."""
    members = members_of(uow, period)
    ids = [one.person_id for one in members]
    signs = period_signs(uow, members)
    answers = store.answers(uow, period.id) if period.id is not None else {}
    facts = PeriodFacts(
        signs=signs,
        unannounced=_unannounced(uow, members, signs),
        without_rules=people_without_rules(uow, members),
        waiting=store.waiting_days(uow, ids, period.first_day, period.last_day),
        answers=answers,
    )
    return PeriodCheck(period, tuple(members), issues_of(period, members, facts, today), answers)


def period_signs(uow: UnitOfWork, members: Sequence[Membership]) -> dict[int, list[DaySigns]]:
    """The days of the members as lists show them, by person."""
    if not members:
        return {}
    first, last = min(one.first_day for one in members), max(one.last_day for one in members)
    signs = signs_between(uow, [one.person_id for one in members], first, last)
    return {one.person_id: [day for day in signs[one.person_id] if one.holds(day.work_date)] for one in members}


def ask_to_confirm(uow: UnitOfWork, group_code: str, month: date, until: date, by: Actor, now: datetime, today: date) -> None:
    """Let employees say whether their days are right, up to a last day. Raises NotFoundError, InvalidInputError, RefusedError."""
    period_id, period = period_to_change(uow, group_code, month), find_period(uow, group_code, month)
    if today <= period.last_day:
        raise RefusedError(reason="The period goes on until {day}: ask the employees when it is over.", day=period.last_day)
    if until < today:
        raise InvalidInputError(field="confirm_until", reason="the last day to answer must not be over")
    store.ask(uow, period_id, until, now)
    record(uow, by, "period.ask", "period", period.name, at=now, after={"confirm_until": until})


def frozen_results(uow: UnitOfWork, period: Period) -> dict[int, FrozenPeriod]:
    """What a closed period holds, by person; empty while it is open."""
    return {} if period.closing_id is None else store.results(uow, period.closing_id)


def needed_reason(reason: str) -> str:
    """The reason without outer spaces; raises InvalidInputError for none, or one that is too long."""
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InvalidInputError(field="reason", reason="say why, in at most {most} characters", most=LONGEST_REASON)
    return reason


def period_to_change(uow: UnitOfWork, group_code: str, month: date) -> int:
    """The row of a period that is not closed, made where nobody has done anything with it. Raises NotFoundError, RefusedError."""
    period = find_period(uow, group_code, month)
    if period.state is PeriodState.CLOSED:
        raise RefusedError(reason="This period is closed: open it again first.")
    if period.id is not None:
        return period.id
    return store.add_period(uow, period.group.id, period.month, period.first_day, period.last_day)


def _unannounced(uow: UnitOfWork, members: Sequence[Membership], signs: Mapping[int, Sequence[DaySigns]]) -> dict[int, int]:
    """Days of which the calendar is not announced yet; only days that are not settled can be such."""
    doubtful = [one for one in members if any(day.state is DayState.PROVISIONAL for day in signs.get(one.person_id, ()))]
    if not doubtful:
        return {}
    first, last = min(one.first_day for one in doubtful), max(one.last_day for one in doubtful)
    plans = roster.planned_days(uow, [one.person_id for one in doubtful], first, last)
    counts = {
        one.person_id: sum(one.holds(plan.work_date) and not plan.calendar_known for plan in plans[one.person_id]) for one in doubtful
    }
    return {person_id: count for person_id, count in counts.items() if count}


def _computed(group: PayGroup, month: date) -> Period:
    return Period(group, month, *group.period(month))


def _stored(group: PayGroup, row: Row[Any]) -> Period:
    state = PeriodState.CLOSED if row.closing_id else PeriodState.CONFIRMING if row.asked_at else PeriodState.OPEN
    span, asked = (row.month, row.first_day, row.last_day), (row.asked_at, row.confirm_until)
    return Period(group, *span, state, row.id, *asked, row.closed_at, row.closed_by or "", row.closing_id, row.job_id)
