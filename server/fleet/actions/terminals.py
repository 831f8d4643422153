"""Terminals, and the version by which caches know that something about the fleet or its enrolments changed."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from protocol.identifiers import EdgeId, TerminalSerial
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import store
from server.fleet.actions.setups import note_setup, require_free_address
from server.fleet.model import FOR_BOTH, ServingTerminal, Terminal, TerminalDriver, TerminalOverview, TerminalRole, TerminalSettings
from server.fleet.tables import terminal, terminal_role, terminal_setting
from server.storage import Subject, UnitOfWork, leave_change


def provisioning_version(uow: UnitOfWork) -> int:
    """Rises with every change of sites, edges, keys, terminals and enrolments."""
    return store.provisioning_version(uow)


def note_provisioning(uow: UnitOfWork) -> None:
    """Something that admission depends on was changed in this transaction: caches shall read again."""
    store.raise_provisioning_version(uow)


def serving_terminals(uow: UnitOfWork) -> dict[TerminalSerial, ServingTerminal]:
    """All terminals by serial number, also those out of service, as admission needs them."""
    return {one.serial: one for one in store.serving_terminals(uow)}


def list_terminals(uow: UnitOfWork, only: Sequence[int] | None = None) -> list[TerminalOverview]:
    """Terminals with site, zone, edge and health, by serial number; `only` these ids where given."""
    return store.terminal_overviews(uow, only)


def terminals_of_edge(uow: UnitOfWork, edge_id: int) -> dict[str, int]:
    """Ids of the terminals that an edge speaks for, by serial number."""
    return store.terminals_of_edge(uow, edge_id)


def terminal_of_edge(uow: UnitOfWork, edge_id: int, serial: str) -> int | None:
    """One of them; None where the edge does not speak for it: what it says of others is not believed."""
    return store.terminal_of_edge(uow, edge_id, serial)


def find_terminal(uow: UnitOfWork, terminal_id: int) -> TerminalOverview:
    """One of them; raises NotFoundError."""
    found = store.terminal_overviews(uow, [terminal_id])
    if not found:
        raise NotFoundError(what="terminal", name=terminal_id)
    return found[0]


def add_terminal(
    uow: UnitOfWork,
    serial: str,
    name: str,
    site_code: str,
    by: Actor,
    now: datetime,
    *,
    zone_code: str | None = None,
    edge: EdgeId | None = None,
    role: TerminalRole | None = None,
) -> Terminal:
    """Add a terminal to a site, in the site's own zone unless another is named; raises InvalidInputError, NotFoundError, RefusedError.

    Its role holds for all its punches, also for those that waited for it.
    """
    serial = serial.strip()
    if not 1 <= len(serial) <= 64:
        raise InvalidInputError(field="serial", reason="use the serial number that the terminal shows, 1 to 64 characters")
    if store.terminal_by_serial(uow, TerminalSerial(serial)):
        raise RefusedError(reason="There is a terminal {serial} already.", serial=serial)
    values = {"serial": serial, "name": name.strip() or serial, "created_at": now}
    uow.execute(terminal.insert().values(**values, **_place(uow, site_code, zone_code, edge)))
    made = existing_terminal(uow, TerminalSerial(serial))
    if role is not None:
        uow.execute(terminal_role.insert().values(terminal_id=made.id, first_day=date.min, role=role.value))
    store.raise_provisioning_version(uow)
    record(
        uow, by, "terminal.add", "terminal", serial, at=now, after={**_shown(name, site_code, zone_code, edge), "purpose": role or FOR_BOTH}
    )
    return made


def change_terminal(
    uow: UnitOfWork,
    serial: TerminalSerial,
    name: str,
    site_code: str,
    by: Actor,
    now: datetime,
    *,
    zone_code: str | None = None,
    edge: EdgeId | None = None,
    reason: str = "",
) -> Terminal:
    """Give a terminal this name and place. Its past punches stay; whose they are, and by which clock, follows where it now stands."""
    before = existing_terminal(uow, serial)
    values = {"name": name.strip() or serial, **_place(uow, site_code, zone_code, edge)}
    uow.execute(terminal.update().where(terminal.c.id == before.id).values(**values))
    store.raise_provisioning_version(uow)
    after = existing_terminal(uow, serial)
    _leave_move(uow, before, after)
    _tell_edges(uow, before, after, now)
    shown = {"name": before.name, "site_id": before.site_id, "zone_id": before.zone_id, "edge_id": before.edge_id}
    told = _shown(name, site_code, zone_code, edge)
    record(uow, by, "terminal.change", "terminal", serial, at=now, before=shown, after=told, reason=reason)
    return after


def put_out_of_service(
    uow: UnitOfWork, serial: TerminalSerial, start: datetime | None, end: datetime | None, by: Actor, now: datetime, reason: str = ""
) -> Terminal:
    """Punches received from start (included) to end (excluded, None = until further notice) go to quarantine; start None ends it."""
    if start is None and end is not None:
        raise InvalidInputError(field="from", reason="say from when, or give no end either to put it back into service")
    if start and end and end <= start:
        raise InvalidInputError(field="until", reason="the end must be after the beginning")
    before = existing_terminal(uow, serial)
    uow.execute(terminal.update().where(terminal.c.id == before.id).values(out_of_service_from=start, out_of_service_until=end))
    store.raise_provisioning_version(uow)
    spans = [[before.out_of_service_from, before.out_of_service_until], [start, end]]
    record(uow, by, "terminal.out-of-service", "terminal", serial, at=now, before=spans[0], after=spans[1], reason=reason)
    return existing_terminal(uow, serial)


def _tell_edges(uow: UnitOfWork, before: Terminal, after: Terminal, now: datetime) -> None:
    """Where this server tells edges of the terminal: the one that had it, and the one that has it now."""
    told = uow.fetch_one(select(terminal_setting).where(terminal_setting.c.terminal_id == after.id))
    if told is not None and (before.name, before.edge_id) != (after.name, after.edge_id):
        require_free_address(uow, after.edge_id, after.serial, TerminalSettings(TerminalDriver(told.driver), told.host, told.port))
        note_setup(uow, {one for one in (before.edge_id, after.edge_id) if one is not None}, now)


def _leave_move(uow: UnitOfWork, before: Terminal, after: Terminal) -> None:
    """Whose its punches are, and by which clock they are read, may be otherwise for ever."""
    if (before.site_id, before.zone_id) != (after.site_id, after.zone_id):
        for zone_id in sorted({before.zone_id, after.zone_id}):
            leave_change(uow, Subject.ZONE, zone_id, date.min, None, "terminal")


def _place(uow: UnitOfWork, site_code: str, zone_code: str | None, edge: EdgeId | None) -> dict[str, int | None]:
    site = store.site_by_code(uow, site_code)
    if site is None:
        raise NotFoundError(what="site", name=site_code)
    if zone_code is None:
        zone = next(one for one in store.zones(uow) if one.site_id == site.id)
    else:
        named = store.zone_by_code(uow, zone_code)
        if named is None:
            raise NotFoundError(what="zone", name=zone_code)
        zone = named
    if edge is None:
        return {"site_id": site.id, "zone_id": zone.id, "edge_id": None}
    gateway = store.edge_by_name(uow, edge)
    if gateway is None:
        raise NotFoundError(what="edge", name=edge)
    return {"site_id": site.id, "zone_id": zone.id, "edge_id": gateway.id}


def existing_terminal(uow: UnitOfWork, serial: TerminalSerial) -> Terminal:
    """Raises NotFoundError."""
    found = store.terminal_by_serial(uow, serial)
    if found is None:
        raise NotFoundError(what="terminal", name=serial)
    return found


def _shown(name: str, site_code: str, zone_code: str | None, edge: EdgeId | None) -> dict[str, str | None]:
    return {"name": name, "site": site_code, "zone": zone_code or site_code, "edge": edge}
