"""Erasing what attendance holds about somebody: whose a punch was, their days, and what was said with the totals of their periods.

A punch stays as a row: that there was one, at which terminal and when, and where in its edge's chain. So every count holds, and the chain
does, because it runs over salted digests. Its user number becomes a mark, an HMAC of the punch's identity with the vault's key: the same
row sent again is known by it, and nobody without the key learns from it whose the punch was, or which punches were one person's.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import ColumnElement, and_, bindparam, func, null, select, tuple_, update

from server.attendance.store.lists import of_person
from server.attendance.store.periods import decode_period, encode_period
from server.attendance.tables import (
    attendance_day,
    attendance_period,
    day_erasure,
    period_closing,
    period_result,
    punch,
    terminal_tally,
)
from server.directory.tables import employment_span
from server.storage import DataSubject, UnitOfWork, portions, upsert

ERASED_USER = "~"
"""What the user number of an erased punch begins with. No terminal of ours gives numbers that do."""
MARK_DIGITS = 48
AT_ONCE = 500


def erased_among(uow: UnitOfWork, rows: Sequence[tuple[Any, ...]]) -> set[int]:
    """Positions of those (wall, terminal, terminal user, ...) that were erased: sent again, they must not come back."""
    latest = {row.terminal_id: row.erased_wall for row in uow.fetch_all(_TALLIES)}
    if not latest:
        return set()
    asked = [place for place, row in enumerate(rows) if row[0] <= latest.get(row[1], 0)]
    marks = {place: (rows[place][0], rows[place][1], _mark(uow, rows[place][0], rows[place][1], rows[place][2])) for place in asked}
    found: set[tuple[Any, ...]] = set()
    for some in portions(list(marks.values()), AT_ONCE):
        key = tuple_(punch.c.wall, punch.c.terminal_id, punch.c.terminal_user)
        query = select(punch.c.wall, punch.c.terminal_id, punch.c.terminal_user).where(key.in_(some))
        found |= {tuple(row) for row in uow.fetch_all(query)}
    return {place for place, mark in marks.items() if mark in found}


def punches_left(one: DataSubject) -> ColumnElement[bool]:
    """Somebody's punches that still say so."""
    return punch.c.id.in_(of_person(one.person_id).with_only_columns(punch.c.id))


def erase_punches(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    """Take out of somebody's punches whose they are, and their bytes; returns of how many."""
    rows = uow.fetch_all(select(punch.c.id, punch.c.wall, punch.c.terminal_id, punch.c.terminal_user).where(punches_left(one)))
    if not rows:
        return 0
    blank = {"body": b"", "verify": null(), "state": null(), "drift_ms": null()}
    statement = update(punch).where(punch.c.id == bindparam("key")).values(terminal_user=bindparam("mark"), **blank)
    uow.execute(statement, [{"key": row.id, "mark": _mark(uow, row.wall, row.terminal_id, row.terminal_user)} for row in rows])
    latest: dict[int, int] = defaultdict(int)
    for row in rows:
        latest[row.terminal_id] = max(row.wall, latest[row.terminal_id])
    _note(uow, sorted(latest.items()))
    return len(rows)


def erase_days(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    """Delete somebody's days, and remember up to which they are: no recalculation makes absences of what is not there any more."""
    span = employment_span.c
    last = uow.scalar(select(func.max(span.last_day)).where(span.person_id == one.person_id))
    if last is not None:
        upsert(uow, day_erasure, [{"person_id": one.person_id, "until_day": last}], ("person_id",))
    return uow.execute(attendance_day.delete().where(attendance_day.c.person_id == one.person_id)).rowcount


def results_left(one: DataSubject) -> ColumnElement[bool]:
    """Somebody's results of periods that still tell day by day how they came about: their days are not erased."""
    closings = period_closing.join(attendance_period, attendance_period.c.id == period_closing.c.period_id)
    query = select(day_erasure.c.person_id).select_from(
        day_erasure.join(closings, attendance_period.c.first_day <= day_erasure.c.until_day)
    )
    erased = query.where(day_erasure.c.person_id == period_result.c.person_id, period_closing.c.id == period_result.c.closing_id)
    return and_(period_result.c.person_id == one.person_id, ~erased.exists())


def erase_results(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    """Leave the totals of somebody's periods, so that the sums of what was paid can be worked out again, and nothing of single days."""
    result = period_result.c
    rows = uow.fetch_all(select(result.closing_id, result.body).where(results_left(one)))
    for row in rows:
        totals = replace(decode_period(bytes(row.body)), steps=(), days=(), findings=())
        own = (result.closing_id == row.closing_id, result.person_id == one.person_id)
        uow.execute(update(period_result).where(*own).values(body=encode_period(totals)))
    return len(rows)


def erased_until(uow: UnitOfWork, person_ids: Collection[int]) -> dict[int, date]:
    """The last erased day of those of whom days are erased."""
    rows = uow.fetch_all(select(day_erasure.c.person_id, day_erasure.c.until_day).where(day_erasure.c.person_id.in_(list(person_ids))))
    return {row.person_id: row.until_day for row in rows}


def erased_in(uow: UnitOfWork, closing_id: int, first: date) -> int:
    """Of how many people in a closed period days since `first` are erased."""
    joined = period_result.join(day_erasure, day_erasure.c.person_id == period_result.c.person_id)
    query = select(func.count()).select_from(joined)
    return int(uow.scalar(query.where(period_result.c.closing_id == closing_id, day_erasure.c.until_day >= first)))


_TALLIES = select(terminal_tally.c.terminal_id, terminal_tally.c.erased_wall).where(terminal_tally.c.erased_wall.is_not(None))


def _mark(uow: UnitOfWork, wall: int, terminal_id: int, terminal_user: str) -> str:
    return ERASED_USER + uow.vault.index(f"{wall}/{terminal_id}/{terminal_user}", "punch").hex()[:MARK_DIGITS]


def _note(uow: UnitOfWork, latest: Iterable[tuple[int, int]]) -> None:
    """Let admission ask from now on. Everything recorded has a tally."""
    tally = terminal_tally.c
    for terminal_id, wall in latest:
        later = (tally.erased_wall.is_(None)) | (tally.erased_wall < wall)
        uow.execute(update(terminal_tally).where(tally.terminal_id == terminal_id, later).values(erased_wall=wall))
