"""The org chart on a day, by department or by manager, one level at a time."""

from datetime import date

from server.directory import store
from server.directory.actions.departments import department_tree
from server.directory.model import Department, OrgLevel, OrgNode
from server.storage import UnitOfWork

MOST = 100
"""Boxes that somebody can still look at side by side."""
COUNTED = 10_000


def departments_below(uow: UnitOfWork, department_id: int | None, day: date, within: store.Within) -> OrgLevel:
    """The departments directly below one that were open on a day, with their heads; None: those at the top."""
    lines = [line for line in department_tree(uow, day, within) if _is_open(line.department, day)]
    shown = [line for line in lines if line.department.parent_id == department_id]
    heads = {key: held for key, held in store.heads(uow, day).items() if any(key == line.department.id for line in shown)}
    names = store.names_of(uow, store.only_within(uow, set(heads.values()), within))
    nodes = tuple(
        OrgNode(
            line.department.id,
            line.department.name,
            names.get(heads.get(line.department.id, 0), ""),
            line.below,
            sum(1 for other in lines if other.department.parent_id == line.department.id),
            f"/departments/{line.department.id}",
        )
        for line in shown[:MOST]
    )
    return OrgLevel(nodes, len(shown) - len(nodes))


def people_below(uow: UnitOfWork, manager_id: int | None, day: date, within: store.Within) -> OrgLevel:
    """Who reports directly to somebody on a day; None: whoever has nobody above. Who manages most comes first."""
    found = store.reports_of(uow, manager_id, day, within, COUNTED)
    nodes = tuple(
        OrgNode(
            one.person_id,
            one.name,
            " · ".join(part for part in (one.position, one.department) if part),
            one.managed,
            one.managed,
            f"/people/{one.person_id}",
        )
        for one in found[:MOST]
    )
    return OrgLevel(nodes, len(found) - len(nodes))


def _is_open(one: Department, day: date) -> bool:
    return one.closed_on is None or one.closed_on >= day
