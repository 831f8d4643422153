"""Long work as people see it."""

from datetime import UTC, datetime

import pytest

from server.jobs import actions as jobs, store
from server.jobs.model import JobState, NewJob, Shard
from server.web import long_work
from tests.support.pages import Reader, browse

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
WORK = NewJob("greet", "one", "Long work", "see-days", place="/somewhere")


@pytest.fixture
def job(database) -> int:
    """Half done."""
    with database.writing() as uow:
        job_id = jobs.enqueue(uow, WORK, "wang", NOW).id
        store.add_shards(uow, job_id, [Shard(500, {}), Shard(500, {})])
        store.begin(uow, job_id, NOW)
        store.finish_shard(uow, job_id, 0, NOW)
    return job_id


@pytest.fixture
def hr(database):
    return browse(database, [long_work.router], {"see-days"})


def test_given_work_that_runs_when_its_page_is_opened_then_it_says_how_far_it_is_and_who_asked(hr, job):
    page = hr.get(f"/jobs/{job}", language="zh").text

    assert "后台任务" in page
    assert 'max="1000" value="500"' in page
    assert "500/1000" in page
    assert "wang" in page
    assert "/somewhere" in page


def test_given_a_program_when_it_asks_then_it_is_told_the_same(hr, job):
    told = hr.get(f"/api/v1/jobs/{job}").json()

    assert (told["state"], told["done"], told["total"], told["percent"]) == ("running", 500, 1000, 50)
    assert hr.get("/api/v1/jobs?limit=1").json()["jobs"][0]["id"] == job


def test_given_somebody_without_the_jobs_permission_then_it_is_not_there(database, job):
    it = browse(database, [long_work.router], {"see-fleet"})

    assert it.get(f"/jobs/{job}").status_code == 404
    assert it.get(f"/api/v1/jobs/{job}").status_code == 404
    assert it.post(f"/jobs/{job}/cancel").status_code == 404
    assert it.get("/api/v1/jobs").json()["jobs"] == []


def test_given_work_that_is_cancelled_from_its_page_then_it_says_so_at_once(database, hr, job):
    assert hr.post(f"/jobs/{job}/cancel").status_code == 409
    for reader in (Reader(frozenset({"see-days"}), login="wang"), Reader(frozenset({"see-days", "change-grants"}))):
        assert browse(database, [long_work.router], reader).post(f"/jobs/{job}/cancel").status_code == 303

    assert "being cancelled" in hr.get(f"/jobs/{job}").text
    assert hr.get(f"/api/v1/jobs/{job}").json()["cancelled"]


def test_given_work_that_failed_then_the_reason_is_in_the_readers_language(hr, database, job):
    fault = {"text": "{reason}", "facts": {"reason": "There is a terminal {serial} already.", "serial": "T1"}}
    with database.writing() as uow:
        store.end(uow, job, JobState.FAILED, NOW, fault)

    assert "已有考勤机 T1。" in hr.get(f"/jobs/{job}", language="zh").text
    assert hr.get(f"/api/v1/jobs/{job}").json()["fault"] == "There is a terminal T1 already."


def test_given_no_work_then_the_list_says_what_would_stand_there(hr):
    assert "Recalculating days" in hr.get("/jobs").text
