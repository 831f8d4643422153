"""A company with managers, a five-day week of the 常 shift (8 to 16), rules, and short ways to ask, decide and work days out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from server.attendance import actions as attendance
from server.attendance.actions.following import follow_clock, open_days
from server.attendance.jobs import DayWorker
from server.attendance.model import RuleSubject
from server.attendance.model.rules import DayRules, Rules
from server.audit.model import Actor
from server.hr.approvals import actions as approvals
from server.hr.approvals.model import Verdict
from server.hr.leave import actions as leave
from server.hr.requests import actions, store
from server.hr.requests.actions import SUBJECT, RequestHandler
from server.hr.requests.model import (
    Content,
    CorrectionCause,
    CorrectionContent,
    LeaveContent,
    NewRequest,
    OvertimeContent,
    Purpose,
    Request,
    RequestFilter,
    Span,
)
from server.storage import Database
from tests.server.conftest import VAULT
from tests.server.hr.approvals.conftest import Firm, found_firm
from tests.support.company import TESTER
from tests.support.rosters import make_shifts, make_week

MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 on that Monday in Shanghai."""
RULES_FROM = date(2026, 11, 16)
"""A week of days is enough to be worked out."""
SHANGHAI = ZoneInfo("Asia/Shanghai")
HANDLERS = {SUBJECT: RequestHandler()}


def moment(day: date, clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI).timestamp())


def annual(first: date = FRIDAY, last: date | None = None, **more) -> LeaveContent:
    return LeaveContent(leave="annual", span=Span(first_day=first, last_day=last or first, **more))


def missing_out(day: date = date(2026, 11, 20), clock: str = "16:00") -> CorrectionContent:
    return CorrectionContent(cause=CorrectionCause.MISSING_OUT, work_date=day, at=moment(day, clock))


def overtime(day: date = MONDAY, first: str = "18:00", last: str = "20:00", **more) -> OvertimeContent:
    return OvertimeContent(starts_at=moment(day, first), ends_at=moment(day, last), **more)


@dataclass
class Office:
    """WORKER asks, LEAD decides, unless another one is named."""

    firm: Firm
    shifts: dict[str, int]
    now: datetime = NOW
    _keys: count = field(default_factory=lambda: count(1))

    @property
    def database(self) -> Database:
        return self.firm.database

    @property
    def people(self) -> dict[str, int]:
        return self.firm.people

    def new(self, content: Content, who: str = "WORKER", reason: str = "家里有事", **more) -> NewRequest:
        key = more.pop("key", f"key-{next(self._keys):08d}")
        return NewRequest(self.people[who], content, reason, key, **more)

    def ask(self, content: Content, who: str = "WORKER", *, files=(), in_name=False, **more) -> Request:
        with self.database.writing() as uow:
            new = self.new(content, who, **more)
            return actions.ask(uow, HANDLERS, new, Actor(who), self.now, files=files, in_name=in_name)

    def draft(self, content: Content) -> Request:
        with self.database.writing() as uow:
            return actions.save_draft(uow, self.new(content), Actor("WORKER"), self.now)

    def judge(self, content: Content, who: str = "WORKER", **more):
        with self.database.reading() as uow:
            return actions.judge_request(uow, self.new(content, who, **more), self.now)

    def decide(self, held: Request, verdict: Verdict = Verdict.APPROVE, who: str = "LEAD", comment: str = "好") -> Request:
        with self.database.writing() as uow:
            course = actions.course_of(uow, held.id)
            approvals.decide(uow, HANDLERS, course.id, verdict, comment, self.people[who], Actor(who), self.now)
        return self.see(held)

    def approved(self, content: Content, who: str = "WORKER", **more) -> Request:
        return self.decide(self.ask(content, who, **more))

    def follow_up(self, held: Request, purpose: Purpose, content: Content | None = None) -> Request:
        """Ask for the change or the cancellation of an approved one."""
        return self.ask(content or held.content, purpose=purpose, target_id=held.id)

    def do(self, action, *arguments, **more):
        with self.database.writing() as uow:
            return action(uow, HANDLERS, *arguments, Actor("WORKER"), self.now, **more)

    def see(self, held: Request) -> Request:
        with self.database.reading() as uow:
            return actions.find_request(uow, held.id)

    def view(self, held: Request):
        with self.database.reading() as uow:
            return actions.see_request(uow, held.id, self.now)

    def grants(self, who: str = "WORKER"):
        with self.database.reading() as uow:
            return attendance.grants_between(uow, [self.people[who]], date(2026, 1, 1), date(2026, 12, 31))[self.people[who]]

    def balance(self, day: date = FRIDAY, who: str = "WORKER"):
        with self.database.reading() as uow:
            return leave.balance_on(uow, self.people[who], "annual", day)

    def count(self) -> int:
        with self.database.reading() as uow:
            return len(store.list_requests(uow, RequestFilter(), None, limit=500))

    def settle(self) -> None:
        """Drive a day worker until nothing waits."""
        worker = DayWorker(self.database, "days-test", lambda: self.now)
        for _ in range(1000):
            opened, clock = open_days(self.database, self.now), follow_clock(self.database, self.now)
            if not (worker.round() or opened or clock):
                return
        raise AssertionError("it never ends")

    def day(self, day: date, who: str = "WORKER"):
        with self.database.reading() as uow:
            return attendance.day_of(uow, self.people[who], day)


def found_office(database: Database) -> Office:
    firm = found_firm(database)
    with database.writing() as uow:
        shifts = make_shifts(uow)
        make_week(uow, shifts["常"])
        rules = attendance.add_rule_set(uow, "全公司", Rules(day=DayRules()), RULES_FROM, TESTER, NOW)
        attendance.assign_rules(uow, rules.id, RuleSubject.COMPANY, 0, RULES_FROM, None, TESTER, NOW)
    return Office(firm, shifts)


@pytest.fixture
def office(database) -> Office:
    """On both databases: for what is written and read in ways of its own."""
    return found_office(database)


@pytest.fixture
def one_office(new_database_url) -> Iterator[Office]:
    """On one database: for rules that both obey alike."""
    made = Database(new_database_url("sqlite"), VAULT)
    yield found_office(made)
    made.close()
