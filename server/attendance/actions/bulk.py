"""Grants for many people at once: looked at in numbers, recorded together, taken back together."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from server.access.model import EVERYBODY, Scope
from server.attendance.actions.days import days_of_people
from server.attendance.actions.grants import MOST_AT_ONCE, record_grants, withdraw_grants
from server.attendance.actions.rule_sets import find_rule_version
from server.attendance.engine import granting
from server.attendance.engine.bulk import BulkWish, as_grant, check_bulk, exceptions_with, for_person
from server.attendance.model import GrantFilter, GrantOrigin, NewGrant, StoredDay
from server.attendance.model.rules import DayRules
from server.attendance.store.days import locks_between
from server.attendance.store.grants import grants_touching, list_grants
from server.attendance.store.people import zones_of
from server.audit.model import Actor
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError
from server.roster import actions as roster
from server.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who is meant: everybody of a department (with those below it), of a site, of both, or the people with these employee numbers.

    scope: of them only those who are within it on one of the days.
    """

    department_id: int | None = None
    site_id: int | None = None
    numbers: tuple[str, ...] = ()
    scope: Scope = EVERYBODY


@dataclass(frozen=True, slots=True)
class BulkDay:
    """A day of a bulk. working: how many of its people are rostered. gone: exceptions that it takes away, left: those that stay."""

    day: date
    working: int
    gone: int
    left: int


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """What a bulk would do. people: who would get the grant. have: have it already; closed: their period is closed. Both are left out."""

    people: tuple[int, ...]
    have: tuple[int, ...]
    closed: tuple[int, ...]
    days: tuple[BulkDay, ...]

    @property
    def gone(self) -> int:
        return sum(one.gone for one in self.days)


def preview_bulk(uow: UnitOfWork, crowd: Crowd, wish: BulkWish) -> BulkPreview:
    """Look at what a bulk would do; nothing is kept. Raises InvalidInputError."""
    meant = _people_of(uow, crowd, wish)
    news = _grants(uow, meant, wish, "")
    granting.check_grant(news[0])
    have, closed = _having(uow, news), set() if wish.late else _closed(uow, news)
    people = [one for one in news if one.person_id not in have | closed]
    days = _days(uow, people, wish) if people else ()
    return BulkPreview(tuple(one.person_id for one in people), tuple(sorted(have)), tuple(sorted(closed - have)), days)


def record_bulk(uow: UnitOfWork, crowd: Crowd, wish: BulkWish, by: Actor, now: datetime) -> tuple[str, int]:
    """Grant it to all whom the preview names, with one row in the trail. Gives its reference and how many people got it.

    Raises InvalidInputError, also when nobody would get it; then nothing is kept.
    """
    seen = preview_bulk(uow, crowd, wish)
    if not seen.people:
        raise InvalidInputError(field="people", reason="nobody would get it: they have it already, or their period is closed")
    reference = f"{now:%Y%m%dT%H%M%S%f}"
    record_grants(uow, _grants(uow, seen.people, wish, reference), by, now)
    return reference, len(seen.people)


def withdraw_bulk(
    uow: UnitOfWork, reference: str, by: Actor, now: datetime, reason: str, *, late: bool = False, scope: Scope = EVERYBODY
) -> int:
    """Take back all of a bulk that still holds, with one row in the trail; gives how many. Raises NotFoundError or RefusedError.

    scope: of its grants only those of people within it.
    """
    lines = list_grants(uow, _of(reference, scope), limit=MOST_AT_ONCE)
    if not lines:
        raise NotFoundError(what="bulk", name=reference)
    withdraw_grants(uow, [line.stored.grant.id for line in lines], by, now, reason, late=late)
    return len(lines)


def bulk_size(uow: UnitOfWork, reference: str, scope: Scope = EVERYBODY) -> int:
    """How many of its grants still hold, of people within the scope."""
    return len(list_grants(uow, _of(reference, scope), limit=MOST_AT_ONCE))


def _of(reference: str, scope: Scope) -> GrantFilter:
    return GrantFilter(origin=GrantOrigin.BULK, origin_reference=reference, scope=scope)


