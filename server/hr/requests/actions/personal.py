"""What requests hold about somebody. A swap that somebody else asked for is that person's record, and stays with it."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, Table, or_, select

from server.audit.actions import erase_contents
from server.hr.requests.tables import hr_request, request_document, request_effect, request_event, request_reminder
from server.storage import DataSubject, Holding, UnitOfWork

KEEP = "requests"


def _about(one: DataSubject) -> Select[tuple[int]]:
    request = hr_request.c
    return select(request.id).where(or_(request.person_id == one.person_id, request.partner_id == one.person_id))


def _own(one: DataSubject) -> ColumnElement[bool]:
    return hr_request.c.person_id == one.person_id


def _asked(one: DataSubject) -> Select[tuple[int]]:
    return select(hr_request.c.id).where(_own(one))


def _erase(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    """With what the trail says of them."""
    numbers = [row.number for row in uow.fetch_all(select(hr_request.c.number).where(_own(one)))]
    erase_contents(uow, "request", numbers)
    return uow.execute(hr_request.delete().where(_own(one))).rowcount


def _beside(table: Table, title: str) -> Holding:
    """What stands beside requests: read by both people of a swap, and gone with the request of whoever asked."""
    request_id = table.c.request_id
    return Holding(table, title, lambda one: request_id.in_(_about(one)), keep=KEEP, goes=lambda one: request_id.in_(_asked(one)))


HOLDINGS = (
    _beside(request_reminder, "Reminders of certificates"),
    _beside(request_event, "What happened to requests"),
    _beside(request_effect, "What requests made"),
    _beside(request_document, "Documents of requests"),
    Holding(
        hr_request,
        "Requests",
        lambda one: hr_request.c.id.in_(_about(one)),
        secret=("idempotency_key",),
        keep=KEEP,
        goes=_own,
        erased=_erase,
    ),
)
