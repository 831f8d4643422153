"""Documents: taken, handed out, removed."""

from collections.abc import Iterator
from datetime import date, datetime

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError
from server.hr.staff import store
from server.hr.staff.actions.identity import known_person
from server.hr.staff.engine.content import file_type_of, safe_name
from server.hr.staff.model import Document, DocumentAccess, DocumentKind
from server.storage import Database, UnitOfWork

MEGABYTE = 1024 * 1024
HIGHEST_ID = 2**63 - 1
"""What a key in a database can be."""


def add_document(
    uow: UnitOfWork,
    person_id: int,
    kind: DocumentKind,
    name: str,
    data: bytes,
    access: DocumentAccess,
    by: Actor,
    now: datetime,
    expires_on: date | None = None,
) -> Document:
    """Take a file for somebody. Raises NotFoundError; InvalidInputError for a file of a type or size that is not taken."""
    who = known_person(uow, person_id)
    most = store.settings_now(uow).most_document_mb
    if not data:
        raise InvalidInputError(field="file", reason="choose a file with something in it")
    if len(data) > most * MEGABYTE:
        raise InvalidInputError(
            field="file", reason="the file is larger than {most} MB: make it smaller, or hand it in in pieces", most=most
        )
    found = file_type_of(data)
    key = store.add_document(uow, person_id, kind, safe_name(name, found), found, data, access, expires_on, by.name, now)
    after = {"document": key, "kind": kind, "type": found, "bytes": len(data), "access": access, "expires_on": expires_on}
    record(uow, by, "document.add", "person", who.employee_number, at=now, after=after, people=(who.id,))
    made = store.document_by_id(uow, key)
    assert made is not None, "it was stored a moment ago"
    return made


def documents_of(uow: UnitOfWork, person_id: int) -> list[Document]:
    """A person's documents, the latest first."""
    return store.documents_of(uow, person_id)


def find_document(uow: UnitOfWork, document_id: int) -> Document:
    """Raises NotFoundError."""
    found = store.document_by_id(uow, document_id) if 0 < document_id <= HIGHEST_ID else None
    if found is None:
        raise NotFoundError(what="document", name=document_id)
    return found


def open_document(uow: UnitOfWork, document_id: int, by: Actor, now: datetime) -> Document:
    """A document that is about to be handed out (`document_parts`) to whoever may; the look is on the trail. Raises NotFoundError."""
    found = find_document(uow, document_id)
    who = known_person(uow, found.person_id)
    record(
        uow, by, "document.look", "person", who.employee_number, at=now, after={"document": found.id, "kind": found.kind}, people=(who.id,)
    )
    return found


def document_parts(database: Database, wanted: Document) -> Iterator[bytes]:
    """The content of a document, piece by piece."""
    return store.parts_of(database, wanted)


def remove_document(uow: UnitOfWork, document_id: int, reason: str, by: Actor, now: datetime) -> int:
    """Erase a document's content for good; returns whose it was. Raises NotFoundError, InvalidInputError without a reason."""
    reason = reason.strip()
    if not 1 <= len(reason) <= 500:
        raise InvalidInputError(field="reason", reason="say why, in at most {most} characters", most=500)
    found = find_document(uow, document_id)
    who = known_person(uow, found.person_id)
    store.remove_document(uow, document_id, now)
    before = {"document": found.id, "kind": found.kind, "access": found.access}
    record(uow, by, "document.remove", "person", who.employee_number, at=now, before=before, reason=reason, people=(who.id,))
    return found.person_id
