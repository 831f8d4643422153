"""Who a terminal user may be: suggestions for the numbers whose punches are kept back because they are nobody's."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select

from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.model import Person, TerminalUser
from server.fleet import actions as fleet
from server.ingest.actions.listing import QuarantineFilter, QuarantineGroup, list_groups
from server.ingest.actions.resolving import MOST_GROUPS, UID_UNRESOLVED, Resolved, enrol_and_replay
from server.ingest.sift import Limits, Reason
from server.storage import UnitOfWork

SAME_NUMBER = "the employee number is the same"
SAME_BUT_ZEROS = "the employee number is the same but for zeros"
ENDS_ALIKE = "the employee number ends so, and nobody else's does"
SAME_NAME = "the name at the terminal is the same, and nobody else has it"
ELSEWHERE = "is this number in another group of terminals; there it may be another person"
SHORTEST_END = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A terminal user who is nobody, in a group of terminals. person: who it may be, None where nothing speaks for anybody.

    first: the day of the first punch that is kept back; punches: how many. reason: an English text. told: the terminals' own line of it.
    """

    zone_id: int
    zone: str
    terminal_user: str
    punches: int
    first: date
    person: Person | None
    reason: str = ""
    told: TerminalUser | None = None


def suggestions(uow: UnitOfWork, within: Select[Any] | None, on: date) -> list[Suggestion]:
    """Every terminal user with punches kept back, those with the most first. Only people who are within are suggested."""
    people = {one.id: one for one in directory.people_by_number(uow).values() if one.active}
    allowed = directory.only_within(uow, people, within)
    people = {key: one for key, one in people.items() if key in allowed}
    guess = _Guess(people, directory.list_enrolments(uow, within, on=on, limit=MOST_GROUPS))
    told = directory.terminal_users(uow)
    found = [guess.suggest(*each, told.get((each[0], each[2]))) for each in _waiting(uow)]
    return sorted(found, key=lambda one: (one.person is None, -one.punches, one.terminal_user))


def accept(uow: UnitOfWork, chosen: Sequence[Suggestion], limits: Limits, by: Actor, now: datetime) -> Resolved:
    """Enrol these people from the day of their first punch on, and replay what was kept back. Raises as `directory.enrol`."""
    total = Resolved()
    for one in chosen:
        if one.person is not None:
            done = enrol_and_replay(
                uow, one.person.id, one.zone_id, one.terminal_user, one.first, None, limits, by, now, reason=f"suggested: {one.reason}"
            )
            total = Resolved(total.replayed + done.replayed, total.known + done.known, 0, total.left + done.left)
    return total


Waiting = tuple[int, str, str, int, date]


def _waiting(uow: UnitOfWork) -> Iterable[Waiting]:
    """(zone, its name, user, punches, first day) of users that are nobody, over all terminals of a zone."""
    zones = {str(serial): one.zone_id for serial, one in fleet.serving_terminals(uow).items()}
    names = {one.id: one.name for one in fleet.list_zones(uow)}
    groups: dict[tuple[int, str], list[QuarantineGroup]] = defaultdict(list)
    for group in list_groups(uow, QuarantineFilter(), limit=MOST_GROUPS):
        zone_id = zones.get(group.terminal)
        if zone_id is not None and group.user and group.reason in {Reason.UNKNOWN_USER, UID_UNRESOLVED} and _day(group.first):
            groups[zone_id, group.user].append(group)
    for (zone_id, user), each in groups.items():
        days = [day for one in each if (day := _day(one.first))]
        yield zone_id, names[zone_id], user, sum(one.count for one in each), min(days)


class _Guess:
    """Who speaks for a number: whose employee number it is, and who is that number elsewhere."""

    def __init__(self, people: Mapping[int, Person], held: Sequence[directory.EnrolmentLine]) -> None:
        self._people = people
        self._by_number = {one.employee_number: one for one in people.values()}
        self._by_bare: dict[str, list[Person]] = defaultdict(list)
        self._by_name: dict[str, list[Person]] = defaultdict(list)
        self._by_end: dict[str, list[Person]] = defaultdict(list)
        for one in people.values():
            self._by_bare[one.employee_number.lstrip("0")].append(one)
            self._by_end[_digits(one.employee_number)].append(one)
            self._by_name[one.name.casefold()].append(one)
        self._elsewhere: dict[str, set[int]] = defaultdict(set)
        self._here: set[tuple[int, int]] = set()
        for line in held:
            self._elsewhere[line.terminal_user].add(line.person_id)
            self._here.add((line.zone_id, line.person_id))

    def suggest(self, zone_id: int, zone: str, user: str, punches: int, first: date, told: TerminalUser | None) -> Suggestion:
        for person, reason in self._candidates(user, told.name if told else ""):
            if (zone_id, person.id) not in self._here:  # who has a number here already is somebody else's match
                return Suggestion(zone_id, zone, user, punches, first, person, reason, told)
        return Suggestion(zone_id, zone, user, punches, first, None, told=told)

    def _candidates(self, user: str, name: str) -> Iterable[tuple[Person, str]]:
        named = self._by_name.get(name.casefold(), []) if name else []
        if len(named) == 1:
            yield named[0], SAME_NAME
        if user in self._by_number:
            yield self._by_number[user], SAME_NUMBER
        bare = self._by_bare.get(user.lstrip("0"), [])
        if len(bare) == 1:
            yield bare[0], SAME_BUT_ZEROS
        digits = user.lstrip("0")
        ends = self._by_end.get(digits, []) if len(digits) >= SHORTEST_END else []
        if len(ends) == 1:
            yield ends[0], ENDS_ALIKE
        elsewhere = [self._people[one] for one in self._elsewhere.get(user, ()) if one in self._people]
        if len(elsewhere) == 1:
            yield elsewhere[0], ELSEWHERE


def _digits(number: str) -> str:
    """The digits that an employee number ends in, without zeros before them: N0042 is 42."""
    kept = number[len(number.rstrip("0123456789")) :]
    return kept.lstrip("0")


def _day(wall: str) -> date | None:
    try:
        return date.fromisoformat(wall[:10])
    except ValueError:
        return None
