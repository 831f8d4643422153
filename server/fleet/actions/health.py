"""What edges say of themselves and their terminals: the latest word of each is kept."""

from datetime import datetime

import msgspec
from sqlalchemy import select, update

from protocol.identifiers import TerminalSerial
from protocol.messages import Health, TerminalHealth
from server.fleet.actions.clocks import record_drifts
from server.fleet.actions.pushes import record_pushes
from server.fleet.actions.readings import record_readings
from server.fleet.actions.setups import record_setup
from server.fleet.tables import edge_health, terminal, terminal_health
from server.storage import UnitOfWork, upsert


def record_health(uow: UnitOfWork, edge_id: int, health: Health, received_at: datetime) -> None:
    """Keep an edge's health, unless a newer one is there; terminals that are not provisioned appear in its body only."""
    known = uow.scalar(select(edge_health.c.at).where(edge_health.c.edge_id == edge_id))
    if known is not None and known > health.at and not health.clock_set_back:
        return
    body = msgspec.to_builtins(health)
    row = {"edge_id": edge_id, "at": health.at, "received_at": received_at, "cut_at": None, "body": body}
    upsert(uow, edge_health, [row], key=["edge_id"])
    serials = [TerminalSerial(one.serial) for one in health.terminals]
    found = {one.serial: one.id for one in uow.fetch_all(select(terminal.c.id, terminal.c.serial).where(terminal.c.serial.in_(serials)))}
    rows = {found[one.serial]: _values(one) for one in health.terminals if one.serial in found}
    upsert(
        uow,
        terminal_health,
        [{"terminal_id": key, "edge_id": edge_id, "reported_at": health.at, **values} for key, values in rows.items()],
        key=["terminal_id"],
    )
    drifts = {found[one.serial]: one.drift_ms for one in health.terminals if one.serial in found and one.drift_ms is not None}
    record_drifts(uow, drifts, received_at)
    record_readings(uow, {found[one.serial]: one.last_read for one in health.terminals if one.serial in found and one.last_read})
    record_pushes(uow, found, health.pushed)
    record_setup(uow, edge_id, health.setup_version, received_at)


def record_cut(uow: UnitOfWork, edge_id: int, at: datetime) -> None:
    """The broker lost the edge's line; its next health message clears this."""
    uow.execute(update(edge_health).where(edge_health.c.edge_id == edge_id).values(cut_at=at))


def _values(said: TerminalHealth) -> dict[str, object]:
    kept = set(TerminalHealth.__struct_fields__) & set(terminal_health.c.keys())
    return {name: getattr(said, name) for name in kept} | {"stages": msgspec.to_builtins(said.stages)}
