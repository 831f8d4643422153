"""When the company works and is paid: an office shift, three shifts that rotate by the week, the rules that fit them, a pay group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from clockbridge.demo.company import DEPARTMENTS, Duty, Person
from server.attendance import actions as attendance
from server.attendance.engine.rules.ready_made import READY_MADE, localized
from server.attendance.model import RuleSubject
from server.audit.model import Actor
from server.directory import actions as directory
from server.roster import actions as roster
from server.roster.model import (
    Anchor,
    CalendarDay,
    CalendarKind,
    HolidayChoice,
    PatternTerms,
    Scope,
    ShiftBreak,
    ShiftPart,
    ShiftTerms,
)
from server.storage import UnitOfWork
from server.web.language import translator

WEEK = 7
ROTATION_STARTS = date(2020, 1, 13)
"""A Monday, and one whose week number (`week_of`) is a multiple of three."""
LUNCH = ShiftBreak(start=12 * 60, end=13 * 60)
OFFICE = ShiftTerms(parts=(ShiftPart(start=9 * 60, end=18 * 60, breaks=(LUNCH,)),))
THREE_SHIFTS = {"早班": 6 * 60, "中班": 14 * 60, "夜班": 22 * 60}
"""Name and start in minutes; each is eight hours long."""


@dataclass(frozen=True, slots=True)
class DaysOff:
    """What the calendar makes of single dates: the company is closed, or works on a weekend day."""

    off: frozenset[date]
    made_up: frozenset[date]


def week_of(day: date) -> int:
    """A number for its week, Monday to Sunday, that goes on over the turn of the year."""
    return (day.toordinal() - 1) // WEEK


def turn_of(user: str, day: date) -> int:
    """Which of the three shifts somebody has in the week of a date: 0, 1 or 2."""
    return (week_of(day) + int(user)) % len(THREE_SHIFTS)


def make_rosters(uow: UnitOfWork, people: Mapping[int, Person], since: Mapping[int, date], by: Actor, now: datetime) -> None:
    """Shifts and patterns; people, and since when they are here, by their ids."""
    first_day = min(since.values())
    office = roster.add_shift(uow, "办公班", "办", OFFICE, first_day, by, now)
    weekly = PatternTerms(days=(*[office.id] * 5, None, None), anchor=Anchor.WEEK, starts_on=ROTATION_STARTS, holidays=HolidayChoice.OFF)
    pattern = roster.add_pattern(uow, "五天工作制", weekly, first_day, by, now)
    roster.assign_pattern(uow, pattern.id, Scope.COMPANY, 0, first_day, None, by, now)
    rotation = _rotation(uow, first_day, by, now)
    for person_id, person in people.items():
        if person.department.duty is Duty.THREE_SHIFTS:
            ahead = WEEK * (int(person.user) % len(THREE_SHIFTS))
            roster.assign_pattern(uow, rotation, Scope.PERSON, person_id, since[person_id], None, by, now, offset_days=ahead)


def make_rules(uow: UnitOfWork, departments: Mapping[str, int], first_day: date, by: Actor, now: datetime) -> None:
    """Office rules for everybody and those of a factory for the three shifts; days before `first_day` are not assessed.

    departments: ids by code.
    """
    office = _rule_set(uow, "office", first_day, by, now)
    attendance.assign_rules(uow, office, RuleSubject.COMPANY, 0, first_day, None, by, now)
    factory = _rule_set(uow, "factory", first_day, by, now)
    for one in DEPARTMENTS:
        if one.duty is Duty.THREE_SHIFTS:
            attendance.assign_rules(uow, factory, RuleSubject.DEPARTMENT, departments[one.code], first_day, None, by, now)


def add_pay_group(uow: UnitOfWork, by: Actor, now: datetime) -> int:
    """One pay group whose periods run from the 26th to the 25th; returns its id."""
    return directory.add_pay_group(uow, "MONTH", "月薪", 26, by, now).id


def days_off(uow: UnitOfWork, years: Iterable[int]) -> DaysOff:
    """What the company's calendar says of these years."""
    calendar_id = roster.roster_settings_now(uow).calendar_id
    found: list[CalendarDay] = [day for year in years for day in roster.days_of_year(uow, calendar_id, year)]
    made_up = frozenset(one.day for one in found if one.kind is CalendarKind.MAKE_UP)
    return DaysOff(frozenset(one.day for one in found) - made_up, made_up)


def _rotation(uow: UnitOfWork, first_day: date, by: Actor, now: datetime) -> int:
    days: list[int | None] = []
    for name, start in THREE_SHIFTS.items():
        eight_hours = ShiftTerms(parts=(ShiftPart(start=start, end=start + 8 * 60),))
        shift = roster.add_shift(uow, name, name[0], eight_hours, first_day, by, now)
        days += [*[shift.id] * 6, None]
    terms = PatternTerms(days=tuple(days), anchor=Anchor.ROTATION, starts_on=ROTATION_STARTS, holidays=HolidayChoice.OFF)
    return roster.add_pattern(uow, "三班倒", terms, first_day, by, now).id


def _rule_set(uow: UnitOfWork, key: str, first_day: date, by: Actor, now: datetime) -> int:
    ready, tell = READY_MADE[key], translator("zh")
    return attendance.add_rule_set(uow, tell(ready.title), localized(ready.rules, tell), first_day, by, now, ready_made=key).id
