"""A company with a line of managers, a handler that remembers what it was told, and short ways to ask and to decide.

GM 总经理 ── VP 副总 ── HEAD 部门主管 ── LEAD 组长 ── WORKER 员工           HR1, HR2: HR by role, below the general manager
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest

from server.access.actions import create_account, link_account
from server.access.model import Role
from server.audit.model import Actor
from server.directory.actions import NewEvent, add_department, add_event, add_person, set_head
from server.directory.model import EventKind
from server.fleet.actions import add_site
from server.hr.approvals import actions
from server.hr.approvals.model import Course, Described, Facts, Flow, Subject, Told, Verdict
from server.storage import Database, UnitOfWork
from tests.support.company import NOW, TESTER

KIND = "note"
MONDAY = date(2026, 11, 23)


@dataclass
class Notes:
    """A handler of subjects that hold nothing: it remembers what it was told, and refuses what it is asked to."""

    told: list[tuple[str, int]] = field(default_factory=list)
    fault: Exception | None = None
    requesters: dict[int, int] = field(default_factory=dict)

    def approved(self, uow: UnitOfWork, subject_id: int, by: Actor, now: datetime) -> None:
        if self.fault is not None:
            raise self.fault
        self.told.append(("approved", subject_id))

    def refused(self, uow: UnitOfWork, subject_id: int, by: Actor, now: datetime) -> None:
        self.told.append(("refused", subject_id))

    def sent_back(self, uow: UnitOfWork, subject_id: int, by: Actor, now: datetime) -> None:
        self.told.append(("sent back", subject_id))

    def withdrawn(self, uow: UnitOfWork, subject_id: int, by: Actor, now: datetime) -> None:
        self.told.append(("withdrawn", subject_id))

    def describe(self, uow: UnitOfWork, subject_ids: Collection[int]) -> dict[int, Described]:
        return {one: self._described(one) for one in subject_ids}

    def _described(self, subject_id: int) -> Described:
        lines = (("From", "2026-11-30"), ("Until", "2026-12-04"))
        warnings = (Told("Exceptions: {n}", {"n": 2}),) if subject_id % 2 else ()
        return Described(Told("Leave"), lines, "回家探亲", self.requesters.get(subject_id, 0), "/me", warnings)


@dataclass
class Firm:
    """People by what they are called; every deed in a transaction of its own."""

    database: Database
    site: int
    departments: dict[str, int]
    people: dict[str, int]
    notes: Notes = field(default_factory=Notes)
    now: datetime = NOW
    _numbers: count = field(default_factory=lambda: count(1))

    @property
    def handlers(self):
        return {KIND: self.notes}

    def facts(self, who: str = "WORKER", kind: str = "leave.annual", **more) -> Facts:
        with self.database.reading() as uow:
            return replace(actions.facts_for(uow, kind, self.people[who], MONDAY, on=MONDAY), **more)

    def ask(self, who: str = "WORKER", kind: str = "leave.annual", days: str | None = "2", **more) -> Course:
        """Hand something in."""
        facts, number = self.facts(who, kind, days=None if days is None else Decimal(days), **more), next(self._numbers)
        self.notes.requesters[number] = self.people[who]
        with self.database.writing() as uow:
            return actions.submit(uow, self.handlers, Subject(KIND, number), facts, TESTER, self.now)

    def decide(self, who: str, course: Course, verdict: Verdict = Verdict.APPROVE, comment: str = "", **more) -> Course:
        with self.database.writing() as uow:
            return actions.decide(uow, self.handlers, course.id, verdict, comment, self.people[who], Actor(who), self.now, **more)

    def publish(self, flow: Flow, kind: str = "") -> None:
        with self.database.writing() as uow:
            before = actions.versions_of(uow, kind)
            actions.publish_flow(uow, kind, flow, "试行", before[0].number if before else 0, TESTER, self.now)

    def do(self, action, *arguments, **more):
        """Any action that writes, with the moment put behind."""
        with self.database.writing() as uow:
            return action(uow, *arguments, TESTER, self.now, **more)

    def see(self, course: Course):
        with self.database.reading() as uow:
            return actions.see_course(uow, course.id, None, self.now)

    def asked(self, course: Course) -> set[str]:
        """Whom it waits for."""
        names = {key: name for name, key in self.people.items()}
        with self.database.reading() as uow:
            found = actions.courses_of(uow, KIND, [course.subject.id])
            return {names[one] for each in actions.waiting_on(uow, list(found.values())).values() for one in each}

    def waiting(self, who: str):
        with self.database.reading() as uow:
            return actions.waiting_for(uow, self.people[who], self.now)

    def later(self, **span) -> None:
        self.now += timedelta(**span)


def found_firm(database: Database) -> Firm:
    with database.writing() as uow:
        site = add_site(uow, "hq", "上海总部", "Asia/Shanghai", TESTER, NOW).id
        top = add_department(uow, "TOP", "公司", TESTER, NOW).id
        unit = add_department(uow, "PROD", "生产部", TESTER, NOW, parent_id=top).id
        team = add_department(uow, "LINE", "装配线", TESTER, NOW, parent_id=unit).id
        people: dict[str, int] = {}
        line = (
            ("GM", "赵总", top, None),
            ("VP", "钱副总", top, "GM"),
            ("HEAD", "孙主管", unit, "VP"),
            ("LEAD", "李组长", team, "HEAD"),
            ("WORKER", "周员工", team, "LEAD"),
            ("MATE", "吴员工", team, "LEAD"),
            ("HR1", "郑人事", top, "GM"),
            ("HR2", "王人事", top, "GM"),
        )
        for number, name, department, manager in line:
            hired = add_person(uow, number, name, TESTER, NOW, department_id=department, site_id=site, hired_on=date(2020, 1, 1))
            people[number] = hired.id
            if manager:
                change = NewEvent(EventKind.TRANSFER, date(2020, 1, 2), {"manager_id": people[manager]})
                add_event(uow, hired.id, change, TESTER, NOW)
        set_head(uow, unit, people["HEAD"], date(2020, 1, 1), TESTER, NOW)
    _give_role(database, {name: people[name] for name in ("HR1", "HR2")})
    return Firm(database, site, {"TOP": top, "PROD": unit, "LINE": team}, people)


def _give_role(database: Database, people: dict[str, int]) -> None:
    for name, key in people.items():
        with database.writing() as uow:
            create_account(uow, name, name, "not-a-hash", frozenset({Role.HR}), TESTER, NOW, must_change=False)
            link_account(uow, name, key, TESTER, NOW)


@pytest.fixture
def founder():
    return _found


def _found(database: Database) -> tuple[int, dict[str, int], dict[str, int]]:
    firm = found_firm(database)
    return firm.site, firm.departments, firm.people


@pytest.fixture
def firm(database, founded) -> Firm:
    return Firm(database, *founded)
