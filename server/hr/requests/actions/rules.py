"""The company's rules of asking: read, and changed from a day on."""

from datetime import date, datetime

import msgspec

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, RefusedError
from server.hr.requests import store
from server.hr.requests.engine.rule_checks import check_rules
from server.hr.requests.model import RequestKind, Rules, RulesVersion
from server.storage import UnitOfWork

LONGEST_REASON = 500


def rules_on(uow: UnitOfWork, kind: RequestKind, day: date) -> Rules:
    """What holds on a day."""
    return store.rules_on(uow, kind, day)


def rules_versions(uow: UnitOfWork, kind: RequestKind) -> list[RulesVersion]:
    """All of a kind, the latest first."""
    return store.rules_versions(uow, kind)


def change_rules(uow: UnitOfWork, kind: RequestKind, rules: Rules, first_day: date, reason: str, by: Actor, now: datetime) -> RulesVersion:
    """Let these hold for what is asked from a day on. Raises InvalidInputError; RefusedError where they hold already."""
    check_rules(kind, rules)
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InvalidInputError(field="reason", reason="say why, in at most {most} characters", most=LONGEST_REASON)
    before = store.rules_on(uow, kind, first_day)
    if before == rules:
        raise RefusedError(reason="These rules hold on {day} already; nothing was changed.", day=first_day)
    made = RulesVersion(id=0, kind=kind, first_day=first_day, rules=rules, author=by.name, reason=reason)
    key = store.add_rules(uow, made, now)
    told = {"first_day": first_day, **msgspec.to_builtins(rules)}
    record(uow, by, "request.rules", "request", kind.value, at=now, before=msgspec.to_builtins(before), after=told, reason=made.reason)
    return msgspec.structs.replace(made, id=key)
