"""Which set-up each edge should have, and has: its version rises with whatever changes in it, and it is sent until the edge says so."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select, update

from protocol.identifiers import Shard
from server.errors import RefusedError
from server.fleet import store
from server.fleet.actions.lines import open_lines
from server.fleet.model import OpenLine, SetupState, TerminalDriver, TerminalSettings
from server.fleet.tables import edge_setup
from server.storage import UnitOfWork, insert_ignoring, upsert

KNOWN_AFTER = timedelta(seconds=3)
"""Workers look once a second what is provisioned (`ingest.provisioned`)."""


def note_setup(uow: UnitOfWork, edge_ids: Collection[int], now: datetime) -> None:
    """What these edges are for was changed in this transaction: each gets its set-up with a higher version."""
    rows = [{"edge_id": edge_id, "version": 0, "held": 0, "changed_at": now} for edge_id in sorted(edge_ids)]
    insert_ignoring(uow, edge_setup, rows, ["edge_id"])
    raised = update(edge_setup).where(edge_setup.c.edge_id.in_([row["edge_id"] for row in rows]))
    uow.execute(raised.values(version=edge_setup.c.version + 1, changed_at=now))


def require_free_address(uow: UnitOfWork, edge_id: int | None, serial: str, wanted: TerminalSettings) -> None:
    """Raises RefusedError where the edge is told of another terminal at this address: it would refuse the whole set-up."""
    others = store.settings_of_edge(uow, edge_id) if edge_id is not None and wanted.driver is not TerminalDriver.PUSH else ()
    for row in others:
        if row.serial != serial and row.driver != TerminalDriver.PUSH.value and (row.host, row.port) == (wanted.host, wanted.port):
            told = "The edge reads terminal {serial} at {host}, port {port}, already: correct one of the two."
            raise RefusedError(reason=told, serial=row.serial, host=row.host, port=row.port)


def record_setup(uow: UnitOfWork, edge_id: int, held: int, now: datetime) -> None:
    """An edge said which set-up is in force there. One that is ahead of us, as after a restore of this server, gets a higher one again."""
    known = setup_states(uow, [edge_id]).get(edge_id)
    if known is None and not held:
        return
    version = known.version if known else 0
    if held > version or (known and held != known.held):
        changed_at = now if known is None or held > version else known.changed_at
        row = {"edge_id": edge_id, "version": max(version, held + 1 if held > version else 0), "held": held, "changed_at": changed_at}
        upsert(uow, edge_setup, [row], key=["edge_id"])


def setup_states(uow: UnitOfWork, edge_ids: Collection[int] | None = None) -> dict[int, SetupState]:
    """Which set-up edges should have and have, by edge; those that this server never told anything are left out."""
    query = select(edge_setup)
    query = query if edge_ids is None else query.where(edge_setup.c.edge_id.in_(edge_ids))
    return {row.edge_id: SetupState(row.version, row.held, row.changed_at) for row in uow.fetch_all(query)}


def setups_waiting(uow: UnitOfWork, shards: Collection[Shard], now: datetime) -> list[tuple[OpenLine, int]]:
    """(edge, version) where an edge that can be reached, and can be sealed for, has another set-up than it should.

    Not before every worker knows of the change: an edge reads a new terminal at once, and its rows would be a stranger's.
    """
    settled = edge_setup.c.changed_at <= now - KNOWN_AFTER
    query = select(edge_setup.c.edge_id, edge_setup.c.version).where(edge_setup.c.version > edge_setup.c.held, settled)
    behind = uow.fetch_all(query)
    if not behind:
        return []
    lines = open_lines(uow, shards)
    return [(lines[row.edge_id], row.version) for row in behind if row.edge_id in lines and lines[row.edge_id].sealing_key]
