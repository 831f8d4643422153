"""The trace of an import: the rows that it added, changed or took away, and putting them back.

Works on tables of any area by the one MetaData alone: it knows rows, not what they mean.
"""

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Table, bindparam, delete, func, select, tuple_, update

from server.hr.imports.tables import import_trace
from server.storage import PackedDate, Part, UnitOfWork, UtcInstant, from_microseconds, metadata, portions, to_microseconds

VOLATILE = {"person": frozenset({"active", "department_id", "site_id"}), "employment": frozenset({"first_day", "last_day"})}
"""Columns that follow events and the calendar by themselves: that they are others now is no change by anybody."""
AT_ONCE = 500
Key = tuple[Any, ...]
Snapshot = Mapping[str, Mapping[Key, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class TracedRow:
    """One row. before: None for an added one; after: a digest, None for one that was taken away."""

    key: Key
    before: Mapping[str, Any] | None
    after: bytes | None


def snapshot(uow: UnitOfWork, parts: Mapping[Table, Part | None]) -> dict[str, dict[Key, dict[str, Any]]]:
    """Rows of these tables by their keys; of each the part that is named, None: all of them."""
    found = {}
    for table, part in parts.items():
        where = () if part is None else (part(table),)
        found[table.name] = {_key(table, row): row for row in _rows(uow, table, *where)}
    return found


def differences(before: Snapshot, after: Snapshot) -> dict[str, list[TracedRow]]:
    """What was done to the rows in between."""
    found: dict[str, list[TracedRow]] = {}
    for name, old in before.items():
        new, table = after[name], metadata.tables[name]
        rows = [TracedRow(key, None, digest(table, row)) for key, row in new.items() if key not in old]
        rows += [TracedRow(key, old[key], digest(table, row)) for key, row in new.items() if key in old and old[key] != row]
        rows += [TracedRow(key, row, None) for key, row in old.items() if key not in new]
        if rows:
            found[name] = rows
    return found


def write(uow: UnitOfWork, import_id: int, traced: Mapping[str, Sequence[TracedRow]]) -> None:
    for name, rows in traced.items():
        table = metadata.tables[name]
        plain = [[list(map(_plain, one.key)), None if one.before is None else _plain_row(table, one.before), one.after] for one in rows]
        sealed = uow.vault.seal_bytes(zlib.compress(msgspec.msgpack.encode(plain), 3), f"import/{import_id}/{name}")
        uow.execute(import_trace.insert().values(import_id=import_id, table_name=name, rows=len(rows), sealed=sealed))


def read(uow: UnitOfWork, import_id: int) -> dict[str, list[TracedRow]]:
    """The trace of an import; nothing for one whose trace is kept no more."""
    found = {}
    for row in uow.fetch_all(select(import_trace).where(import_trace.c.import_id == import_id)):
        table = metadata.tables[row.table_name]
        plain = msgspec.msgpack.decode(zlib.decompress(uow.vault.open_bytes(bytes(row.sealed), f"import/{import_id}/{row.table_name}")))
        keys = list(table.primary_key.columns)
        found[row.table_name] = [
            TracedRow(
                tuple(_value(column, part) for column, part in zip(keys, key, strict=True)),
                None if before is None else {name: _value(table.c[name], part) for name, part in before.items()},
                after,
            )
            for key, before, after in plain
        ]
    return found


def forget(uow: UnitOfWork, import_ids: Collection[int]) -> None:
    """Let traces go: what they are of cannot be undone then."""
    uow.execute(delete(import_trace).where(import_trace.c.import_id.in_(list(import_ids))))


def changed_since(uow: UnitOfWork, name: str, rows: Sequence[TracedRow]) -> list[Key]:
    """Keys of rows that are no more as the import left them."""
    table = metadata.tables[name]
    present = {key: digest(table, row) for key, row in rows_with(uow, table, [one.key for one in rows]).items()}
    return [one.key for one in rows if present.get(one.key) != one.after]


def rows_with(uow: UnitOfWork, table: Table, keys: Sequence[Key]) -> dict[Key, dict[str, Any]]:
    """Rows by their keys, of those that are there."""
    found: dict[Key, dict[str, Any]] = {}
    for part in portions(keys, AT_ONCE):
        found |= {_key(table, row): row for row in _rows(uow, table, _keyed(table, part))}
    return found


def pointing_at(uow: UnitOfWork, traced: Mapping[str, Sequence[TracedRow]], passed_over: Collection[str]) -> dict[str, int]:
    """How many rows of each table point at a row that the import added, beside those that it added itself."""
    found: dict[str, int] = {}
    added = {name: {one.key for one in rows if one.before is None} for name, rows in traced.items()}
    for table in metadata.sorted_tables:
        if table.name in passed_over:
            continue
        for constraint in table.foreign_key_constraints:
            ids = [key[0] for key in added.get(constraint.referred_table.name, ())]
            column = constraint.elements[0].parent
            for part in portions(ids, AT_ONCE):
                where = column.in_(part)
                if table.name in added:
                    keys = [_key(table, dict(row._mapping)) for row in uow.fetch_all(select(*table.primary_key.columns).where(where))]  # noqa: SLF001
                    n = sum(key not in added[table.name] for key in keys)
                else:
                    n = uow.scalar(select(func.count()).select_from(table).where(where)) or 0
                if n:
                    found[table.name] = found.get(table.name, 0) + n
    return found


def put_back(uow: UnitOfWork, traced: Mapping[str, Sequence[TracedRow]]) -> None:
    """Let changed rows be what they were, then take away what was added, and give back what was taken away."""
    tables = [table for table in metadata.sorted_tables if table.name in traced]
    for table in tables:
        others = [one for one in traced[table.name] if one.before is not None and one.after is not None]
        _update(uow, table, [(one.key, one.before or {}) for one in others])
    for table in reversed(tables):
        for part in portions([one.key for one in traced[table.name] if one.before is None], AT_ONCE):
            uow.execute(delete(table).where(_keyed(table, part)))
    for table in tables:
        gone = [dict(one.before) for one in traced[table.name] if one.before is not None and one.after is None]
        if gone:
            uow.execute(table.insert(), gone)


def _update(uow: UnitOfWork, table: Table, rows: Sequence[tuple[Key, Mapping[str, Any]]]) -> None:
    if not rows:
        return
    keys = list(table.primary_key.columns)
    names = [column.name for column in table.c if not column.primary_key]
    statement = update(table).where(*(column == bindparam(f"key_{column.name}") for column in keys))
    values = [
        {f"key_{column.name}": part for column, part in zip(keys, key, strict=True)} | {f"new_{name}": row[name] for name in names}
        for key, row in rows
    ]
    uow.execute(statement.values({name: bindparam(f"new_{name}") for name in names}), values)


def digest(table: Table, row: Mapping[str, Any]) -> bytes:
    """Of what a row says, beside what changes by itself."""
    left_out = VOLATILE.get(table.name, frozenset())
    plain = {name: part for name, part in _plain_row(table, row).items() if name not in left_out}
    return sha256(msgspec.msgpack.encode(sorted(plain.items()))).digest()


def _rows(uow: UnitOfWork, table: Table, *where: ColumnElement[bool]) -> Iterable[dict[str, Any]]:
    names = [column.name for column in table.c]
    return (dict(zip(names, row, strict=True)) for row in uow.fetch_all(select(table).where(*where)))


def _key(table: Table, row: Mapping[str, Any]) -> Key:
    return tuple(row[column.name] for column in table.primary_key.columns)


def _keyed(table: Table, keys: Sequence[Any]) -> Any:
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(keys)


def _plain_row(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {str(column.name): _plain(row[column.name]) for column in table.c}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_microseconds(value)
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value) if isinstance(value, memoryview) else value


def _value(column: Any, plain: Any) -> Any:
    if plain is None:
        return None
    if isinstance(column.type, UtcInstant):
        return from_microseconds(plain)
    return date.fromisoformat(plain) if isinstance(column.type, PackedDate) else plain
