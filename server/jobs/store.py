"""Queries of long work."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, update

from server.jobs.model import ENDED, Job, JobState, NewJob, Shard
from server.jobs.tables import job, job_runner, job_shard
from server.storage import UnitOfWork, insert_ignoring, upsert

_done = select(func.coalesce(func.sum(job_shard.c.done), 0)).where(job_shard.c.job_id == job.c.id).scalar_subquery()
_total = select(func.coalesce(func.sum(job_shard.c.size), 0)).where(job_shard.c.job_id == job.c.id).scalar_subquery()
_steps = select(job_shard.c.step).where(job_shard.c.job_id == job.c.id, job_shard.c.finished_at.is_(None), job_shard.c.step.is_not(None))
_step = _steps.order_by(job_shard.c.number).limit(1).scalar_subquery()
_not_ended = job.c.state.not_in(list(ENDED))


def add(uow: UnitOfWork, new: NewJob, token: str, asked_by: str, asked_at: datetime) -> None:
    """Write it down, unless there is one of this key."""
    row = {
        "token": token, "name": new.name, "key": new.key, "title": new.title, "facts": dict(new.facts), "arguments": dict(new.arguments),
        "permission": new.permission, "place": new.place, "state": JobState.WAITING.value, "asked_by": asked_by, "asked_at": asked_at,
    }  # fmt: skip
    insert_ignoring(uow, job, [row], ["key"])


def by_key(uow: UnitOfWork, key: str) -> Job | None:
    return _one(uow, _jobs().where(job.c.key == key))


def by_id(uow: UnitOfWork, job_id: int) -> Job | None:
    return _one(uow, _jobs().where(job.c.id == job_id))


def newest(uow: UnitOfWork, permissions: Collection[str], limit: int, below: int | None = None) -> list[Job]:
    """The latest that these permissions may see, newest first; below an id where it is given."""
    query = _jobs().where(job.c.permission.in_(sorted(permissions))).order_by(job.c.id.desc()).limit(limit)
    if below is not None:
        query = query.where(job.c.id < below)
    return [_job(row) for row in uow.fetch_all(query)]


def not_ended(uow: UnitOfWork) -> list[Job]:
    """All that waits or runs, the oldest first."""
    return [_job(row) for row in uow.fetch_all(_jobs().where(_not_ended).order_by(job.c.id))]


def begin(uow: UnitOfWork, job_id: int, now: datetime) -> None:
    uow.execute(update(job).where(job.c.id == job_id, _not_ended, job.c.started_at.is_(None)).values(state="running", started_at=now))


def end(uow: UnitOfWork, job_id: int, state: JobState, now: datetime, fault: dict[str, Any] | None = None) -> bool:
    """Whether it had not ended before."""
    values = {"state": state.value, "ended_at": now, "fault": fault}
    return uow.execute(update(job).where(job.c.id == job_id, _not_ended).values(**values)).rowcount == 1


def ask_to_cancel(uow: UnitOfWork, job_id: int, by: str) -> None:
    uow.execute(update(job).where(job.c.id == job_id, _not_ended, job.c.cancelled_by.is_(None)).values(cancelled_by=by))


def is_unwanted(uow: UnitOfWork, job_id: int) -> bool:
    """Whether it was cancelled, has ended, or is not there."""
    row = uow.fetch_one(select(job.c.state, job.c.cancelled_by).where(job.c.id == job_id))
    return row is None or row.cancelled_by is not None or row.state in ENDED


def add_shards(uow: UnitOfWork, job_id: int, shards: Sequence[Shard]) -> None:
    rows = [
        {"job_id": job_id, "number": number, "size": shard.size, "done": 0, "arguments": dict(shard.arguments)}
        for number, shard in enumerate(shards)
    ]
    if rows:
        uow.execute(insert(job_shard), rows)


def shard_count(uow: UnitOfWork, job_id: int) -> int:
    return int(uow.scalar(select(func.count()).where(job_shard.c.job_id == job_id)))


def open_shards(uow: UnitOfWork, job_id: int) -> list[int]:
    """Numbers of those that are not done, in order."""
    query = select(job_shard.c.number).where(job_shard.c.job_id == job_id, job_shard.c.finished_at.is_(None))
    return [row.number for row in uow.fetch_all(query.order_by(job_shard.c.number))]


def shard_arguments(uow: UnitOfWork, job_id: int, number: int) -> Any:
    """None when the shard is done already, or is not there."""
    query = select(job_shard.c.arguments).where(job_shard.c.job_id == job_id, job_shard.c.number == number)
    return uow.scalar(query.where(job_shard.c.finished_at.is_(None)))


def tell_done(uow: UnitOfWork, job_id: int, number: int, done: int, step: str) -> None:
    uow.execute(update(job_shard).where(job_shard.c.job_id == job_id, job_shard.c.number == number).values(done=done, step=step or None))


def finish_shard(uow: UnitOfWork, job_id: int, number: int, now: datetime) -> bool:
    """Whether it was not done before: then what it came to is saved in this transaction."""
    mine = (job_shard.c.job_id == job_id, job_shard.c.number == number, job_shard.c.finished_at.is_(None))
    return uow.execute(update(job_shard).where(*mine).values(done=job_shard.c.size, finished_at=now)).rowcount == 1


def delete_ended(uow: UnitOfWork, before: datetime) -> int:
    """Forget what ended before; returns how many."""
    return uow.execute(delete(job).where(job.c.state.in_(list(ENDED)), job.c.ended_at < before)).rowcount


def beat(uow: UnitOfWork, name: str, now: datetime) -> None:
    upsert(uow, job_runner, [{"name": name, "seen_at": now}], ["name"])


def silent_runners(uow: UnitOfWork, since: datetime) -> list[str]:
    return [row.name for row in uow.fetch_all(select(job_runner.c.name).where(job_runner.c.seen_at < since))]


def last_beat(uow: UnitOfWork) -> datetime | None:
    """When any runner was last heard of."""
    query = select(job_runner.c.seen_at).order_by(job_runner.c.seen_at.desc()).limit(1)
    found: datetime | None = uow.scalar(query)
    return found


def forget_runner(uow: UnitOfWork, name: str) -> None:
    uow.execute(delete(job_runner).where(job_runner.c.name == name))


def _jobs() -> Select[Any]:
    return select(job, _done.label("done"), _total.label("total"), _step.label("step"))


def _one(uow: UnitOfWork, query: Select[Any]) -> Job | None:
    row = uow.fetch_one(query)
    return _job(row) if row is not None else None


def _job(row: Row[Any]) -> Job:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name for a row as a mapping
    return Job(**values | {"state": JobState(row.state), "done": int(row.done), "total": int(row.total), "step": row.step or ""})
