"""Single cells of the roster: drafted, published. Only what is published counts, and only publishing is on the trail."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, delete, update

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError
from server.roster.actions.left import leave_roster_change
from server.roster.model import Entry, EntryKind, Published, RosterSettings, Wish
from server.roster.store import entries as store, people, shifts
from server.roster.tables import roster_entry, roster_settings
from server.storage import Subject, UnitOfWork, upsert

MOST_WISHES = 20_000
KEY = ("person_id", "day", "draft")


def set_entries(uow: UnitOfWork, wishes: Sequence[Wish], by: Actor, now: datetime) -> int:
    """Draft what cells should be; returns how many drafts there are for them now. Wishing for what is published takes the draft away.

    Raises InvalidInputError (two wishes for one cell, a shift that is not there or archived) or NotFoundError; nothing is kept then.
    """
    _check(uow, wishes)
    if not wishes:
        return 0
    days = [one.day for one in wishes]
    there = store.published(uow, {one.person_id for one in wishes}, min(days), max(days))
    drafts = [one for one in wishes if not _is_published(one, there.get(one.person_id, {}))]
    _drop(uow, ((one.person_id, one.day) for one in wishes))
    made = {"draft": True, "author": by.name, "at": now}
    rows = [{"person_id": one.person_id, "day": one.day, "kind": one.kind.value, "shift_id": one.shift_id, **made} for one in drafts]
    upsert(uow, roster_entry, rows, KEY)
    return len(rows)


def publish(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date, by: Actor, now: datetime) -> Published:
    """Let the drafts of these people from first to last count."""
    found = store.entries(uow, person_ids, first, last)
    drafts = [one for one in found if one.draft]
    if not drafts:
        return Published(0, 0)
    before = {(one.person_id, one.day): one for one in found if not one.draft}
    put_in_force(uow, drafts, by, now)
    whose = {one.person_id for one in drafts}
    told = _told(uow, drafts, before)
    after = {"first_day": first, "last_day": last, "people": len(whose), "cells": len(drafts), "entries": told}
    record(uow, by, "roster.publish", "roster", f"{first:%Y-%m-%d}/{last:%Y-%m-%d}", at=now, after=after, people=whose)
    return Published(len(drafts), len(whose))


def put_in_force(uow: UnitOfWork, drafts: Sequence[Entry], by: Actor, now: datetime) -> None:
    """Let drafts count, whether they are stored or not; what attendance makes of these days is left to be worked out again."""
    made = {"draft": False, "author": by.name, "at": now}
    set_now = [one for one in drafts if one.kind is not EntryKind.PATTERN]
    rows = [{"person_id": one.person_id, "day": one.day, "kind": one.kind.value, "shift_id": one.shift_id, **made} for one in set_now]
    upsert(uow, roster_entry, rows, KEY)
    taken_away = [{"one_person": one.person_id, "one_day": one.day} for one in drafts if one.kind is EntryKind.PATTERN]
    if taken_away:
        at_cell = (roster_entry.c.person_id == bindparam("one_person"), roster_entry.c.day == bindparam("one_day"))
        uow.execute(delete(roster_entry).where(*at_cell), taken_away)
    _drop(uow, ((one.person_id, one.day) for one in drafts))
    for person_id, days in _days_by_person(drafts).items():
        for since, until in runs(days):
            leave_roster_change(uow, Subject.PERSON, person_id, since, until, "entry")


def roster_settings_now(uow: UnitOfWork) -> RosterSettings:
    """What the roster warns of."""
    return store.settings(uow)


def change_roster_settings(
    uow: UnitOfWork, minimum_rest_minutes: int | None, most_days_in_row: int | None, by: Actor, now: datetime, *, reason: str = ""
) -> RosterSettings:
    """Change what the roster warns of; None: not looked at. The same again leaves nothing on the trail. Raises InvalidInputError."""
    if minimum_rest_minutes is not None and not 0 < minimum_rest_minutes <= 24 * 60:
        raise InvalidInputError(field="minimum_rest_minutes", reason="use 1 minute to 24 hours, or nothing")
    if most_days_in_row is not None and not 1 <= most_days_in_row <= 31:
        raise InvalidInputError(field="most_days_in_row", reason="use 1 to 31 days, or nothing")
    held = store.settings(uow)
    before = {"minimum_rest_minutes": held.minimum_rest_minutes, "most_days_in_row": held.most_days_in_row}
    after = {"minimum_rest_minutes": minimum_rest_minutes, "most_days_in_row": most_days_in_row}
    if after != before:
        uow.execute(update(roster_settings).values(**after))
        record(uow, by, "roster.settings", "roster", "settings", at=now, before=before, after=after, reason=reason)
    return store.settings(uow)


def runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days as spans (first, last) without gaps."""
    numbered = enumerate(sorted(days))
    spans = [[day for _, day in group] for _, group in groupby(numbered, key=lambda one: one[1] - timedelta(days=one[0]))]
    return [(span[0], span[-1]) for span in spans]


