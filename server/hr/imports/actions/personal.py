"""Which imports somebody is in, as long as it is remembered what an import did."""

from collections.abc import Iterator, Mapping
from typing import Any

from server.hr.imports import store
from server.hr.imports.store import traces
from server.hr.imports.store.traces import TracedRow
from server.storage import DataSubject, UnitOfWork, metadata

MOST = 10_000
"""Imports that are gone through, the newest first; only those of the last three months still have a trace."""


def imports_about(uow: UnitOfWork, one: DataSubject) -> Iterator[dict[str, Any]]:
    """Each with how many rows about somebody it added or changed, by table."""
    for made in store.newest(uow, MOST):
        counts = {name: n for name, rows in traces.read(uow, made.id).items() if (n := _count(uow, name, rows, one))}
        if counts:
            yield {"import": made.id, "name": made.name, "at": made.at.isoformat(), "author": made.author, "rows": counts}


def _count(uow: UnitOfWork, name: str, rows: list[TracedRow], one: DataSubject) -> int:
    table = metadata.tables[name]
    if name == "person":
        return sum(row.key == (one.person_id,) for row in rows)
    if "person_id" not in table.c:
        return 0
    there = traces.rows_with(uow, table, [row.key for row in rows])
    return sum(_person_of(there.get(row.key) or row.before or {}) == one.person_id for row in rows)


def _person_of(row: Mapping[str, Any]) -> Any:
    return row.get("person_id")
