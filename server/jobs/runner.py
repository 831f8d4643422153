"""Carries jobs out, by DBOS. One runner is one process; several share the work when the database is PostgreSQL.

Our rows say what is to be done. The runner looks for them, hands each to DBOS under an id that is the job's own, and DBOS sees to it that
the workflow of that id ends, whatever dies in between: this process when it comes back, or another one that finds it silent. Handing over
twice is harmless, and so is a DBOS database that was lost: what has not ended is handed over again.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import create_engine, make_url

from server.jobs import doing, store
from server.jobs.kinds import JobKind, Schedule
from server.jobs.model import Job, JobState
from server.storage import Database, StorageError

LOOK_SECONDS = 0.5
BEAT_SECONDS = 10
SILENT = timedelta(seconds=60)
"""A runner that was not heard of for so long is dead, and others go on with what it had begun."""
WINDOW = 4
"""Shards of one job that wait or run at a time, so that a small job does not stand behind all shards of a large one."""
SCHEMA = "clockbridge_jobs"
"""Of DBOS's tables on PostgreSQL, where they lie in our database."""
ENDING_SECONDS = 3
BAD_ENDS = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
"""DBOS's words for a workflow that it will not go on with."""
LOST = "This work was interrupted too often. Start it again."

log = structlog.get_logger()


