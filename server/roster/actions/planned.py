"""The planned days of people: everything the roster knows, as attendance assesses it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta

import msgspec

from server.directory import actions as directory
from server.fleet import actions as fleet
from server.roster.actions.people import held_by
from server.roster.engine.days import Book, Reader, Roster
from server.roster.engine.planning import NEIGHBOUR_DAYS, plan_days
from server.roster.model import Entry, EntryKind, GridDay, Held, PlannedDay, RosterDay, RosterSource
from server.roster.store import calendars, entries, patterns, shifts
from server.storage import UnitOfWork

ZONE_WITHOUT_SITES = "Asia/Shanghai"


def planned_days(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, tuple[PlannedDay, ...]]:
    """By person the days from first to last, each date once and in order. Values are shared among people whose days are the same.

    Everything but `previous_left_at`, which attendance knows. Costs the same few queries whatever the number of people.
    """
    since, until = first - timedelta(days=NEIGHBOUR_DAYS), last + timedelta(days=NEIGHBOUR_DAYS)
    reader, zones = Reader(book_of(uow, since, until)), _zones(uow)
    made: dict[Roster, tuple[PlannedDay, ...]] = {}
    found: dict[int, tuple[PlannedDay, ...]] = {}
    for person_id, roster in _rosters(uow, reader, person_ids, since, until).items():
        if roster not in made:
            made[roster] = _plan(reader.days(roster, since, until), roster.held, zones)[NEIGHBOUR_DAYS:-NEIGHBOUR_DAYS]
        found[person_id] = made[roster]
    return found


def roster_of(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, tuple[GridDay, ...]]:
    """By person the cells from first to last, with drafts."""
    reader = Reader(book_of(uow, first, last))
    cells: dict[tuple[int, bool], dict[date, Entry]] = defaultdict(dict)
    for one in entries.entries(uow, person_ids, first, last):
        cells[one.person_id, one.draft][one.day] = one
    return {
        person_id: tuple(_grid(reader, roster, first, last, cells[person_id, False], cells[person_id, True]))
        for person_id, roster in _rosters(uow, reader, person_ids, first, last).items()
    }


def book_of(uow: UnitOfWork, first: date, last: date) -> Book:
    """What the company has of shifts, patterns, assignments and calendars for the days from first to last."""
    return Book(
        shift_names={one.id: one.name for one in shifts.shifts(uow)},
        shift_versions=shifts.versions_that_count(uow),
        pattern_versions=patterns.versions_that_count(uow),
        assignments=patterns.assignments_between(uow, first, last),
        parents={one.id: one.parent_id for one in directory.list_departments(uow)},
        calendar_days=calendars.days_of_all(uow, first, last),
        announced=calendars.announced_years(uow),
        site_calendars=calendars.site_calendars(uow),
        calendar_id=entries.settings(uow).calendar_id,
    )


def _rosters(uow: UnitOfWork, reader: Reader, person_ids: Collection[int], first: date, last: date) -> dict[int, Roster]:
    held = held_by(uow, person_ids, first, last)
    published = entries.published(uow, person_ids, first, last)
    exempt: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for one in entries.exemptions_between(uow, person_ids, first, last):
        exempt[one.person_id].append((one.first_day, one.last_day))
    return {
        person_id: Roster(
            held.get(person_id, ()),
            reader.own_assignments(person_id),
            tuple(published[person_id].items()) if person_id in published else (),
            tuple(exempt[person_id]) if person_id in exempt else (),
        )
        for person_id in person_ids
    }


def _plan(days: Sequence[RosterDay], held: Sequence[Held], zones: "_Zones") -> tuple[PlannedDay, ...]:
    """Plans on the clock of the site of each day."""
    days = [_plannable(day) for day in days]
    used = {zones.of(one.site_id) for one in held} or {zones.home}
    if len(used) == 1:
        return plan_days(days, used.pop())
    plans = {zone: plan_days(days, zone) for zone in used}
    by_day = {day.work_date: zones.on(day.work_date, held) for day in days}
    return tuple(plans[by_day[day.work_date]][place] for place, day in enumerate(days))


def _plannable(day: RosterDay) -> RosterDay:
    """A shift that has no hours on the day yet is no roster."""
    if day.shift_id is not None and day.terms is None:
        return msgspec.structs.replace(day, source=RosterSource.NOTHING, shift_id=None, shift_name="", roster_id=None)
    return day


class _Zones:
    """Time zones of sites. home: of people without a site, as at the oldest one."""

    def __init__(self, by_site: dict[int, str]) -> None:
        self._by_site = by_site
        self.home = by_site[min(by_site)] if by_site else ZONE_WITHOUT_SITES

    def of(self, site_id: int | None) -> str:
        return self._by_site.get(site_id, self.home) if site_id is not None else self.home

    def on(self, day: date, held: Sequence[Held]) -> str:
        """Of the span that holds on a day, else of the nearest one before it, else of the first."""
        earlier = [one for one in held if one.first_day <= day]
        return self.of((earlier or list(held))[-1 if earlier else 0].site_id)


def _zones(uow: UnitOfWork) -> _Zones:
    return _Zones({one.id: one.time_zone for one in fleet.list_sites(uow)})


def _grid(
    reader: Reader, roster: Roster, first: date, last: date, published: dict[date, Entry], drafts: dict[date, Entry]
) -> list[GridDay]:
    counting, grounds = reader.days(roster, first, last), reader.grounds(roster, first, last)
    wanted = reader.days(msgspec.structs.replace(roster, entries=_with_drafts(roster, drafts)), first, last) if drafts else counting
    return [
        GridDay(
            counts,
            wishes,
            ground.assignment.pattern_id if ground.assignment else None,
            ground.shift_id,
            published.get(counts.work_date),
            drafts.get(counts.work_date),
            ground.calendar_kind,
        )
        for counts, wishes, ground in zip(counting, wanted, grounds, strict=True)
    ]


def _with_drafts(roster: Roster, drafts: dict[date, Entry]) -> tuple[tuple[date, tuple[int, int | None]], ...]:
    cells = dict(roster.entries) | {day: (one.id, one.shift_id) for day, one in drafts.items()}
    gone = {day for day, one in drafts.items() if one.kind is EntryKind.PATTERN}
    return tuple((day, cell) for day, cell in cells.items() if day not in gone)
