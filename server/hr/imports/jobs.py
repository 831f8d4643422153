"""Work of the import room that no request waits for: looking at a file, and storing it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from server.hr.imports.actions.finding import file_of, find_import
from server.hr.imports.actions.taking import sheets_of
from server.hr.imports.actions.working import LOOK, STORE, Enrolled, Sheets, look, store_import, tidy
from server.hr.imports.engine.workbook import read_tables
from server.jobs.kinds import Arguments, JobKind, Progress, Save, Schedule
from server.jobs.model import Job, Shard
from server.storage import UnitOfWork


def kinds(enrolled: Enrolled) -> tuple[JobKind, ...]:
    """For the runner. enrolled: told when people became terminal users."""

    def keep_look(uow: UnitOfWork, import_id: int, sheets: Sheets) -> None:
        look(uow, import_id, sheets, datetime.now(UTC))

    def keep_all(uow: UnitOfWork, import_id: int, sheets: Sheets) -> None:
        store_import(uow, import_id, sheets, enrolled, datetime.now(UTC))

    return (JobKind(LOOK, _split, _read_and(keep_look)), JobKind(STORE, _split, _read_and(keep_all)))


def schedules(zone: str) -> Sequence[Schedule]:
    """What the room does by the clock: letting go of what is kept for a time."""
    return (Schedule("tidy-imports", "20 3 * * *", zone, tidy),)


def _split(uow: UnitOfWork, arguments: Arguments) -> Sequence[Shard]:
    """One shard, because it is all or nothing."""
    return [Shard(sum(len(table.lines) for table, _ in _sheets(uow, arguments["import"])), {"import": arguments["import"]})]


def _read_and(keep: Callable[[UnitOfWork, int, Sheets], None]) -> Callable[[UnitOfWork, Job, Arguments, Progress], Save]:
    """Read the file beside the database's lock, and do the rest in the transaction that marks the work done."""

    def work(uow: UnitOfWork, _job: Job, arguments: Arguments, _progress: Progress) -> Save:
        import_id = arguments["import"]
        sheets = _sheets(uow, import_id)
        return lambda saving: keep(saving, import_id, sheets)

    return work


def _sheets(uow: UnitOfWork, import_id: int) -> Sheets:
    one, data = find_import(uow, import_id), file_of(uow, import_id)
    return sheets_of(read_tables(data or b"", one.name), one.kind)