def _check(uow: UnitOfWork, wishes: Sequence[Wish]) -> None:
    if len(wishes) > MOST_WISHES:
        raise InvalidInputError(field="entries", reason="change at most 20,000 cells at once")
    cells = {(one.person_id, one.day) for one in wishes}
    if len(cells) < len(wishes):
        raise InvalidInputError(field="entries", reason="there are two rosters for one day of one person; leave one of them out")
    offered = {one.id for one in shifts.shifts(uow) if not one.archived}
    for one in wishes:
        if (one.kind is EntryKind.SHIFT) != (one.shift_id is not None):
            raise InvalidInputError(field="shift", reason="name a shift for a day with a shift, and none for another")
        if one.shift_id is not None and one.shift_id not in offered:
            raise InvalidInputError(field="shift", reason="there is no such shift, or it is archived; choose one that the list offers")
    wanted = {one.person_id for one in wishes}
    unknown = wanted - people.names_of(uow, wanted).keys()
    if unknown:
        raise NotFoundError(what="person", name=min(unknown))


def _is_published(wish: Wish, there: dict[date, tuple[int, int | None]]) -> bool:
    """Whether the cell is so already, without any draft."""
    if wish.kind is EntryKind.PATTERN:
        return wish.day not in there
    return wish.day in there and there[wish.day][1] == wish.shift_id


def _drop(uow: UnitOfWork, cells: Iterable[tuple[int, date]]) -> None:
    statement = delete(roster_entry).where(
        roster_entry.c.person_id == bindparam("one_person"), roster_entry.c.day == bindparam("one_day"), roster_entry.c.draft.is_(True)
    )
    uow.execute(statement, [{"one_person": person_id, "one_day": day} for person_id, day in cells])


def _days_by_person(drafts: Iterable[Entry]) -> dict[int, list[date]]:
    days: dict[int, list[date]] = defaultdict(list)
    for one in drafts:
        days[one.person_id].append(one.day)
    return days


def _told(uow: UnitOfWork, drafts: Sequence[Entry], before: dict[tuple[int, date], Entry]) -> dict[str, Any]:
    """For the trail: by employee number and date what the cell was and is."""
    names = {one.id: one.name for one in shifts.shifts(uow)}
    named = people.names_of(uow, {one.person_id for one in drafts})

    def word(entry: Entry | None) -> str:
        return "pattern" if entry is None else names[entry.shift_id] if entry.shift_id is not None else entry.kind.value

    told: dict[str, Any] = defaultdict(dict)
    for one in sorted(drafts, key=lambda entry: (entry.person_id, entry.day)):
        told[named[one.person_id].employee_number][f"{one.day:%Y-%m-%d}"] = [word(before.get((one.person_id, one.day))), word(one)]
    return dict(told)
