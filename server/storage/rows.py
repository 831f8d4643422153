"""Writing many rows at once, each at most once, on both dialects.

Measured: `insert().values(long list)` is 12 to 16 times slower than one statement with a list of parameters; on PostgreSQL a binary
COPY into a temporary table and one insert-select is the fastest way that can also ignore what is there.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, SmallInteger, String, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from server.storage.columns import UtcInstant
from server.storage.database import UnitOfWork

COPY_FROM_ROWS = 200
"""Below this many rows a COPY costs more than it saves."""
KEYS_AT_ONCE = 5_000
"""That one question names: databases limit the parameters of a statement."""
Key = TypeVar("Key")


def portions(keys: Collection[Key], at_once: int = KEYS_AT_ONCE) -> Iterator[list[Key]]:
    """The keys in lists of at most so many, in their order."""
    listed = list(keys)
    return (listed[start : start + at_once] for start in range(0, len(listed), at_once))


def insert_ignoring(uow: UnitOfWork, table: Table, rows: Sequence[Mapping[str, Any]], key: Collection[str]) -> int:
    """Insert the rows whose `key` columns are not there yet; all rows have the same columns. Returns how many were new."""
    if not rows:
        return 0
    if uow.dialect == "sqlite":
        return uow.execute(sqlite.insert(table).on_conflict_do_nothing(index_elements=list(key)), rows).rowcount
    columns = list(rows[0])
    if len(rows) >= COPY_FROM_ROWS and all(_copy_type(table.c[name]) for name in columns):
        intake = copy_to_intake(uow, table, columns, ([row[name] for name in columns] for row in rows))
        return insert_from_intake(uow, table, columns, key, intake)
    statement = postgresql.insert(table).on_conflict_do_nothing(index_elements=list(key))
    return uow.execute(statement.execution_options(preserve_rowcount=True), rows).rowcount  # else it is -1 after an insert


def upsert(uow: UnitOfWork, table: Table, rows: Sequence[Mapping[str, Any]], key: Collection[str]) -> None:
    """Insert rows, or bring the row with the same `key` columns to these values; all rows have the same columns."""
    if not rows:
        return
    statement = (sqlite.insert if uow.dialect == "sqlite" else postgresql.insert)(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    if changed:
        uow.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed), list(rows))
    else:
        uow.execute(statement.on_conflict_do_nothing(index_elements=list(key)), list(rows))


def copy_to_intake(uow: UnitOfWork, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """PostgreSQL: COPY rows into a temporary table that empties itself at commit; returns its name.

    The table has the columns given and `position`, which counts the rows from 0. Values are what psycopg takes: aware datetimes for
    instants.
    """
    intake = f"intake_{table.name}"
    listed = ", ".join(columns)
    connection = uow.connection
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {intake} ON COMMIT DELETE ROWS AS "  # noqa: S608 - names from our own Table
        f"SELECT 0::bigint AS position, {listed} FROM {table.name} WITH NO DATA"
    )
    connection.exec_driver_sql(f"DELETE FROM {intake}")  # noqa: S608 - twice in one transaction is allowed
    cursor: Any = connection.connection.cursor()
    try:
        with cursor.copy(f"COPY {intake} (position, {listed}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", *(_copy_type(table.c[name]) for name in columns)])
            for position, row in enumerate(rows):
                copy.write_row((position, *row))
    finally:
        cursor.close()
    return intake


def insert_from_intake(uow: UnitOfWork, table: Table, columns: Sequence[str], key: Collection[str], intake: str) -> int:
    """PostgreSQL: move what is new from the intake into the table, in the order it came; returns how many rows were new."""
    listed = ", ".join(columns)
    return uow.connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({listed}) SELECT {listed} FROM {intake} ORDER BY position "  # noqa: S608 - our own names
        f"ON CONFLICT ({', '.join(key)}) DO NOTHING"
    ).rowcount


def _copy_type(column: Column[Any]) -> str:
    """PostgreSQL's name of the column's type for a binary COPY; empty where the plain way must do."""
    kinds: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
        (UtcInstant, "timestamptz"),
        (BigInteger, "int8"),
        (SmallInteger, "int2"),
        (Integer, "int4"),
        (Boolean, "bool"),
        (LargeBinary, "bytea"),
        (String, "text"),
    )
    return next((name for kind, name in kinds if isinstance(column.type, kind)), "")