class Runner:
    """name: this runner's own, the same at each of its starts. carrier_url: DBOS's database, `sqlite:///…` or ours on PostgreSQL.

    Constructing starts nothing. There can be one in a process, and never inside an event loop.
    """

    def __init__(self, database: Database, kinds: Sequence[JobKind], schedules: Sequence[Schedule], name: str, carrier_url: str) -> None:
        self.database, self.name, self.carrier_url = database, name, carrier_url
        self.kinds: Mapping[str, JobKind] = {kind.name: kind for kind in kinds}
        self.schedules = schedules
        self._stop = threading.Event()
        self._handed_over: set[str] = set()

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Work until `stop`. What is in the middle of a shard then is done again at the next start."""
        from dbos import DBOS

        self._launch()
        try:
            self._look_after()
        finally:
            DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=ENDING_SECONDS)

    def _launch(self) -> None:
        from dbos import DBOS

        DBOS(config=self._configuration())
        self._do_job, self._do_shard = self._workflows()
        scheduled = [self._scheduled(schedule) for schedule in self.schedules]
        DBOS.launch()
        DBOS.register_queue("jobs", worker_concurrency=WINDOW, polling_interval_sec=LOOK_SECONDS)
        DBOS.register_queue("shards", worker_concurrency=1, polling_interval_sec=LOOK_SECONDS)
        DBOS.apply_schedules(scheduled)

    def _configuration(self) -> Any:
        """No address, no key, no admin server: DBOS talks to its database and to nobody else."""
        url = make_url(self.carrier_url)
        place: dict[str, Any] = {"system_database_url": self.carrier_url}
        if url.get_backend_name() == "postgresql":
            engine = create_engine(url.set(drivername="postgresql+psycopg"), pool_size=5, max_overflow=10, pool_pre_ping=True)
            place |= {"system_database_engine": engine, "dbos_system_schema": SCHEMA}
        fixed = {"name": "clockbridge", "executor_id": self.name, "application_version": "1", "log_level": "WARNING"}
        return place | fixed | {"run_admin_server": False}

    def _workflows(self) -> tuple[Callable[[int, str], None], Callable[[int, str, int], bool]]:
        """What DBOS repeats until it ends. Their arguments are kept by DBOS: numbers and tokens, never people's data."""
        from dbos import DBOS, SetWorkflowID

        @DBOS.workflow(name="shard")
        def do_shard(job_id: int, token: str, number: int) -> bool:
            return doing.do_shard(self.database, self.kinds, job_id, token, number)

        @DBOS.step(name="prepare")
        def prepare(job_id: int, token: str) -> list[int]:
            return doing.prepare(self.database, self.kinds, job_id, token)

        @DBOS.step(name="finish")
        def finish(job_id: int, token: str) -> None:
            doing.finish(self.database, self.kinds, job_id, token)

        @DBOS.workflow(name="job")
        def do_job(job_id: int, token: str) -> None:
            under_way: deque[Any] = deque()
            for number in prepare(job_id, token):
                if len(under_way) == WINDOW and not under_way.popleft().get_result():
                    break
                with SetWorkflowID(f"{_workflow_id(job_id, token)}:{number}"):
                    under_way.append(DBOS.enqueue_workflow("shards", do_shard, job_id, token, number))
            for shard in under_way:
                shard.get_result()
            finish(job_id, token)

        return do_job, do_shard

    def _scheduled(self, schedule: Schedule) -> Any:
        from dbos import DBOS

        @DBOS.step(name=f"do:{schedule.name}")
        def do(at: datetime) -> None:
            with self.database.writing() as uow:
                schedule.do(uow, at)

        @DBOS.workflow(name=f"schedule:{schedule.name}")
        def fire(at: datetime, _context: Any) -> None:
            do(at)

        times = {"schedule_name": schedule.name, "schedule": schedule.cron, "cron_timezone": schedule.zone}
        return times | {"workflow_fn": fire, "context": None, "automatic_backfill": False}

    def _look_after(self) -> None:
        beat_at = datetime.min.replace(tzinfo=UTC)
        while not self._stop.wait(LOOK_SECONDS):
            now = datetime.now(UTC)
            try:
                self._hand_over()
                if now >= beat_at:
                    beat_at = now + timedelta(seconds=BEAT_SECONDS)
                    self._beat(now)
            except StorageError as error:
                log.warning("the runner waits for the database", error=str(error))

    def _hand_over(self) -> None:
        """What has not ended, to DBOS; it knows by the id what it was given before."""
        from dbos import DBOS, SetWorkflowID

        with self.database.reading() as uow:
            jobs = store.not_ended(uow)
        waiting = {_workflow_id(job.id, job.token): job for job in jobs if job.name in self.kinds}
        for workflow_id, job in waiting.items():
            if workflow_id not in self._handed_over:
                with SetWorkflowID(workflow_id):
                    DBOS.enqueue_workflow("jobs", self._do_job, job.id, job.token)
        self._handed_over = set(waiting)

    def _beat(self, now: datetime) -> None:
        with self.database.writing() as uow:
            store.beat(uow, self.name, now)
            dead = store.silent_runners(uow, now - SILENT)
            for name in dead:
                store.forget_runner(uow, name)
        for name in dead:
            self._rescue(name)
        self._end_what_was_lost(now)

    def _rescue(self, name: str) -> None:
        """Go on with what a dead runner had begun."""
        from dbos import DBOS

        begun = [one.workflow_id for one in DBOS.list_workflows(status="PENDING", executor_id=name)]
        if begun:
            DBOS.resume_workflows(begun)
        log.warning("a runner was silent: its work goes on here", runner=name, workflows=len(begun))

    def _end_what_was_lost(self, now: datetime) -> None:
        """A workflow that came to an end without the job's own: nobody would ever go on with it."""
        from dbos import DBOS

        if not self._handed_over:
            return
        lost = {one.workflow_id for one in DBOS.list_workflows(workflow_ids=sorted(self._handed_over), status=list(BAD_ENDS))}
        with self.database.writing() as uow:
            for job in _of(store.not_ended(uow), lost):
                store.end(uow, job.id, JobState.FAILED, now, {"text": LOST, "facts": {}})


def _workflow_id(job_id: int, token: str) -> str:
    return f"job:{job_id}:{token}"


def _of(jobs: Sequence[Job], workflow_ids: set[str]) -> list[Job]:
    return [job for job in jobs if _workflow_id(job.id, job.token) in workflow_ids]
