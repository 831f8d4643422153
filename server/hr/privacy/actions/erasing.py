"""Keep times, what is kept for longer, and erasing it with a receipt. It cannot be undone, so HR confirms it in numbers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select

from server.access.model import Permission, Scope
from server.audit.actions import record
from server.audit.engine import holds as holds_true
from server.audit.model import SERVER, Actor
from server.audit.store import newest
from server.directory import actions as directory
from server.directory.actions.personal import left_before
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.privacy import store
from server.hr.privacy.actions.subjects import subject_of
from server.hr.privacy.engine import digest_of, over_before
from server.hr.privacy.model import DEFAULT_MONTHS, LEAST_MONTHS, MOST_MONTHS, Due, ErasureOrder, Hold, Keep, Receipt, ReceiptCheck
from server.jobs import actions as jobs
from server.jobs.model import Job, NewJob
from server.storage import DataSubject, Holding, UnitOfWork

JOB, LIST_JOB = "erase-personal-data", "list-erasure"
LONGEST_REASON = 500
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


def ask_listing(uow: UnitOfWork, today: date, now: datetime) -> Job:
    """Have what is due listed anew in the background: looking takes seconds where many have left, and nobody should wait for it."""
    new = NewJob(
        LIST_JOB, f"{LIST_JOB}:{today}", "Listing data whose keep time is over", Permission.MANAGE_PRIVACY, place="/privacy/erasure"
    )
    return jobs.enqueue(uow, new, SERVER.name, now)


def find_due(uow: UnitOfWork, holdings: Sequence[Holding], today: date) -> dict[Keep, dict[int, date]]:
    """Whose data is kept for longer than its keep time, with their last day, by kind; nobody who is held. Reads only."""
    held = {one.person_id for one in store.holds(uow, None)}
    left = {kind: left_before(uow, over_before(today, months)) for kind, months in keep_times(uow).items()}
    found: dict[Keep, dict[int, date]] = {kind: {} for kind in left}
    for person_id in sorted(set().union(*left.values()) - held):
        who = subject_of(uow, person_id)
        for kind, people in left.items():
            if person_id in people and _any_left(uow, holdings, kind, who):
                found[kind][person_id] = people[person_id]
    return found


def write_due(uow: UnitOfWork, found: Mapping[Keep, Mapping[int, date]], now: datetime) -> None:
    """Let exactly these be listed."""
    for kind, people in found.items():
        store.write_due(uow, kind, people, now)


def list_due(uow: UnitOfWork, holdings: Sequence[Holding], today: date, now: datetime) -> None:
    """Find and write in one transaction."""
    write_due(uow, find_due(uow, holdings, today), now)


def due(uow: UnitOfWork, kind: Keep, within: Select[Any] | None) -> list[Due]:
    """The list of the last night, of the people within."""
    found = store.due(uow, kind, within)
    names = directory.names_of(uow, found)
    numbers = directory.numbers_of(uow, found)
    return [Due(one, numbers[one], names[one], kind, left) for one, left in found.items()]


def look(uow: UnitOfWork, holdings: Sequence[Holding], kind: Keep, person_id: int) -> dict[str, int]:
    """How many rows erasing this kind of somebody's data would take, by table; tables with none are left out."""
    who = subject_of(uow, person_id)
    counts = {one.table.name: one.count(uow, who) for one in _of(holdings, kind)}
    return {table: n for table, n in counts.items() if n}


def confirm_erasure(uow: UnitOfWork, kind: Keep, people: int, scope: Scope, today: date, by: Actor, now: datetime) -> Job | None:
    """Erase what is listed, in the background; None: where the company wants it, another account must confirm first.

    people: how many whoever confirms has seen. Raises RefusedError when it is others by now, or when it was asked for already.
    """
    found = store.due(uow, kind, directory.people_within(scope, today))
    if not found:
        raise RefusedError(reason="There is nothing to erase.")
    if len(found) != people:
        raise RefusedError(reason="The list is another one by now: {n} {n:person|people}. Look at it again.", n=len(found))
    if not store.needs_second(uow):
        return _begin(uow, kind, list(found), by, now)
    if any(one.kind is kind for one in store.open_orders(uow)):
        raise RefusedError(reason="This was asked for already, and waits for a second person.")
    store.add_order(uow, kind, list(found), by.name, now)
    record(uow, by, "erasure.ask", "privacy", kind.value, at=now, after={"people": people}, people=found)
    return None


def second_person(uow: UnitOfWork) -> bool:
    """Whether an erasure needs a second person."""
    return store.needs_second(uow)


def set_second_person(uow: UnitOfWork, wanted: bool, by: Actor, now: datetime) -> None:
    """Let erasures need a second person from now on, or no more."""
    held = store.needs_second(uow)
    if held != wanted:
        store.set_needs_second(uow, wanted)
        record(
            uow, by, "keep-times.change", "privacy", "keep-times", at=now, before={"second_person": held}, after={"second_person": wanted}
        )


def orders(uow: UnitOfWork) -> list[ErasureOrder]:
    """Erasures that wait for a second person."""
    return store.open_orders(uow)


