"""Keep times, what is kept for longer, and erasing it with a receipt. It cannot be undone, so HR confirms it in numbers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select

from server.access.model import Permission, Scope
from server.audit.actions import record
from server.audit.engine import link
from server.audit.model import Actor
from server.audit.store import newest
from server.directory import actions as directory
from server.directory.actions.personal import left_before
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.privacy import store
from server.hr.privacy.actions.subjects import subject_of
from server.hr.privacy.engine import digest_of, over_before
from server.hr.privacy.model import DEFAULT_MONTHS, LEAST_MONTHS, MOST_MONTHS, Due, Keep, Receipt, ReceiptCheck
from server.jobs import actions as jobs
from server.jobs.model import Job, NewJob
from server.storage import Holding, UnitOfWork

JOB = "erase-personal-data"
SUBJECT = "erasure-receipt"
"""What the trail calls a receipt."""


def keep_times(uow: UnitOfWork) -> dict[Keep, int]:
    """Months for each kind, as set or as they come."""
    return {**DEFAULT_MONTHS, **store.months(uow)}


def set_keep_times(uow: UnitOfWork, wanted: Mapping[Keep, int], by: Actor, now: datetime) -> None:
    """Raises InvalidInputError for less than the law's minimum."""
    for kind, count in wanted.items():
        if not LEAST_MONTHS[kind] <= count <= MOST_MONTHS:
            least = LEAST_MONTHS[kind]
            told = "use from {least} to {most} months; the law asks for {least} at least (Labour Contract Law, article 50)"
            reason = told if least else "use from {least} to {most} months"
            raise InvalidInputError(field=kind.value, reason=reason, least=least, most=MOST_MONTHS)
    held = keep_times(uow)
    changed = {kind: count for kind, count in wanted.items() if held[kind] != count}
    if not changed:
        return
    store.set_months(uow, changed)
    before, after = ({kind.value: times[kind] for kind in changed} for times in (held, wanted))
    record(uow, by, "keep-times.change", "privacy", "keep-times", at=now, before=before, after=after)


def list_due(uow: UnitOfWork, holdings: Sequence[Holding], today: date, now: datetime) -> None:
    """Write anew whose data is kept for longer than its keep time."""
    for kind, months in keep_times(uow).items():
        own = _of(holdings, kind)
        found = {}
        for person_id, left_on in left_before(uow, over_before(today, months)).items():
            subject = subject_of(uow, person_id)
            if any(one.count(uow, subject) for one in own):
                found[person_id] = left_on
        store.write_due(uow, kind, found, now)


def due(uow: UnitOfWork, kind: Keep, within: Select[Any] | None) -> list[Due]:
    """The list of the last night, of the people within."""
    found = store.due(uow, kind, within)
    names = directory.names_of(uow, found)
    numbers = directory.numbers_of(uow, found)
    return [Due(one, numbers[one], names[one], kind, left) for one, left in found.items()]


def confirm_erasure(uow: UnitOfWork, kind: Keep, people: int, scope: Scope, today: date, by: Actor, now: datetime) -> Job:
    """Erase what is listed, in the background. people: how many whoever confirms has seen. Raises RefusedError when it is others by now."""
    found = store.due(uow, kind, directory.people_within(scope, today))
    if not found:
        raise RefusedError(reason="There is nothing to erase.")
    if len(found) != people:
        raise RefusedError(reason="The list is another one by now: {n} {n:person|people}. Look at it again.", n=len(found))
    arguments = {"kind": kind.value, "people": list(found), "by": by.name}
    new = NewJob(
        JOB, f"{JOB}:{kind}:{now.isoformat()}", "Erasing personal data", Permission.MANAGE_PRIVACY, arguments, place="/privacy/erasure"
    )
    record(uow, by, "erasure.confirm", "privacy", kind.value, at=now, after={"people": people})
    return jobs.enqueue(uow, new, by.name, now)


def erase_person(
    uow: UnitOfWork, holdings: Sequence[Holding], kind: Keep, person_id: int, today: date, by: Actor, now: datetime
) -> Receipt | None:
    """Erase one kind of somebody's data for good. None, and nothing is erased, for who is not listed, or not due: they came back."""
    left_on, months = store.take_due(uow, kind, person_id), keep_times(uow)[kind]
    if left_on is None or person_id not in left_before(uow, over_before(today, months)):
        return None
    who = subject_of(uow, person_id)
    counts = {one.table.name: one.erase(uow, who, now) for one in _of(holdings, kind)}
    digest = digest_of(who.employee_number, kind, left_on, months, counts, by.name, now)
    said = {"left_on": left_on, "keep_months": months, "counts": counts, "erased_by": by.name, "erased_at": now, "digest": digest}
    key = store.add_receipt(uow, said | {"person_id": person_id, "kind": kind.value})
    after = {"kind": kind, "rows": sum(counts.values()), "digest": digest.hex()}
    record(uow, by, "erasure.done", SUBJECT, str(key), at=now, after=after)
    return find_receipt(uow, key)


def receipts(uow: UnitOfWork, within: Select[Any] | None, limit: int = 100) -> list[Receipt]:
    """The latest, of the people within."""
    return store.receipts(uow, within, limit)


def find_receipt(uow: UnitOfWork, receipt_id: int) -> Receipt:
    """Raises NotFoundError."""
    found = store.receipt_by_id(uow, receipt_id)
    if found is None:
        raise NotFoundError(what="receipt", name=receipt_id)
    return found


def check_receipt(uow: UnitOfWork, holdings: Sequence[Holding], receipt: Receipt) -> ReceiptCheck:
    """Whether it can be relied on: by what it says, by the trail, and by what there is now."""
    who = subject_of(uow, receipt.person_id)
    told = (receipt.kind, receipt.left_on, receipt.keep_months, receipt.counts, receipt.erased_by, receipt.erased_at)
    rows = newest(uow, subject=(SUBJECT, str(receipt.id)), limit=1)
    on_trail = any(row.after.get("digest") == receipt.digest.hex() and link(row) == row.hash for row in rows)
    gone = not any(one.count(uow, who) for one in _of(holdings, receipt.kind))
    return ReceiptCheck(digest_of(who.employee_number, *told) == receipt.digest, on_trail, gone)


def _of(holdings: Sequence[Holding], kind: Keep) -> list[Holding]:
    """Those of a keep time, tables that others point to last."""
    return [one for one in holdings if one.keep == kind]
