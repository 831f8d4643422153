"""Reading and writing sites, edges and terminals."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Row, Select, Table, func, select, update

from protocol.identifiers import EdgeId, TerminalSerial
from protocol.wanted import ClockRule
from server.fleet.model import (
    Edge,
    EdgeHealth,
    EdgeKey,
    EdgeOverview,
    EdgeState,
    LegalEntity,
    RoleChange,
    ServingTerminal,
    Site,
    Terminal,
    TerminalHealth,
    TerminalOverview,
    TerminalRole,
    Zone,
)
from server.fleet.tables import (
    clock_rule,
    edge,
    edge_health,
    edge_key,
    legal_entity,
    provisioning,
    site,
    terminal,
    terminal_health,
    terminal_role,
    terminal_setting,
    zone,
)
from server.storage import UnitOfWork


def provisioning_version(uow: UnitOfWork) -> int:
    return int(uow.scalar(select(provisioning.c.version)))


def raise_provisioning_version(uow: UnitOfWork) -> None:
    uow.execute(update(provisioning).values(version=provisioning.c.version + 1))


def sites(uow: UnitOfWork) -> list[Site]:
    """All sites, by code."""
    return [Site(**row._mapping) for row in uow.fetch_all(select(site).order_by(site.c.code))]  # noqa: SLF001 - a documented name


def site_by_code(uow: UnitOfWork, code: str) -> Site | None:
    row = uow.fetch_one(select(site).where(site.c.code == code))
    return None if row is None else Site(**row._mapping)  # noqa: SLF001 - as above


def legal_entities(uow: UnitOfWork) -> list[LegalEntity]:
    """All legal entities, by code."""
    rows = uow.fetch_all(select(legal_entity).order_by(legal_entity.c.code))
    return [LegalEntity(**row._mapping) for row in rows]  # noqa: SLF001 - as above


def zones(uow: UnitOfWork) -> list[Zone]:
    """All zones, by code."""
    return [Zone(**row._mapping) for row in uow.fetch_all(select(zone).order_by(zone.c.code))]  # noqa: SLF001 - as above


def zone_by_code(uow: UnitOfWork, code: str) -> Zone | None:
    row = uow.fetch_one(select(zone).where(zone.c.code == code))
    return None if row is None else Zone(**row._mapping)  # noqa: SLF001 - as above


def edge_by_name(uow: UnitOfWork, name: EdgeId) -> Edge | None:
    row = uow.fetch_one(select(edge).where(edge.c.name == name))
    return None if row is None else _edge(row)


def edges(uow: UnitOfWork) -> list[Edge]:
    """All edges, by name."""
    return [_edge(row) for row in uow.fetch_all(select(edge).order_by(edge.c.name))]


def keys_of(uow: UnitOfWork, edge_ids: Sequence[int]) -> list[tuple[int, EdgeKey]]:
    """(edge, key) of these edges, oldest first."""
    rows = uow.fetch_all(select(edge_key).where(edge_key.c.edge_id.in_(edge_ids)).order_by(edge_key.c.id))
    return [(row.edge_id, EdgeKey(row.key_id, row.public_key, row.valid_from, row.valid_until)) for row in rows]


def key_is_known(uow: UnitOfWork, key_id: str) -> bool:
    """Whether any edge signs or signed with it."""
    return uow.fetch_one(select(edge_key.c.id).where(edge_key.c.key_id == key_id)) is not None


def terminal_by_serial(uow: UnitOfWork, serial: TerminalSerial) -> Terminal | None:
    row = uow.fetch_one(select(*_TERMINAL).where(terminal.c.serial == serial))
    return None if row is None else Terminal(*tuple(row))


def terminals(uow: UnitOfWork) -> list[Terminal]:
    """All terminals, by serial number."""
    return [Terminal(*tuple(row)) for row in uow.fetch_all(select(*_TERMINAL).order_by(terminal.c.serial))]


def terminals_of_edge(uow: UnitOfWork, edge_id: int) -> dict[str, int]:
    """Ids of the terminals that an edge speaks for, by serial number."""
    return {row.serial: row.id for row in uow.fetch_all(select(terminal.c.id, terminal.c.serial).where(terminal.c.edge_id == edge_id))}


def terminal_of_edge(uow: UnitOfWork, edge_id: int, serial: str) -> int | None:
    """One of them; None where the edge does not speak for it."""
    found: int | None = uow.scalar(select(terminal.c.id).where(terminal.c.serial == serial, terminal.c.edge_id == edge_id))
    return found


def latest_rows(uow: UnitOfWork, history: Table, moment: str, terminal_ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Of each terminal the row of a history that has the latest moment: one look into its index for each, however long the history is."""
    key, at = history.c.terminal_id, history.c[moment]
    newest = select(func.max(at)).where(key == terminal.c.id).correlate(terminal).scalar_subquery()
    joined = terminal.join(history, (key == terminal.c.id) & (at == newest))
    return uow.fetch_all(select(history).select_from(joined).where(terminal.c.id.in_(terminal_ids)))


