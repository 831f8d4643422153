"""Doing a job, step by step, so that any step may be repeated and none is done twice. Knows no queue: `runner` calls these.

A shard is worked out on a snapshot, without a lock; what it came to is saved in the transaction that marks it done. Who dies before that
commit has done nothing; who repeats after it finds the mark and does nothing.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog

from server.errors import ServerError
from server.jobs import store
from server.jobs.kinds import JobCancelledError, JobKind, Progress
from server.jobs.model import Job, JobState
from server.storage import Database, StorageError

PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds between attempts while the database is away or busy; then the job fails and says why."""
TELL_SECONDS = 0.5
UNEXPECTED = "Something unexpected stopped this work. The server's log says what; nothing of the part that failed was saved."

log = structlog.get_logger()
T = TypeVar("T")


class JobGoneError(Exception):
    """The database holds no such job, or its kind is not known here: there is nothing to do."""


def prepare(database: Database, kinds: Mapping[str, JobKind], job_id: int, token: str) -> list[int]:
    """Divide the job, once; returns the numbers of the shards that are still to be done. Raises JobGoneError."""

    def step() -> list[int]:
        with database.reading() as uow:
            job, kind = _known(store.by_id(uow, job_id), token, kinds)
            unwanted = store.is_unwanted(uow, job_id)
            shards = [] if unwanted or job.started_at else kind.split(uow, job.arguments)
        with database.writing() as uow:
            if not unwanted and store.shard_count(uow, job_id) == 0:
                store.add_shards(uow, job_id, shards)
            store.begin(uow, job_id, datetime.now(UTC))
            return [] if unwanted else store.open_shards(uow, job_id)

    return _caught(database, job_id, step, [])


def do_shard(database: Database, kinds: Mapping[str, JobKind], job_id: int, token: str, number: int) -> bool:
    """Do one shard, or nothing where it is done; returns False where the job has come to its end: cancelled or failed."""

    def step() -> bool:
        with database.reading() as uow:
            job, kind = _known(store.by_id(uow, job_id), token, kinds)
            if store.is_unwanted(uow, job_id):
                return False
            arguments = store.shard_arguments(uow, job_id, number)
            if arguments is None:
                return True
            save = kind.work(uow, job, arguments, _progress(database, job_id, number))
        with database.writing() as uow:
            if store.finish_shard(uow, job_id, number, datetime.now(UTC)):
                save(uow)
        return True

    return _caught(database, job_id, step, False)


def finish(database: Database, kinds: Mapping[str, JobKind], job_id: int, token: str) -> None:
    """Bring the job to its end: done where all shards are, else cancelled where that was asked for."""

    def step() -> None:
        with database.writing() as uow:
            job, kind = _known(store.by_id(uow, job_id), token, kinds)
            if job.cancelled_by is not None:
                store.end(uow, job_id, JobState.CANCELLED, datetime.now(UTC))
            elif not job.ended and not store.open_shards(uow, job_id):
                kind.finish(uow, job)
                store.end(uow, job_id, JobState.DONE, datetime.now(UTC))

    _caught(database, job_id, step, None)


def _known(job: Job | None, token: str, kinds: Mapping[str, JobKind]) -> tuple[Job, JobKind]:
    if job is None or job.token != token or job.name not in kinds:
        raise JobGoneError
    return job, kinds[job.name]


def _progress(database: Database, job_id: int, number: int) -> Progress:
    """Writes at most twice a second, and each new step, in transactions of their own."""
    last, at = time.monotonic(), ""

    def tell(done: int, step: str = "") -> None:
        nonlocal last, at
        if time.monotonic() < last + TELL_SECONDS and step == at:
            return
        with database.writing() as uow:
            store.tell_done(uow, job_id, number, done, step)
            unwanted = store.is_unwanted(uow, job_id)
        last, at = time.monotonic(), step
        if unwanted:
            raise JobCancelledError

    return tell


def _caught(database: Database, job_id: int, step: Callable[[], T], ended: T) -> T:
    """Do a step, again while the database is away. A failure ends the job, in words, and gives `ended`."""
    try:
        return _patiently(step)
    except JobCancelledError:
        return ended
    except ServerError as error:
        log.error("long work failed", job=job_id, error=str(error))  # noqa: TRY400 - the sentence says it all
        fault: dict[str, Any] = {"text": error.message, "facts": {name: _plain(value) for name, value in error.facts.items()}}
    except JobGoneError:
        raise
    except Exception:  # whatever an area's work raises: the job ends and says so, the runner lives on
        log.exception("long work failed", job=job_id)
        fault = {"text": UNEXPECTED, "facts": {}}
    _patiently(lambda: _fail(database, job_id, fault))
    return ended


def _fail(database: Database, job_id: int, fault: dict[str, Any]) -> None:
    with database.writing() as uow:
        store.end(uow, job_id, JobState.FAILED, datetime.now(UTC), fault)


def _patiently(step: Callable[[], T]) -> T:
    for pause in PAUSES:
        try:
            return step()
        except StorageError as error:
            if not error.transient:
                raise
            log.warning("long work waits for the database", error=str(error))
            time.sleep(pause)
    return step()


def _plain(value: object) -> object:
    return value if isinstance(value, str | int) else str(value)
