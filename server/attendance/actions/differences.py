"""Late facts of closed periods: days that would be otherwise now, decided by a person; what is accepted becomes arrears for payroll."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta

from server.attendance.actions.periods import closed_periods, find_period, members_of, needed_reason, open_period_after
from server.attendance.actions.totals import assess_members
from server.attendance.engine.period.arrears import arrears_of
from server.attendance.model import Arrear, Difference, DueArrear, Membership, Period, StoredArrear
from server.attendance.model.days import AttendanceDay
from server.attendance.model.stored import DecidedDay
from server.attendance.store import periods as store
from server.attendance.store.decided import decided_days
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, RefusedError
from server.storage import UnitOfWork

REACH = timedelta(days=366)
"""How far behind a day a sum that it is in can end: comprehensive hours go over a calendar year at most."""

_Days = Mapping[tuple[int, date], AttendanceDay]
"""Days by (person, work date)."""
_Owed = tuple[Period, int, tuple[Arrear, ...]]
"""The closed period that owes it, to whom, and what."""


def list_differences(uow: UnitOfWork, period: Period) -> list[Difference]:
    """What came to light since a period was closed, by date, decided or not; empty for one that is open."""
    if period.id is None or period.closed_at is None:
        return []
    return store.differences(uow, period.id, period.closed_at)


def decided_days_of(uow: UnitOfWork, person_id: int, first: date, last: date) -> list[DecidedDay]:
    """What was accepted or refused of a person's days of closed periods, by date, the latest decision last."""
    return decided_days(uow, person_id, first, last)


def list_arrears(uow: UnitOfWork, period: Period) -> dict[int, list[StoredArrear]]:
    """What a closed period owes more or less since decisions, by person."""
    return {} if period.closing_id is None else store.arrears(uow, period.closing_id)


def due_arrears(uow: UnitOfWork, period: Period) -> list[DueArrear]:
    """Arrears of earlier periods that are paid with this one."""
    return store.due_arrears(uow, period.group.id, period.month)


def accept_differences(uow: UnitOfWork, group_code: str, month: date, ids: Collection[int], reason: str, by: Actor, now: datetime) -> int:
    """Let these days count as they would be now, and keep for payroll what that comes to. Returns for how many people.

    What a closed period owes is paid with the group's next one that is open.

    Raises NotFoundError, InvalidInputError without a reason or a choice, RefusedError for what is not open.
    """
    period, chosen, reason = _chosen(uow, group_code, month, ids, reason)
    instead = {(one.person_id, one.work_date): one.after for one in chosen}
    owed = [*_owed_by_itself(uow, period, instead), *_owed_behind(uow, period, instead)]
    store.decide(uow, [one.id for one in chosen], "accepted", by.name, now, reason)
    for owing, person_id, items in owed:
        due = open_period_after(uow, owing).month
        assert owing.closing_id is not None, "only closed periods owe"
        store.add_arrear(uow, owing.closing_id, StoredArrear(person_id, items, now, by.name, reason, due))
    record(
        uow,
        by,
        "period.accept",
        "period",
        period.name,
        at=now,
        after=_shown(chosen),
        reason=reason,
        people={one.person_id for one in chosen},
    )
    return len({one.person_id for one in chosen})


def refuse_differences(uow: UnitOfWork, group_code: str, month: date, ids: Collection[int], reason: str, by: Actor, now: datetime) -> int:
    """Let these days count as they were closed. Returns for how many people. Raises as `accept_differences`."""
    period, chosen, reason = _chosen(uow, group_code, month, ids, reason)
    store.decide(uow, [one.id for one in chosen], "refused", by.name, now, reason)
    record(
        uow,
        by,
        "period.refuse",
        "period",
        period.name,
        at=now,
        after=_shown(chosen),
        reason=reason,
        people={one.person_id for one in chosen},
    )
    return len({one.person_id for one in chosen})


def _owed_by_itself(uow: UnitOfWork, period: Period, instead: _Days) -> Iterator[_Owed]:
    """What the period comes to with these days in it, less what was frozen and what earlier arrears told."""
    people = {person_id for person_id, _ in instead}
    assert period.closing_id is not None, "only closed periods have differences"
    frozen, told = store.results(uow, period.closing_id, people), store.arrears(uow, period.closing_id)
    for person_id, (result, _) in assess_members(uow, _members(uow, period, people), instead=instead).items():
        earlier = [item for one in told.get(person_id, ()) for item in one.items]
        if person_id in frozen and (items := arrears_of(frozen[person_id].result, result, earlier)):
            yield period, person_id, items


def _owed_behind(uow: UnitOfWork, period: Period, instead: _Days) -> Iterator[_Owed]:
    """What these days change in periods that are closed, too: a week, a row of days or a sum goes on in the period behind."""
    people, dates = {person_id for person_id, _ in instead}, [day for _, day in instead]
    ids = store.locked_behind(uow, people, min(dates), max(dates) + REACH) - {period.id}
    for other in closed_periods(uow, ids):
        members = _members(uow, other, people)
        before = assess_members(uow, members)
        for person_id, (result, _) in assess_members(uow, members, instead=instead).items():
            if items := arrears_of(before[person_id][0], result, ()):
                yield other, person_id, items


def _members(uow: UnitOfWork, period: Period, people: Collection[int]) -> list[Membership]:
    return [one for one in members_of(uow, period) if one.person_id in people]


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
