"""What asking and approving cost in a company of 1,000 people with a month of days: the answer while somebody types, and the time from the
approver's word until the day has been worked out again, with a worker that runs as in the product.
"""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from server.attendance import actions as attendance
from server.attendance.jobs import DayWorker
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from server.hr.approvals import actions as approvals
from server.hr.approvals.model import Verdict
from server.hr.requests import actions as requests, pages
from server.hr.requests.model import CorrectionCause, CorrectionContent, NewRequest
from server.migrations import migrate
from server.storage import Database
from server.worker import spare_the_collector
from tests.bench.bench_attendance import FIRST, NOW, PEOPLE, ZONE, _assess_all, _followed, _found, _until_idle
from tests.bench.machine import percentile, scratch
from tests.bench.row import Row
from tests.support.company import TESTER
from tests.support.pages import Reader, browse

HANDLERS = {requests.SUBJECT: requests.RequestHandler()}
ASKED, TYPED, WARMING = 20, 40, 3
DAY = FIRST + timedelta(days=12)
DECIDED_GOAL, TYPED_GOAL = 1.0, 100.0
FORMS = {
    "leave of a week": ("leave", {"leave": "annual", "first_day": "2099-11-09", "last_day": "2099-11-13"}),
    "a correction": ("correction", {"cause": "missing-out", "work_date": str(DAY), "at": f"{DAY}T18:00"}),
    "a trip": ("trip", {"place": "北京", "first_day": "2099-11-09", "last_day": "2099-11-10"}),
}


def run(people: int = PEOPLE) -> list[Row]:
    with scratch() as folder:
        database = Database(f"sqlite:///{folder / 'bench.db'}")
        database.make_file()
        migrate(database)
        ids = _found(database, people)
        spare_the_collector()
        _assess_all(database, ids, explain=True)
        _let_the_first_manage(database, ids)
        rows = [*_typing(database, ids[10]), _deciding(database, ids)]
        database.close()
    return rows


def _let_the_first_manage(database: Database, ids: Sequence[int]) -> None:
    with database.writing() as uow:
        for number in range(1, ASKED + 1):
            change = NewEvent(EventKind.TRANSFER, date(2026, 9, 2), {"manager_id": ids[0]})
            directory.add_event(uow, ids[number * 10], change, TESTER, NOW)


def _typing(database: Database, person_id: int) -> list[Row]:
    """The whole answer of the page, in processor time of the server and of whoever asks: machines are shared. Kinds take turns."""
    browser = browse(database, [pages.router], Reader(frozenset({"ask", "see-own"}), person_id=person_id))
    taken: dict[str, list[float]] = {name: [] for name in FORMS}
    for turn in range(WARMING + TYPED):
        for name, (kind, form) in FORMS.items():
            started = time.process_time()
            answer = browser.post(f"/me/requests/check/{kind}", form)
            spent = (time.process_time() - started) * 1000
            assert answer.status_code == 200, answer.text
            if turn >= WARMING:
                taken[name].append(spent)
    rows = []
    for name, times in taken.items():
        measured = percentile(times, 0.95)
        note = f"half within {percentile(times, 0.5):.0f} ms"
        rows.append(
            Row(f"what stands in the way of {name}, while typing, p95", measured, "ms", "goal", TYPED_GOAL, TYPED_GOAL / measured, 1, note)
        )
    return rows


def _deciding(database: Database, ids: Sequence[int]) -> Row:
    """From the approver's word to the day that has it in it."""
    _followed(database)
    worker = DayWorker(database, "days-bench", lambda: NOW)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        _until_idle(database)
        taken = [_decide_one(database, ids[number * 10], ids[0], number) for number in range(1, ASKED + 1)]
    finally:
        worker.stop()
        thread.join()
    measured = percentile(taken, 0.95)
    note = f"half within {percentile(taken, 0.5) * 1000:.0f} ms"
    return Row(
        "approving a request until its day is worked out, p95", measured, "s", "goal", DECIDED_GOAL, DECIDED_GOAL / measured, 1, note
    )


def _decide_one(database: Database, person_id: int, manager_id: int, number: int) -> float:
    at = int(datetime(DAY.year, DAY.month, DAY.day, 18, number, tzinfo=ZONE).astimezone(UTC).timestamp())
    content = CorrectionContent(cause=CorrectionCause.MISSING_OUT, work_date=DAY, at=at)
    with database.writing() as uow:
        new = NewRequest(person_id, content, "忘记打卡", f"bench-{number:06}")
        made = requests.ask(uow, HANDLERS, new, TESTER, NOW)
        course = requests.course_of(uow, made.id)
        assert course is not None
    started = time.perf_counter()
    with database.writing() as uow:
        approvals.decide(uow, HANDLERS, course.id, Verdict.APPROVE, "", manager_id, Actor("manager"), NOW)
    while True:
        with database.reading() as uow:
            if attendance.days_of(uow, person_id, DAY, DAY)[0].grant_ids:
                return time.perf_counter() - started
        if time.perf_counter() - started > 30:
            raise AssertionError("an approved request did not come into its day")
        time.sleep(0.005)
