"""Leave without a document, and of what people were reminded."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, select

from server.hr.requests.model import Purpose, RequestKind, RequestLine, RequestState
from server.hr.requests.store.lists import lines_of
from server.hr.requests.tables import hr_request, request_document, request_reminder
from server.storage import UnitOfWork, insert_ignoring, portions

_c = hr_request.c


def leave_without_documents(uow: UnitOfWork, within: Select[Any] | None, first: date, last: date) -> list[RequestLine]:
    """Approved leave that ended from first to last and has no document. within: a SELECT of person ids; None: everybody's."""
    conditions = [
        _c.kind == RequestKind.LEAVE.value,
        _c.state == RequestState.APPROVED.value,
        _c.purpose != Purpose.CANCEL.value,
        _c.last_day.between(first, last),
        ~exists(select(request_document.c.request_id).where(request_document.c.request_id == _c.id)),
    ]
    if within is not None:
        conditions.append(_c.person_id.in_(within))
    return lines_of(uow, conditions)


def reminders_of(uow: UnitOfWork, request_ids: Collection[int]) -> set[tuple[int, str]]:
    """(request, stage) of which people were told."""
    found: set[tuple[int, str]] = set()
    for keys in portions(request_ids):
        query = select(request_reminder.c.request_id, request_reminder.c.stage).where(request_reminder.c.request_id.in_(keys))
        found |= {(row.request_id, row.stage) for row in uow.fetch_all(query)}
    return found


def note_reminders(uow: UnitOfWork, told: Iterable[tuple[int, str]], now: datetime) -> None:
    rows = [{"request_id": request_id, "stage": stage, "told_at": now} for request_id, stage in told]
    insert_ignoring(uow, request_reminder, rows, ("request_id", "stage"))