def answer_order(uow: UnitOfWork, order_id: int, scope: Scope, today: date, by: Actor, now: datetime, *, confirmed: bool) -> Job | None:
    """The second person says yes, and it begins, or no. Raises NotFoundError; RefusedError for a yes of whoever asked for it."""
    order = next((one for one in store.open_orders(uow) if one.id == order_id), None)
    if order is None:
        raise NotFoundError(what="erasure", name=order_id)
    due_now = store.due(uow, order.kind, directory.people_within(scope, today))
    if confirmed and by.name == order.asked_by:
        raise RefusedError(reason="You asked for this erasure: another person must confirm it.")
    if not set(order.people) <= due_now.keys() and confirmed:
        raise RefusedError(reason="Not all of these people are listed any more, or not all are yours to manage: say no, and ask anew.")
    store.end_order(uow, order_id, by.name, now, confirmed=confirmed)
    if confirmed:
        return _begin(uow, order.kind, list(order.people), by, now)
    record(uow, by, "erasure.decline", "privacy", order.kind.value, at=now, before={"people": len(order.people)}, people=order.people)
    return None


def _begin(uow: UnitOfWork, kind: Keep, people: Sequence[int], by: Actor, now: datetime) -> Job:
    arguments = {"kind": kind.value, "people": list(people), "by": by.name}
    key = f"{JOB}:{kind}:{now.isoformat()}"
    new = NewJob(JOB, key, "Erasing personal data", Permission.MANAGE_PRIVACY, arguments, place="/privacy/erasure")
    record(uow, by, "erasure.confirm", "privacy", kind.value, at=now, after={"people": len(people)}, people=people)
    return jobs.enqueue(uow, new, by.name, now)


def hold(uow: UnitOfWork, person_id: int, reason: str, by: Actor, now: datetime) -> Hold:
    """Let nothing of this person be erased until it is lifted. Raises NotFoundError, InvalidInputError without a reason."""
    who, reason = subject_of(uow, person_id), reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InvalidInputError(field="reason", reason="write from 1 to {most} characters", most=LONGEST_REASON)
    key = store.add_hold(uow, person_id, reason, by.name, now)
    for kind in Keep:
        store.take_due(uow, kind, person_id)
    record(uow, by, "erasure.hold", "person", who.employee_number, at=now, reason=reason, people=(person_id,))
    return Hold(key, person_id, reason, by.name, now)


def lift(uow: UnitOfWork, hold_id: int, by: Actor, now: datetime) -> None:
    """The hold is over: from the next night on what is due is listed again. Raises NotFoundError."""
    found = find_hold(uow, hold_id)
    store.lift_hold(uow, hold_id, by.name, now)
    number = subject_of(uow, found.person_id).employee_number
    record(uow, by, "erasure.lift", "person", number, at=now, people=(found.person_id,))


def find_hold(uow: UnitOfWork, hold_id: int) -> Hold:
    """Raises NotFoundError also for one that is lifted."""
    found = next((one for one in store.holds(uow, None) if one.id == hold_id), None)
    if found is None:
        raise NotFoundError(what="hold", name=hold_id)
    return found


def holds(uow: UnitOfWork, within: Select[Any] | None) -> list[Hold]:
    """Holds that are not lifted, of the people within."""
    return store.holds(uow, within)


def erase_person(
    uow: UnitOfWork, holdings: Sequence[Holding], kind: Keep, person_id: int, today: date, by: Actor, now: datetime
) -> Receipt | None:
    """Erase one kind of somebody's data for good. None, and nothing is erased, for who is not listed, or not due: held, or back again."""
    left_on, months = store.take_due(uow, kind, person_id), keep_times(uow)[kind]
    if left_on is None or store.is_held(uow, person_id) or person_id not in left_before(uow, over_before(today, months)):
        return None
    who = subject_of(uow, person_id)
    if not _any_left(uow, holdings, kind, who):
        return None
    counts = {one.table.name: one.erase(uow, who, now) for one in _of(holdings, kind)}
    digest = digest_of(person_id, kind, left_on, months, counts, by.name, now)
    said = {"left_on": left_on, "keep_months": months, "counts": counts, "erased_by": by.name, "erased_at": now, "digest": digest}
    key = store.add_receipt(uow, said | {"person_id": person_id, "kind": kind.value})
    after = {"kind": kind, "rows": sum(counts.values()), "digest": digest.hex()}
    # it concerns nobody by name: what concerns somebody goes from the trail, and this has to stay
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
    on_trail = any(row.after.get("digest") == receipt.digest.hex() and holds_true(row) for row in rows)
    gone = not any(one.count(uow, who) for one in _of(holdings, receipt.kind))
    return ReceiptCheck(digest_of(receipt.person_id, *told) == receipt.digest, on_trail, gone)


def _any_left(uow: UnitOfWork, holdings: Sequence[Holding], kind: Keep, who: DataSubject) -> bool:
    """Whether there is something to erase. The person goes last: not while anything else names them."""
    if kind is Keep.PERSON and any(one.count(uow, who) for one in holdings if one.keep not in (None, kind)):
        return False
    return any(one.count(uow, who) for one in _of(holdings, kind))


def _of(holdings: Sequence[Holding], kind: Keep) -> list[Holding]:
    """Those of a keep time, tables that others point to last."""
    return [one for one in holdings if one.keep == kind]
