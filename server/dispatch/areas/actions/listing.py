"""Areas, terminals and people as pages and programs show them: what should be there, what is, what is pending and why."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select

from server.directory import actions as directory
from server.dispatch.areas.engine import face_counts, why_pending
from server.dispatch.areas.model import Area, Book, FaceCount, Pending, Right, Stranger, WantedRow
from server.dispatch.areas.store import areas as areas_store, books, facts, marks, members, rows as store, templates
from server.fleet import actions as fleet
from server.fleet.model import OpenLine, TerminalOverview
from server.storage import UnitOfWork

FACES_WARNED_OF = 80_000
"""Stored faces of a legal entity: from 100,000 on they are to be registered with the authority within 30 working days (Measures for the
Security Management of the Application of Facial Recognition Technology, article 15, in force since 1 June 2025)."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Users of terminals: how many should be there, of these how many are, how many should be gone and are not, how many failed."""

    wanted: int = 0
    there: int = 0
    lingering: int = 0
    failed: int = 0

    @property
    def pending(self) -> int:
        return self.wanted - self.there + self.lingering


@dataclass(frozen=True, slots=True)
class AreaLine:
    """An area in a list. people: who belongs today."""

    area: Area
    people: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class TerminalLine:
    """A terminal of an area. hears: whether its edge is connected."""

    overview: TerminalOverview
    tally: Tally
    hears: bool


@dataclass(frozen=True, slots=True)
class UserLine:
    """A user of a terminal, with whose number it is where the reader may know; number, name "" elsewhere."""

    row: WantedRow
    pending: Pending | None
    person_id: int | None = None
    number: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class TemplateCount:
    """Templates of one kind, and how many users they are of."""

    templates: int = 0
    users: int = 0


@dataclass(frozen=True, slots=True)
class TerminalUsers:
    """All that is known of the users of a terminal."""

    overview: TerminalOverview
    book: Book
    areas: tuple[Area, ...]
    tally: Tally
    users: Sequence[UserLine]
    strangers: Sequence[Stranger]

    @property
    def templates(self) -> dict[str, TemplateCount]:
        """What it was told to hold, by kind: "finger", "face" and so on."""
        found: dict[str, TemplateCount] = {}
        for held in (*(one.row.there for one in self.users), *(one.templates for one in self.strangers)):
            for kind, count in Counter(name.partition("-")[0] for name in held).items():
                had = found.get(kind, TemplateCount())
                found[kind] = TemplateCount(had.templates + count, had.users + 1)
        return found


@dataclass(frozen=True, slots=True)
class PersonOnTerminals:
    """Where somebody is, or should be or be gone. templates: how many the server keeps."""

    lines: Sequence[tuple[TerminalOverview, UserLine]]
    right: Right
    templates: int


def area_lines(uow: UnitOfWork, now: datetime) -> list[AreaLine]:
    """All areas, by code."""
    below, day = facts.below(uow), directory.today_of(uow, now)
    counted = store.counts(uow)
    return [AreaLine(one, members.count(uow, one.rules, day, below), _sum(counted, one.terminals)) for one in areas_store.areas(uow)]


def area_people(
    uow: UnitOfWork, area: Area, now: datetime, within: Select[Any] | None, *, after: tuple[str, int] | None, limit: int
) -> list[tuple[int, str, str, str]]:
    """Who belongs today, of the people within: (id, employee number, name, sorted by)."""
    return members.page(uow, area.rules, directory.today_of(uow, now), facts.below(uow), within, after=after, limit=limit)


def count_people(uow: UnitOfWork, area: Area, now: datetime) -> int:
    """How many belong today."""
    return members.count(uow, area.rules, directory.today_of(uow, now), facts.below(uow))


def count_failed(uow: UnitOfWork) -> int:
    """How many users terminals did not take."""
    return store.count_failed(uow)


def terminal_lines(uow: UnitOfWork, area: Area) -> list[TerminalLine]:
    """The terminals of an area, by serial number."""
    lines, counted = fleet.open_lines(uow), store.counts(uow, area.terminals)
    found = fleet.list_terminals(uow, sorted(area.terminals)) if area.terminals else []
    return [TerminalLine(one, _sum(counted, [one.terminal.id]), one.terminal.edge_id in lines) for one in found]


