"""Late facts of closed periods: days that would be otherwise now, decided by a person; what is accepted becomes arrears for payroll."""

from collections.abc import Collection
from datetime import date, datetime

from server.attendance.actions.periods import find_period, members_of, needed_reason
from server.attendance.actions.totals import assess_members
from server.attendance.engine.period.arrears import arrears_of
from server.attendance.model import Difference, Period, StoredArrear
from server.attendance.store import periods as store
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, RefusedError
from server.storage import UnitOfWork


def list_differences(uow: UnitOfWork, period: Period) -> list[Difference]:
    """What came to light since a period was closed, by date, decided or not; empty for one that is open."""
    if period.id is None or period.closed_at is None:
        return []
    return store.differences(uow, period.id, period.closed_at)


def list_arrears(uow: UnitOfWork, period: Period) -> dict[int, list[StoredArrear]]:
    """What a closed period owes more or less since decisions, by person."""
    return {} if period.closing_id is None else store.arrears(uow, period.closing_id)


def accept_differences(uow: UnitOfWork, group_code: str, month: date, ids: Collection[int], reason: str, by: Actor, now: datetime) -> int:
    """Let these days count as they would be now, and keep for payroll what that comes to. Returns for how many people.

    Raises NotFoundError, InvalidInputError without a reason or a choice, RefusedError for what is not open.
    """
    period, chosen, reason = _chosen(uow, group_code, month, ids, reason)
    assert period.closing_id is not None, "only closed periods have differences"
    instead = {(one.person_id, one.work_date): one.after for one in chosen}
    people = {one.person_id for one in chosen}
    members = [one for one in members_of(uow, period) if one.person_id in people]
    after = assess_members(uow, members, instead=instead)
    frozen, told = store.results(uow, period.closing_id, people), store.arrears(uow, period.closing_id)
    store.decide(uow, [one.id for one in chosen], "accepted", by.name, now, reason)
    for person_id, (result, _) in after.items():
        earlier = [item for one in told.get(person_id, ()) for item in one.items]
        if person_id in frozen and (items := arrears_of(frozen[person_id].result, result, earlier)):
            store.add_arrear(uow, period.closing_id, person_id, items, by.name, now, reason)
    record(uow, by, "period.accept", "period", period.name, at=now, after=_shown(chosen), reason=reason)
    return len(people)


def refuse_differences(uow: UnitOfWork, group_code: str, month: date, ids: Collection[int], reason: str, by: Actor, now: datetime) -> int:
    """Let these days count as they were closed. Returns for how many people. Raises as `accept_differences`."""
    period, chosen, reason = _chosen(uow, group_code, month, ids, reason)
    store.decide(uow, [one.id for one in chosen], "refused", by.name, now, reason)
    record(uow, by, "period.refuse", "period", period.name, at=now, after=_shown(chosen), reason=reason)
    return len({one.person_id for one in chosen})


def _chosen(uow: UnitOfWork, group_code: str, month: date, ids: Collection[int], reason: str) -> tuple[Period, list[Difference], str]:
    period = find_period(uow, group_code, month)
    if period.id is None or period.closing_id is None:
        raise RefusedError(reason="This period is not closed.")
    reason = needed_reason(reason)
    if not ids:
        raise InvalidInputError(field="differences", reason="choose at least one")
    store.lock_period(uow, period.id)
    chosen = [one for one in list_differences(uow, period) if one.id in set(ids) and one.state == "open"]
    if len(chosen) != len(set(ids)):
        raise RefusedError(reason="Some of these are decided already, or have changed: look at the list again.")
    return period, chosen, reason


def _shown(chosen: list[Difference]) -> dict[str, int]:
    return {"people": len({one.person_id for one in chosen}), "days": len(chosen)}
