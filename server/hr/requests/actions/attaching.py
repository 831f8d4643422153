"""Files that belong to a request: kept as documents of the person, sealed like all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.requests import store
from server.hr.requests.actions.gathering import zone_of
from server.hr.requests.model import Attachment, LeaveRules, Request, RequestState
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


def hand_in_later(uow: UnitOfWork, to: Request, files: tuple[NewFile, ...], by: Actor, now: datetime, *, in_name: bool = False) -> None:
    """Add what a request still lacks: a certificate may follow until so many days after the last day as the rules say.

    in_name: HR takes it at any time. Raises RefusedError when that time is over, or the request came to nothing.
    """
    if not files:
        raise InvalidInputError(field="attachment", reason="choose a file")
    if to.state in {RequestState.REFUSED, RequestState.WITHDRAWN, RequestState.CANCELLED}:
        raise RefusedError(reason="This request came to nothing, so it needs no documents.")
    until = last_day_for_documents(uow, to)
    today = now.astimezone(ZoneInfo(zone_of(uow, to.person_id))).date()
    if to.state is RequestState.APPROVED and today > until and not in_name:
        raise RefusedError(reason="The time for handing in documents is over: it ended on {day}. Ask HR.", day=until)
    attach_files(uow, to, files, by, now)
    record(
        uow,
        by,
        "request.document",
        "request",
        to.number,
        at=now,
        after={"documents": len(store.attachments_of(uow, to.id))},
        people=to.people,
    )


def last_day_for_documents(uow: UnitOfWork, of: Request) -> date:
    """Until when a document may follow, by the rules of the day on which it was asked for."""
    rules = store.rules_on(uow, of.kind, of.created_at.date())
    return of.last_day + timedelta(days=rules.certificate_days if isinstance(rules, LeaveRules) else 0)


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