def pending_users(uow: UnitOfWork) -> dict[int, int]:
    """By terminal, how many users are still to be brought or taken off; terminals with none are left out."""
    found = {key: Tally(*counts).pending for key, counts in store.counts(uow).items()}
    return {key: pending for key, pending in found.items() if pending}


def people_waiting(uow: UnitOfWork) -> int:
    """How many people are still to be worked out."""
    return marks.waiting(uow)


def terminal_users(uow: UnitOfWork, overview: TerminalOverview, within: Select[Any] | None, *, names: bool) -> TerminalUsers:
    """names: whether the reader may know people at all; within: which of them."""
    key = overview.terminal.id
    held = store.rows_of_terminal(uow, key)
    people = {row.person_id for row in held if row.person_id is not None} if names else set()
    lines = fleet.open_lines(uow)
    return TerminalUsers(
        overview,
        books.books(uow, [key]).get(key, Book(key)),
        tuple(one for one in areas_store.areas(uow) if key in one.terminals),
        _sum(store.counts(uow, [key]), [key]),
        _named(uow, [(row, _pending(row, overview, lines)) for row in held], directory.only_within(uow, people, within)),
        store.strangers(uow, key),
    )


def on_terminals(uow: UnitOfWork, person_id: int) -> PersonOnTerminals:
    """Where somebody is; for readers who may see them."""
    held = [row for row in store.rows_of_people(uow, [person_id]).values() if row.want is not None or not row.is_done]
    terminals = {one.terminal.id: one for one in (fleet.list_terminals(uow, [row.terminal_id for row in held]) if held else [])}
    lines = fleet.open_lines(uow)
    told = [(row, _pending(row, terminals[row.terminal_id], lines)) for row in held]
    found = [(terminals[one.row.terminal_id], one) for one in _named(uow, told, {person_id})]
    found.sort(key=lambda one: (one[0].site.code, one[0].terminal.serial, one[1].row.user))
    right = facts.rights_of(uow, [person_id]).get(person_id, Right())
    return PersonOnTerminals(found, right, templates.counts_of(uow, [person_id]).get(person_id, 0))


def faces_by_legal_entity(uow: UnitOfWork, day: date) -> dict[int | None, FaceCount]:
    """How many people have a face stored on a terminal or here, by the legal entity of their contract on a day; None: of no contract."""
    people, unnamed = store.people_with_faces(uow) | templates.people_with_faces(uow), facts.unnamed_faces(uow)
    others = store.people_on(uow, unnamed) - people
    known, besides = facts.by_legal_entity(uow, people, day), facts.by_legal_entity(uow, others, day)
    return face_counts(known, besides, sum(unnamed.values()))


def too_many_faces(uow: UnitOfWork, day: date) -> dict[int | None, FaceCount]:
    """Those of `faces_by_legal_entity` that somebody must look at. A company of fewer people has none, and is not counted."""
    if sum(directory.people_by_legal_entity(uow, day).values()) < FACES_WARNED_OF:
        return {}
    return {key: count for key, count in faces_by_legal_entity(uow, day).items() if count.most >= FACES_WARNED_OF}


def note_faces(uow: UnitOfWork, now: datetime) -> None:
    """Count, and note where there are too many, so that whoever watches hears of it. Once in a while: it looks at everybody."""
    many = too_many_faces(uow, directory.today_of(uow, now))
    fleet.note_many_faces(uow, {key: count.most for key, count in many.items()}, now)


def _named(uow: UnitOfWork, told: Sequence[tuple[WantedRow, Pending | None]], known: Collection[int]) -> list[UserLine]:
    names, numbers = directory.names_of(uow, known), directory.numbers_of(uow, known)
    return [
        UserLine(row, pending, row.person_id, numbers[row.person_id], names[row.person_id])
        if row.person_id is not None and row.person_id in names
        else UserLine(row, pending)
        for row, pending in told
    ]


def _pending(row: WantedRow, overview: TerminalOverview, lines: Mapping[int, OpenLine]) -> Pending | None:
    edge = overview.terminal.edge_id
    line = lines.get(edge) if edge is not None else None
    return why_pending(row, has_edge=edge is not None, has_key=line is not None and line.sealing_key is not None, hears=line is not None)


def _sum(counted: Mapping[int, tuple[int, int, int, int]], terminals: Collection[int]) -> Tally:
    found = [counted[key] for key in terminals if key in counted]
    return Tally(*(sum(one[place] for one in found) for place in range(4)))
