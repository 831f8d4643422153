"""Departments: added, renamed, moved, closed and opened again; never removed, because the past names them.

The tree is today's: what is dated is who belongs to a department, and who is its head.
"""

from datetime import date, datetime

from sqlalchemy import update

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import store
from server.directory.actions.terms import today_of
from server.directory.engine import DepartmentLine, check_day, tree_of, would_circle
from server.directory.model import Department
from server.directory.tables import department, employment_span
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.storage import Subject, UnitOfWork, leave_change

LONGEST_NAME = 100


def list_departments(uow: UnitOfWork) -> list[Department]:
    """All departments, by code."""
    return store.departments(uow)


def department_tree(uow: UnitOfWork, day: date, within: store.Within = None) -> tuple[DepartmentLine, ...]:
    """All departments as a tree, with how many people are in them on a day; `within` counts only these people."""
    return tree_of(store.departments(uow), store.people_by(uow, employment_span.c.department_id, day, within))


def add_department(uow: UnitOfWork, code: str, name: str, by: Actor, now: datetime, *, parent_id: int | None = None) -> Department:
    """Add a department; raises InvalidInputError, or RefusedError when its code is taken or the one above is closed."""
    code, there = code.strip(), store.departments(uow)
    if not 1 <= len(code) <= 64:
        raise InvalidInputError(field="code", reason="use 1 to 64 characters without spaces")
    if any(one.code == code for one in there):
        raise RefusedError(reason="There is a department {code} already; choose another code.", code=code)
    _check_parent(there, parent_id)
    uow.execute(department.insert().values(code=code, name=_checked_name(name or code), parent_id=parent_id))
    record(uow, by, "department.add", "department", code, at=now, after={"name": name})
    return next(one for one in store.departments(uow) if one.code == code)


def rename_department(uow: UnitOfWork, department_id: int, name: str, by: Actor, now: datetime) -> None:
    """Call a department something else; raises NotFoundError, InvalidInputError."""
    name, held = _checked_name(name), _found(uow, department_id)
    uow.execute(update(department).where(department.c.id == department_id).values(name=name))
    record(uow, by, "department.rename", "department", held.code, at=now, before={"name": held.name}, after={"name": name})


def move_department(uow: UnitOfWork, department_id: int, parent_id: int | None, by: Actor, now: datetime) -> None:
    """Put a department below another one, or at the top; days from today on are worked out again, for rules and rosters come from above.

    Raises NotFoundError, InvalidInputError, or RefusedError where it would stand above itself.
    """
    held, there = _found(uow, department_id), store.departments(uow)
    _check_parent(there, parent_id)
    if would_circle(there, department_id, parent_id):
        raise RefusedError(reason="{name} would stand above itself: choose a department that is not below it.", name=held.name)
    if parent_id == held.parent_id:
        return
    uow.execute(update(department).where(department.c.id == department_id).values(parent_id=parent_id))
    codes = {one.id: one.code for one in there}
    before, after = ({"parent": codes.get(one or 0)} for one in (held.parent_id, parent_id))
    record(uow, by, "department.move", "department", held.code, at=now, before=before, after=after)
    leave_change(uow, Subject.DEPARTMENT, department_id, today_of(uow, now), None, "department")


def close_department(uow: UnitOfWork, department_id: int, last_day: date, by: Actor, now: datetime) -> None:
    """Let nobody belong to a department after a day. Raises RefusedError as long as somebody would, or one below it is open."""
    check_day(last_day, "last_day")
    held = _found(uow, department_id)
    open_below = [one.name for one in store.departments(uow) if one.parent_id == department_id and one.closed_on is None]
    if open_below:
        raise RefusedError(reason="{names} stand below it: close or move them first.", names=", ".join(open_below))
    left = store.people_behind(uow, department_id, last_day)
    if left:
        told = "After {day} {n} {n:person still belongs|people still belong} to it: transfer them first."
        raise RefusedError(reason=told, day=last_day, n=left)
    uow.execute(update(department).where(department.c.id == department_id).values(closed_on=last_day))
    after = {"closed_on": last_day}
    record(uow, by, "department.close", "department", held.code, at=now, before={"closed_on": held.closed_on}, after=after)


def reopen_department(uow: UnitOfWork, department_id: int, by: Actor, now: datetime) -> None:
    """Let people belong to a department again; raises NotFoundError, or RefusedError where the one above is closed."""
    held = _found(uow, department_id)
    _check_parent(store.departments(uow), held.parent_id)
    uow.execute(update(department).where(department.c.id == department_id).values(closed_on=None))
    record(uow, by, "department.reopen", "department", held.code, at=now, before={"closed_on": held.closed_on})


def find_department(uow: UnitOfWork, department_id: int) -> Department:
    """Raises NotFoundError."""
    return _found(uow, department_id)


def _found(uow: UnitOfWork, department_id: int) -> Department:
    held = next((one for one in store.departments(uow) if one.id == department_id), None)
    if held is None:
        raise NotFoundError(what="department", name=department_id)
    return held


def _check_parent(there: list[Department], parent_id: int | None) -> None:
    if parent_id is None:
        return
    above = next((one for one in there if one.id == parent_id), None)
    if above is None:
        raise InvalidInputError(field="parent", reason="choose one that the list offers")
    if above.closed_on is not None:
        raise RefusedError(
            reason="{name} is closed after {day}: open it again, or choose another one.", name=above.name, day=above.closed_on
        )


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInputError(field="name", reason="use 1 to {most} characters", most=LONGEST_NAME)
    return name
