"""Whose pattern counts where several are meant for one person: what each assignment comes to on a day."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from server.directory import actions as directory
from server.directory.model import HoursSystem
from server.roster.actions.people import held_by
from server.roster.actions.planned import book_of
from server.roster.engine.days import Reader
from server.roster.model import Assignment, Held, Scope
from server.storage import UnitOfWork


@dataclass(slots=True)
class Reach:
    """What an assignment comes to on a day. people: for how many it counts.

    over: the assignments that stand behind it, by how many people. under: those that count in its place, by how many people.
    """

    people: int = 0
    over: Counter[int] = field(default_factory=Counter)
    under: Counter[int] = field(default_factory=Counter)


def reach_of(uow: UnitOfWork, day: date) -> dict[int, Reach]:
    """By assignment what it comes to on a day, for all that mean somebody then. Costs the same few queries at any number of people."""
    reader = Reader(book_of(uow, day, day))
    found: dict[int, Reach] = defaultdict(Reach)
    for held, own, people in _groups(uow, reader, day):
        contest = reader.contest(held, own, day)
        for counts in contest[:1]:
            found[counts.id].people += people
        for other in contest[1:]:
            found[contest[0].id].over[other.id] += people
            found[other.id].under[contest[0].id] += people
    return dict(found)


def _groups(uow: UnitOfWork, reader: Reader, day: date) -> Iterator[tuple[Held, tuple[Assignment, ...], int]]:
    """People who are alike: those with a pattern of their own one by one, all others by their department, position and site."""
    alike = Counter(directory.people_by_place(uow, day))
    named = {one.scope_id for one in reader.book.assignments if one.scope is Scope.PERSON}
    for person_id, spans in held_by(uow, named, day, day).items():
        for held in spans:
            alike[held.department_id, held.position_id, held.site_id] -= 1
            yield held, reader.own_assignments(person_id), 1
    for place, people in alike.items():
        if people > 0:
            yield Held(day, day, *place, HoursSystem.STANDARD, protected=False), (), people
