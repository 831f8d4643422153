"""Who an area means, asked of the database: for lists and counts of large companies. The rule itself is `engine.belonging`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from server.directory.tables import employment_span, person
from server.dispatch.areas.engine import Below
from server.dispatch.areas.model import Rule
from server.storage import UnitOfWork

_span = employment_span.c


def meant_by(rules: Sequence[Rule], day: date, below: Below) -> Select[Any]:
    """A SELECT of the ids of people who are employed on a day and whom one of the rules means."""
    return select(_span.person_id).where(
        _span.first_day <= day, _span.last_day >= day, or_(false(), *(_condition(rule, below) for rule in rules if not rule.says_nothing))
    )


def count(uow: UnitOfWork, rules: Sequence[Rule], day: date, below: Below) -> int:
    return int(uow.scalar(select(func.count(func.distinct(meant_by(rules, day, below).subquery().c.person_id)))))


def page(
    uow: UnitOfWork,
    rules: Sequence[Rule],
    day: date,
    below: Below,
    within: Select[Any] | None,
    *,
    after: tuple[str, int] | None,
    limit: int,
) -> list[tuple[int, str, str, str]]:
    """(id, employee number, name, what it is sorted by) by the sound of the name, behind a place; of the people within."""
    column = person.c
    query = select(column.id, column.employee_number, column.name, column.name_sort).where(column.id.in_(meant_by(rules, day, below)))
    if within is not None:
        query = query.where(column.id.in_(within))
    if after is not None:
        query = query.where(or_(column.name_sort > after[0], and_(column.name_sort == after[0], column.id > after[1])))
    return [tuple(row) for row in uow.fetch_all(query.order_by(column.name_sort, column.id).limit(limit))]


def _condition(rule: Rule, below: Below) -> ColumnElement[bool]:
    said: list[ColumnElement[bool]] = []
    for column, key in (
        (_span.person_id, rule.person_id),
        (_span.site_id, rule.site_id),
        (_span.position_id, rule.position_id),
        (_span.legal_entity_id, rule.legal_entity_id),
    ):
        if key is not None:
            said.append(column == key)
    if rule.department_id is not None:
        said.append(_span.department_id.in_(sorted(below.get(rule.department_id, ()))))
    return and_(*said)
