"""`/api/v1/request-rules`: the company's rules of asking."""

from datetime import date
from typing import Any

import msgspec
from fastapi import APIRouter, Request as Asked
from pydantic import BaseModel

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError
from server.hr.requests import actions as requests
from server.hr.requests.model import RULES, RequestKind, RulesVersion
from server.web.asking import database_of, now
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["requests"])


class NewRules(BaseModel):
    """rules: all fields of the kind, as `GET` gives them; what is left out is as a company begins."""

    rules: dict[str, Any]
    first_day: date
    reason: str


@router.get("/request-rules/{kind}", dependencies=[needs(Permission.SEE_REQUESTS)])
def versions(asked: Asked, kind: RequestKind) -> dict[str, Any]:
    """All versions of a kind's rules, the latest first; the last is what a company begins with."""
    with database_of(asked).reading() as uow:
        found = requests.rules_versions(uow, kind)
    return {"versions": [_as_json(one) for one in found]}


@router.post("/request-rules/{kind}", dependencies=[needs(Permission.CHANGE_RULES)])
def change(asked: Asked, kind: RequestKind, wanted: NewRules) -> dict[str, Any]:
    """Let rules hold for what is asked from a day on."""
    try:
        rules: Any = msgspec.convert(wanted.rules, RULES[kind])
    except msgspec.ValidationError as error:
        raise InvalidInputError(field="rules", reason="these are no rules of this kind: {detail}", detail=str(error)) from error
    with database_of(asked).writing() as uow:
        return _as_json(requests.change_rules(uow, kind, rules, wanted.first_day, wanted.reason, actor_of(asked), now()))


def _as_json(version: RulesVersion) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(version)
    return plain
