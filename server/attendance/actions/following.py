"""From what came and what changed to marks: exactly the days that it can change, durably and once.

Each of these is one short transaction that moves its own cursor with the marks, so a death between any two loses nothing.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from server.attendance.actions.rule_sets import people_with_rules
from server.attendance.model.days import DayState
from server.attendance.store.cursor import alone, came_after, days_of_punches, hold_cursor, move_cursor, seen_cursor
from server.attendance.store.marks import mark_days
from server.attendance.store.people import everybody, people_of_zone
from server.attendance.store.reports import reports_of, zones_reported
from server.attendance.store.rule_sets import first_day_of_rules
from server.attendance.tables import attendance_day, day_opening, punch
from server.directory import actions as directory
from server.directory.tables import enrolment
from server.roster import actions as roster
from server.storage import Change, Database, Subject, UnitOfWork, insert_ignoring, leave_change, take_changes, waiting_changes

PUNCHES_AT_ONCE = 2_000
MARKS_AT_ONCE = 20_000
"""Of one wholesale change; the rest of it stays a change, so that no transaction keeps the database from others for long."""
SETTLING_AT_ONCE = 5_000
CHANGES_LOCK = 0x5EED_DA75
"""One worker takes a change, and its rest with it."""


def follow_punches(database: Database, now: datetime) -> int:
    """Mark the days of punches that came; returns how many punches were followed."""
    with database.reading() as uow:
        cursor = seen_cursor(uow)
        if not uow.scalar(select(func.count()).select_from(select(punch.c.id).where(punch.c.id > cursor.settled).limit(1).subquery())):
            return 0
    with database.writing() as uow:
        held = hold_cursor(uow)
        if held is None:
            return 0
        ids, moved = came_after(uow, held, PUNCHES_AT_ONCE)
        if moved == held:
            return 0
        mark_days(uow, _assessable(uow, days_of_punches(uow, ids), now), "punch", now, later=len(ids) == PUNCHES_AT_ONCE)
        move_cursor(uow, moved)
        return len(ids)


def follow_changes(database: Database, now: datetime) -> int:
    """Mark the days of the oldest change that waits, or of its first part; returns how many days were marked, -1 for no change."""
    with database.reading() as uow:
        if not waiting_changes(uow, 1):
            return -1
    with database.writing() as uow:
        found = waiting_changes(uow, 1) if alone(uow, CHANGES_LOCK) else []
        if not found:
            return -1
        return _follow(uow, found[0], now)


def open_days(database: Database, now: datetime) -> bool:
    """Give everybody a day for each date that has begun somewhere in the company; returns whether one had."""
    with database.reading() as uow:
        first, today = first_day_of_rules(uow), directory.today_of(uow, now)
        if first is None or uow.scalar(select(func.max(day_opening.c.work_date))) == today:
            return False
    with database.writing() as uow:
        opened = uow.scalar(select(func.max(day_opening.c.work_date)))
        start = max(first, opened + timedelta(days=1)) if opened is not None else first
        if start > today:
            return False
        if not insert_ignoring(uow, day_opening, [{"work_date": today, "opened_at": now}], ["work_date"]):
            return False  # another worker was quicker
        leave_change(uow, Subject.EVERYBODY, 0, start, today, "opening")
        return True


def follow_clock(database: Database, now: datetime) -> int:
    """Mark days that are over, or that every terminal has now reported past the end of; returns how many."""
    moment = int(now.timestamp())
    with database.reading() as uow:
        due = {(row.person_id, row.work_date) for row in uow.fetch_all(_over(moment))}
        if len(due) < SETTLING_AT_ONCE:
            due |= _reported(uow, moment)
    if due:
        with database.writing() as uow:
            mark_days(uow, due, "time", now, later=len(due) > PUNCHES_AT_ONCE)
    return len(due)


def _follow(uow: UnitOfWork, change: Change, now: datetime) -> int:
    """Mark what one transaction takes of a change, and leave the rest of it as a change."""
    take_changes(uow, [change.id])
    begins, today = first_day_of_rules(uow), directory.today_of(uow, now)
    if begins is None:
        return 0
    first, last = max(change.first_day, begins), min(change.last_day or today, today)
    if first > last:
        return 0
    people = _people_of(uow, replace(change, first_day=first), last)
    whole = (last - first).days + 1
    days = min(whole, max(1, MARKS_AT_ONCE // max(len(people), 1)))
    if days < whole:
        leave_change(uow, change.subject, change.subject_id, first + timedelta(days=days), change.last_day, change.what)
    marked = ((person, first + timedelta(days=count)) for person in people for count in range(days))
    return mark_days(uow, marked, change.what, now, later=len(people) * whole > PUNCHES_AT_ONCE)


def _people_of(uow: UnitOfWork, change: Change, last: date) -> Collection[int]:
    """Whom a change can concern from its first day to `last`."""
    first, key = change.first_day, change.subject_id
    match change.subject:
        case Subject.PERSON:
            return [key]
        case Subject.EVERYBODY:
            return everybody(uow, first, last)
        case Subject.RULE_SET:
            return people_with_rules(uow, key, everybody(uow, first, last), first, last)
        case Subject.CALENDAR:
            return roster.people_of_calendar(uow, key)
        case group:
            return _OF_GROUP[group](uow, key, first, last)


_OF_GROUP: dict[Subject, Callable[[UnitOfWork, int, date, date], Collection[int]]] = {
    Subject.DEPARTMENT: directory.people_of_department,
    Subject.POSITION: directory.people_of_position,
    Subject.SITE: directory.people_of_site,
    Subject.ZONE: people_of_zone,
    Subject.SHIFT: roster.people_on_shift,
    Subject.PATTERN: roster.people_on_pattern,
}


def _assessable(uow: UnitOfWork, days: Iterable[tuple[int, date]], now: datetime) -> list[tuple[int, date]]:
    """Days that rules may hold for and that have begun; a punch of tomorrow by a wrong clock is looked at tomorrow."""
    begins, today = first_day_of_rules(uow), directory.today_of(uow, now)
    reach = timedelta(days=1)
    return [] if begins is None else [(person, day) for person, day in days if begins - reach <= day <= today + reach]


_day = attendance_day.c


def _over(moment: int) -> Select[Any]:
    """Days that are pending and whose time has come."""
    pending = and_(_day.settles_at <= moment, _day.state == DayState.PENDING.value)
    return select(_day.person_id, _day.work_date).where(pending).order_by(_day.settles_at).limit(SETTLING_AT_ONCE)


def _reported(uow: UnitOfWork, moment: int) -> set[tuple[int, date]]:
    """Provisional days that need not be waited for any more."""
    found: dict[tuple[int, date], int] = {}
    provisional = and_(_day.settles_at <= moment, _day.state == DayState.PROVISIONAL.value)
    in_force = and_(
        enrolment.c.person_id == _day.person_id,
        enrolment.c.valid_from <= _day.work_date,
        or_(enrolment.c.valid_until.is_(None), enrolment.c.valid_until >= _day.work_date),
    )
    columns = (_day.person_id, _day.work_date, _day.settles_at)
    for zone_id, until in zones_reported(uow, moment).items():
        if until is None:
            continue
        own = select(*columns).join(enrolment, in_force).where(provisional, _day.settles_at <= until, enrolment.c.zone_id == zone_id)
        found |= {(row.person_id, row.work_date): row.settles_at for row in uow.fetch_all(own.limit(SETTLING_AT_ONCE))}
    if not found:
        return set()
    dates = [day for _, day in found]
    reports = reports_of(uow, {person for person, _ in found}, min(dates), max(dates), moment)
    return {key for key, settles in found.items() if (reports.until(*key) or 0) >= settles}
