"""Trying something out on copies: a unit of work that writes what nobody else sees or waits for, and of which nothing stays.

Some tables are copied into temporary ones of the same name, which both dialects find before the real ones. On SQLite a write to any
other table is refused, because it would take the one lock that writers have; on PostgreSQL it would be taken back.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, MetaData, Table, func, select
from sqlalchemy.schema import CreateIndex, CreateTable

Part = Callable[[Table], ColumnElement[bool]]
"""Which rows of a table are copied, said of its columns."""
_WRITES = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})


def copy_tables(connection: Connection, tables: Mapping[Table, Part | None]) -> None:
    """From here to the end of the transaction these names mean copies, without foreign keys and triggers. None: all rows."""
    sqlite = connection.dialect.name == "sqlite"
    own, copies = ("main", "temp") if sqlite else (str(connection.scalar(select(func.current_schema()))), "pg_temp")
    for table, part in tables.items():
        copy = table.to_metadata(MetaData())
        copy._prefixes = ["TEMPORARY"]  # noqa: SLF001 - a table that is copied takes no prefixes
        connection.execute(CreateTable(copy, include_foreign_key_constraints=[]))
        source, target = table.to_metadata(MetaData(), schema=own), table.to_metadata(MetaData(), schema=copies)
        rows = select(*source.c)
        connection.execute(target.insert().from_select(list(source.c.keys()), rows if part is None else rows.where(part(source))))
        for index in sorted(copy.indexes, key=lambda one: str(one.name)):
            connection.execute(CreateIndex(index))
        if not sqlite:
            _go_on_counting(connection, target)


@contextmanager
def only_copies_written(connection: Connection) -> Iterator[None]:
    """SQLite: a connection that only reads may write temporary tables, and nothing else. Around its transaction."""
    driver: Any = connection.connection.driver_connection

    def allow(action: int, _one: str | None, _two: str | None, place: str | None, _trigger: str | None) -> int:
        return sqlite3.SQLITE_DENY if action in _WRITES and place == "main" else sqlite3.SQLITE_OK

    driver.execute("PRAGMA query_only=OFF")
    driver.set_authorizer(allow)
    try:
        yield
    finally:
        driver.set_authorizer(None)
        driver.execute("PRAGMA query_only=ON")


def _go_on_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL: new rows of a copy get numbers behind those that are there."""
    column = table.autoincrement_column
    if column is None:
        return
    name = f"{table.schema}.{table.name}"
    sequence = connection.scalar(select(func.pg_get_serial_sequence(name, column.name)))
    last = connection.scalar(select(func.max(column)))
    if sequence and last:
        connection.execute(select(func.setval(sequence, last)))
