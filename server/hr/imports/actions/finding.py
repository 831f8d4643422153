"""Finding an import."""

from server.errors import NotFoundError
from server.hr.imports import store
from server.hr.imports.model import Import, Outcome
from server.storage import UnitOfWork


def find_import(uow: UnitOfWork, import_id: int, *, hold: bool = False) -> Import:
    """The import as it stands; hold: for this transaction alone. Raises NotFoundError."""
    found = store.locked(uow, import_id) if hold else store.find(uow, import_id)
    if found is None:
        raise NotFoundError(what="import", name=import_id)
    return found


def list_imports(uow: UnitOfWork, limit: int, below: int | None = None) -> list[Import]:
    """The newest first; below: only those with a smaller number."""
    return store.newest(uow, limit, below)


def outcome_of(uow: UnitOfWork, import_id: int) -> Outcome | None:
    """What an import comes to; None before it was looked at, and when that is kept no more."""
    return store.outcome_of(uow, import_id)


def file_of(uow: UnitOfWork, import_id: int) -> bytes | None:
    """The file as it was handed in; None when it is kept no more."""
    return store.file_of(uow, import_id)
