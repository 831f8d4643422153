"""Reading and writing documents: sealed piece by piece, so that a large one is never in memory twice."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from server.hr.staff.model import Document, DocumentAccess, DocumentKind, FileType
from server.hr.staff.tables import document, document_part, prior_service
from server.storage import Database, UnitOfWork

PART_BYTES = 1024 * 1024


def add_document(
    uow: UnitOfWork,
    person_id: int,
    kind: DocumentKind,
    name: str,
    file_type: FileType,
    data: bytes,
    access: DocumentAccess,
    expires_on: date | None,
    author: str,
    now: datetime,
) -> int:
    """Store a file and its content; returns its id."""
    parts = -(-len(data) // PART_BYTES)
    row = {
        "person_id": person_id, "kind": kind.value, "sealed_name": b"", "file_type": file_type.value, "size": len(data), "parts": parts,
        "access": access.value, "expires_on": expires_on, "author": author, "added_at": now,
    }  # fmt: skip
    made = uow.execute(document.insert().values(**row)).inserted_primary_key
    assert made is not None
    key = int(made[0])
    uow.execute(update(document).where(document.c.id == key).values(sealed_name=uow.vault.seal(name, _name_place(key))))
    view = memoryview(data)
    for number in range(parts):
        piece = bytes(view[number * PART_BYTES : (number + 1) * PART_BYTES])
        sealed = uow.vault.seal_bytes(piece, _part_place(key, number, parts))
        uow.execute(document_part.insert().values(document_id=key, number=number, sealed=sealed))
    return key


def documents_of(uow: UnitOfWork, person_id: int) -> list[Document]:
    """A person's documents that were not removed, the latest first."""
    query = select(document).where(document.c.person_id == person_id, document.c.removed_at.is_(None))
    return [_document(uow, row) for row in uow.fetch_all(query.order_by(document.c.id.desc()))]


def document_by_id(uow: UnitOfWork, document_id: int) -> Document | None:
    row = uow.fetch_one(select(document).where(document.c.id == document_id, document.c.removed_at.is_(None)))
    return None if row is None else _document(uow, row)


def parts_of(database: Database, wanted: Document) -> Iterator[bytes]:
    """The content, piece by piece, each in a look of its own: somebody with a slow line holds no transaction."""
    part = document_part.c
    for number in range(wanted.parts):
        with database.reading() as uow:
            sealed = uow.scalar(select(part.sealed).where(part.document_id == wanted.id, part.number == number))
            if sealed is None:
                return  # removed meanwhile: the file comes out too short, and its length says so
            piece = uow.vault.open_bytes(bytes(sealed), _part_place(wanted.id, number, wanted.parts))
        yield piece


def opened_parts(uow: UnitOfWork, wanted: Document) -> Iterator[bytes]:
    """The content, piece by piece, in one look."""
    part = document_part.c
    for number in range(wanted.parts):
        sealed = uow.scalar(select(part.sealed).where(part.document_id == wanted.id, part.number == number))
        yield uow.vault.open_bytes(bytes(sealed), _part_place(wanted.id, number, wanted.parts))


def remove_document(uow: UnitOfWork, document_id: int, now: datetime) -> None:
    """Erase the content, and what was proved by it is proved no more."""
    uow.execute(update(prior_service).where(prior_service.c.document_id == document_id).values(document_id=None))
    uow.execute(delete(document_part).where(document_part.c.document_id == document_id))
    uow.execute(update(document).where(document.c.id == document_id).values(removed_at=now))


def name_of(uow: UnitOfWork, row: Row[Any]) -> str:
    """The name of a document that was not removed."""
    return uow.vault.open(bytes(row.sealed_name), _name_place(row.id))


def _name_place(document_id: int) -> str:
    return f"document/{document_id}/name"


def _part_place(document_id: int, number: int, parts: int) -> str:
    """With how many there are, so that nobody can cut a file or change the order of its pieces."""
    return f"document/{document_id}/{number}/{parts}"


def _document(uow: UnitOfWork, row: Row[Any]) -> Document:
    return Document(
        id=row.id,
        person_id=row.person_id,
        kind=DocumentKind(row.kind),
        name=name_of(uow, row),
        file_type=FileType(row.file_type),
        size=row.size,
        parts=row.parts,
        access=DocumentAccess(row.access),
        expires_on=row.expires_on,
        author=row.author,
        added_at=row.added_at,
    )
