"""Files that belong to a request: kept as documents of the person, sealed like all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError
from server.hr.requests import store
from server.hr.requests.model import Attachment, Request
from server.hr.staff import actions as staff
from server.hr.staff.model import Document, DocumentAccess, DocumentKind
from server.storage import Database, UnitOfWork

MOST_FILES = 5


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as a browser sent it."""

    name: str
    data: bytes


def attach_files(uow: UnitOfWork, to: Request, files: tuple[NewFile, ...], by: Actor, now: datetime) -> None:
    """Keep files with a request. Raises InvalidInputError for one that is too large or of a kind that is not taken."""
    if len(files) + len(store.attachments_of(uow, to.id)) > MOST_FILES:
        raise InvalidInputError(field="attachment", reason="a request takes {most} files at most", most=MOST_FILES)
    for one in files:
        kept = staff.add_document(uow, to.person_id, DocumentKind.REQUEST, one.name, one.data, DocumentAccess.HR, by, now)
        store.attach(uow, to.id, kept.id, kept.name)


def attachments_of(uow: UnitOfWork, request_id: int) -> list[Attachment]:
    """What belongs to a request."""
    return store.attachments_of(uow, request_id)


def open_attachment(uow: UnitOfWork, request_id: int, document_id: int, by: Actor, now: datetime) -> Document:
    """One of its files, about to be handed out; the look is on the trail. Raises NotFoundError for a document of something else."""
    if document_id not in {one.document_id for one in store.attachments_of(uow, request_id)}:
        raise NotFoundError(what="document", name=document_id)
    return staff.open_document(uow, document_id, by, now)


def attachment_parts(database: Database, wanted: Document) -> Iterator[bytes]:
    """Its content, piece by piece."""
    return staff.document_parts(database, wanted)
