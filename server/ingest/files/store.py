"""The table of files that were handed in."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update

from protocol.attlog.problem import Refusal
from protocol.attlog.survey import Survey
from server.fleet import actions as fleet
from server.ingest.files.model import FileState, PunchFile
from server.ingest.tables import epoch, punch_file
from server.storage import UnitOfWork

OWN_EPOCH = "files-handed-in-at-the-server"
"""No edge can say so: its epochs are 32 hexadecimal digits."""
NO_HEAD = bytes(32)
_SHOWN = [column for column in punch_file.c if column.name != "content"]


def add(uow: UnitOfWork, values: dict[str, Any]) -> int:
    return int(uow.scalar(insert(punch_file).values(values).returning(punch_file.c.id)))


def find(uow: UnitOfWork, file_id: int, *, hold: bool = False) -> PunchFile | None:
    """hold: nobody else changes it until this transaction ends."""
    query = select(*_SHOWN).where(punch_file.c.id == file_id)
    row = uow.fetch_one(query.with_for_update() if hold else query)
    return None if row is None else _as_file(row, _serials(uow))


def newest(uow: UnitOfWork, limit: int, below: int | None = None, terminal_id: int | None = None) -> list[PunchFile]:
    query = select(*_SHOWN).order_by(punch_file.c.id.desc()).limit(limit)
    if below is not None:
        query = query.where(punch_file.c.id < below)
    if terminal_id is not None:
        query = query.where(punch_file.c.terminal_id == terminal_id)
    serials = _serials(uow)
    return [_as_file(row, serials) for row in uow.fetch_all(query)]


def content_of(uow: UnitOfWork, file_id: int) -> bytes:
    """As packed; empty where it was let go."""
    return bytes(uow.scalar(select(punch_file.c.content).where(punch_file.c.id == file_id)) or b"")


def change(uow: UnitOfWork, file_id: int, **values: Any) -> None:
    uow.execute(update(punch_file).where(punch_file.c.id == file_id).values(values))


def count(uow: UnitOfWork, file_id: int, new: int, known: int, quarantined: int) -> None:
    """Add to what has become of its rows."""
    table = punch_file.c
    change(uow, file_id, new=table.new + new, known=table.known + known, quarantined=table.quarantined + quarantined)


def forget(uow: UnitOfWork, contents_before: datetime, files_before: datetime) -> None:
    """Let go of contents that nobody decided about, and later of everything."""
    uow.execute(update(punch_file).where(punch_file.c.at < contents_before).values(content=None))
    uow.execute(delete(punch_file).where(punch_file.c.at < files_before))


def own_epoch(uow: UnitOfWork, edge_id: int, now: datetime) -> int:
    """The server's own epoch beside those of this edge; made when it is needed first."""
    query = select(epoch.c.id).where(epoch.c.edge_id == edge_id, epoch.c.epoch == OWN_EPOCH)
    found = uow.scalar(query)
    if found is not None:
        return int(found)
    values = {"edge_id": edge_id, "epoch": OWN_EPOCH, "mark": 0, "head": NO_HEAD, "session": "", "state": "closed"}
    return int(uow.scalar(insert(epoch).values(values | {"opened_at": now, "moved_at": now}).returning(epoch.c.id)))


def _serials(uow: UnitOfWork) -> dict[int, str]:
    return {one.terminal.id: str(one.terminal.serial) for one in fleet.list_terminals(uow)}


def _as_file(row: Any, serials: dict[int, str]) -> PunchFile:
    return PunchFile(
        id=row.id,
        terminal_id=row.terminal_id,
        serial=serials.get(row.terminal_id, ""),
        name=row.name,
        size=row.size,
        sha256=row.sha256,
        devices=tuple(row.devices),
        any_device=row.any_device,
        state=FileState(row.state),
        job_key=row.job_key,
        survey=msgspec.convert(row.survey, Survey) if row.survey else None,
        reasons=row.reasons,
        new=row.new,
        known=row.known,
        quarantined=row.quarantined,
        refusal=Refusal(row.refusal) if row.refusal else None,
        shown=row.shown,
        author=row.author,
        at=row.at,
        taken_by=row.taken_by,
        taken_at=row.taken_at,
    )