def serving_terminals(uow: UnitOfWork) -> list[ServingTerminal]:
    columns = (terminal.c.id, terminal.c.serial, terminal.c.zone_id, site.c.time_zone)
    spans = (terminal.c.out_of_service_from, terminal.c.out_of_service_until)
    rows = uow.fetch_all(select(*columns, *spans).join(site, site.c.id == terminal.c.site_id))
    return [ServingTerminal(**row._mapping) for row in rows]  # noqa: SLF001 - as above


def terminal_roles(uow: UnitOfWork) -> dict[int, tuple[RoleChange, ...]]:
    """The changes of what each terminal is for, in order; terminals that always were for both are left out."""
    found: dict[int, list[RoleChange]] = defaultdict(list)
    for row in uow.fetch_all(select(terminal_role).order_by(terminal_role.c.first_day)):
        found[row.terminal_id].append(RoleChange(row.first_day, None if row.role is None else TerminalRole(row.role)))
    return {terminal_id: tuple(changes) for terminal_id, changes in found.items()}


def settings_of_edge(uow: UnitOfWork, edge_id: int) -> Sequence[Row[Any]]:
    """What this server tells an edge of its terminals, with serial number and name, by serial number."""
    query = select(terminal_setting, terminal.c.serial, terminal.c.name).join(terminal, terminal.c.id == terminal_setting.c.terminal_id)
    return uow.fetch_all(query.where(terminal.c.edge_id == edge_id).order_by(terminal.c.serial))


def clock_rules(uow: UnitOfWork) -> dict[int, ClockRule]:
    """When edges set clocks, by site."""
    return {row.site_id: ClockRule(row.corrects, row.tolerance_ms, row.most_ms) for row in uow.fetch_all(select(clock_rule))}


def edge_overviews(uow: UnitOfWork) -> list[EdgeOverview]:
    """All edges with their sites and health, by name."""
    all_sites = {one.id: one for one in sites(uow)}
    healths = {row.edge_id: EdgeHealth(**row._mapping) for row in uow.fetch_all(select(edge_health))}  # noqa: SLF001 - as above
    return [EdgeOverview(one, all_sites[one.site_id], healths.get(one.id)) for one in edges(uow)]


def terminal_overviews(uow: UnitOfWork, only: Sequence[int] | None = None) -> list[TerminalOverview]:
    """Terminals with site, zone, edge and health, by serial number; `only` these ids where given."""
    query: Select[Any] = select(*_TERMINAL).order_by(terminal.c.serial)
    query = query if only is None else query.where(terminal.c.id.in_(only))
    all_sites, all_zones = {one.id: one for one in sites(uow)}, {one.id: one for one in zones(uow)}
    names, roles = {one.id: one.name for one in edges(uow)}, terminal_roles(uow)
    healths = {row.terminal_id: TerminalHealth(*tuple(row)) for row in uow.fetch_all(select(*_HEALTH))}
    return [
        TerminalOverview(
            one, all_sites[one.site_id], all_zones[one.zone_id], names.get(one.edge_id or 0), healths.get(one.id), roles.get(one.id, ())
        )
        for one in (Terminal(*tuple(row)) for row in uow.fetch_all(query))
    ]


def _edge(row: Row[Any]) -> Edge:
    return Edge(row.id, EdgeId(row.name), row.site_id, EdgeState(row.state), row.created_at)


_TERMINAL = tuple(terminal.c[field.name] for field in fields(Terminal))
_HEALTH = tuple(terminal_health.c[field.name] for field in fields(TerminalHealth))
"""Columns in the order in which the values take them: by name it would take several times as long, and there are thousands."""
