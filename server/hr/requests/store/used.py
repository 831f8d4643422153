"""What of a month is used up already."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from server.hr.requests.model import CorrectionCause, OvertimeContent, Purpose, RequestKind, RequestState
from server.hr.requests.store.requests import content_from
from server.hr.requests.tables import hr_request
from server.storage import UnitOfWork

_c = hr_request.c
COUNTING = (RequestState.WAITING.value, RequestState.APPROVED.value)


def corrections_in_month(
    uow: UnitOfWork, person_id: int, month: tuple[date, date], causes: Collection[CorrectionCause], without: set[int]
) -> int:
    """How many corrections of these causes wait or are approved for days of the month. without: requests that do not count."""
    mine = (_c.person_id == person_id, _c.kind == RequestKind.CORRECTION.value, _c.purpose != Purpose.CANCEL.value)
    query = select(_c.id).where(*mine, _c.detail.in_([one.value for one in causes]), _c.state.in_(COUNTING))
    rows = uow.fetch_all(query.where(_c.first_day >= month[0], _c.first_day <= month[1]))
    return sum(row.id not in without for row in rows)


def overtime_by_day(uow: UnitOfWork, person_id: int, month: tuple[date, date], without: set[int]) -> dict[date, int]:
    """Minutes of overtime that wait or are approved, by the day they begin on."""
    mine = (_c.person_id == person_id, _c.kind == RequestKind.OVERTIME.value, _c.purpose != Purpose.CANCEL.value, _c.state.in_(COUNTING))
    query = select(_c.id, _c.first_day, _c.content).where(*mine, _c.first_day >= month[0], _c.first_day <= month[1])
    found: dict[date, int] = defaultdict(int)
    for row in uow.fetch_all(query):
        content = content_from(row.content)
        if row.id not in without and isinstance(content, OvertimeContent):
            found[row.first_day] += content.minutes if content.minutes is not None else (content.ends_at - content.starts_at) // 60
    return dict(found)
