"""From marks to wanted users: what terminals should hold of somebody is worked out anew, and what is otherwise now gets a higher revision.

One transaction takes some people's marks and writes what they come to, so that a death between any two steps loses nothing. One worker
at a time does it: numbers are handed out here.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import structlog

from protocol.wanted import Kind
from server.audit.actions import record
from server.audit.model import SERVER
from server.directory import actions as directory
from server.dispatch.areas.engine import Below, Taken, number_for, numbers_missing, row_for, row_without, wants
from server.dispatch.areas.model import Area, Consent, Held, Point, Want, WantedRow, Who
from server.dispatch.areas.store import areas as areas_store, books, facts, marks, rows as rows_store, templates
from server.fleet import actions as fleet
from server.storage import Database, StorageError, UnitOfWork

PEOPLE_AT_ONCE = 100
"""In one transaction: with twenty terminals each it takes some tenths of a second, in which nobody else can write to SQLite."""
Consents = Callable[[UnitOfWork, Collection[int]], Mapping[int, bool]]
"""Asked of the register of consents, wired at the rim: who agreed to the use of templates (True), or did and withdrew it (False)."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _World:
    """What does not depend on whom it is worked out for."""

    areas: Sequence[Area]
    points: Mapping[int, Point]
    below: Below


def derive_marked(database: Database, consents: Consents, now: datetime, at_once: int = PEOPLE_AT_ONCE) -> int:
    """Work out the people who wait longest; returns how many. One who cannot be worked out holds nobody else up."""
    with database.reading() as uow:
        if not marks.due(uow, now, 1):
            return 0
    try:
        with database.writing() as uow:
            return _derive_due(uow, consents, now, at_once)
    except StorageError:
        raise
    except Exception:  # a fault with one person must not keep the others off their terminals
        if at_once > 1:
            return derive_marked(database, consents, now, 1)
        log.exception("wanted users of somebody cannot be worked out")
    with database.writing() as uow:
        for person_id in marks.due(uow, now, 1):
            marks.put_off(uow, person_id, now)
    return 1


def derive(uow: UnitOfWork, people: Collection[int], consents: Consents, now: datetime) -> int:
    """Bring what is wanted of these people at all terminals to what it should be now; returns how many users are otherwise."""
    world = _World(areas_store.areas(uow), facts.points(uow, now), facts.below(uow))
    found = _numbered(uow, facts.people(uow, people, consents(uow, people)), world, now)
    wanted = {key: want for who in found for key, want in wants(who, world.areas, world.points, world.below).items()}
    there = rows_store.rows_of_people(uow, people)
    there |= rows_store.rows_with_users(uow, {key for key, _ in wanted}, {user for _, user in wanted})
    changed = list(_changed(wanted, there, set(people)))
    rows_store.write(uow, changed)
    books.follow_rows(uow, there, changed)
    _erase_templates(uow, people, found, world, now)
    _erase_faces(uow, set(people) - {want.person_id for want in wanted.values() if want.faces}, now)
    return len(changed)


def _derive_due(uow: UnitOfWork, consents: Consents, now: datetime, at_once: int) -> int:
    if not marks.alone(uow):
        return 0
    people = marks.due(uow, now, at_once)
    marks.take(uow, people)
    derive(uow, people, consents, now)
    return len(people)


def _changed(
    wanted: Mapping[tuple[int, str], Want], there: Mapping[tuple[int, str], WantedRow], people: Collection[int]
) -> Iterable[WantedRow]:
    for key, want in wanted.items():
        if (row := row_for(there.get(key), key, want)) is not None:
            yield row
    for key, held in there.items():
        if key not in wanted and held.person_id in people and (row := row_without(held)) is not None:
            yield row


def _numbered(uow: UnitOfWork, people: Sequence[Who], world: _World, now: datetime) -> list[Who]:
    """Everybody with a number wherever they need one: whoever has none is given one."""
    missing = {who.person_id: numbers_missing(who, world.areas, world.points, world.below) for who in people}
    zones = sorted({zone for some in missing.values() for zone in some})
    if not zones:
        return list(people)
    fleet.note_provisioning(uow)  # before looking: enrolments wait for each other, so that no number is handed out twice
    days = {point.zone_id: point.day for point in world.points.values()}
    told = directory.terminal_users(uow)
    made: list[tuple[int, int, str, date]] = []
    for zone in zones:
        taken = facts.taken_numbers(uow, zone)
        numbers, highest = set(taken.numbers), taken.highest
        for who in people:
            if zone not in missing[who.person_id]:
                continue
            same = (known := told.get((zone, who.number))) is not None and known.name == who.name
            user = number_for(who.number, Taken(numbers - {who.number} if same else numbers, highest))
            numbers.add(user)
            highest = max(highest, int(user))
            made.append((who.person_id, zone, user, days[zone]))
    directory.enrol_newly(uow, made, SERVER, now)
    given: dict[int, tuple[Held, ...]] = {}
    for person_id, zone, user, first in made:
        known = told.get((zone, user))
        given[person_id] = (*given.get(person_id, ()), Held(zone, user, first, date.max, known.card if known else ""))
    return [replace(who, held=(*who.held, *given.get(who.person_id, ()))) for who in people]


def _erase_templates(uow: UnitOfWork, people: Collection[int], found: Sequence[Who], world: _World, now: datetime) -> None:
    """The server keeps templates only of people who work here, or will, and agree to it."""
    today = max((point.day for point in world.points.values()), default=now.date())
    stay = {who.person_id for who in found if who.consent is Consent.HOLDS and any(one.last >= today for one in who.places)}
    _note_erased(uow, templates.erase(uow, set(people) - stay), "templates", now)


def _erase_faces(uow: UnitOfWork, people: Collection[int], now: datetime) -> None:
    """A face that no area carries stays on the terminal where it was enrolled, and nowhere else."""
    _note_erased(uow, templates.erase(uow, people, Kind.FACE), "faces", now)


def _note_erased(uow: UnitOfWork, erased: Mapping[int, int], what: str, now: datetime) -> None:
    numbers = directory.numbers_of(uow, erased)
    for person_id, count in sorted(erased.items()):
        record(uow, SERVER, "template.erase", "person", numbers[person_id], at=now, before={what: count}, people=(person_id,))
