"""One answer to many requests: as long work with progress, each by itself, so that one that cannot be does not stop the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.access.model import Permission
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.hr.approvals.actions.deciding import decide
from server.hr.approvals.actions.submitting import said
from server.hr.approvals.actions.time_limits import fault_of
from server.hr.approvals.model import Handlers, Verdict
from server.hr.approvals.store import bulk as store
from server.hr.approvals.store.bulk import Bulk
from server.jobs import actions as jobs
from server.jobs.model import Job, NewJob
from server.storage import UnitOfWork

MOST = 5_000
JOB = "answer-approvals"
TITLES = {
    Verdict.APPROVE: "{n} {n:request is|requests are} approved",
    Verdict.REFUSE: "{n} {n:request is|requests are} rejected",
}


@dataclass(frozen=True, slots=True)
class BulkView:
    """How far it is. faults: courses that could not be answered, with the text and facts that say why."""

    bulk: Bulk
    job: Job | None
    answered: int
    failed: int
    faults: Sequence[tuple[int, Mapping[str, Any]]]


def decide_many(
    uow: UnitOfWork, course_ids: Sequence[int], verdict: Verdict, comment: str, person_id: int, by: Actor, now: datetime
) -> int:
    """Ask for the same answer to all of these; returns the number of the undertaking. Raises InvalidInputError."""
    chosen = sorted(set(course_ids))
    if not chosen:
        raise InvalidInputError(field="ids", reason="choose at least one")
    if len(chosen) > MOST:
        raise InvalidInputError(field="ids", reason="choose at most {most} at once", most=MOST)
    if verdict not in TITLES:
        raise InvalidInputError(field="verdict", reason="choose one that the list offers")
    key = store.add(uow, person_id, verdict, said(comment), chosen, by.name, now)
    place, facts = f"/approvals/bulk/{key}", {"n": len(chosen)}
    job = NewJob(JOB, f"{JOB}:{key}", TITLES[verdict], Permission.DECIDE.value, {"bulk": key}, facts, place)
    jobs.enqueue(uow, job, by.name, now)
    return key


def answer_some(uow: UnitOfWork, handlers: Handlers, bulk_id: int, course_ids: Sequence[int], now: datetime) -> None:
    """Answer these courses of an undertaking; what is answered already stays as it is."""
    bulk = find_bulk(uow, bulk_id)
    for course_id in store.left(uow, bulk_id, course_ids):
        fault = None
        try:
            with uow.connection.begin_nested():
                decide(uow, handlers, course_id, bulk.verdict, bulk.comment, bulk.person_id, Actor(bulk.author), now)
        except ServerError as error:
            fault = fault_of(error)
        store.settle(uow, bulk_id, course_id, fault)


def courses_left(uow: UnitOfWork, bulk_id: int) -> list[int]:
    """What of an undertaking is not answered yet."""
    return store.left(uow, bulk_id)


def find_bulk(uow: UnitOfWork, bulk_id: int) -> Bulk:
    """Raises NotFoundError."""
    found = store.by_id(uow, bulk_id)
    if found is None:
        raise NotFoundError(what="approval", name=bulk_id)
    return found


def see_bulk(uow: UnitOfWork, bulk_id: int, person_id: int) -> BulkView:
    """An undertaking of this person; raises NotFoundError also for somebody else's."""
    bulk = find_bulk(uow, bulk_id)
    if bulk.person_id != person_id:
        raise NotFoundError(what="approval", name=bulk_id)
    answered, failed = store.counts(uow, bulk_id)
    return BulkView(bulk, jobs.status(uow, f"{JOB}:{bulk_id}"), answered, failed, store.faults(uow, bulk_id))
