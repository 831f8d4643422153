"""Publishing drafts of the roster grid, and taking a publication back."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, update

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import NotFoundError, RefusedError
from server.roster.actions.entries import publish, put_in_force, set_entries
from server.roster.engine.marks import PATTERN, Cell, first_difference, published, wanted, wish_of
from server.roster.model import Entry
from server.roster.store import entries as store
from server.roster.store.people import name_of
from server.roster.tables import roster_publication
from server.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class Publication:
    """Drafts that somebody let count, from first_day to last_day."""

    id: int
    author: str
    at: datetime
    first_day: date
    last_day: date
    cells: int
    people: int
    withdrawn: bool


def publish_roster(
    uow: UnitOfWork, person_ids: Collection[int], first: date, last: date, blocked: Mapping[Cell, str], by: Actor, now: datetime
) -> Publication:
    """Let the drafts of these people from first to last count. blocked: cells that may not, with the reason in the reader's words.

    Raises RefusedError when there is no draft, or one of a cell that is blocked: then nothing is published.
    """
    found = store.entries(uow, person_ids, first, last)
    before, after = published(found), wanted(one for one in found if one.draft)
    if not after:
        raise RefusedError(reason="There are no drafts in these days; somebody may have published them just now.")
    hurdle = next((cell for cell in sorted(after) if cell in blocked), None)
    if hurdle:
        raise RefusedError(
            reason="The roster of {person} on {day} cannot be published: {why}",
            person=name_of(uow, hurdle[0]),
            day=hurdle[1],
            why=blocked[hurdle],
        )
    cells = [[person_id, day.isoformat(), to, before.get((person_id, day), PATTERN)] for (person_id, day), to in sorted(after.items())]
    values = {"author": by.name, "at": now, "first_day": first, "last_day": last, "cells": cells}
    number = uow.execute(roster_publication.insert().values(**values)).inserted_primary_key[0]  # type: ignore[index]
    publish(uow, person_ids, first, last, by, now)
    return see_publication(uow, number)


def withdraw_publication(uow: UnitOfWork, publication_id: int, by: Actor, now: datetime) -> Publication:
    """Let count what counted before a publication; what it published are drafts again, beside newer drafts.

    Raises NotFoundError; RefusedError when it is withdrawn already, or a day of it was published anew.
    """
    row = _row(uow, publication_id)
    if row.withdrawn_at is not None:
        raise RefusedError(reason="This publication is withdrawn already.")
    cells = _cells(row)
    found = store.entries(uow, {person_id for person_id, _ in cells}, row.first_day, row.last_day)
    changed = first_difference(published(found), {cell: to for cell, (to, _) in cells.items()})
    if changed:
        raise RefusedError(
            reason="The roster of {person} on {day} was published anew since; withdraw that publication first, or use the grid.",
            person=name_of(uow, changed[0]),
            day=changed[1],
        )
    newer = wanted(one for one in found if one.draft)
    former = [_entry(cell, was, by, now) for cell, (_, was) in cells.items()]
    put_in_force(uow, former, by, now)
    set_entries(uow, [wish_of(cell, newer.get(cell, to)) for cell, (to, _) in cells.items()], by, now)
    uow.execute(update(roster_publication).where(roster_publication.c.id == publication_id).values(withdrawn_at=now))
    told = {"publication": publication_id, "people": len({person_id for person_id, _ in cells}), "cells": len(cells)}
    record(
        uow,
        by,
        "roster.withdraw",
        "roster",
        f"{row.first_day:%Y-%m-%d}/{row.last_day:%Y-%m-%d}",
        at=now,
        before=told,
        people={person_id for person_id, _ in cells},
    )
    return see_publication(uow, publication_id)


def see_publication(uow: UnitOfWork, publication_id: int) -> Publication:
    """Raises NotFoundError."""
    row = _row(uow, publication_id)
    people = Counter(person_id for person_id, _ in _cells(row))
    withdrawn = row.withdrawn_at is not None
    return Publication(row.id, row.author, row.at, row.first_day, row.last_day, people.total(), len(people), withdrawn)


def _row(uow: UnitOfWork, publication_id: int) -> Row[Any]:
    row = uow.fetch_one(select(roster_publication).where(roster_publication.c.id == publication_id))
    if row is None:
        raise NotFoundError(what="publication", name=publication_id)
    return row


def _cells(row: Row[Any]) -> dict[Cell, tuple[int, int]]:
    """By cell what was published, and what was there before."""
    return {(person_id, date.fromisoformat(day)): (to, was) for person_id, day, to, was in row.cells}


def _entry(cell: Cell, mark: int, by: Actor, now: datetime) -> Entry:
    wish = wish_of(cell, mark)
    return Entry(0, wish.person_id, wish.day, wish.kind, wish.shift_id, draft=True, author=by.name, at=now)
