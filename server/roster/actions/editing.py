"""Edits of the roster grid: each one a step that can be undone and redone by whoever made it, also after a reload.

An edit says what each cell was before: it is refused when somebody else changed one in between, so that nobody overwrites what they have
not seen. Steps are kept for half a day; what is published meanwhile is undone as a new draft.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, delete, func, select, update

from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.roster.actions.entries import set_entries
from server.roster.engine.marks import PATTERN, Cell, first_difference, published, wanted, wish_of
from server.roster.store import entries as store
from server.roster.store.people import name_of
from server.roster.tables import roster_edit
from server.storage import UnitOfWork

MOST_CELLS = 20_000
HIGHEST_ID = 2**63 - 1
MOST_STEPS = 200
STEPS_LAST = timedelta(hours=12)
MOST_SPAN = timedelta(days=400)
"""From the first to the last day of one edit: more is a mistake, and its cells are read at once."""


class CellChange(NamedTuple):
    """to, was: marks (`engine.marks`)."""

    person_id: int
    day: date
    to: int
    was: int


@dataclass(frozen=True, slots=True)
class Steps:
    """How many steps somebody can undo and redo now."""

    undo: int
    redo: int


def edit_cells(uow: UnitOfWork, key: str, changes: Sequence[CellChange], by: Actor, now: datetime) -> None:
    """Draft these cells as one step. An edit whose key was taken already is one that was sent twice: nothing happens.

    Raises InvalidInputError for what cannot be; RefusedError when a cell is no longer what it was. Then nothing is kept.
    """
    if not 8 <= len(key) <= 64:
        raise InvalidInputError(field="key", reason="use 8 to 64 characters")
    if uow.scalar(select(roster_edit.c.id).where(roster_edit.c.edit_key == key)) is not None:
        return
    after = {(one.person_id, one.day): one.to for one in changes}
    _check(changes, after)
    _draft(uow, after, {(one.person_id, one.day): one.was for one in changes}, by, now)
    uow.execute(delete(roster_edit).where(roster_edit.c.author == by.name, roster_edit.c.undone.is_(True)))
    cells = [[one.person_id, one.day.isoformat(), one.to, one.was] for one in changes]
    uow.execute(roster_edit.insert().values(author=by.name, edit_key=key, at=now, undone=False, cells=cells))
    _forget(uow, by, now)


def drop_as_step(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date, by: Actor, now: datetime) -> None:
    """Drop the drafts of these people from first to last, whoever made them; raises RefusedError where there are none."""
    found = store.entries(uow, person_ids, first, last)
    there = published(found)
    drafts = wanted(one for one in found if one.draft)
    if not drafts:
        raise RefusedError(reason="There are no drafts in these days; somebody may have published them just now.")
    changes = [CellChange(*cell, there.get(cell, PATTERN), mark) for cell, mark in drafts.items()]
    edit_cells(uow, f"drop-{now:%Y%m%d%H%M%S%f}", changes, by, now)


def undo_edit(uow: UnitOfWork, by: Actor, now: datetime) -> dict[Cell, int]:
    """Take somebody's last step back; gives the cells as they are wanted then. Raises RefusedError."""
    row = _step(uow, by, now, undone=False)
    if row is None:
        raise RefusedError(reason="There is nothing to undo: steps are kept for half a day.")
    changes = _changes(row)
    before = {(one.person_id, one.day): one.was for one in changes}
    _draft(uow, before, {(one.person_id, one.day): one.to for one in changes}, by, now)
    uow.execute(update(roster_edit).where(roster_edit.c.id == row.id).values(undone=True))
    return before


def redo_edit(uow: UnitOfWork, by: Actor, now: datetime) -> dict[Cell, int]:
    """Do the step again that was undone last; raises RefusedError."""
    row = _step(uow, by, now, undone=True)
    if row is None:
        raise RefusedError(reason="There is nothing to redo.")
    changes = _changes(row)
    after = {(one.person_id, one.day): one.to for one in changes}
    _draft(uow, after, {(one.person_id, one.day): one.was for one in changes}, by, now)
    uow.execute(update(roster_edit).where(roster_edit.c.id == row.id).values(undone=False))
    return after


def steps_of(uow: UnitOfWork, by: Actor, now: datetime) -> Steps:
    """What somebody can undo and redo."""
    kept = (roster_edit.c.author == by.name, roster_edit.c.at > now - STEPS_LAST)
    rows = uow.fetch_all(select(roster_edit.c.undone, func.count().label("steps")).where(*kept).group_by(roster_edit.c.undone))
    counts = {bool(row.undone): int(row.steps) for row in rows}
    return Steps(counts.get(False, 0), counts.get(True, 0))


def _check(changes: Sequence[CellChange], after: Mapping[Cell, int]) -> None:
    if not changes:
        raise InvalidInputError(field="cells", reason="give at least one cell")
    if len(changes) > MOST_CELLS:
        raise InvalidInputError(field="cells", reason="change at most 20,000 cells at once")
    if len(after) < len(changes):
        raise InvalidInputError(field="cells", reason="there are two rosters for one day of one person; leave one of them out")
    days = [one.day for one in changes]
    if max(days) - min(days) > MOST_SPAN:
        raise InvalidInputError(field="cells", reason="the days are more than {days} days apart; check the year", days=MOST_SPAN.days)
    unknown = next((one.person_id for one in changes if not 0 < one.person_id <= HIGHEST_ID), None)
    if unknown is not None:
        raise NotFoundError(what="person", name=unknown)
    if any(mark < PATTERN for mark in after.values()):
        raise InvalidInputError(field="cells", reason="a cell is the number of a shift, 0 for rest, or -1 for the pattern")


def _draft(uow: UnitOfWork, after: Mapping[Cell, int], before: Mapping[Cell, int], by: Actor, now: datetime) -> None:
    days = [day for _, day in before]
    there = wanted(store.entries(uow, {person_id for person_id, _ in before}, min(days), max(days)))
    changed = first_difference(there, before)
    if changed:
        raise RefusedError(
            reason="Somebody else has changed the roster of {person} on {day} in between; look at it and try again.",
            person=name_of(uow, changed[0]),
            day=changed[1],
        )
    set_entries(uow, [wish_of(cell, mark) for cell, mark in after.items()], by, now)


def _step(uow: UnitOfWork, by: Actor, now: datetime, *, undone: bool) -> Row[Any] | None:
    """The step that comes next: the last one done, or the first one undone."""
    order = roster_edit.c.id.asc() if undone else roster_edit.c.id.desc()
    kept = (roster_edit.c.author == by.name, roster_edit.c.undone.is_(undone), roster_edit.c.at > now - STEPS_LAST)
    return uow.fetch_one(select(roster_edit).where(*kept).order_by(order).limit(1))


def _changes(row: Row[Any]) -> list[CellChange]:
    return [CellChange(person_id, date.fromisoformat(day), to, was) for person_id, day, to, was in row.cells]


def _forget(uow: UnitOfWork, by: Actor, now: datetime) -> None:
    """Steps that are too old, of everybody, and too many of one."""
    uow.execute(delete(roster_edit).where(roster_edit.c.at <= now - STEPS_LAST))
    own = select(roster_edit.c.id).where(roster_edit.c.author == by.name).order_by(roster_edit.c.id.desc())
    oldest = uow.scalar(own.offset(MOST_STEPS - 1).limit(1))
    if oldest is not None:
        uow.execute(delete(roster_edit).where(roster_edit.c.author == by.name, roster_edit.c.id < oldest))
