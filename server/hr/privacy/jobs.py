"""Long work of personal data: a file with everything about somebody, and erasing what HR confirmed; each night the list of what is due."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from server.audit.model import Actor
from server.hr.privacy import actions as privacy, store
from server.hr.privacy.actions import erasing, exports
from server.hr.privacy.actions.packing import packed
from server.hr.privacy.model import Keep
from server.jobs.kinds import Arguments, JobKind, Progress, Save, Schedule, in_shards
from server.jobs.model import Job, Shard
from server.storage import DataSubject, Holding, UnitOfWork

Files = Callable[[UnitOfWork, DataSubject], Iterator[tuple[str, Iterator[bytes]]]]
"""Documents of somebody: a name of its own for each, and its content."""
Imports = Callable[[UnitOfWork, DataSubject], Iterator[dict[str, Any]]]
"""Imports that somebody is in."""

PEOPLE_AT_ONCE = 10
"""Erased in one transaction: ten people have some fifty thousand punches and days in ten years, which takes seconds."""


def kinds(holdings: Sequence[Holding], files: Files, imports: Imports, zone: str) -> tuple[JobKind, ...]:
    """holdings, files: of all areas."""

    def pack(uow: UnitOfWork, job: Job, _arguments: Arguments, _progress: Progress) -> Save:
        export = store.export_by_id(uow, job.arguments["export"])
        assert export is not None, "it is made in the transaction that asks for the work"
        subject, now = privacy.subject_of(uow, export.person_id), datetime.now(UTC)
        pieces = packed(uow, subject, holdings, imports(uow, subject), files(uow, subject), export.language, ZoneInfo(zone), now)

        def save(saving: UnitOfWork) -> None:
            store.keep_export(saving, export.id, pieces, now, now + exports.FETCHED_WITHIN)

        return save

    def erase(_uow: UnitOfWork, job: Job, arguments: Arguments, _progress: Progress) -> Save:
        kind, by = Keep(job.arguments["kind"]), Actor(job.arguments["by"])

        def save(saving: UnitOfWork) -> None:
            now = datetime.now(UTC)
            for person_id in arguments["people"]:
                privacy.erase_person(saving, holdings, kind, person_id, now.astimezone(ZoneInfo(zone)).date(), by, now)

        return save

    def look(uow: UnitOfWork, _job: Job, _arguments: Arguments, _progress: Progress) -> Save:
        now = datetime.now(UTC)
        found = privacy.find_due(uow, holdings, now.astimezone(ZoneInfo(zone)).date())
        return lambda saving: privacy.write_due(saving, found, now)

    return (
        JobKind(erasing.LIST_JOB, lambda _uow, _arguments: [Shard(1, {})], look),
        JobKind(exports.JOB, lambda _uow, _arguments: [Shard(1, {})], pack),
        JobKind(erasing.JOB, lambda _uow, arguments: list(in_shards(arguments["people"], PEOPLE_AT_ONCE)), erase),
    )


def schedules(zone: str) -> list[Schedule]:
    """Each night, on the company's clock."""

    def look(uow: UnitOfWork, at: datetime) -> None:
        privacy.ask_listing(uow, at.astimezone(ZoneInfo(zone)).date(), at.astimezone(UTC))

    def end_templates(uow: UnitOfWork, at: datetime) -> None:
        privacy.begin_for_leavers(uow, at.astimezone(ZoneInfo(zone)).date(), at.astimezone(UTC))

    return [
        Schedule("templates-of-leavers", "30 3 * * *", zone, end_templates),
        Schedule("list-erasure", "40 3 * * *", zone, look),
        Schedule("tidy-personal-exports", "50 3 * * *", zone, lambda uow, at: privacy.drop_exports(uow, at.astimezone(UTC))),
    ]
