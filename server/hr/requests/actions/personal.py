"""What requests hold about somebody."""

from sqlalchemy import Select, or_, select

from server.hr.requests.tables import hr_request, request_document, request_effect, request_event
from server.storage import DataSubject, Holding


def _own(one: DataSubject) -> Select[tuple[int]]:
    request = hr_request.c
    return select(request.id).where(or_(request.person_id == one.person_id, request.partner_id == one.person_id))


HOLDINGS = (
    Holding(hr_request, "Requests", lambda one: hr_request.c.id.in_(_own(one)), secret=("idempotency_key",)),
    Holding(request_event, "What happened to requests", lambda one: request_event.c.request_id.in_(_own(one))),
    Holding(request_effect, "What requests made", lambda one: request_effect.c.request_id.in_(_own(one))),
    Holding(request_document, "Documents of requests", lambda one: request_document.c.request_id.in_(_own(one))),
)
