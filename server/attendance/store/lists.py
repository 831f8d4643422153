"""Lists of punches by what a reader asks for, newest or oldest first, paged by key.

Three ways to find the ids of a page, each reading little beyond what it shows:
- a few people: their punches by the index of terminal users;
- terminals: the first of each by its index, merged;
- anything else: from the first time on, until the page is full. People that match many punches are found soon this way.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, tuple_, type_coerce, union, union_all

from server.access.model import Scope
from server.attendance.model import Punch, PunchFilter, PunchKey, PunchLine, PunchOrder
from server.attendance.store.lines import as_punch, day_ends, day_starts, enrolled_then, lines_by_id
from server.attendance.tables import punch
from server.directory.store import department_with_those_below, limits_of_days, named
from server.directory.tables import enrolment, person
from server.fleet.tables import terminal
from server.storage import PackedDate, UnitOfWork

COUNT_UP_TO = 10_000
FEW_PEOPLE = 100
"""Up to here people's punches are gathered; beyond, they are so frequent that they are met soon."""
FEW_TERMINALS = 64
DAY_OF_WALL = 1_000_000
"""A packed wall time divided by this is its packed date."""


def list_punches(
    uow: UnitOfWork,
    wanted: PunchFilter,
    *,
    behind: PunchKey | None = None,
    limit: int = 50,
    order: PunchOrder = PunchOrder.NEWEST,
) -> list[PunchLine]:
    """The first punches by wall time that fit, at most `limit`, from behind the key `behind` on."""
    rows = uow.fetch_all(_page(uow, wanted, behind, limit, order))
    lines = lines_by_id(uow, [row.id for row in rows], see_people=wanted.see_people)
    return [lines[row.id] for row in rows]


def count_punches(uow: UnitOfWork, wanted: PunchFilter) -> int | None:
    """How many fit; None when they are more than COUNT_UP_TO, which nobody waits for."""
    page = _page(uow, wanted, None, COUNT_UP_TO + 1, PunchOrder.NEWEST).subquery()
    found = int(uow.scalar(select(func.count()).select_from(page)))
    return found if found <= COUNT_UP_TO else None


def punches_of_person(uow: UnitOfWork, person_id: int, since: date, until: date) -> list[Punch]:
    """One person's punches, with their bytes, in the order of their times; both dates included."""
    query = _of_people([person_id], _span(since, until)).with_only_columns(punch)
    return [as_punch(row) for row in uow.fetch_all(query.order_by(punch.c.wall, punch.c.id))]


def lines_of_person(uow: UnitOfWork, person_id: int, since: date, until: date, limit: int = 5000) -> list[PunchLine]:
    """The same as lines; the earliest `limit` of them."""
    query = _of_people([person_id], _span(since, until)).order_by(punch.c.wall, punch.c.id).limit(limit)
    ids = [row.id for row in uow.fetch_all(query)]
    lines = lines_by_id(uow, ids, see_people=True)
    return [lines[one] for one in ids]


def _page(uow: UnitOfWork, wanted: PunchFilter, behind: PunchKey | None, limit: int, order: PunchOrder) -> Select[Any]:
    limits = _span(wanted.since, wanted.until)
    if not wanted.scope.everybody:
        limits.append(is_within(wanted.scope))
    if behind is not None:
        limits += _behind(behind, order)
    terminals = _terminals(uow, wanted)
    here = [] if terminals is None else [punch.c.terminal_id.in_(terminals)]
    who = _who(uow, wanted)
    if who:
        people = [row.id for row in uow.fetch_all(select(person.c.id).where(*who).limit(FEW_PEOPLE + 1))]
        if len(people) <= FEW_PEOPLE:
            return _first(_of_people(people, [*limits, *here], _user(wanted)), limit, order)
        return _first(_any().where(*limits, *here, or_(_is_one_of(who), *_numbered(wanted))), limit, order)
    if wanted.text:
        return _first(_any().where(*limits, *here, *_numbered(wanted)), limit, order)
    if terminals is not None and len(terminals) <= FEW_TERMINALS:
        return _of_terminals(terminals, limits, limit, order)
    return _first(_any().where(*limits, *here), limit, order)