def _people_of(uow: UnitOfWork, crowd: Crowd, wish: BulkWish) -> list[int]:
    """Who is meant and employed on one of the days."""
    check_bulk(wish)
    first, last = wish.first_day, wish.last_day
    if last < first:
        raise InvalidInputError(field="last_day", reason="the last day must not be before the first")
    found: set[int] | None = _numbered(uow, crowd.numbers) if crowd.numbers else None
    if crowd.department_id is not None:
        found = _both(found, directory.people_of_department(uow, crowd.department_id, first, last))
    if crowd.site_id is not None:
        found = _both(found, directory.people_of_site(uow, crowd.site_id, first, last))
    if found is None:
        raise InvalidInputError(field="people", reason="choose a department, a site, or people by their numbers")
    employed = sorted(person_id for person_id, spans in directory.terms_of(uow, found, first, last).items() if spans)
    if not crowd.scope.everybody:
        employed = [one for one in employed if directory.is_within_any(uow, crowd.scope, one, first, last)]
    if not employed:
        raise InvalidInputError(field="people", reason="nobody of them is employed on these days")
    if len(employed) > MOST_AT_ONCE:
        raise InvalidInputError(field="people", reason="choose 1 to {most} people at once", most=MOST_AT_ONCE)
    return employed


def _numbered(uow: UnitOfWork, numbers: Sequence[str]) -> set[int]:
    found = set()
    for number in numbers:
        person = directory.find_person(uow, number)
        if person is None:
            raise InvalidInputError(field="people", reason="there is nobody with the number {number}", number=number)
        found.add(person.id)
    return found


def _both(one: set[int] | None, other: set[int]) -> set[int]:
    return other if one is None else one & other


def _grants(uow: UnitOfWork, people: Collection[int], wish: BulkWish, reference: str) -> list[NewGrant]:
    zones = zones_of(uow, people)
    return [for_person(wish, person_id, zones[person_id], reference) for person_id in people]


def _having(uow: UnitOfWork, news: Sequence[NewGrant]) -> set[int]:
    """Who has such a grant for that time already."""
    zones = zones_of(uow, [one.person_id for one in news])
    spans = [granting.work_dates(one, zones[one.person_id]) for one in news]
    there = grants_touching(uow, list(zones), min(first for first, _ in spans), max(last for _, last in spans))
    return {
        one.person_id
        for one in news
        if granting.clashing(one, (other.grant for other in there.get(one.person_id, ())), zones[one.person_id])
    }


def _closed(uow: UnitOfWork, news: Sequence[NewGrant]) -> set[int]:
    """Whose period is closed on a day of it."""
    zones = zones_of(uow, [one.person_id for one in news])
    spans = {one.person_id: granting.own_dates(one, zones[one.person_id]) for one in news}
    first, last = min(first for first, _ in spans.values()), max(last for _, last in spans.values())
    locks = locks_between(uow, list(spans), first, last)
    return {
        person_id
        for person_id, (own_first, own_last) in spans.items()
        if any(since <= own_last and until >= own_first for since, until, _ in locks.get(person_id, ()))
    }


def _days(uow: UnitOfWork, news: Sequence[NewGrant], wish: BulkWish) -> tuple[BulkDay, ...]:
    ids = [one.person_id for one in news]
    working: Counter[date] = Counter()
    for plans in roster.planned_days(uow, ids, wish.first_day, wish.last_day).values():
        working.update(plan.work_date for plan in plans if plan.employed and plan.rostered and (plan.parts or plan.required_minutes))
    gone: Counter[date] = Counter()
    left: Counter[date] = Counter()
    rules: dict[int, DayRules] = {}
    stored = days_of_people(uow, ids, wish.first_day, wish.last_day)
    for new in news:
        for day in stored[new.person_id]:
            if day.day.exceptions:
                stays = _left_of(uow, day, new, rules)
                left[day.work_date] += stays
                gone[day.work_date] += max(0, len(day.day.exceptions) - stays)
    dates = [date.fromordinal(number) for number in range(wish.first_day.toordinal(), wish.last_day.toordinal() + 1)]
    return tuple(BulkDay(day, working[day], gone[day], left[day]) for day in dates)


def _left_of(uow: UnitOfWork, day: StoredDay, new: NewGrant, rules: dict[int, DayRules]) -> int:
    if day.rules_version_id not in rules:
        rules[day.rules_version_id] = find_rule_version(uow, day.rules_version_id).rules.day
    return len(exceptions_with(day.inputs, as_grant(new), rules))
