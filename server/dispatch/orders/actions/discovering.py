"""Terminals that are new: met by a scan, or knocking at an edge. Adding one, and turning one away."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, select

from protocol.identifiers import EdgeId, TerminalSerial
from protocol.messages import Knocking, OrderKind, Scanned
from server.audit.actions import record
from server.audit.model import Actor
from server.dispatch.orders import store
from server.dispatch.orders.model import Newcomer, Part, PartState, TurnedAway
from server.dispatch.orders.tables import turned_away
from server.errors import NotFoundError, RefusedError
from server.fleet import actions as fleet
from server.fleet.model import EdgeOverview, TerminalDriver, TerminalOverview, TerminalRole, TerminalSettings
from server.fleet.tables import edge
from server.storage import UnitOfWork, upsert

SCANS_COUNT_FOR = timedelta(days=1)
"""What a scan met longer ago may stand elsewhere by now."""
KNOCKS_COUNT_FOR = timedelta(days=7)


def newcomers(uow: UnitOfWork, now: datetime) -> list[Newcomer]:
    """Terminals that an edge met and does not read: unknown ones, and those that are known elsewhere. By edge and address."""
    edges = {one.edge.name: one for one in fleet.list_edges(uow)}
    known, away = {one.terminal.serial: one for one in fleet.list_terminals(uow)}, _turned_away(uow)
    met = [*_knocking(edges, now), *_scanned(uow, edges, now)]
    told = fleet.terminal_settings(uow)
    found: dict[tuple[EdgeId, str], Newcomer] = {}
    for one in met:
        terminal = known.get(TerminalSerial(one.serial)) if one.serial else None
        if terminal is not None and _is_read(terminal, one.edge, told):
            continue
        named = replace(one, known=terminal, turned_away=away.get((one.edge, one.serial)))
        found.setdefault((one.edge, one.serial or one.address), named)
    return sorted(found.values(), key=lambda one: (one.turned_away is not None, one.edge, one.address))


def newcomer(uow: UnitOfWork, edge_name: str, key: str, now: datetime) -> Newcomer:
    """One of them, by its edge and its serial number, or its address where it told none; raises NotFoundError."""
    for one in newcomers(uow, now):
        if one.edge == edge_name and key in (one.serial, one.address):
            return one
    raise NotFoundError(what="terminal", name=key)


def open_scans(uow: UnitOfWork, now: datetime) -> list[Part]:
    """Scans that have not ended."""
    return store.open_parts(uow, OrderKind.SCAN, now)


def adopt(
    uow: UnitOfWork,
    one: Newcomer,
    serial: str,
    name: str,
    by: Actor,
    now: datetime,
    *,
    zone_code: str | None = None,
    role: TerminalRole | None = None,
    key: int | None = None,
) -> TerminalSerial:
    """Let the edge that met it read it from now on: a new terminal of the edge's site, or one that moved there, with all its punches.

    A pushing one is approved and pinned to the address it comes from. Raises InvalidInputError, NotFoundError, RefusedError.
    """
    site = next(overview.site for overview in fleet.list_edges(uow) if overview.edge.name == one.edge)
    known = next((terminal for terminal in fleet.list_terminals(uow) if terminal.terminal.serial == serial.strip()), None)
    if known is None:
        made = fleet.add_terminal(uow, serial, name, site.code, by, now, zone_code=zone_code, edge=one.edge, role=role)
    else:
        made = fleet.change_terminal(
            uow, known.terminal.serial, name, site.code, by, now, zone_code=zone_code, edge=one.edge, reason="it was met there"
        )
    fleet.set_terminal_settings(uow, made.serial, _settings(one), key, by, now)
    uow.execute(delete(turned_away).where(turned_away.c.serial == made.serial))
    return made.serial


def turn_away(uow: UnitOfWork, edge_name: EdgeId, serial: str, by: Actor, now: datetime, reason: str = "") -> None:
    """Do not offer a knocking terminal again: nothing of it is taken, as before. Raises NotFoundError, RefusedError."""
    edge_id = _edge_id(uow, edge_name)
    if not serial or len(serial) > 64:
        raise RefusedError(reason="A terminal that told no serial number cannot be turned away.")
    row = {"edge_id": edge_id, "serial": serial, "by": by.name, "at": now, "reason": reason.strip()[:500]}
    upsert(uow, turned_away, [row], key=["edge_id", "serial"])
    record(uow, by, "terminal.turn-away", "terminal", serial, at=now, after={"edge": edge_name}, reason=reason.strip()[:500])


def offer_again(uow: UnitOfWork, edge_name: EdgeId, serial: str, by: Actor, now: datetime) -> None:
    """Undo `turn_away`; raises NotFoundError."""
    here = (turned_away.c.edge_id == _edge_id(uow, edge_name)) & (turned_away.c.serial == serial)
    if uow.execute(delete(turned_away).where(here)).rowcount:
        record(uow, by, "terminal.offer-again", "terminal", serial, at=now, after={"edge": edge_name})


def _is_read(terminal: TerminalOverview, edge_name: EdgeId, told: Mapping[int, TerminalSettings]) -> bool:
    """Whether this edge has it already: told from here, or by its own file, of which its health tells."""
    if terminal.edge_name != edge_name:
        return False
    return terminal.terminal.id in told or terminal.health is not None


def _knocking(edges: Mapping[EdgeId, EdgeOverview], now: datetime) -> Iterator[Newcomer]:
    for overview in edges.values():
        body: Mapping[str, Any] = overview.health.body if overview.health else {}
        for said in body.get("knocking", []):
            knock = msgspec.convert(said, Knocking, strict=False)
            if now - knock.last_at < KNOCKS_COUNT_FOR:
                yield Newcomer(
                    edge=overview.edge.name,
                    site=overview.site,
                    driver=TerminalDriver.PUSH,
                    serial=knock.serial,
                    address=knock.address,
                    facts=knock.facts,
                    seen_at=knock.last_at,
                )


def _scanned(uow: UnitOfWork, edges: Mapping[EdgeId, EdgeOverview], now: datetime) -> Iterator[Newcomer]:
    for part in store.latest_parts(uow, OrderKind.SCAN, PartState.DONE, now - SCANS_COUNT_FOR, now):
        overview = edges.get(part.edge) if part.edge else None
        for address, text in part.found.items() if overview else ():
            try:
                met = msgspec.json.decode(text, type=Scanned)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue  # of a release that tells it otherwise
            assert overview is not None
            yield Newcomer(
                edge=overview.edge.name,
                site=overview.site,
                driver=TerminalDriver.PYZK if met.driver == TerminalDriver.PYZK else TerminalDriver.ZKTECO,
                serial=met.serial,
                address=address,
                port=met.port,
                transport="udp" if met.transport == "udp" else "tcp",
                facts=met.facts,
                trouble=met.trouble,
                seen_at=part.ended_at or now,
            )


def _settings(one: Newcomer) -> TerminalSettings:
    if one.driver is TerminalDriver.PUSH:
        return TerminalSettings(TerminalDriver.PUSH, source=one.address)
    return TerminalSettings(one.driver, host=one.address, port=one.port, transport=one.transport)


def _turned_away(uow: UnitOfWork) -> dict[tuple[EdgeId, str], TurnedAway]:
    query = select(turned_away, edge.c.name).join(edge, edge.c.id == turned_away.c.edge_id)
    return {(EdgeId(row.name), row.serial): TurnedAway(row.by, row.at, row.reason) for row in uow.fetch_all(query)}


def _edge_id(uow: UnitOfWork, name: EdgeId) -> int:
    found = uow.scalar(select(edge.c.id).where(edge.c.name == name))
    if found is None:
        raise NotFoundError(what="edge", name=name)
    return int(found)
