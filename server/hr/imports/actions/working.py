"""Handing a file in, looking at it, saying who is whom, storing it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from server.access.model import Permission
from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.errors import InvalidInputError, RefusedError
from server.fleet import actions as fleet
from server.hr.imports import store
from server.hr.imports.actions.duplicates import key_of, open_pairs
from server.hr.imports.actions.finding import find_import
from server.hr.imports.actions.kinds import KINDS
from server.hr.imports.actions.rehearsing import Sheets, parts_of, rehearse
from server.hr.imports.actions.taking import sheets_of, take
from server.hr.imports.engine.workbook import read_tables
from server.hr.imports.model import Choice, Import, ImportState, Outcome
from server.hr.imports.store import traces
from server.jobs import actions as jobs
from server.jobs.model import Job, NewJob
from server.storage import Database, UnitOfWork

LOOK, STORE = "look-at-import", "store-import"
KEPT = timedelta(days=90)
LONGEST_NAME = 200
Enrolled = Callable[[UnitOfWork, Actor, datetime], object]
"""What has to be done when people became terminal users: the area that keeps quarantined punches replays them."""


def nothing_enrolled(_uow: UnitOfWork, _by: Actor, _now: datetime) -> None:
    """Where no punches are kept back."""


def receive(uow: UnitOfWork, name: str, data: bytes, kind: str, permissions: frozenset[str], by: Actor, now: datetime) -> int:
    """Take a file in to be looked at by a runner; returns the import's number. kind: of a file of one sheet, "" to find out.

    Raises InvalidInputError for a file that cannot be read.
    """
    if kind and kind not in KINDS:
        raise InvalidInputError(field="kind", reason="choose one that the list offers")
    name = name.replace("\\", "/").rpartition("/")[2].strip()[:LONGEST_NAME] or "import"
    sheets = sheets_of(read_tables(data, name), kind)
    if not sheets:
        raise InvalidInputError(field="file", reason="choose a file with something in it")
    key = store.add(uow, name, data, sha256(data).hexdigest(), kind, permissions, by.name, now)
    store.change(uow, key, counts={"rows": sum(len(table.lines) for table, _ in sheets)})
    _ask(uow, find_import(uow, key), LOOK, "{name} is checked", by, now)
    return key


def choose(uow: UnitOfWork, import_id: int, choices: Mapping[str, str], by: Actor, now: datetime) -> None:
    """Say of pairs who is whom; then the file is looked at again. Raises NotFoundError, InvalidInputError, RefusedError."""
    one = _open(uow, import_id)
    outcome = store.outcome_of(uow, import_id)
    known = {key_of(pair) for pair in outcome.pairs} if outcome else set()
    if any(key not in known or choice not in list(Choice) for key, choice in choices.items()):
        raise InvalidInputError(field="choice", reason="choose one that the list offers")
    store.change(uow, import_id, choices={**one.choices, **choices}, state=ImportState.CHECKING.value)
    _ask(uow, one, LOOK, "{name} is checked", by, now)


def ask_to_store(uow: UnitOfWork, import_id: int, by: Actor, now: datetime) -> None:
    """Let a runner store what was looked at. Raises NotFoundError, RefusedError."""
    one = _open(uow, import_id)
    if one.counts.get("findings"):
        raise RefusedError(reason="There is something to correct in the file: mend it and hand it in again.")
    if one.counts.get("open"):
        raise RefusedError(reason="Say first who is whom: some new people may be here already.")
    store.change(uow, import_id, state=ImportState.STORING.value, stored_by=by.name)
    _ask(uow, one, STORE, "{name} is stored", by, now)


def keep_look(uow: UnitOfWork, import_id: int, outcome: Outcome, now: datetime) -> None:
    """Keep what a look at an import came to, as long as somebody waits for it."""
    one = find_import(uow, import_id, hold=True)
    if one.state is ImportState.CHECKING:
        _keep(uow, one, outcome)
        store.change(uow, import_id, state=ImportState.CHECKED.value, checked_at=now)


def store_import(uow: UnitOfWork, import_id: int, sheets: Sheets, enrolled: Enrolled, now: datetime) -> None:
    """Take an import in, all or nothing: where something is to be found now, it is looked at again instead."""
    one = find_import(uow, import_id, hold=True)
    if one.state is not ImportState.STORING:
        return
    by = Actor(one.stored_by or one.author)
    fleet.note_provisioning(uow)  # before looking: on PostgreSQL it makes enrolments wait for each other, so none can overlap
    traced = parts_of(sheets, (name for _, kind in sheets if kind for name in kind.tables))
    before = traces.snapshot(uow, traced)
    with uow.connection.begin_nested() as inner:
        outcome = take(uow, sheets, one.permissions, one.choices, by, now, nobody_waits)
        taken = not outcome.findings and not open_pairs(outcome.pairs, one.choices)
        if not taken:
            inner.rollback()
    kinds = _keep(uow, one, outcome)
    if not taken:
        store.change(uow, import_id, state=ImportState.CHECKED.value, checked_at=now, stored_by="")
        return
    traces.write(uow, import_id, traces.differences(before, traces.snapshot(uow, traced)))
    store.change(uow, import_id, state=ImportState.STORED.value, stored_at=now, stored_by=by.name)
    if {"people", "enrolments"} & set(kinds):
        enrolled(uow, by, now)
    told = {"sha256": one.sha256, "kinds": kinds, "new": outcome.new, "changed": outcome.changed, "unchanged": outcome.unchanged}
    record(uow, by, "import.store", "import", f"{import_id}: {one.name}", at=now, after=told)


def take_at_once(
    database: Database, name: str, data: bytes, kind: str, permissions: frozenset[str], enrolled: Enrolled, by: Actor, now: datetime
) -> tuple[int, Outcome]:
    """For a program: hand in, look and store in one go, when there is nothing to find and nobody to be told apart."""
    sheets = sheets_of(read_tables(data, name), kind)
    with database.writing() as uow:
        key = store.add(uow, name, data, sha256(data).hexdigest(), kind, permissions, by.name, now)
        store.change(uow, key, state=ImportState.STORING.value, stored_by=by.name)
        store_import(uow, key, sheets, enrolled, now)
        outcome = store.outcome_of(uow, key)
    assert outcome is not None, "it was worked out a moment ago"
    return key, outcome


def look_at_once(database: Database, name: str, data: bytes, kind: str, permissions: frozenset[str], by: Actor, now: datetime) -> Outcome:
    """What a file would come to; nothing is left of the look."""
    return rehearse(database, sheets_of(read_tables(data, name), kind), permissions, {}, by, now, nobody_waits)


def nobody_waits(_step: str, _behind: int) -> None:
    """Where nobody looks at how far the work is."""


def job_of(uow: UnitOfWork, one: Import) -> Job | None:
    """The work that an import waits for."""
    return jobs.status(uow, one.job_key) if one.under_way and one.job_key else None


def look_again(uow: UnitOfWork, import_id: int, by: Actor, now: datetime) -> None:
    """Have a file looked at again: its work came to a bad end, or what it stands on was changed. Raises NotFoundError, RefusedError."""
    one = find_import(uow, import_id, hold=True)
    job = job_of(uow, one)
    if one.state in {ImportState.STORED, ImportState.UNDONE} or (job is not None and not job.ended):
        raise RefusedError(reason="This import is being worked on, or was stored already.")
    store.change(uow, import_id, state=ImportState.CHECKING.value)
    _ask(uow, one, LOOK, "{name} is checked", by, now)


def tidy(uow: UnitOfWork, now: datetime) -> int:
    """Let go of files, findings and traces when the time that they are kept is over; returns how many."""
    old = [one.id for one in store.newest(uow, 100_000) if one.at < now - KEPT]
    traces.forget(uow, old)
    directory.forget_terminal_users_before(uow, now - KEPT)
    return store.forget_before(uow, now - KEPT)


def _open(uow: UnitOfWork, import_id: int) -> Import:
    """An import of which somebody decides; raises NotFoundError, RefusedError."""
    one = find_import(uow, import_id, hold=True)
    if one.state is not ImportState.CHECKED:
        raise RefusedError(reason="This import is being worked on, or was stored already.")
    return one


def _keep(uow: UnitOfWork, one: Import, outcome: Outcome) -> list[str]:
    counts = {"new": outcome.new, "changed": outcome.changed, "unchanged": outcome.unchanged, "findings": outcome.findings}
    kinds = list(dict.fromkeys(sheet.kind for sheet in outcome.sheets if sheet.kind))
    counts["rows"] = one.counts.get("rows", 1)
    store.write_outcome(uow, one.id, outcome, counts | {"open": open_pairs(outcome.pairs, one.choices)}, kinds)
    return kinds


def _ask(uow: UnitOfWork, one: Import, job: str, title: str, by: Actor, now: datetime) -> None:
    key, arguments = f"{job}:{one.id}:{now.isoformat()}", {"import": one.id, "rows": one.counts.get("rows", 1)}
    work = NewJob(job, key, title, Permission.CHANGE_PEOPLE.value, arguments, {"name": one.name}, f"/imports/{one.id}")
    store.change(uow, one.id, job_key=jobs.enqueue(uow, work, by.name, now).key)
