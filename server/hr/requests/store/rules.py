"""The rules of asking, by kind and day."""

from datetime import date, datetime
from typing import Any, cast

import msgspec
from sqlalchemy import Row, select

from server.hr.requests.model import RULES, RequestKind, Rules, RulesVersion
from server.hr.requests.tables import request_rules
from server.storage import UnitOfWork

_c = request_rules.c
BEGINNING = date(1970, 1, 1)


def rules_on(uow: UnitOfWork, kind: RequestKind, day: date) -> Rules:
    """What holds on a day: of two from one day the later made, and what a company begins with where there is none."""
    query = select(request_rules).where(_c.kind == kind.value, _c.first_day <= day)
    row = uow.fetch_one(query.order_by(_c.first_day.desc(), _c.id.desc()).limit(1))
    return _rules(kind, row.body) if row else _rules(kind, {})


def rules_versions(uow: UnitOfWork, kind: RequestKind) -> list[RulesVersion]:
    """All of a kind, the latest first, down to what a company begins with."""
    query = select(request_rules).where(_c.kind == kind.value).order_by(_c.first_day.desc(), _c.id.desc())
    return [*map(_version, uow.fetch_all(query)), RulesVersion(id=0, kind=kind, first_day=BEGINNING, rules=_rules(kind, {}))]


def add_rules(uow: UnitOfWork, version: RulesVersion, now: datetime) -> int:
    values = {
        "kind": version.kind.value,
        "first_day": version.first_day,
        "body": msgspec.to_builtins(version.rules),
        "author": version.author,
        "reason": version.reason,
        "at": now,
    }
    return int(uow.scalar(request_rules.insert().values(**values).returning(_c.id)))


def _version(row: Row[Any]) -> RulesVersion:
    kind = RequestKind(row.kind)
    rules = _rules(kind, row.body)
    return RulesVersion(id=row.id, kind=kind, first_day=row.first_day, rules=rules, author=row.author, reason=row.reason)


def _rules(kind: RequestKind, body: Any) -> Rules:
    return cast("Rules", msgspec.convert(body, RULES[kind]))
