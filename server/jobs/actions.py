"""Asking for long work, looking after it, cancelling it. Used in the transaction of whoever asks: what rolls back was never asked for."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from server.errors import NotFoundError
from server.jobs import store
from server.jobs.model import Job, NewJob
from server.storage import UnitOfWork

HEARD_WITHIN = timedelta(minutes=2)
KEPT = timedelta(days=90)
"""How long a job that ended can be looked up."""


def enqueue(uow: UnitOfWork, new: NewJob, by: str, now: datetime) -> Job:
    """Ask for work; a runner begins within a second of the commit. With a key that is there already, that job comes back."""
    store.add(uow, new, secrets.token_hex(8), by, now)
    found = store.by_key(uow, new.key)
    assert found is not None
    return found


def status(uow: UnitOfWork, key: str) -> Job | None:
    """The job of this key as it stands."""
    return store.by_key(uow, key)


def find_job(uow: UnitOfWork, job_id: int, permissions: Collection[str]) -> Job:
    """The job as it stands. Raises NotFoundError also where these permissions may not know of it."""
    found = store.by_id(uow, job_id)
    if found is None or found.permission not in permissions:
        raise NotFoundError(what="long work", name=job_id)
    return found


def list_jobs(uow: UnitOfWork, permissions: Collection[str], limit: int = 50, below: int | None = None) -> list[Job]:
    """What these permissions may see, newest first."""
    return store.newest(uow, permissions, limit, below)


def cancel(uow: UnitOfWork, job_id: int, by: str, permissions: Collection[str]) -> None:
    """Ask for its end; shards that are done stay done. One that has ended stays as it ended."""
    store.ask_to_cancel(uow, find_job(uow, job_id, permissions).id, by)


def unattended(uow: UnitOfWork, now: datetime) -> int:
    """How many jobs wait although no runner was heard of for a while."""
    heard = store.last_beat(uow)
    return 0 if heard is not None and now - heard < HEARD_WITHIN else len(store.not_ended(uow))


def tidy(uow: UnitOfWork, now: datetime) -> int:
    """Forget what ended long ago; returns how many."""
    return store.delete_ended(uow, now - KEPT)
