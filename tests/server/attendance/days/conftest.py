"""A company with an office shift, a night shift, company-wide rules, and a worker that is driven by hand."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from protocol.instants import pack_moment
from server.attendance import actions, jobs
from server.attendance.actions.following import follow_clock, open_days
from server.attendance.model import RuleSubject
from server.attendance.model.rules import DayRules, Direction, Rules
from server.attendance.store.reports import note_reports
from server.attendance.tables import day_mark
from server.roster import actions as roster
from server.roster.model import Anchor, HolidayChoice, PatternTerms, Scope, ShiftPart, ShiftTerms
from server.storage import Database
from tests.support.company import NOW, TESTER, Company, found_company, new_punch

FIRST = date(2026, 11, 1)
"""Rules hold from here on."""
SHANGHAI = ZoneInfo("Asia/Shanghai")
LATER = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 on Monday 23 November in Shanghai."""


def at(day: int, clock: str) -> datetime:
    """An instant of November 2026 by the clock in Shanghai."""
    hour, minute = clock.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=SHANGHAI)


def office_terms(start: int = 540, end: int = 1080) -> ShiftTerms:
    return ShiftTerms(parts=(ShiftPart(start=start, end=end),))


class Days:
    """What tests do with days of a company."""

    def __init__(self, database, company):
        self.database, self.company = database, company
        self._sequence = 0
        self.reported = at(23, "10:00")

    def punch(self, who: str, *moments: datetime, terminal: str = "T1", state: int | None = 255) -> None:
        rows = []
        for moment in moments:
            self._sequence += 1
            wall = pack_moment(moment.astimezone(SHANGHAI).replace(tzinfo=None))
            rows.append(new_punch(self.company, wall, who.removeprefix("A"), self._sequence, terminal=terminal)._replace(state=state))
        with self.database.writing() as uow:
            actions.record_punches(uow, rows, NOW)

    def report(self, until: datetime, *terminals: str) -> None:
        with self.database.writing() as uow:
            note_reports(uow, {self.company.terminals[name]: int(until.timestamp()) for name in terminals or ("T1", "T2")})

    def settle(self, now: datetime = LATER) -> None:
        """Drive a worker until nothing waits."""
        worker = jobs.DayWorker(self.database, "days-test", lambda: now)
        for _ in range(1000):
            opened, clock = open_days(self.database, now), follow_clock(self.database, now)
            if not (worker.round() or opened or clock):
                return
        raise AssertionError("it never ends")

    def day(self, who: str, day: int):
        with self.database.reading() as uow:
            return actions.day_of(uow, self.company.people[who], date(2026, 11, day))

    def all(self, first: int = 1, last: int = 30):
        """Everything stored, as values that can be compared: by person and date."""
        with self.database.reading() as uow:
            found = actions.days_of_people(uow, list(self.company.people.values()), date(2026, 11, first), date(2026, 11, last))
        return {(one.person_id, one.work_date.day): one for own in found.values() for one in own}

    def marks(self):
        names = {key: name for name, key in self.company.people.items()}
        with self.database.reading() as uow:
            rows = uow.fetch_all(select(day_mark.c.person_id, day_mark.c.work_date))
        return {(names[row.person_id], row.work_date.day) for row in rows}


@pytest.fixture
def founder():
    return found_with_rules


@pytest.fixture
def days(database, founded):
    return Days(database, founded)


@pytest.fixture
def new_days(dialect, new_database_url):
    """Another company just like it, in a database of its own."""
    made = []

    def make() -> Days:
        made.append(Database(new_database_url(dialect)))
        return Days(made[-1], found_with_rules(made[-1]))

    yield make
    for one in made:
        one.close()


def found_with_rules(database) -> Company:
    company = found_company(database)
    with database.writing() as uow:
        shift = roster.add_shift(uow, "行政班", "行", office_terms(), date(2026, 10, 1), TESTER, NOW)
        week = (shift.id,) * 5 + (None,) * 2
        terms = PatternTerms(days=week, anchor=Anchor.WEEK, starts_on=date(2026, 10, 5), holidays=HolidayChoice.GO_ON)
        pattern = roster.add_pattern(uow, "五天", terms, date(2026, 10, 5), TESTER, NOW)
        roster.assign_pattern(uow, pattern.id, Scope.COMPANY, 0, date(2026, 10, 5), None, TESTER, NOW)
        rules = Rules(day=DayRules(direction=Direction.ROSTER))
        made = actions.add_rule_set(uow, "office", rules, FIRST, TESTER, NOW)
        actions.assign_rules(uow, made.id, RuleSubject.COMPANY, 0, FIRST, None, TESTER, NOW)
    return company
