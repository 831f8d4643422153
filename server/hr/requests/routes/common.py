"""Requests as JSON: contents by the words of the model, findings with their sentences in the reader's language."""

from typing import Any

import msgspec
from fastapi import Request as Asked
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from server.errors import InvalidInputError, NotFoundError
from server.hr.requests.actions import StoppedError
from server.hr.requests.engine.telling import sentence
from server.hr.requests.model import CONTENTS, Content, Finding, NewRequest, Purpose, Request, RequestKind, kind_of
from server.web.asking import said, words


class Wanted(BaseModel):
    """What is asked for. content: by kind, as `GET` gives it. key: 8 to 64 characters; the same key again is the same request.

    target_id: the approved request that it changes. late: also in a closed period, as a difference to decide on.
    """

    kind: RequestKind
    content: dict[str, Any]
    reason: str
    key: str
    target_id: int | None = None
    late: bool = False


class Comment(BaseModel):
    """A word that is kept with what is done."""

    comment: str = ""


def new_from(wanted: Wanted, person_id: int) -> NewRequest:
    """Raises InvalidInputError for a content that is none of its kind."""
    return NewRequest(
        person_id=person_id,
        content=content_from(wanted.kind, wanted.content),
        reason=wanted.reason.replace("\0", "").strip(),
        key=wanted.key,
        purpose=Purpose.NEW if wanted.target_id is None else Purpose.CHANGE,
        target_id=wanted.target_id,
        late=wanted.late,
    )


def content_from(kind: RequestKind, plain: dict[str, Any]) -> Content:
    try:
        found: Content = msgspec.convert({**plain, "type": kind.value}, CONTENTS[kind], strict=False)  # type: ignore[assignment]
    except (msgspec.ValidationError, OverflowError) as error:
        raise InvalidInputError(field="content", reason="it does not say a request of this kind: {detail}", detail=str(error)) from error
    return found


def as_json(asked: Asked, held: Request) -> dict[str, Any]:
    content = msgspec.to_builtins(held.content)
    content.pop("type", None)
    return {
        "id": held.id,
        "number": held.number,
        "kind": kind_of(held.content).value,
        "purpose": held.purpose.value,
        "target_id": held.target_id,
        "person_id": held.person_id,
        "state": held.state.value,
        "waits_for_partner": held.waits_for_partner,
        "content": content,
        "reason": held.reason,
        "late": held.late,
        "first_day": held.first_day.isoformat(),
        "last_day": held.last_day.isoformat(),
        "minutes": held.minutes,
        "asked_by": held.asked_by,
        "in_name": held.in_name,
        "findings": [finding_json(asked, one) for one in held.findings],
        "submitted_at": held.submitted_at.isoformat() if held.submitted_at else None,
        "ended_at": held.ended_at.isoformat() if held.ended_at else None,
    }


def finding_json(asked: Asked, finding: Finding) -> dict[str, Any]:
    told = {"code": finding.code.value, "severity": finding.severity.value, "field": finding.field, "facts": dict(finding.facts)}
    return told | {"message": sentence(finding, words(asked))}


def stopped(asked: Asked, error: StoppedError) -> JSONResponse:
    """409 with every finding that stops."""
    body = {"code": error.code, "message": said(asked, error), "findings": [finding_json(asked, one) for one in error.findings]}
    return JSONResponse(body, error.status)


def own_person(asked: Asked) -> int:
    """Whose requests "my requests" are; raises NotFoundError for an account that is nobody's."""
    found: int | None = asked.state.visitor.person_id
    if found is None:
        raise NotFoundError(what="person", name="–")
    return found
