"""Areas with their rules and terminals."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from server.dispatch.areas.model import Area, Rule
from server.dispatch.areas.tables import area, area_rule, area_terminal
from server.storage import UnitOfWork

RULE_COLUMNS = ("site_id", "department_id", "position_id", "legal_entity_id", "person_id")


def areas(uow: UnitOfWork) -> list[Area]:
    """All areas that were not removed, by code."""
    return [one for one in all_areas(uow) if one.removed_at is None]


def all_areas(uow: UnitOfWork) -> list[Area]:
    """Also those that were removed, by code."""
    rules: dict[int, list[Rule]] = defaultdict(list)
    for row in uow.fetch_all(select(area_rule).order_by(area_rule.c.id)):
        rules[row.area_id].append(Rule(*(getattr(row, name) for name in RULE_COLUMNS)))
    terminals: dict[int, set[int]] = defaultdict(set)
    for row in uow.fetch_all(select(area_terminal)):
        terminals[row.area_id].add(row.terminal_id)
    return [
        Area(
            row.id,
            row.code,
            row.name,
            frozenset(terminals[row.id]),
            tuple(rules[row.id]),
            row.verify,
            row.access_group,
            row.carries_faces,
            row.removed_at,
        )
        for row in uow.fetch_all(select(area).order_by(area.c.code))
    ]


def add_area(uow: UnitOfWork, made: Area, by: str, now: datetime) -> int:
    """made: its id is not looked at. Returns its id."""
    values = {"code": made.code, **_columns(made), "changed_at": now, "changed_by": by}
    key = uow.execute(area.insert().values(**values)).inserted_primary_key
    assert key is not None
    _write_parts(uow, int(key[0]), made)
    return int(key[0])


def write_area(uow: UnitOfWork, changed: Area, before: Area, by: str, now: datetime) -> None:
    """Let an area be this, and remember what it was."""
    values = {**_columns(changed), "before": _content(before), "changed_at": now, "changed_by": by}
    uow.execute(update(area).where(area.c.id == changed.id).values(**values))
    uow.execute(delete(area_rule).where(area_rule.c.area_id == changed.id))
    uow.execute(delete(area_terminal).where(area_terminal.c.area_id == changed.id))
    _write_parts(uow, changed.id, changed)


def before_last_change(uow: UnitOfWork, of: Area) -> tuple[Area, str, datetime] | None:
    """What an area was, with who changed it and when; None where nobody did."""
    row = uow.fetch_one(select(area.c.before, area.c.changed_by, area.c.changed_at).where(area.c.id == of.id))
    if row is None or row.before is None:
        return None
    return _area_of(of, row.before), row.changed_by, row.changed_at


def _write_parts(uow: UnitOfWork, key: int, of: Area) -> None:
    if of.rules:
        uow.execute(area_rule.insert(), [{"area_id": key, **asdict(one)} for one in of.rules])
    if of.terminals:
        uow.execute(area_terminal.insert(), [{"area_id": key, "terminal_id": one} for one in sorted(of.terminals)])


def _columns(of: Area) -> dict[str, Any]:
    return {
        "name": of.name,
        "verify": of.verify,
        "access_group": of.group,
        "carries_faces": of.carries_faces,
        "removed_at": of.removed_at,
    }


def _content(of: Area) -> dict[str, Any]:
    return {
        "name": of.name,
        "verify": of.verify,
        "group": of.group,
        "carries_faces": of.carries_faces,
        "removed_at": of.removed_at and of.removed_at.isoformat(),
        "terminals": sorted(of.terminals),
        "rules": [asdict(one) for one in of.rules],
    }


def _area_of(of: Area, content: Mapping[str, Any]) -> Area:
    return Area(
        of.id,
        of.code,
        content["name"],
        frozenset(content["terminals"]),
        tuple(Rule(**one) for one in content["rules"]),
        content["verify"],
        content["group"],
        content["carries_faces"],
        content["removed_at"] and datetime.fromisoformat(content["removed_at"]),
    )
