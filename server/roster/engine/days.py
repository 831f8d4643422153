"""The roster of single days: a published entry over the pattern over nothing, with the calendar of the person's site."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from server.directory.model import HoursSystem
from server.roster.engine.calendars import kind_for
from server.roster.engine.patterns import shift_on
from server.roster.engine.versions import version_on
from server.roster.model import (
    Assignment,
    CalendarDay,
    CalendarKind,
    Held,
    HolidayChoice,
    PatternVersion,
    RosterDay,
    RosterSource,
    Scope,
    ShiftTerms,
    ShiftVersion,
    SiteCalendar,
)

NOT_EMPLOYED = Held(date.min, None, None, None, None, HoursSystem.STANDARD, protected=False)


class Book(Struct, frozen=True, kw_only=True):
    """What a company has of shifts, patterns and calendars, for the days that are asked. Versions and site calendars: in the order of
    their days. parents: of departments. calendar_id: of sites that name none. announced: (calendar, year)."""

    shift_names: Mapping[int, str]
    shift_versions: Mapping[int, Sequence[ShiftVersion]]
    pattern_versions: Mapping[int, Sequence[PatternVersion]]
    assignments: Sequence[Assignment]
    parents: Mapping[int, int | None]
    calendar_days: Mapping[int, Mapping[date, CalendarDay]]
    announced: frozenset[tuple[int, int]]
    site_calendars: Sequence[SiteCalendar]
    calendar_id: int


class Roster(Struct, frozen=True, gc=False):
    """What is known of one person: terms in the order of time, own assignments, entries by day as (number, shift or None for rest), and
    spans without punches. Equal ones have equal days, whoever they are of."""

    held: tuple[Held, ...]
    own: tuple[Assignment, ...] = ()
    entries: tuple[tuple[date, tuple[int, int | None]], ...] = ()
    exempt: tuple[tuple[date, date | None], ...] = ()


class Ground(Struct, frozen=True, gc=False):
    """A date without entries: what pattern and calendar make of it. shift_id None: rest, or no pattern (then assignment is None, too)."""

    assignment: Assignment | None
    shift_id: int | None
    follows: bool
    calendar_kind: CalendarKind | None
    holiday: str
    known: bool


class Reader:
    """Reads days out of a book, and remembers what many people share."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._by_scope: dict[tuple[Scope, int], list[Assignment]] = defaultdict(list)
        for one in sorted(book.assignments, key=lambda one: one.first_day):
            self._by_scope[one.scope, one.scope_id].append(one)
        self._site_calendars: dict[int, list[SiteCalendar]] = defaultdict(list)
        for site in book.site_calendars:
            self._site_calendars[site.site_id].append(site)
        self._grounds: dict[tuple[int | None, int | None, int | None, tuple[Assignment, ...], date], Ground] = {}
        self._terms: dict[tuple[int, date], tuple[int | None, ShiftTerms | None]] = {}

    def own_assignments(self, person_id: int) -> tuple[Assignment, ...]:
        """What is assigned to this person alone."""
        return tuple(self._by_scope.get((Scope.PERSON, person_id), ()))

    def days(self, roster: Roster, first: date, last: date) -> list[RosterDay]:
        """A person's days from first to last."""
        entries = dict(roster.entries)
        return [
            self._day(held, self.ground(held, roster.own, day), day, entries.get(day), roster.exempt)
            for day, held in _with_terms(roster.held, first, last)
        ]

    def grounds(self, roster: Roster, first: date, last: date) -> list[Ground]:
        """The same days without entries."""
        return [self.ground(held, roster.own, day) for day, held in _with_terms(roster.held, first, last)]

    def ground(self, held: Held, own: tuple[Assignment, ...], day: date) -> Ground:
        key = (held.department_id, held.position_id, held.site_id, own, day)
        found = self._grounds.get(key)
        if found is None:
            found = self._grounds[key] = self._ground(held, own, day)
        return found

    def _ground(self, held: Held, own: tuple[Assignment, ...], day: date) -> Ground:
        calendar_id = self._calendar(held.site_id, day)
        special = self.book.calendar_days.get(calendar_id, {}).get(day)
        kind, name = (special.kind, special.name) if special else (None, "")
        known = (calendar_id, day.year) in self.book.announced
        assignment, version = self._pattern(held, own, day)
        if assignment is None or version is None:
            return Ground(None, None, False, kind, name, known)
        shift_id = shift_on(version.terms, day, kind, assignment.offset_days)
        return Ground(assignment, shift_id, version.terms.holidays is HolidayChoice.OFF, kind, name, known)

    def _calendar(self, site_id: int | None, day: date) -> int:
        named = version_on(self._site_calendars.get(site_id, ()), day) if site_id is not None else None
        return named.calendar_id if named else self.book.calendar_id

    def contest(self, held: Held, own: tuple[Assignment, ...], day: date) -> list[Assignment]:
        """All assignments that mean somebody on a day and have hours then: the first counts, the others stand behind it."""
        return [one for one, _ in self._candidates(held, own, day)]

    def _pattern(self, held: Held, own: tuple[Assignment, ...], day: date) -> tuple[Assignment | None, PatternVersion | None]:
        """The most specific assignment whose pattern has hours on the day."""
        return next(self._candidates(held, own, day), (None, None))

    def _candidates(self, held: Held, own: tuple[Assignment, ...], day: date) -> Iterator[tuple[Assignment, PatternVersion]]:
        for one in self._assigned(held, own):
            if one.first_day <= day and (one.last_day is None or day <= one.last_day):
                version = version_on(self.book.pattern_versions.get(one.pattern_id, ()), day)
                if version is not None:
                    yield one, version

    def _assigned(self, held: Held, own: tuple[Assignment, ...]) -> Iterator[Assignment]:
        """Whatever could count for somebody, the most specific and of those the latest first."""
        yield from reversed(own)
        if held.position_id is not None:
            yield from reversed(self._by_scope.get((Scope.POSITION, held.position_id), ()))
        for department_id in above(held.department_id, self.book.parents):
            yield from reversed(self._by_scope.get((Scope.DEPARTMENT, department_id), ()))
        if held.site_id is not None:
            yield from reversed(self._by_scope.get((Scope.SITE, held.site_id), ()))
        yield from reversed(self._by_scope.get((Scope.COMPANY, 0), ()))

    def _day(
        self, held: Held, ground: Ground, day: date, entry: tuple[int, int | None] | None, exempt: tuple[tuple[date, date | None], ...]
    ) -> RosterDay:
        source, roster_id, shift_id = RosterSource.NOTHING, None, None
        if entry is not None:
            source, (roster_id, shift_id) = RosterSource.ENTRY, entry
        elif ground.assignment is not None:
            source, roster_id, shift_id = RosterSource.PATTERN, ground.assignment.id, ground.shift_id
        version_id, terms = self._hours(shift_id, day) if shift_id is not None else (None, None)
        rostered = source is not RosterSource.NOTHING
        return RosterDay(
            work_date=day,
            kind=kind_for(day, ground.calendar_kind, follows=ground.follows, rostered=rostered, works=shift_id is not None),
            holiday=ground.holiday,
            calendar_known=ground.known,
            employed=held is not NOT_EMPLOYED,
            must_punch=not any(since <= day and (until is None or day <= until) for since, until in exempt),
            protected=held.protected,
            hours_system=held.hours_system,
            terms=terms,
            shift_id=shift_id,
            shift_name=self.book.shift_names[shift_id] if shift_id is not None else "",
            shift_version_id=version_id,
            source=source,
            roster_id=roster_id,
        )

    def _hours(self, shift_id: int, day: date) -> tuple[int | None, ShiftTerms | None]:
        found = self._terms.get((shift_id, day))
        if found is None:
            version = version_on(self.book.shift_versions.get(shift_id, ()), day)
            found = self._terms[shift_id, day] = (version.id, version.terms) if version else (None, None)
        return found


def above(department_id: int | None, parents: Mapping[int, int | None]) -> list[int]:
    """A department and those above it, the nearest first."""
    found: list[int] = []
    while department_id is not None and department_id not in found:
        found.append(department_id)
        department_id = parents.get(department_id)
    return found


def _with_terms(spans: Iterable[Held], first: date, last: date) -> Iterator[tuple[date, Held]]:
    """Each day from first to last with what holds on it."""
    waiting = iter(spans)
    held = next(waiting, None)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        while held is not None and held.last_day is not None and held.last_day < day:
            held = next(waiting, None)
        yield day, held if held is not None and held.first_day <= day else NOT_EMPLOYED
