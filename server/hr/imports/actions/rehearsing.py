"""Looking at a file: it is taken in on copies of the tables that this writes, so that nobody waits for it and nothing of it stays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Table as SqlTable, false, or_

from server.audit.model import Actor
from server.hr.imports.actions.kinds import Kind
from server.hr.imports.actions.taking import Told, take
from server.hr.imports.model import Outcome, Table
from server.storage import Database, Part, metadata

Sheets = Sequence[tuple[Table, Kind | None]]
TOLD = ("audit_row", "audit_person", "changed_input", "changed_user")
ALWAYS: Mapping[str, Part | None] = {"audit_head": None} | dict.fromkeys(TOLD, lambda _: false())
"""Whatever is taken in is told to the trail, to attendance and to dispatch: of each only the end is needed to go on from."""


def rehearse(
    database: Database, sheets: Sheets, permissions: frozenset[str], choices: Mapping[str, str], by: Actor, now: datetime, told: Told
) -> Outcome:
    """What the sheets come to, worked out on one snapshot."""
    names = [name for _, kind in sheets if kind for name in (*kind.tables, *kind.beside)]
    always = {metadata.tables[name]: part for name, part in ALWAYS.items()}
    looked = [(table, kind and replace(kind, take=kind.look or kind.take)) for table, kind in sheets]
    with database.rehearsing(parts_of(sheets, names) | always) as uow:
        return take(uow, looked, permissions, choices, by, now, told)


def parts_of(sheets: Sheets, names: Iterable[str]) -> dict[SqlTable, Part | None]:
    """Of each of these tables the rows that the sheets can be about; None: all of them."""
    named: dict[str, list[Part]] = {}
    for table, kind in sheets:
        for name, part in (kind.parts(table.lines) if kind else {}).items():
            named.setdefault(name, []).append(part)
    return {metadata.tables[name]: _any_of(named[name]) if name in named else None for name in sorted(set(names))}


def _any_of(parts: Sequence[Part]) -> Part:
    return lambda table: or_(*(part(table) for part in parts))
