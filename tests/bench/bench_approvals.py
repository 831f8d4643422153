"""Approvals of a company in which one manager has 1,000 people who all ask for a trip: answering all of them, and the pages around it.

The real handler of requests: every approval becomes a grant in attendance. Answers are long work, done here in this process, step by step,
as a runner does it; limits are times that people wait.
"""

import time
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from clockbridge.server_setup import Plan, set_up
from server.access.model import Role
from server.attendance.tables import attendance_grant
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from server.fleet import actions as fleet
from server.hr.approvals import actions as approvals, jobs
from server.hr.approvals.model import Verdict
from server.hr.requests import actions as requests
from server.hr.requests.model import NewRequest, Span, TripContent
from server.settings import ServerSettings
from server.storage import Database
from server.wiring import APPROVAL_HANDLERS, build_pages
from tests.bench.asking import ask, rows_of
from tests.bench.machine import percentile, scratch
from tests.bench.row import Row
from tests.support.company import TESTER
from tests.support.jobs import do_all

PEOPLE, SINGLE = 1_000, 40
GOAL_SECONDS, GOAL_ONE_MS = 60, 1_000


def run(people: int = PEOPLE) -> list[Row]:
    with scratch() as folder:
        settings = set_up(folder / "server.toml", Plan()).settings
        database = Database(settings.resolved_database_url)
        manager, courses = _fill(database, people + SINGLE)
        pages = _pages(settings, database, manager, courses[0])
        single = _one_by_one(database, manager, courses[people:])
        seconds = _all_at_once(database, manager, courses[:people])
        with database.reading() as uow:
            granted = int(uow.scalar(select(func.count()).select_from(attendance_grant)))
        database.close()
    assert granted == people + SINGLE, "every approval has become a grant"
    slowest, half = percentile(single, 0.95), percentile(single, 0.5)
    speed = f"{people / seconds:.0f} a second"
    bulk = Row(f"{people:,} requests approved in bulk", seconds, "s", "goal", GOAL_SECONDS, GOAL_SECONDS / seconds, 1, speed)
    note = f"half within {half:.0f} ms"
    return [bulk, Row("one request approved, p95", slowest, "ms", "goal", GOAL_ONE_MS, GOAL_ONE_MS / slowest, 1, note), *pages]


def _fill(database: Database, people: int) -> tuple[int, list[int]]:
    """A manager, and people below who have each asked for a trip; gives the manager and the courses."""
    now = datetime.now(UTC)
    first = now.date() + timedelta(days=7)
    courses: list[int] = []
    with database.writing() as uow:
        site = fleet.add_site(uow, "hq", "总部", "Asia/Shanghai", TESTER, now)
        unit = directory.add_department(uow, "D", "部门", TESTER, now)
        manager = directory.add_person(uow, "M", "主管", TESTER, now, department_id=unit.id, site_id=site.id, hired_on=date(2020, 1, 1))
    for number in range(people):
        with database.writing() as uow:
            name = f"员工{number:04}"
            one = directory.add_person(
                uow, f"P{number:04}", name, TESTER, now, department_id=unit.id, site_id=site.id, hired_on=date(2020, 1, 1)
            )
            below = NewEvent(EventKind.TRANSFER, date(2020, 1, 2), {"manager_id": manager.id})
            directory.add_event(uow, one.id, below, TESTER, now)
            content = TripContent(place="苏州", span=Span(first_day=first, last_day=first + timedelta(days=2)))
            made = requests.ask(uow, APPROVAL_HANDLERS, NewRequest(one.id, content, "客户现场", f"request-{number:04}"), TESTER, now)
            course = requests.course_of(uow, made.id)
            assert course is not None
            courses.append(course.id)
    return manager.id, courses


def _one_by_one(database: Database, manager: int, courses: list[int]) -> list[float]:
    """Milliseconds until each answer is committed."""
    taken = []
    for course_id in courses:
        started = time.perf_counter()
        with database.writing() as uow:
            approvals.decide(uow, APPROVAL_HANDLERS, course_id, Verdict.APPROVE, "", manager, TESTER, datetime.now(UTC))
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def _all_at_once(database: Database, manager: int, courses: list[int]) -> float:
    """Seconds from asking until everything is answered."""
    started = time.perf_counter()
    with database.writing() as uow:
        approvals.decide_many(uow, courses, Verdict.APPROVE, "", manager, TESTER, datetime.now(UTC))
    do_all(database, jobs.kinds(APPROVAL_HANDLERS))
    return time.perf_counter() - started


def _pages(settings: ServerSettings, database: Database, manager: int, course_id: int) -> list[Row]:
    """The inbox with everything waiting, and one course, asked by the manager."""
    addresses = {"/approvals, all waiting": "/approvals", "one course": f"/approvals/{course_id}"}
    return rows_of(ask(build_pages(settings), database, addresses, Role.EMPLOYEE, manager))
