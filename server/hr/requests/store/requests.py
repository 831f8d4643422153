"""Requests as rows, with what happened to them and what they made."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Row, func, or_, select, update

from server.hr.requests.model import (
    PREFIXES,
    Attachment,
    Content,
    Effect,
    EffectKind,
    Finding,
    FindingCode,
    Happened,
    NewRequest,
    Purpose,
    Request,
    RequestEvent,
    RequestKind,
    RequestState,
    Severity,
    detail_of,
    kind_of,
    partner_of,
)
from server.hr.requests.tables import hr_request, request_document, request_effect, request_event, request_number
from server.storage import UnitOfWork, insert_ignoring

_c = hr_request.c


def next_number(uow: UnitOfWork, kind: RequestKind, year: int) -> str:
    """The next number of a kind in a year; others who want one wait until this transaction ends."""
    key = {"prefix": PREFIXES[kind], "year": year}
    insert_ignoring(uow, request_number, [{**key, "last": 0}], ("prefix", "year"))
    here = (request_number.c.prefix == key["prefix"], request_number.c.year == year)
    last = uow.scalar(update(request_number).where(*here).values(last=request_number.c.last + 1).returning(request_number.c.last))
    return f"{key['prefix']}-{year}-{int(last):06d}"


def add_request(
    uow: UnitOfWork,
    new: NewRequest,
    number: str,
    days: tuple[date, date],
    minutes: int | None,
    asked_by: str,
    now: datetime,
    *,
    in_name: bool,
) -> int:
    values = {
        "number": number,
        "purpose": new.purpose.value,
        "target_id": new.target_id,
        "person_id": new.person_id,
        "state": RequestState.DRAFT.value,
        "asked_by": asked_by,
        "in_name": in_name,
        "findings": [],
        "idempotency_key": new.key,
        "created_at": now,
        **_said(new.content, new.reason, days, minutes, late=new.late),
    }
    return int(uow.scalar(hr_request.insert().values(**values).returning(_c.id)))


def set_content(uow: UnitOfWork, request_id: int, new: NewRequest, days: tuple[date, date], minutes: int | None) -> None:
    """Let a request say something else; a partner who agreed agreed to something else."""
    said = _said(new.content, new.reason, days, minutes, late=new.late)
    uow.execute(update(hr_request).where(_c.id == request_id).values(partner_agreed_at=None, **said))


def move(
    uow: UnitOfWork,
    request_id: int,
    before: RequestState,
    after: RequestState,
    *,
    submitted_at: datetime | None = None,
    ended_at: datetime | None = None,
    findings: Sequence[Finding] | None = None,
) -> bool:
    """Bring a request from one state to another; False where somebody else moved it meanwhile."""
    values: dict[str, Any] = {"state": after.value, "ended_at": ended_at}
    if submitted_at is not None:
        values["submitted_at"] = submitted_at
    if findings is not None:
        values["findings"] = [_finding_row(one) for one in findings]
    return uow.execute(update(hr_request).where(_c.id == request_id, _c.state == before.value).values(**values)).rowcount == 1


def set_partner_agreed(uow: UnitOfWork, request_id: int, now: datetime) -> None:
    uow.execute(update(hr_request).where(_c.id == request_id).values(partner_agreed_at=now))


def request_by_id(uow: UnitOfWork, request_id: int) -> Request | None:
    row = uow.fetch_one(select(hr_request).where(_c.id == request_id))
    return None if row is None else as_request(row)


def requests_by_id(uow: UnitOfWork, request_ids: Collection[int]) -> dict[int, Request]:
    rows = uow.fetch_all(select(hr_request).where(_c.id.in_(list(request_ids))))
    return {row.id: as_request(row) for row in rows}


def request_by_key(uow: UnitOfWork, person_id: int, key: str) -> Request | None:
    """The request that a browser sent already."""
    row = uow.fetch_one(select(hr_request).where(_c.person_id == person_id, _c.idempotency_key == key))
    return None if row is None else as_request(row)


def waiting_between(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> list[Request]:
    """Requests that wait and touch these days, of these people or about their roster."""
    mine = or_(_c.person_id.in_(list(person_ids)), _c.partner_id.in_(list(person_ids)))
    query = select(hr_request).where(mine, _c.last_day >= first, _c.first_day <= last, _c.state == RequestState.WAITING.value)
    return [as_request(row) for row in uow.fetch_all(query.where(_c.purpose != Purpose.CANCEL.value).order_by(_c.id))]


def waiting_for_partner(uow: UnitOfWork, person_id: int) -> list[Request]:
    """Swaps that this partner has not answered, the oldest first."""
    mine = (_c.partner_id == person_id, _c.state == RequestState.WAITING.value, _c.partner_agreed_at.is_(None))
    query = select(hr_request).where(*mine, _c.purpose != Purpose.CANCEL.value)
    return [as_request(row) for row in uow.fetch_all(query.order_by(_c.id))]


def waiting_change_of(uow: UnitOfWork, target_id: int) -> Request | None:
    """The request that waits and would change or cancel this one."""
    open_ones = (RequestState.WAITING.value, RequestState.SENT_BACK.value)
    row = uow.fetch_one(select(hr_request).where(_c.target_id == target_id, _c.state.in_(open_ones)))
    return None if row is None else as_request(row)


def add_event(
    uow: UnitOfWork, request_id: int, event: RequestEvent, state: RequestState, actor: str, now: datetime, comment: str = ""
) -> None:
    values = {"request_id": request_id, "event": event.value, "state": state.value, "actor": actor, "at": now, "comment": comment}
    uow.execute(request_event.insert().values(**values))


def events_of(uow: UnitOfWork, request_id: int) -> list[Happened]:
    query = select(request_event).where(request_event.c.request_id == request_id).order_by(request_event.c.id)
    return [Happened(RequestEvent(row.event), RequestState(row.state), row.at, row.actor, row.comment) for row in uow.fetch_all(query)]


def add_effect(uow: UnitOfWork, request_id: int, kind: EffectKind, reference: int) -> None:
    uow.execute(request_effect.insert().values(request_id=request_id, kind=kind.value, reference=reference))


def effects_of(uow: UnitOfWork, request_id: int) -> list[Effect]:
    query = select(request_effect).where(request_effect.c.request_id == request_id).order_by(request_effect.c.id)
    return [Effect(EffectKind(row.kind), row.reference, row.undone_at) for row in uow.fetch_all(query)]


def undo_effects(uow: UnitOfWork, request_id: int, now: datetime) -> None:
    here = (request_effect.c.request_id == request_id, request_effect.c.undone_at.is_(None))
    uow.execute(update(request_effect).where(*here).values(undone_at=now))


def attach(uow: UnitOfWork, request_id: int, document_id: int, name: str) -> None:
    uow.execute(request_document.insert().values(request_id=request_id, document_id=document_id, name=name))


def attachments_of(uow: UnitOfWork, request_id: int) -> list[Attachment]:
    query = select(request_document).where(request_document.c.request_id == request_id).order_by(request_document.c.document_id)
    return [Attachment(row.document_id, row.name) for row in uow.fetch_all(query)]


def count_attachments(uow: UnitOfWork, request_id: int) -> int:
    return int(uow.scalar(select(func.count()).where(request_document.c.request_id == request_id)))


def content_from(plain: Any) -> Content:
    """A content out of plain values; raises msgspec.ValidationError."""
    content: Content = msgspec.convert(plain, Content, strict=False)
    return content


def as_request(row: Row[Any]) -> Request:
    return Request(
        id=row.id,
        number=row.number,
        purpose=Purpose(row.purpose),
        target_id=row.target_id,
        person_id=row.person_id,
        partner_id=row.partner_id,
        partner_agreed_at=row.partner_agreed_at,
        state=RequestState(row.state),
        content=content_from(row.content),
        reason=row.reason,
        late=bool(row.late),
        first_day=row.first_day,
        last_day=row.last_day,
        minutes=row.minutes,
        asked_by=row.asked_by,
        in_name=bool(row.in_name),
        findings=tuple(_finding(one) for one in row.findings),
        created_at=row.created_at,
        submitted_at=row.submitted_at,
        ended_at=row.ended_at,
    )


def _said(content: Content, reason: str, days: tuple[date, date], minutes: int | None, *, late: bool) -> dict[str, Any]:
    return {
        "kind": kind_of(content).value,
        "partner_id": partner_of(content),
        "content": msgspec.to_builtins(content),
        "detail": detail_of(content),
        "reason": reason,
        "late": late,
        "first_day": days[0],
        "last_day": days[1],
        "minutes": minutes,
    }


def _finding_row(finding: Finding) -> dict[str, Any]:
    return {"code": finding.code.value, "severity": finding.severity.value, "field": finding.field, "facts": dict(finding.facts)}


def _finding(row: dict[str, Any]) -> Finding:
    return Finding(FindingCode(row["code"]), Severity(row["severity"]), row["field"], row["facts"])
