"""Work of the import room that no request waits for: looking at a file, and storing it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from server.audit.model import Actor
from server.hr.imports.actions.finding import file_of, find_import
from server.hr.imports.actions.rehearsing import Sheets, rehearse
from server.hr.imports.actions.taking import sheets_of
from server.hr.imports.actions.working import LOOK, STORE, Enrolled, keep_look, store_import, tidy
from server.hr.imports.engine.workbook import read_tables
from server.jobs.kinds import Arguments, JobKind, Progress, Save, Schedule
from server.jobs.model import Job, Shard
from server.storage import Database, UnitOfWork

READING, SAVING, STORING = "reading the file", "keeping what was found", "storing: from here on it cannot be cancelled"


def kinds(database: Database, enrolled: Enrolled) -> tuple[JobKind, ...]:
    """For the runner of this database. enrolled: told when people became terminal users."""

    def look(uow: UnitOfWork, _job: Job, arguments: Arguments, progress: Progress) -> Save:
        """On copies, beside the lock that writers have; only what it comes to is written."""
        import_id, now = arguments["import"], datetime.now(UTC)
        one, sheets = find_import(uow, import_id), _sheets(uow, import_id, progress)
        outcome = rehearse(
            database, sheets, one.permissions, one.choices, Actor(one.author), now, lambda step, behind: progress(behind, step)
        )
        progress(arguments["rows"], SAVING)
        return lambda saving: keep_look(saving, import_id, outcome, datetime.now(UTC))

    def store(uow: UnitOfWork, _job: Job, arguments: Arguments, progress: Progress) -> Save:
        """All or nothing, in the transaction that marks the work done."""
        import_id = arguments["import"]
        sheets = _sheets(uow, import_id, progress)
        progress(0, STORING)
        return lambda saving: store_import(saving, import_id, sheets, enrolled, datetime.now(UTC))

    return (JobKind(LOOK, _split, look), JobKind(STORE, _split, store))


def schedules(zone: str) -> Sequence[Schedule]:
    """What the room does by the clock: letting go of what is kept for a time."""
    return (Schedule("tidy-imports", "20 3 * * *", zone, tidy),)


def _split(_uow: UnitOfWork, arguments: Arguments) -> Sequence[Shard]:
    """One shard, because it is all or nothing."""
    return [Shard(arguments["rows"], {"import": arguments["import"], "rows": arguments["rows"]})]


def _sheets(uow: UnitOfWork, import_id: int, progress: Progress) -> Sheets:
    progress(0, READING)
    one, data = find_import(uow, import_id), file_of(uow, import_id)
    return sheets_of(read_tables(data or b"", one.name), one.kind)
