"""A company with an office week, whose people have worked there for years."""

from datetime import date

import pytest

from server.directory import actions as directory
from server.roster import actions as roster
from server.roster.model import Anchor, HolidayChoice, PatternTerms, Scope, ShiftBreak, ShiftPart, ShiftTerms
from server.storage import UnitOfWork
from tests.support.company import NOW, TESTER, Company, found_company

SINCE = date(2026, 1, 1)
FIRST_MONDAY = date(2025, 12, 29)
OFFICE = ShiftTerms(parts=(ShiftPart(start=9 * 60, end=18 * 60, breaks=(ShiftBreak(start=12 * 60, end=13 * 60),)),))
LONG = ShiftTerms(parts=(ShiftPart(start=8 * 60, end=20 * 60),))
HIRED = {"A1": date(2012, 3, 1), "A2": date(2024, 7, 1), "A3": date(2003, 9, 1)}


def hire_on(uow: UnitOfWork, person_id: int, day: date) -> None:
    """Say that somebody was hired on another day."""
    employment = directory.employments_of(uow, person_id)[-1]
    directory.set_hire_date(uow, employment.id, day, "按合同", TESTER, NOW)


@pytest.fixture
def founder():
    return found_with_week


def found_with_week(database) -> Company:
    """A1 has ten days of annual leave a year, A2 five, A3 fifteen; everybody works 9 to 18 from Monday to Friday."""
    made = found_company(database)
    with database.writing() as uow:
        for number, day in HIRED.items():
            hire_on(uow, made.people[number], day)
        shift = roster.add_shift(uow, "常日班", "常", OFFICE, SINCE, TESTER, NOW)
        terms = PatternTerms(days=(shift.id,) * 5 + (None,) * 2, anchor=Anchor.WEEK, starts_on=FIRST_MONDAY, holidays=HolidayChoice.OFF)
        week = roster.add_pattern(uow, "标准周", terms, SINCE, TESTER, NOW)
        roster.assign_pattern(uow, week.id, Scope.COMPANY, 0, SINCE, None, TESTER, NOW)
    return made


@pytest.fixture
def worker(company) -> int:
    return company.people["A1"]
