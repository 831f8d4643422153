"""Keeping what days were worked out to: only what changed is written, days of closed periods never."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server.attendance.engine.locking import Fate, fate_of
from server.attendance.model.assessed import Assessed
from server.attendance.store.days import decode_day, locks_between, period_on
from server.attendance.store.inputs import versions_now
from server.attendance.store.marks import mark_days
from server.attendance.store.writing import accepted_bodies, drop_difference, hold_people, write_days, write_difference
from server.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class Kept:
    """How many days were written, got a difference beside them, and were changed by somebody else meanwhile and marked again."""

    written: int = 0
    differences: int = 0
    crossed: int = 0


def keep(uow: UnitOfWork, worked_out: Sequence[Assessed], now: datetime) -> Kept:
    """Store results in a writing transaction later than the one they were read in.

    A day that somebody else stored meanwhile is left alone and marked, because this result may not know what theirs did. A day after one
    that was left at another time is marked where it asks for that.
    """
    changed = [one for one in worked_out if one.changed]
    if not changed:
        return Kept()
    people, dates = {one.person_id for one in changed}, [one.work_date for one in changed]
    span = (min(dates), max(dates))
    hold_people(uow, people)
    versions = versions_now(uow, people, *span)
    sound = [one for one in changed if _seen(one) == versions.get((one.person_id, one.work_date))]
    crossed = [(one.person_id, one.work_date) for one in changed if _seen(one) != versions.get((one.person_id, one.work_date))]
    locks = locks_between(uow, people, *span)
    locked = [one for one in sound if locks and period_on(locks.get(one.person_id, ()), one.work_date) is not None]
    free = [one for one in sound if one not in locked] if locked else sound
    write_days(uow, free, now)
    accepted = accepted_bodies(uow, people, *span) if locked else {}
    differences = sum(_beside(uow, one, locks[one.person_id], accepted, now) for one in locked)
    mark_days(uow, crossed, "crossed", now)
    mark_days(uow, _following(free, {(one.person_id, one.work_date) for one in worked_out}), "left", now)
    return Kept(len(free), differences, len(crossed))


def _seen(one: Assessed) -> tuple[bytes, datetime] | None:
    return None if one.known is None else (one.known.inputs_hash, one.known.assessed_at)


def _following(written: Sequence[Assessed], together: set[tuple[int, date]]) -> list[tuple[int, date]]:
    """Days behind these that ask when somebody left, and were not worked out with them."""
    behind = [(one.person_id, one.work_date + timedelta(days=1)) for one in written if one.follows and one.left_otherwise]
    return [key for key in behind if key not in together]


def _beside(
    uow: UnitOfWork,
    one: Assessed,
    locks: Sequence[tuple[date, date, int]],
    accepted: Mapping[tuple[int, date], bytes],
    now: datetime,
) -> bool:
    """Whether the locked day now has a difference beside it."""
    counted = accepted.get((one.person_id, one.work_date)) or (one.known.body if one.known is not None else None)
    period_id = period_on(locks, one.work_date)
    assert period_id is not None
    if fate_of(None if counted is None else decode_day(counted), one.day, locked=True) is Fate.NOTHING:
        drop_difference(uow, one.person_id, one.work_date)
        return False
    write_difference(uow, one, period_id, now)
    return True
