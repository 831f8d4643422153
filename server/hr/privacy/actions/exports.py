"""Everything about somebody as a file: asked for, made by a job, fetched by whoever asked, gone after some days."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from server.access.model import Permission
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import NotFoundError
from server.hr.privacy import store
from server.hr.privacy.actions.subjects import subject_of
from server.hr.privacy.model import Export
from server.jobs import actions as jobs
from server.jobs.model import NewJob
from server.storage import UnitOfWork

FETCHED_WITHIN = timedelta(days=7)
JOB = "personal-export"


def ask_export(uow: UnitOfWork, person_id: int, language: str, by: Actor, now: datetime) -> Export:
    """Have it made. One that the same account asked for, and that is still to be made or fetched, comes back. Raises NotFoundError."""
    who = subject_of(uow, person_id)
    for one in store.exports_of(uow, person_id, by.name):
        if one.made_at is None or (one.parts and one.until is not None and one.until > now):
            return one
    key = store.add_export(uow, person_id, by.name, language, now)
    new = NewJob(JOB, f"{JOB}:{key}", "Everything about a person", Permission.MANAGE_PRIVACY, {"export": key})
    jobs.enqueue(uow, new, by.name, now)
    record(uow, by, "personal-data.export", "person", who.employee_number, at=now, people=(who.person_id,))
    return find_export(uow, key, by.name)


def exports_of(uow: UnitOfWork, person_id: int, asked_by: str) -> list[Export]:
    """What somebody asked for about a person, the latest first."""
    return store.exports_of(uow, person_id, asked_by)


def find_export(uow: UnitOfWork, export_id: int, asked_by: str) -> Export:
    """Raises NotFoundError also for what somebody else asked for."""
    found = store.export_by_id(uow, export_id)
    if found is None or found.asked_by != asked_by:
        raise NotFoundError(what="export", name=export_id)
    return found


def open_export(uow: UnitOfWork, export_id: int, by: Actor, now: datetime) -> tuple[Export, Iterator[bytes]]:
    """The file, about to be handed to whoever asked for it; the look is on the trail. Raises NotFoundError, also when it is gone."""
    found = find_export(uow, export_id, by.name)
    if not found.parts or found.until is None or found.until <= now:
        raise NotFoundError(what="export", name=export_id)
    who = subject_of(uow, found.person_id)
    pieces = store.pieces_of(uow, found)
    record(uow, by, "personal-data.fetch", "person", who.employee_number, at=now, after={"export": export_id}, people=(who.person_id,))
    return found, pieces


def drop_exports(uow: UnitOfWork, now: datetime) -> int:
    """Delete those that could be fetched long enough; returns how many."""
    return store.drop_exports(uow, now)
