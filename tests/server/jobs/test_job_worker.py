"""The runner as `server run` starts it, with every kind of work and everything that begins by the clock."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from server.attendance.actions import trials
from server.attendance.model.trials import Who, WhoKind
from server.jobs import actions as jobs
from server.jobs.model import JobState
from tests.support.company import NOW, TESTER, found_company

ROOT = Path(__file__).parents[3]
SECONDS = 240
SCHEDULES = "workflow_schedules"
BY_THE_CLOCK = {
    "approvals-in-time", "check-trail", "count-faces", "events-of-today", "index-facts", "list-erasure", "remind-of-certificates",
    "remind-of-contracts", "sendings", "settle-leave", "sweep-days", "templates-gone", "templates-of-leavers", "tidy-alarms", "tidy-drifts",
    "tidy-imports", "tidy-jobs", "tidy-notices", "tidy-personal-exports", "tidy-punch-files", "tidy-pushes", "tidy-readings", "tidy-trials",
    "watch-alarms",
}  # fmt: skip


@pytest.fixture
def runner(database, tmp_path):
    """A process of it, on a company of three."""
    found_company(database)
    settings = tmp_path / "server.toml"
    settings.write_text(f'data_dir = "data"\ndatabase_url = "{database.url.render_as_string(hide_password=False)}"\n')
    (tmp_path / "data").mkdir()
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, "-m", "server.worker", "jobs", "jobs-1", settings], cwd=ROOT, stdout=log, stderr=log)
        yield process, tmp_path
        process.kill()
        process.wait(SECONDS)


def test_given_a_recalculation_when_asked_for_then_the_runner_does_it_and_ends_in_order_when_told(runner, database):
    process, folder = runner
    with database.writing() as uow:
        span = (date(2026, 11, 16), date(2026, 11, 20))
        trial = trials.ask_recalculation(uow, Who(WhoKind.ALL, 0, ""), *span, TESTER, NOW, date(2026, 11, 23))

    until = time.monotonic() + SECONDS
    while not (job := _job(database, trial.id)).ended:
        assert time.monotonic() < until, (job, (folder / "log").read_text())
        time.sleep(0.2)
    process.terminate()

    assert job.state is JobState.DONE
    assert process.wait(SECONDS) == 0
    assert "Traceback" not in (folder / "log").read_text()


def test_given_a_runner_then_what_begins_by_the_clock_is_known_to_it(runner, database, dialect):
    _, folder = runner
    until = time.monotonic() + SECONDS
    while _scheduled(database, dialect, folder / "data" / "jobs.db") != BY_THE_CLOCK:
        assert time.monotonic() < until, (folder / "log").read_text()
        time.sleep(0.2)


def _job(database, trial_id):
    with database.reading() as uow:
        found = jobs.status(uow, f"trial:{trial_id}")
    assert found is not None
    return found


def _scheduled(database, dialect, carrier: Path) -> set[str]:
    """From DBOS's own table, where it is."""
    if dialect == "sqlite":
        if not carrier.exists():
            return set()
        with closing(sqlite3.connect(f"file:{carrier}?mode=ro", uri=True, timeout=SECONDS)) as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            rows = connection.execute("SELECT schedule_name FROM workflow_schedules").fetchall() if SCHEDULES in tables else []
        return {row[0] for row in rows}
    with database.reading() as uow:
        if uow.scalar(text(f"SELECT to_regclass('clockbridge_jobs.{SCHEDULES}')")) is None:
            return set()
        return {row.schedule_name for row in uow.fetch_all(text(f"SELECT schedule_name FROM clockbridge_jobs.{SCHEDULES}"))}