def is_within(scope: Scope) -> ColumnElement[bool]:
    """Condition on a punch: it is of somebody who is within the scope on the day that the terminal showed."""
    day = type_coerce(punch.c.wall // DAY_OF_WALL, PackedDate)
    within = limits_of_days(scope, enrolment.c.person_id, day, day)
    return exists().where(terminal.c.id == punch.c.terminal_id, enrolled_then(), *within).correlate(punch)


def _any() -> Select[Any]:
    return select(punch.c.id, punch.c.wall)


def _first(query: Select[Any], limit: int, order: PunchOrder) -> Select[Any]:
    return query.order_by(*_sorted(punch.c.wall, punch.c.id, order)).limit(limit)


def _sorted(wall: ColumnElement[Any], key: ColumnElement[Any], order: PunchOrder) -> list[ColumnElement[Any]]:
    return [wall, key] if order is PunchOrder.OLDEST else [wall.desc(), key.desc()]


def _behind(key: PunchKey, order: PunchOrder) -> list[ColumnElement[bool]]:
    """The first condition says less than the second, and is one that an index of wall times can begin at."""
    place = tuple_(punch.c.wall, punch.c.id)
    if order is PunchOrder.OLDEST:
        return [punch.c.wall >= key.wall, place > (key.wall, key.id)]
    return [punch.c.wall <= key.wall, place < (key.wall, key.id)]


def _span(since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if since is not None:
        conditions.append(punch.c.wall >= day_starts(since))
    if until is not None:
        conditions.append(punch.c.wall <= day_ends(until))
    return conditions


def _terminals(uow: UnitOfWork, wanted: PunchFilter) -> list[int] | None:
    """Ids of the terminals asked for; None for all."""
    if wanted.terminal_id is None and wanted.site_id is None:
        return None
    query = select(terminal.c.id)
    if wanted.terminal_id is not None:
        query = query.where(terminal.c.id == wanted.terminal_id)
    if wanted.site_id is not None:
        query = query.where(terminal.c.site_id == wanted.site_id)
    return [row.id for row in uow.fetch_all(query)]


def _who(uow: UnitOfWork, wanted: PunchFilter) -> list[ColumnElement[bool]]:
    """Conditions on the person; none where anybody will do."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.person_id is not None:
        conditions.append(person.c.id == wanted.person_id)
    if wanted.department_id is not None:
        conditions.append(person.c.department_id.in_(department_with_those_below(uow, wanted.department_id)))
    if wanted.text and wanted.see_people:
        conditions.append(named(wanted.text))
    return conditions


def _user(wanted: PunchFilter) -> str | None:
    """A text alone may also be a terminal user's number, enrolled or not."""
    return wanted.text.strip() if wanted.text and wanted.person_id is None and wanted.department_id is None else None


def _numbered(wanted: PunchFilter) -> list[ColumnElement[bool]]:
    user = _user(wanted)
    return [] if user is None else [punch.c.terminal_user == user]


def of_person(person_id: int) -> Select[Any]:
    """All of one person's punches."""
    return _of_people([person_id], [])


def _of_people(people: Sequence[int], conditions: Sequence[ColumnElement[bool]], user: str | None = None) -> Select[Any]:
    """Punches of these people, and of a terminal user whoever that is."""
    joined = enrolment.join(terminal, terminal.c.zone_id == enrolment.c.zone_id)
    joined = joined.join(punch, and_(punch.c.terminal_id == terminal.c.id, enrolled_then()))
    owned = select(punch.c.id, punch.c.wall).select_from(joined).where(enrolment.c.person_id.in_(people), *conditions)
    if user is None:
        return owned
    both = union(owned.with_only_columns(punch.c.id), select(punch.c.id).where(punch.c.terminal_user == user, *conditions)).subquery()
    return _any().where(punch.c.id.in_(select(both.c.id)))


def _of_terminals(terminals: Sequence[int], conditions: Sequence[ColumnElement[bool]], limit: int, order: PunchOrder) -> Select[Any]:
    """The first of each terminal by its own index, merged."""
    if not terminals:
        return _any().where(false())
    streams = [_first(_any().where(punch.c.terminal_id == one, *conditions), limit, order).subquery() for one in terminals]
    merged = union_all(*(select(stream) for stream in streams)).subquery()
    return select(merged.c.id, merged.c.wall).order_by(*_sorted(merged.c.wall, merged.c.id, order)).limit(limit)


def _is_one_of(who: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Condition on a punch: at its time, somebody of whom this is true was enrolled as its user."""
    return (
        exists().where(terminal.c.id == punch.c.terminal_id, enrolled_then(), person.c.id == enrolment.c.person_id, *who).correlate(punch)
    )
