"""Whose rows a scope reaches, as one SELECT with the days on which it does: legal entities, oneself, and the tree below somebody.

The tree is walked in the database from the top down, over people and departments alike: from a manager to whom they manage, from a
head to the department, from a department to those below it and to its people. A step cuts the days to those on which it holds, so that
somebody is below another on exactly the days on which everybody between was.
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, FromClause, Select, and_, case, false, func, literal, or_, select, union_all

from server.access.model import Scope
from server.directory.tables import department, department_head, employment_span, person
from server.storage import BigKey, PackedDate

span = employment_span.c


def reach(scope: Scope, first: date, last: date) -> Select[Any]:
    """Rows (person_id, first_day, last_day), cut to first..last: on these days the person is within the scope. Rows may repeat.

    For scopes that are not everybody's.
    """
    parts: list[Select[Any]] = []
    if scope.own is not None:
        parts.append(_on_all_days(person.c.id, first, last).where(person.c.id == scope.own))
    if scope.tree_of is not None:
        parts.append(_tree(scope.tree_of, first, last))
    if scope.entities:
        parts += [_employed_by(scope.entities, first, last), _others_of(scope.entities, first, last)]
    if not parts:
        return _on_all_days(person.c.id, first, last).where(false())
    several = union_all(*parts).subquery("reach")
    return select(several.c.person_id, several.c.first_day, several.c.last_day)


def limits_of_people(scope: Scope, person_id: Any, first: date, last: date) -> list[ColumnElement[bool]]:
    """For WHERE: rows of people who are within the scope on a day of first..last; empty where there is no limit."""
    return [] if scope.everybody else [person_id.in_(select(reach(scope, first, last).subquery().c.person_id))]


def limits_of_days(scope: Scope, person_id: Any, first_day: Any, last_day: Any) -> list[ColumnElement[bool]]:
    """For WHERE: rows of a person and a day or a span of days, on one of which the person is within the scope."""
    if scope.everybody:
        return []
    within = reach(scope, date.min, date.max).subquery("within")
    same = and_(within.c.person_id == person_id, within.c.first_day <= last_day, within.c.last_day >= first_day)
    return [select(literal(1)).select_from(within).where(same).exists()]


def _employed_by(entities: frozenset[int], first: date, last: date) -> Select[Any]:
    cut = _cut(span.first_day, span.last_day, _day(first), _day(last))
    return select(span.person_id, *cut).where(span.legal_entity_id.in_(entities), _shares(first, last))


def _others_of(entities: frozenset[int], first: date, last: date) -> Select[Any]:
    """Who is not employed on these days: who has left belongs to the last legal entity, who is to come to the first."""
    nearest = func.coalesce(func.max(case((span.first_day <= _day(last), span.first_day))), func.min(span.first_day))
    at = select(span.person_id, nearest.label("first_day")).group_by(span.person_id).subquery("at")
    same = and_(span.person_id == at.c.person_id, span.first_day == at.c.first_day)
    query = _on_all_days(span.person_id, first, last).join_from(employment_span, at, same)
    return query.where(span.legal_entity_id.in_(entities), or_(span.first_day > _day(last), span.last_day < _day(first)))


def _tree(top: int, first: date, last: date) -> Select[Any]:
    """Everybody below one person. UNION drops what was found before, so that even a circle comes to an end."""
    start = select(literal(top, BigKey).label("node"), _day(first).label("first_day"), _day(last).label("last_day"))
    tree = start.cte("tree", recursive=True)
    steps = _steps(first, last).subquery("steps")
    below = (
        select(steps.c.below, *_cut(steps.c.first_day, steps.c.last_day, tree.c.first_day, tree.c.last_day))
        .join_from(tree, steps, steps.c.above == tree.c.node)
        .where(steps.c.first_day <= tree.c.last_day, steps.c.last_day >= tree.c.first_day)
    )
    tree = tree.union(below)
    return select(tree.c.node.label("person_id"), tree.c.first_day, tree.c.last_day).where(tree.c.node > 0, tree.c.node != top)


def _steps(first: date, last: date) -> CompoundSelect[Any]:
    """Rows (above, below, first_day, last_day) on days of first..last. A department's node is its number with a minus in front."""
    head, unit = department_head.c, department.c
    employed = and_(span.person_id == head.person_id, span.first_day <= head.last_day, span.last_day >= head.first_day)
    headed: FromClause = department_head.join(employment_span, employed)
    return union_all(
        select(span.manager_id.label("above"), span.person_id.label("below"), span.first_day, span.last_day)
        .where(span.manager_id.is_not(None), _shares(first, last)),
        select(-span.department_id, span.person_id, span.first_day, span.last_day)
        .where(span.department_id.is_not(None), _shares(first, last)),
        select(-unit.parent_id, -unit.id, _day(first), _day(last)).where(unit.parent_id.is_not(None)),
        select(head.person_id, -head.department_id, *_cut(head.first_day, head.last_day, span.first_day, span.last_day))
        .select_from(headed)
        .where(_shares(first, last)),
    )  # fmt: skip


def _shares(first: date, last: date) -> Any:
    return and_(span.first_day <= _day(last), span.last_day >= _day(first))


def _on_all_days(person_id: Any, first: date, last: date) -> Select[Any]:
    return select(person_id.label("person_id"), _day(first).label("first_day"), _day(last).label("last_day"))


def _cut(first: Any, last: Any, start: Any, end: Any) -> tuple[Any, Any]:
    """The days that first..last and start..end share; they must share one."""
    return case((first > start, first), else_=start).label("first_day"), case((last < end, last), else_=end).label("last_day")


def _day(day: date) -> Any:
    return literal(day, PackedDate)
