"""A company with shifts and patterns: people A1 and A3 in research, A2 in production, all at one site in Shanghai."""

from datetime import date

import pytest

from server.roster.actions import add_pattern, add_shift
from server.roster.model import Anchor, HolidayChoice, PatternTerms, ShiftBreak, ShiftPart, ShiftTerms
from server.storage import take_changes, waiting_changes
from tests.support.company import NOW, TESTER

START = date(2025, 1, 1)
OFFICE = ShiftTerms(parts=(ShiftPart(start=9 * 60, end=18 * 60, breaks=(ShiftBreak(start=12 * 60, end=13 * 60),)),))
NIGHT = ShiftTerms(parts=(ShiftPart(start=22 * 60, end=30 * 60),))


@pytest.fixture
def day_shift(database, company):
    with database.writing() as uow:
        return add_shift(uow, "早班", "早", OFFICE, START, TESTER, NOW)


@pytest.fixture
def night_shift(database, company):
    with database.writing() as uow:
        return add_shift(uow, "夜班", "夜", NIGHT, START, TESTER, NOW)


@pytest.fixture
def office_week(database, day_shift):
    """Monday to Friday, by the calendar."""
    days = (*[day_shift.id] * 5, None, None)
    terms = PatternTerms(days=days, anchor=Anchor.WEEK, starts_on=date(2024, 12, 30), holidays=HolidayChoice.OFF)
    with database.writing() as uow:
        return add_pattern(uow, "标准周", terms, START, TESTER, NOW)


@pytest.fixture
def rotation(database, day_shift, night_shift):
    """Two days, two nights, two free, through all holidays."""
    days = (day_shift.id, day_shift.id, night_shift.id, night_shift.id, None, None)
    terms = PatternTerms(days=days, anchor=Anchor.ROTATION, starts_on=date(2026, 11, 2), holidays=HolidayChoice.GO_ON)
    with database.writing() as uow:
        return add_pattern(uow, "四班两倒", terms, START, TESTER, NOW)


@pytest.fixture
def left(database):
    """What was left for attendance since it was last asked, as (subject, number, first, last)."""

    def taken():
        with database.writing() as uow:
            changes = waiting_changes(uow, 1000)
            take_changes(uow, [one.id for one in changes])
        return [(one.subject.value, one.subject_id, one.first_day, one.last_day) for one in changes if one.what in ROSTER]

    taken()
    return taken


ROSTER = {"shift", "pattern", "assignment", "entry", "exemption", "calendar"}
