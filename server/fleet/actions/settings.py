"""How edges reach the terminals that this server tells them of. Communication keys are sealed by the vault and never shown again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from protocol.identifiers import TerminalSerial
from protocol.wanted import ClockRule, EdgeSetup, TerminalSetup
from server.audit.actions import record
from server.audit.model import Actor
from server.fleet import store
from server.fleet.actions.setups import note_setup, require_free_address
from server.fleet.actions.terminals import existing_terminal
from server.fleet.model import TerminalDriver, TerminalSettings
from server.fleet.tables import edge, terminal_setting
from server.storage import UnitOfWork, upsert


def terminal_settings(uow: UnitOfWork) -> dict[int, TerminalSettings]:
    """What this server tells edges of terminals, by terminal; who is not there stands in an edge's own file, if anywhere."""
    return {row.terminal_id: _settings(row._mapping) for row in uow.fetch_all(select(terminal_setting))}  # noqa: SLF001 - a documented name


def set_terminal_settings(
    uow: UnitOfWork, serial: TerminalSerial, wanted: TerminalSettings, key: int | None, by: Actor, now: datetime, reason: str = ""
) -> None:
    """Let the terminal's edge reach it so; raises NotFoundError. key: its communication key, 0 for none, None: the one that is kept."""
    terminal = existing_terminal(uow, serial)
    require_free_address(uow, terminal.edge_id, serial, wanted)
    before = terminal_settings(uow).get(terminal.id)
    sealed = uow.scalar(select(terminal_setting.c.sealed_key).where(terminal_setting.c.terminal_id == terminal.id))
    if key is not None:
        sealed = uow.vault.seal(str(key), _place(terminal.id)) if key else None
    row = {"terminal_id": terminal.id, "sealed_key": sealed, **_plain(wanted)}
    upsert(uow, terminal_setting, [row], key=["terminal_id"])
    note_setup(uow, [terminal.edge_id] if terminal.edge_id else [], now)
    told = _plain(wanted) | {"key": "changed" if key is not None else "as it was"}
    record(uow, by, "terminal.settings", "terminal", serial, at=now, before=_plain(before) if before else None, after=told, reason=reason)


def drop_terminal_settings(uow: UnitOfWork, serial: TerminalSerial, by: Actor, now: datetime, reason: str = "") -> None:
    """This server tells no edge of the terminal any more, and forgets its key; raises NotFoundError."""
    terminal = existing_terminal(uow, serial)
    before = terminal_settings(uow).get(terminal.id)
    if before is None:
        return
    uow.execute(delete(terminal_setting).where(terminal_setting.c.terminal_id == terminal.id))
    note_setup(uow, [terminal.edge_id] if terminal.edge_id else [], now)
    record(uow, by, "terminal.settings", "terminal", serial, at=now, before=_plain(before), after=None, reason=reason)


def setup_of(uow: UnitOfWork, edge_id: int, sealing_key: bytes) -> EdgeSetup:
    """What an edge is for, with the keys of its terminals in the clear: to be sealed for it at once, and kept nowhere."""
    site_id = uow.scalar(select(edge.c.site_id).where(edge.c.id == edge_id))
    site = next(one for one in store.sites(uow) if one.id == site_id)
    rows = store.settings_of_edge(uow, edge_id)
    terminals = [
        TerminalSetup(
            serial=row.serial,
            name=row.name,
            key=int(uow.vault.open(row.sealed_key, _place(row.terminal_id))) if row.sealed_key else 0,
            **_plain(_settings(row._mapping)),  # noqa: SLF001 - as above
        )
        for row in rows
    ]
    return EdgeSetup(site.time_zone, terminals, store.clock_rules(uow).get(site.id, ClockRule()), sealing_key)


def _settings(row: Mapping[Any, Any]) -> TerminalSettings:
    values = {name: row[name] for name in TerminalSettings.__slots__ if name != "has_key"}
    return TerminalSettings(**values | {"driver": TerminalDriver(values["driver"])}, has_key=row["sealed_key"] is not None)


def _plain(settings: TerminalSettings) -> dict[str, Any]:
    """By field, without a word about the key."""
    values = {name: getattr(settings, name) for name in TerminalSettings.__slots__ if name != "has_key"}
    return values | {"driver": settings.driver.value}


def _place(terminal_id: int) -> str:
    """Where the vault knows a terminal's key."""
    return f"terminal/{terminal_id}/communication-key"
