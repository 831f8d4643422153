"""Undoing an import: its rows are put back as they were, as long as they still are as it left them and nothing was built on them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Table, func, select

from server.attendance import actions as attendance
from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.errors import InvalidInputError, RefusedError
from server.fleet import actions as fleet
from server.hr.imports import store
from server.hr.imports.actions.finding import find_import
from server.hr.imports.actions.kinds import KINDS
from server.hr.imports.model import Import, ImportState
from server.hr.imports.store import traces
from server.hr.imports.store.traces import TracedRow
from server.storage import Subject, UnitOfWork, leave_change, leave_changes, metadata

LONGEST_REASON = 500
FOLLOWS = frozenset({"employment_span", "attendance_day", "day_exception", "day_mark", "day_difference", "import_trace"})
"""What is worked out from the rest, and goes with it."""
SCOPES = ("person", "department", "position", "site")
DAY = timedelta(days=1)
Traced = Mapping[str, Sequence[TracedRow]]


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why an import cannot be undone: so many rows of a table. changed: they were changed since, else they point at what it brought."""

    table: str
    n: int
    changed: bool


def hindrances(uow: UnitOfWork, one: Import) -> list[Hindrance]:
    """What stands in the way of undoing it; nothing for one that can be undone. Raises RefusedError where it never can."""
    if one.state is not ImportState.STORED:
        raise RefusedError(reason="Only an import that was stored can be undone.")
    if fixed := [KINDS[kind].title for kind in one.kinds if not KINDS[kind].undoable]:
        raise RefusedError(
            reason="{kinds}: what is evidence or stands in a ledger is never taken away; correct it there.", kinds=", ".join(fixed)
        )
    traced = traces.read(uow, one.id)
    if not traced and (one.counts.get("new") or one.counts.get("changed")):
        raise RefusedError(reason="This import is too long ago: how to undo it is kept for 90 days.")
    found = [Hindrance(name, n, True) for name, rows in traced.items() if (n := len(traces.changed_since(uow, name, rows)))]
    pointing = traces.pointing_at(uow, traced, FOLLOWS)
    pointing |= _by_number(uow, traced)
    later = _later_events(uow, traced)
    if later:
        pointing["employment_event"] = pointing.get("employment_event", 0) + later
    return found + [Hindrance(name, n, False) for name, n in sorted(pointing.items())]


def undo(uow: UnitOfWork, import_id: int, reason: str, by: Actor, now: datetime) -> None:
    """Undo an import. Raises NotFoundError, InvalidInputError, RefusedError."""
    one, reason = find_import(uow, import_id, hold=True), reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InvalidInputError(field="reason", reason="say why, in at most {most} characters", most=LONGEST_REASON)
    fleet.note_provisioning(uow)
    if found := hindrances(uow, one):
        tables = ", ".join(sorted({each.table for each in found}))
        raise RefusedError(reason="Something was built on this import or changed since: the page says what.", tables=tables)
    traced = traces.read(uow, one.id)
    touched, first_days = _people_of(uow, traced), _first_days(uow, traced)
    gone = {row.key[0] for row in traced.get("person", ()) if row.before is None}
    attendance.forget_people(uow, gone)
    directory.forget_terms(uow, gone | set(_in_what_it_added(uow, traced)))
    traces.put_back(uow, traced)
    directory.follow_employments(uow, sorted(touched - gone), now)
    stayed = [(person_id, first - DAY, None) for person_id, first in sorted(first_days.items()) if person_id not in gone]
    leave_changes(uow, Subject.PERSON, stayed, "import")
    for row in traced.get("department", ()):
        if row.before is not None:
            leave_change(uow, Subject.DEPARTMENT, row.key[0], directory.today_of(uow, now), None, "department")
    store.change(uow, one.id, state=ImportState.UNDONE.value, undone_at=now, undone_by=by.name, undo_reason=reason)
    traces.forget(uow, [one.id])
    counts = {name: len(rows) for name, rows in traced.items()}
    record(uow, by, "import.undo", "import", f"{one.id}: {one.name}", at=now, before={"sha256": one.sha256, "rows": counts}, reason=reason)


def _people_of(uow: UnitOfWork, traced: Traced) -> set[int]:
    """Whose employments the import touched."""
    events, employments = metadata.tables["employment_event"], metadata.tables["employment"]
    held = traces.rows_with(uow, events, [row.key for row in traced.get("employment_event", ()) if row.after is not None])
    keys = [(row["employment_id"],) for row in held.values()] + [row.key for row in traced.get("employment", ())]
    return {row["person_id"] for row in traces.rows_with(uow, employments, keys).values()}


def _first_days(uow: UnitOfWork, traced: Traced) -> dict[int, date]:
    """By person the first day that an enrolment or a roster entry of the import speaks of; employments tell their own days."""
    found: dict[int, date] = {}
    for name, column in (("enrolment", "valid_from"), ("roster_entry", "day")):
        rows = traced.get(name, ())
        present = traces.rows_with(uow, metadata.tables[name], [one.key for one in rows if one.after is not None])
        for row in (*present.values(), *(one.before for one in rows if one.before is not None)):
            found[row["person_id"]] = min(row[column], found.get(row["person_id"], row[column]))
    return found


def _later_events(uow: UnitOfWork, traced: Traced) -> int:
    """Events of the same people that were entered after the import's own."""
    events, employments = metadata.tables["employment_event"], metadata.tables["employment"]
    ids = [row.key[0] for row in traced.get("employment_event", ()) if row.before is None]
    if not ids:
        return 0
    joined = events.join(employments, employments.c.id == events.c.employment_id)
    query = select(employments.c.person_id).select_from(joined).where(events.c.id > max(ids))
    people = _people_of(uow, traced)
    return sum(row.person_id in people for row in uow.fetch_all(query))


def _by_number(uow: UnitOfWork, traced: Traced) -> dict[str, int]:
    """Rows that name what the import added without the database's knowing it; and people who came to belong to it since."""
    found: dict[str, int] = {}
    account, assignment = metadata.tables["account"], metadata.tables["pattern_assignment"]
    for scope in SCOPES:
        for part in _added(traced, scope):
            _count(uow, found, assignment, assignment.c.scope == scope, assignment.c.scope_id.in_(part))
            if scope == "person":
                _count(uow, found, account, account.c.person_id.in_(part))
    since = _in_what_it_added(uow, traced) - _people_of(uow, traced)
    return found | ({"employment_span": len(since)} if since else {})


def _in_what_it_added(uow: UnitOfWork, traced: Traced) -> set[int]:
    """People who belong, at any time, to a unit that the import added, or have a manager whom it added."""
    span, found = metadata.tables["employment_span"], set[int]()
    for scope in SCOPES:
        column = span.c.manager_id if scope == "person" else span.c[f"{scope}_id"]
        for part in _added(traced, scope):
            found |= {row.person_id for row in uow.fetch_all(select(span.c.person_id).where(column.in_(part)).distinct())}
    return found


def _added(traced: Traced, name: str) -> Iterator[list[int]]:
    """Ids that the import added to a table, in portions."""
    ids = [row.key[0] for row in traced.get(name, ()) if row.before is None]
    for start in range(0, len(ids), traces.AT_ONCE):
        yield ids[start : start + traces.AT_ONCE]


def _count(uow: UnitOfWork, found: dict[str, int], table: Table, *where: ColumnElement[bool]) -> None:
    n = uow.scalar(select(func.count()).select_from(table).where(*where)) or 0
    if n:
        found[table.name] = found.get(table.name, 0) + n
