"""Reading and writing imports."""

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, select, update

from server.hr.imports.model import Import, ImportState, Outcome
from server.hr.imports.tables import import_run
from server.storage import UnitOfWork


def add(uow: UnitOfWork, name: str, data: bytes, sha256: str, kind: str, permissions: frozenset[str], by: str, now: datetime) -> int:
    """A new import, with its file; returns its number."""
    values: dict[str, Any] = {
        "name": name,
        "size": len(data),
        "sha256": sha256,
        "kind": kind,
        "state": ImportState.CHECKING.value,
        "job_key": "",
    }
    values |= {"permissions": sorted(permissions), "choices": {}, "counts": {}, "kinds": [], "author": by, "at": now}
    made = uow.execute(import_run.insert().values(**values, stored_by="", undone_by="", undo_reason="")).inserted_primary_key
    assert made is not None
    key = int(made[0])
    change(uow, key, sealed_file=uow.vault.seal_bytes(zlib.compress(data), f"import/{key}/file"))
    return key


def change(uow: UnitOfWork, import_id: int, **values: Any) -> None:
    uow.execute(update(import_run).where(import_run.c.id == import_id).values(**values))


def find(uow: UnitOfWork, import_id: int) -> Import | None:
    row = uow.fetch_one(select(*_SHOWN).where(import_run.c.id == import_id))
    return None if row is None else _import(row)


def locked(uow: UnitOfWork, import_id: int) -> Import | None:
    """The import, for this transaction alone."""
    row = uow.fetch_one(select(*_SHOWN).where(import_run.c.id == import_id).with_for_update())
    return None if row is None else _import(row)


def newest(uow: UnitOfWork, limit: int, below: int | None = None) -> list[Import]:
    query = select(*_SHOWN).order_by(import_run.c.id.desc()).limit(limit)
    if below is not None:
        query = query.where(import_run.c.id < below)
    return [_import(row) for row in uow.fetch_all(query)]


def file_of(uow: UnitOfWork, import_id: int) -> bytes | None:
    """The file as it was handed in; None when it is kept no more."""
    sealed = uow.scalar(select(import_run.c.sealed_file).where(import_run.c.id == import_id))
    return None if sealed is None else zlib.decompress(uow.vault.open_bytes(bytes(sealed), f"import/{import_id}/file"))


def outcome_of(uow: UnitOfWork, import_id: int) -> Outcome | None:
    """What it comes to, as it was last worked out; None before, and when it is kept no more."""
    sealed = uow.scalar(select(import_run.c.sealed_outcome).where(import_run.c.id == import_id))
    if sealed is None:
        return None
    plain = zlib.decompress(uow.vault.open_bytes(bytes(sealed), f"import/{import_id}/outcome"))
    return msgspec.json.decode(plain, type=Outcome)


def write_outcome(uow: UnitOfWork, import_id: int, outcome: Outcome, counts: Mapping[str, int], kinds: list[str]) -> None:
    sealed = uow.vault.seal_bytes(zlib.compress(msgspec.json.encode(outcome), 3), f"import/{import_id}/outcome")
    change(uow, import_id, sealed_outcome=sealed, counts=dict(counts), kinds=kinds)


def forget_before(uow: UnitOfWork, moment: datetime) -> int:
    """Let go of files and of what was found in them; returns how many."""
    old = (import_run.c.at < moment, import_run.c.sealed_file.is_not(None))
    return uow.execute(update(import_run).where(*old).values(sealed_file=None, sealed_outcome=None, choices={})).rowcount


_SHOWN = [one for one in import_run.c if one.name not in {"sealed_file", "sealed_outcome"}]


def _import(row: Row[Any]) -> Import:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name for a row as a mapping
    values |= {"state": ImportState(row.state), "permissions": frozenset(row.permissions), "kinds": tuple(row.kinds)}
    return Import(**values)
