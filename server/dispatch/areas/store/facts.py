"""What people and terminals are, as the derivation needs it: read in a few questions, however many people."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, or_, select

from protocol.wanted import Kind
from server.directory.tables import department, employment_span, enrolment, person, terminal_user
from server.dispatch.areas.engine import Taken
from server.dispatch.areas.model import Consent, Held, Place, Point, Right, Stored, Who
from server.dispatch.areas.store.rows import users_with_faces
from server.dispatch.areas.tables import terminal_right, terminal_stranger, user_book, user_template
from server.fleet.tables import site, terminal, terminal_health
from server.storage import UnitOfWork, portions


def points(uow: UnitOfWork, now: datetime) -> dict[int, Point]:
    """All terminals, by id, at the dates of their sites."""
    joined = terminal.join(site, site.c.id == terminal.c.site_id).outerjoin(user_book, user_book.c.terminal_id == terminal.c.id)
    columns = (terminal.c.id, terminal.c.zone_id, site.c.time_zone, user_book.c.finger_algorithm, user_book.c.face_algorithm)
    rows = uow.fetch_all(select(*columns).select_from(joined))
    days = {name: now.astimezone(ZoneInfo(name)).date() for name in {row.time_zone for row in rows}}
    return {row.id: Point(row.id, row.zone_id, days[row.time_zone], row.finger_algorithm or "", row.face_algorithm or "") for row in rows}


def below(uow: UnitOfWork) -> dict[int, frozenset[int]]:
    """Each department with those below it, itself among them."""
    parents = {row.id: row.parent_id for row in uow.fetch_all(select(department.c.id, department.c.parent_id))}
    found: dict[int, set[int]] = {key: set() for key in parents}
    for key in parents:
        above: int | None = key
        while above is not None:
            found[above].add(key)
            above = parents[above]
    return {key: frozenset(some) for key, some in found.items()}


def people(uow: UnitOfWork, ids: Collection[int], consents: Mapping[int, bool]) -> list[Who]:
    """These people, of those that there are, in the order of their ids. consents: True holds, False ended; else nobody asked them."""
    names: dict[int, tuple[str, str]] = {}
    for keys in portions(ids):
        query = select(person.c.id, person.c.employee_number, person.c.name)
        rows = uow.fetch_all(query.where(person.c.id.in_(keys), person.c.erased_at.is_(None)))
        names |= {row.id: (row.employee_number, row.name) for row in rows}
    places, held = _places(uow, names), _held(uow, names)
    rights, templates = rights_of(uow, names), _templates(uow, names)
    said = {True: Consent.HOLDS, False: Consent.ENDED, None: Consent.NEVER}
    return [
        Who(
            key,
            *names[key],
            tuple(places.get(key, ())),
            tuple(held.get(key, ())),
            said[consents.get(key)],
            rights.get(key, Right()),
            tuple(templates.get(key, ())),
        )
        for key in sorted(names)
    ]


def rights_of(uow: UnitOfWork, ids: Collection[int]) -> dict[int, Right]:
    """By person; who is as everybody is left out."""
    column = terminal_right.c
    rows = _by_person(uow, select(terminal_right), column.person_id, ids)
    return {row.person_id: Right(row.privilege, row.password_version, row.verify, row.access_group) for row in rows}


def changing_between(uow: UnitOfWork, after: date, until: date) -> set[int]:
    """People with something that began or ended by itself on a day behind `after`, up to `until`."""
    found: set[int] = set()
    for table, first, last in ((employment_span, "first_day", "last_day"), (enrolment, "valid_from", "valid_until")):
        begins, ends = table.c[first], table.c[last]
        # what ends on a day is over on the next one
        query = select(table.c.person_id).where(or_((begins > after) & (begins <= until), (ends >= after) & (ends < until)))
        found |= {row.person_id for row in uow.fetch_all(query.distinct())}
    return found


def placed(uow: UnitOfWork, since: date) -> list[Who]:
    """Everybody who is employed on that day or later, as far as belonging to an area goes: without numbers, rights and templates."""
    span = employment_span.c
    columns = (span.first_day, span.last_day, span.site_id, span.department_id, span.position_id, span.legal_entity_id)
    found: dict[int, tuple[str, str, list[Place]]] = {}
    query = select(person.c.id, person.c.employee_number, person.c.name, *columns).join(employment_span, span.person_id == person.c.id)
    for row in uow.fetch_all(query.where(span.last_day >= since).order_by(person.c.name_sort, person.c.id)):
        place = Place(row.first_day, row.last_day, row.site_id, row.department_id, row.position_id, row.legal_entity_id)
        found.setdefault(row.id, (row.employee_number, row.name, []))[2].append(place)
    return [Who(key, number, name, tuple(places)) for key, (number, name, places) in found.items()]


def people_of_departments(uow: UnitOfWork, ids: Collection[int], since: date) -> set[int]:
    """Who belongs to one of these departments on that day or later."""
    span = employment_span.c
    query = select(span.person_id).where(span.department_id.in_(list(ids)), span.last_day >= since)
    return {row.person_id for row in uow.fetch_all(query.distinct())}


def by_legal_entity(uow: UnitOfWork, ids: Collection[int], day: date) -> dict[int | None, int]:
    """How many of these people have a contract with each legal entity on a day; None: without one, or no longer."""
    span = employment_span.c
    query = select(span.person_id, span.legal_entity_id).where(span.first_day <= day, span.last_day >= day)
    entities = {row.person_id: row.legal_entity_id for row in _by_person(uow, query, span.person_id, ids)}
    return dict(Counter(entities.get(key) for key in ids))


def unnamed_faces(uow: UnitOfWork) -> dict[int, int]:
    """By terminal: how many faces it says it holds beyond those of people who are known to have one there; without those that hold none."""
    told = {
        row.terminal_id: row.facts.get("faces", "") for row in uow.fetch_all(select(terminal_health.c.terminal_id, terminal_health.c.facts))
    }
    named = users_with_faces(uow)
    left = {key: int(count) - named.get(key, 0) for key, count in told.items() if count.isdecimal()}
    return {key: count for key, count in left.items() if count > 0}


def taken_numbers(uow: UnitOfWork, zone_id: int) -> Taken:
    """Numbers that are not free in a zone."""
    rows = uow.fetch_all(select(enrolment.c.terminal_user).where(enrolment.c.zone_id == zone_id).distinct())
    joined = terminal_stranger.join(terminal, terminal.c.id == terminal_stranger.c.terminal_id)
    rows = [*rows, *uow.fetch_all(select(terminal_stranger.c.terminal_user).select_from(joined).where(terminal.c.zone_id == zone_id))]
    rows = [*rows, *uow.fetch_all(select(terminal_user.c.terminal_user).where(terminal_user.c.zone_id == zone_id))]
    numbers = {row.terminal_user for row in rows}
    return Taken(numbers, max((int(one) for one in numbers if one.isascii() and one.isdigit() and len(one) <= 9), default=0))


def _places(uow: UnitOfWork, ids: Collection[int]) -> dict[int, list[Place]]:
    found: dict[int, list[Place]] = defaultdict(list)
    span = employment_span.c
    for row in _by_person(uow, select(employment_span), span.person_id, ids):
        place = (row.site_id, row.department_id, row.position_id, row.legal_entity_id)
        found[row.person_id].append(Place(row.first_day, row.last_day, *place))
    return found


def _held(uow: UnitOfWork, ids: Collection[int]) -> dict[int, list[Held]]:
    found: dict[int, list[Held]] = defaultdict(list)
    for row in _by_person(uow, select(enrolment), enrolment.c.person_id, ids):
        found[row.person_id].append(Held(row.zone_id, row.terminal_user, row.valid_from, row.valid_until or date.max, row.card or ""))
    return found


def _templates(uow: UnitOfWork, ids: Collection[int]) -> dict[int, list[Stored]]:
    found: dict[int, list[Stored]] = defaultdict(list)
    column = user_template.c
    columns = (column.fingerprint, column.person_id, column.kind, column.place, column.algorithm)
    for row in _by_person(uow, select(*columns), column.person_id, ids):
        found[row.person_id].append(Stored(row.fingerprint, Kind(row.kind), row.place, row.algorithm))
    return found


def _by_person(uow: UnitOfWork, query: Any, column: Column[Any], ids: Collection[int]) -> list[Any]:
    return [row for keys in portions(ids) for row in uow.fetch_all(query.where(column.in_(keys)))]
