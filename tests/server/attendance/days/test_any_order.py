"""Whatever order things arrive in, whoever dies meanwhile and however many work: the same days come out."""

import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from server.attendance import actions, jobs
from server.attendance.model import NewGrant
from server.attendance.model.grants import GrantKind, Heading, LeaveKind
from server.attendance.store.cursor import came_after, seen_cursor
from server.roster import actions as roster
from server.roster.model import EntryKind, Wish
from server.storage import waiting_changes
from tests.server.attendance.days.conftest import LATER, at, office_terms
from tests.support.company import NOW, TESTER
from tests.support.waiting import until

PEOPLE = ("A1", "A2", "A3")
ROOT = Path(__file__).parents[4]


def told(days):
    """Everything that past days say, without numbers of grants and punches: those depend on the order in which they came.

    Today is left out: who has not come is later with every look at the clock.
    """
    return {key: _facts(one) for key, one in days.all(last=22).items()}


def _facts(stored):
    day = stored.day
    uses = tuple((one.at, one.heading, one.part, one.reason, one.grant_id is not None) for one in day.uses)
    exceptions = tuple((one.kind, one.minutes, one.part, one.at) for one in day.exceptions)
    numbers = (day.state, day.status, day.worked_minutes, day.late_minutes, day.early_minutes, day.overtime, day.absent_halves)
    leave = tuple((one.kind, one.minutes, one.halves) for one in day.leave)
    return (uses, exceptions, numbers, leave, stored.plan.parts, sorted(grant.kind for grant in stored.inputs.grants))


def happenings(days):
    """Things that happen to the company, each as a call that may come in any order."""
    people = days.company.people
    found = []
    for number, who in enumerate(PEOPLE):
        for day in range(9, 21):
            if (day + number) % 7 in (0, 1):
                continue
            came, left = at(day, f"08:{(day * 7 + number * 13) % 60:02}"), at(day, f"{17 + day % 3}:{(day * 11) % 60:02}")
            if day % 5 != number:
                found.append(lambda who=who, came=came: days.punch(who, came))
            found.append(lambda who=who, left=left: days.punch(who, left, terminal="T2"))

    def grant(**fields):
        with days.database.writing() as uow:
            actions.record_grant(uow, NewGrant(reason="as asked", **fields), TESTER, NOW)

    def on(day):
        return {"first_day": date(2026, 11, day), "last_day": date(2026, 11, day)}

    def correction(day):
        return {"starts_at": int(at(day, "08:59").timestamp()), "heading": Heading.IN, "kind": GrantKind.CORRECTION}

    found.append(lambda: grant(person_id=people["A1"], kind=GrantKind.LEAVE, leave=LeaveKind.SICK, **on(9)))
    found.append(lambda: grant(person_id=people["A2"], kind=GrantKind.TRIP, **on(10)))
    found.append(lambda: grant(person_id=people["A3"], **correction(12)))
    found.append(lambda: grant(person_id=people["A1"], **correction(11)))
    found.append(lambda: _night(days, "A3"))
    found.append(lambda: days.report(at(23, "09:00"), "T1"))
    found.append(lambda: days.report(at(22, "18:00"), "T2"))
    return found


def _night(days, who):
    """From the 16th to the 18th somebody works at night."""
    with days.database.writing() as uow:
        shift = roster.add_shift(uow, "夜班", "夜", office_terms(1320, 1800), date(2026, 10, 1), TESTER, NOW)
        cells = [Wish(days.company.people[who], date(2026, 11, day), EntryKind.SHIFT, shift.id) for day in (16, 17, 18)]
        roster.set_entries(uow, cells, TESTER, NOW)
        roster.publish(uow, [days.company.people[who]], date(2026, 11, 16), date(2026, 11, 18), TESTER, NOW)


@pytest.mark.parametrize("seed", [1, 2])
def test_given_any_order_and_work_in_between_then_the_days_are_the_same(days, new_days, seed):
    for happen in happenings(days):
        happen()
    days.settle()
    other, chance = new_days(), random.Random(seed)
    calls = happenings(other)
    chance.shuffle(calls)

    for happen in calls:
        happen()
        if chance.random() < 0.15:
            other.settle(LATER + timedelta(seconds=chance.randrange(60)))
    other.settle(LATER + timedelta(minutes=2))

    assert told(other) == told(days)


def test_given_several_workers_at_once_then_the_days_are_the_same_and_nothing_waits(days, new_days):
    for happen in happenings(days):
        happen()
    days.settle()
    other = new_days()
    workers = [jobs.DayWorker(other.database, f"days-{number}", lambda: LATER) for number in range(3)]
    threads = [threading.Thread(target=one.run) for one in workers]
    for thread in threads:
        thread.start()

    for happen in happenings(other):
        happen()
    until(lambda: not _waits(other), "nothing waits")
    for one in workers:
        one.stop()
    for thread in threads:
        thread.join()
    other.settle(LATER + timedelta(minutes=2))

    assert told(other) == told(days)


def test_given_workers_that_are_killed_again_and_again_then_nothing_is_lost(days, new_days):
    for happen in happenings(days):
        happen()
    days.settle()
    other, chance = new_days(), random.Random(7)
    calls = happenings(other)
    chance.shuffle(calls)
    share = len(calls) // 3 + 1

    for turn in range(3):
        with _killed_at_the_end(other, LATER + timedelta(minutes=2 * turn)):
            for happen in calls[turn * share : (turn + 1) * share]:
                happen()
            time.sleep(chance.random() * 0.6)
    # what a killed worker held is held until its database has noticed
    until(lambda: other.settle(LATER + timedelta(minutes=12)) or not _waits(other), "nothing waits")

    assert told(other) == told(days)
    assert other.marks() == set()


@contextmanager
def _killed_at_the_end(days, now):
    """Two workers that begin now and have no time to end in order."""
    command = [sys.executable, "-m", "tests.server.attendance.days.worker_process"]
    url, moment = days.database.url.render_as_string(hide_password=False), str(int(now.timestamp()))
    with ExitStack() as running:
        for number in range(2):
            named = [*command, url, f"days-{number}", moment]
            started = running.enter_context(subprocess.Popen(named, stdout=subprocess.PIPE, cwd=ROOT))
            running.callback(started.send_signal, signal.SIGKILL)
            started.stdout.readline()
        yield


def _waits(days) -> bool:
    with days.database.writing() as uow:
        return bool(waiting_changes(uow, 1) or came_after(uow, seen_cursor(uow), 1)[0] or actions.waiting_marks(uow).marks)
