"""Runners as processes of their own, which are killed: what was asked for is done, each shard once."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from server.jobs import actions as jobs
from server.jobs.model import JobState, NewJob
from server.jobs.tables import job_runner
from server.storage import Database
from tests.server.jobs.runner_process import GREETED

SECONDS = 240
ROOT = Path(__file__).parents[3]


class Runners:
    """Starts and kills runner processes on one database."""

    def __init__(self, database: Database, url: str, folder: Path) -> None:
        self.database, self.url = database, url
        self.gate = folder / "gate"
        self.carrier = f"sqlite:///{folder / 'jobs.db'}" if database.dialect == "sqlite" else url
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        command = [sys.executable, "-m", "tests.server.jobs.runner_process", name, self.url, self.carrier]
        self.running[name] = subprocess.Popen(command, cwd=ROOT)

    def end(self, name: str, number: int = signal.SIGKILL) -> int:
        """Its exit code."""
        process = self.running.pop(name)
        os.kill(process.pid, number)
        return process.wait(SECONDS)

    def ask(self, people: list[int], key: str = "hello", held: int = 0) -> int:
        """held: the work stands still in front of this person until `gate` is there."""
        new = NewJob("greet", key, "Greet", "see-days", {"people": people, "held": held, "gate": str(self.gate)})
        with self.database.writing() as uow:
            return jobs.enqueue(uow, new, "hr", datetime.now(UTC)).id

    def job(self, key: str = "hello"):
        with self.database.reading() as uow:
            return jobs.status(uow, key)

    def until(self, wanted, key: str = "hello"):
        until = time.monotonic() + SECONDS
        while not wanted(self.job(key)):
            assert time.monotonic() < until, self.job(key)
            time.sleep(0.1)
        return self.job(key)

    def greeted(self) -> list[int]:
        with self.database.reading() as uow:
            return sorted(row.person for row in uow.fetch_all(text("SELECT person FROM greeted WHERE runner <> 'the clock'")))


@pytest.fixture
def runners(dialect, new_database_url, tmp_path):
    url = new_database_url(dialect)
    database = Database(url)
    with database.writing() as uow:
        uow.execute(text(GREETED))
    made = Runners(database, url, tmp_path)
    yield made
    for name in list(made.running):
        made.end(name)
    database.close()


def ended(job) -> bool:
    return job.ended


def test_given_a_runner_that_is_killed_in_mid_run_when_it_starts_again_then_the_job_is_done_and_each_shard_once(runners):
    people = list(range(1, 25))
    runners.start("one")
    runners.ask(people, held=10)
    half = runners.until(lambda job: job.done >= 8)

    runners.end("one")
    runners.gate.touch()
    runners.start("one")

    done = runners.until(ended)
    assert half.state is JobState.RUNNING
    assert (done.state, done.done, done.total, done.percent) == (JobState.DONE, 24, 24, 100)
    assert runners.greeted() == [0, *people]


def test_given_a_carrier_database_that_is_lost_when_a_runner_starts_then_what_had_not_ended_is_done(runners):
    runners.start("one")
    runners.ask([1, 2, 3, 4, 5], key="before")
    runners.until(ended, "before")
    runners.ask(list(range(10, 30)), held=15)
    runners.until(lambda job: job.done >= 4)
    runners.end("one")
    runners.gate.touch()

    if runners.database.dialect == "sqlite":
        for file in Path(runners.carrier.removeprefix("sqlite:///")).parent.glob("jobs.db*"):
            file.unlink()
    else:
        with runners.database.writing() as uow:
            uow.execute(text("DROP SCHEMA clockbridge_jobs CASCADE"))
    runners.start("one")

    assert runners.until(ended).state is JobState.DONE
    assert runners.greeted() == [0, 0, 1, 2, 3, 4, 5, *range(10, 30)]


def test_given_a_job_that_is_cancelled_then_it_ends_soon_and_what_was_done_stays(runners):
    runners.start("one")
    job_id = runners.ask(list(range(1, 101)), held=6)
    runners.until(lambda job: job.done >= 4)

    with runners.database.writing() as uow:
        jobs.cancel(uow, job_id, "hr", {"see-days"})
    runners.gate.touch()

    cancelled = runners.until(ended)
    assert (cancelled.state, cancelled.cancelled_by) == (JobState.CANCELLED, "hr")
    assert len(runners.greeted()) < 100


def test_given_work_that_fails_then_the_job_says_so_and_the_next_one_is_done(runners):
    runners.start("one")
    runners.ask([1, 2, 3, 4, -5])
    runners.ask([6], key="next")

    failed = runners.until(ended)
    assert failed.state is JobState.FAILED
    assert "unexpected" in failed.fault["text"]
    assert runners.until(ended, "next").state is JobState.DONE
    assert runners.greeted() == [0, 1, 2, 3, 4, 6]


def test_given_work_for_nobody_and_a_key_asked_twice_then_it_is_done_once(runners):
    first = runners.ask([])
    second = runners.ask([1, 2])
    runners.start("one")

    assert first == second
    assert runners.until(ended).state is JobState.DONE
    assert runners.greeted() == [0]


def test_given_a_clock_then_what_is_scheduled_is_done(runners):
    runners.start("clock")

    def struck():
        with runners.database.reading() as uow:
            return uow.scalar(text("SELECT count(*) FROM greeted WHERE runner = 'the clock'"))

    until = time.monotonic() + SECONDS
    while not struck():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_given_a_runner_that_is_asked_to_end_then_it_ends_by_itself(runners):
    runners.start("one")
    runners.ask([1])
    runners.until(ended)

    assert runners.end("one", signal.SIGTERM) == 0


class TestTwoMachines:
    @pytest.fixture
    def dialect(self):
        return "postgresql"

    def test_given_a_runner_that_is_dead_for_good_then_another_goes_on_with_its_work(self, runners):
        people = list(range(1, 25))
        runners.start("one")
        runners.ask(people, held=10)
        runners.until(lambda job: job.done >= 8)
        runners.end("one")
        runners.gate.touch()
        with runners.database.writing() as uow:
            uow.execute(update(job_runner).values(seen_at=datetime.now(UTC) - timedelta(minutes=5)))

        runners.start("two")

        assert runners.until(ended).state is JobState.DONE
        assert runners.greeted() == [0, *people]
