"""Positions and pay groups: added and renamed, never removed, because employments of the past have them."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, delete, update

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import store
from server.directory.actions.terms import today_of
from server.directory.model import PayGroup, Position
from server.directory.tables import pay_group, pay_group_start, position
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.storage import UnitOfWork

FIRST_MONTH = date(2000, 1, 1)
"""From when a new group's start day holds: any period that can be asked for."""
LONGEST_NAME = 100


def list_positions(uow: UnitOfWork) -> list[Position]:
    """All positions, by code."""
    return store.positions(uow)


def add_position(uow: UnitOfWork, code: str, name: str, by: Actor, now: datetime) -> Position:
    """Add a position; raises InvalidInputError, or RefusedError when its code is taken."""
    code, name = _checked_code(code), _checked_name(name)
    if any(one.code == code for one in store.positions(uow)):
        raise RefusedError(reason="There is a position {code} already; choose another code.", code=code)
    position_id = _added(uow, position, code=code, name=name)
    record(uow, by, "position.add", "position", code, at=now, after={"name": name})
    return Position(position_id, code, name)


def rename_position(uow: UnitOfWork, position_id: int, name: str, by: Actor, now: datetime) -> None:
    """Call a position something else; raises NotFoundError, InvalidInputError."""
    name = _checked_name(name)
    there = next((one for one in store.positions(uow) if one.id == position_id), None)
    if there is None:
        raise NotFoundError(what="position", name=position_id)
    uow.execute(update(position).where(position.c.id == position_id).values(name=name))
    record(uow, by, "position.rename", "position", there.code, at=now, before={"name": there.name}, after={"name": name})


def pay_groups(uow: UnitOfWork) -> list[PayGroup]:
    """All pay groups, by code."""
    return store.pay_groups(uow)


def add_pay_group(uow: UnitOfWork, code: str, name: str, start_day: int, by: Actor, now: datetime) -> PayGroup:
    """Add a pay group; its periods begin on this day of the month, 1 to 28. Raises InvalidInputError, RefusedError."""
    code, name = _checked_code(code), _checked_name(name)
    _check_start_day(start_day)
    if any(one.code == code for one in store.pay_groups(uow)):
        raise RefusedError(reason="There is a pay group {code} already; choose another code.", code=code)
    group_id = _added(uow, pay_group, code=code, name=name)
    uow.execute(pay_group_start.insert().values(pay_group_id=group_id, from_month=FIRST_MONTH, day=start_day))
    record(uow, by, "pay-group.add", "pay group", code, at=now, after={"name": name, "start_day": start_day})
    return _group(uow, group_id)


def rename_pay_group(uow: UnitOfWork, pay_group_id: int, name: str, by: Actor, now: datetime) -> None:
    """Call a pay group something else; raises NotFoundError, InvalidInputError."""
    name = _checked_name(name)
    there = _group(uow, pay_group_id)
    uow.execute(update(pay_group).where(pay_group.c.id == pay_group_id).values(name=name))
    record(uow, by, "pay-group.change", "pay group", there.code, at=now, before={"name": there.name}, after={"name": name})


def change_start_day(uow: UnitOfWork, pay_group_id: int, start_day: int, by: Actor, now: datetime) -> PayGroup:
    """Let periods begin on another day of the month, from the next period on: the present one goes on as it began.

    Raises NotFoundError, InvalidInputError.
    """
    _check_start_day(start_day)
    there = _group(uow, pay_group_id)
    present = there.month_of(today_of(uow, now))
    following = (present + timedelta(days=31)).replace(day=1)
    starts = pay_group_start.c
    uow.execute(delete(pay_group_start).where(starts.pay_group_id == pay_group_id, starts.from_month > present))
    if start_day != there.start_day(present):
        uow.execute(pay_group_start.insert().values(pay_group_id=pay_group_id, from_month=following, day=start_day))
    after = {"start_day": start_day, "from_month": following}
    record(uow, by, "pay-group.change", "pay group", there.code, at=now, before={"start_day": there.start_day(following)}, after=after)
    return _group(uow, pay_group_id)


def _group(uow: UnitOfWork, pay_group_id: int) -> PayGroup:
    there = next((one for one in store.pay_groups(uow) if one.id == pay_group_id), None)
    if there is None:
        raise NotFoundError(what="pay group", name=pay_group_id)
    return there


def _added(uow: UnitOfWork, table: Table, **values: Any) -> int:
    key = uow.execute(table.insert().values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _checked_code(code: str) -> str:
    code = code.strip()
    if not 1 <= len(code) <= 64 or any(letter.isspace() for letter in code):
        raise InvalidInputError(field="code", reason="use 1 to 64 characters without spaces")
    return code


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInputError(field="name", reason="use 1 to {most} characters", most=LONGEST_NAME)
    return name


def _check_start_day(start_day: int) -> None:
    if not 1 <= start_day <= 28:
        raise InvalidInputError(field="start_day", reason="use a day from 1 to 28, which every month has")
