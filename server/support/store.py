"""What a support bundle asks the database: sizes, counts by state, and what people here are called, so that none of it goes out."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Table, func, literal, literal_column, select, text

from protocol.messages import OrderKind
from server.access.tables import account
from server.directory.tables import enrolment, person
from server.dispatch.areas.tables import terminal_stranger, wanted_user
from server.dispatch.orders.tables import dispatch_order, order_part
from server.fleet.tables import edge, terminal
from server.ingest.tables import quarantine, refused_message, shard_lease
from server.jobs.tables import job
from server.notify.tables import sending
from server.storage import UnitOfWork, metadata

LOGS = 10
FAULTS = 50
COUNTED = 100_000
PARTS = order_part.join(dispatch_order, dispatch_order.c.id == order_part.c.order_id)
QUEUES: tuple[tuple[str, FromClause, ColumnElement[str], ColumnElement[str]], ...] = (
    ("quarantine", quarantine, quarantine.c.reason, quarantine.c.state),
    ("refused messages", refused_message, refused_message.c.reason, literal("refused")),
    ("long work", job, job.c.name, job.c.state),
    ("orders", PARTS, dispatch_order.c.kind, order_part.c.state),
    ("users of terminals", wanted_user, literal("users"), wanted_user.c.state),
)
"""What waits, by name: the table, the words that it is counted by, and the state."""


def counted(uow: UnitOfWork) -> Iterator[tuple[str, list[tuple[str, str, int]]]]:
    """(queue, (what, state, count)) of each queue."""
    for name, table, what, state in QUEUES:
        query = select(what.label("what"), state.label("state"), func.count().label("rows")).select_from(table)
        yield name, [(row.what, row.state, row.rows) for row in uow.fetch_all(query.group_by(what, state))]


def sendings(uow: UnitOfWork) -> list[Row[Any]]:
    """What goes outside, by its way and the code of its last fault."""
    open_ones = func.count(sending.c.due_at).label("waiting")
    query = select(sending.c.way, sending.c.code, func.count().label("rows"), open_ones).group_by(sending.c.way, sending.c.code)
    return list(uow.fetch_all(query))


def shards(uow: UnitOfWork, now: datetime) -> int:
    """How many have an owner."""
    return int(uow.scalar(select(func.count()).where(shard_lease.c.expires_at > now)))


def failed_orders(uow: UnitOfWork, since: datetime) -> list[Row[Any]]:
    """The latest that failed."""
    columns = (dispatch_order.c.id, dispatch_order.c.kind, order_part.c.state, order_part.c.ended_at, order_part.c.detail)
    query = select(*columns).select_from(PARTS).where(order_part.c.state.in_(("failed", "refused")), order_part.c.ended_at > since)
    return list(uow.fetch_all(query.order_by(order_part.c.id.desc()).limit(FAULTS)))


def protocol_logs(uow: UnitOfWork, since: datetime) -> list[Row[Any]]:
    """The latest that edges sent, with the serial number of their terminals."""
    joined = PARTS.outerjoin(terminal, terminal.c.id == order_part.c.terminal_id)
    wanted = (dispatch_order.c.kind == OrderKind.PROTOCOL_LOG.value, order_part.c.body.is_not(None), order_part.c.ended_at > since)
    query = select(order_part.c.id, terminal.c.serial, order_part.c.body).select_from(joined).where(*wanted)
    return list(uow.fetch_all(query.order_by(order_part.c.id.desc()).limit(LOGS)))


def database_facts(uow: UnitOfWork) -> dict[str, Any]:
    """Its kind, release, revision and size."""
    version, size = (
        ("sqlite_version()", "(SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size())")
        if uow.dialect == "sqlite"
        else ("current_setting('server_version')", "pg_database_size(current_database())")
    )
    row = uow.fetch_one(text(f"SELECT {version} AS version, {size} AS size"))
    assert row is not None
    revision = uow.scalar(text("SELECT version_num FROM alembic_version"))
    return {"kind": uow.dialect, "version": row.version, "revision": revision, "bytes": row.size}


def table_sizes(uow: UnitOfWork) -> dict[str, int]:
    """About how many rows each table has; counting all of a large one would take too long."""
    if uow.dialect == "sqlite":
        return {name: _rows_in(uow, table) for name, table in sorted(metadata.tables.items())}
    query = (
        "SELECT relname, greatest(reltuples, 0)::bigint AS rows FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    found = {row.relname: row.rows for row in uow.fetch_all(text(query))}
    return {name: found[name] for name in sorted(metadata.tables) if name in found}


def _rows_in(uow: UnitOfWork, table: Table) -> int:
    """Exact up to `COUNTED`, then by the highest row number."""
    some = select(literal(1)).select_from(table).limit(COUNTED).subquery()
    few = int(uow.scalar(select(func.count()).select_from(some)))
    return few if few < COUNTED else int(uow.scalar(select(func.max(literal_column("rowid"))).select_from(table)))


def known_words(uow: UnitOfWork) -> Iterator[str]:
    """Names, numbers, cards and logins of everybody here."""
    columns = (
        person.c.name, person.c.employee_number, enrolment.c.terminal_user, enrolment.c.card, account.c.login, account.c.display_name,
        terminal_stranger.c.terminal_user, quarantine.c.terminal_user,
    )  # fmt: skip
    for column in columns:
        yield from (row[0] for row in uow.fetch_all(select(column).where(column.is_not(None)).distinct()))


def kept_words(uow: UnitOfWork) -> set[str]:
    """What machines are called: edges and serial numbers, without which nobody could help."""
    return {row[0] for column in (edge.c.name, terminal.c.serial) for row in uow.fetch_all(select(column))}
