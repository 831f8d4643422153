"""Rules of who is told of alarms, for programs: `/api/v1/alarm-rules`; the webhooks that they can name: `/api/v1/alarm-webhooks`."""

from dataclasses import dataclass, field
from datetime import time
from typing import Any

from fastapi import APIRouter, Request

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, NotFoundError
from server.fleet import actions as fleet
from server.ingest.watch import actions as watch
from server.ingest.watch.model import Passes, Quiet, Receiver, ReceiverKind, Rule, RuleTerms
from server.notify import actions as notify
from server.storage import UnitOfWork
from server.web.asking import database_of, now
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["alarm rules"])
CHANGES = [needs(Permission.CHANGE_FLEET)]


@dataclass(frozen=True)
class ReceiverBody:
    """kind: role, account, mail or webhook. value: a role's or account's name, a mail address, a webhook's id as text."""

    kind: ReceiverKind
    value: str


@dataclass(frozen=True)
class QuietBody:
    """When people are left alone, on the clock of the alarm's site; `until` may be before `since`: over midnight."""

    since: time | None = None
    until: time | None = None
    weekends: bool = False


@dataclass(frozen=True)
class RuleBody:
    """Of which alarms whom is told, and when. kinds, sites (codes): empty for all. repeat_minutes, escalate_minutes: 0 for never."""

    name: str
    receivers: list[ReceiverBody]
    kinds: list[str] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    only_wrong: bool = False
    wait_minutes: int = 5
    repeat_minutes: int = 0
    escalate_minutes: int = 0
    escalation: list[ReceiverBody] = field(default_factory=list)
    quiet: QuietBody | None = None
    passes: Passes = Passes.URGENT
    tells_end: bool = True


@dataclass(frozen=True)
class SwitchBody:
    """on: whether it tells anybody."""

    on: bool


@router.get("/alarm-rules", dependencies=CHANGES)
def list_rules(request: Request) -> dict[str, Any]:
    """All rules, by name."""
    with database_of(request).reading() as uow:
        return {"rules": [_told(uow, one) for one in watch.list_rules(uow)]}


@router.post("/alarm-rules", dependencies=CHANGES)
def add_rule(request: Request, body: RuleBody) -> dict[str, Any]:
    """Add a rule; it is on."""
    return _put(request, None, body)


@router.get("/alarm-rules/{rule_id}", dependencies=CHANGES)
def find_rule(request: Request, rule_id: int) -> dict[str, Any]:
    """One rule."""
    with database_of(request).reading() as uow:
        return _told(uow, watch.find_rule(uow, rule_id))


@router.post("/alarm-rules/{rule_id}", dependencies=CHANGES)
def change_rule(request: Request, rule_id: int, body: RuleBody) -> dict[str, Any]:
    """Let a rule be this."""
    return _put(request, rule_id, body)


@router.post("/alarm-rules/{rule_id}/switch", dependencies=CHANGES)
def switch_rule(request: Request, rule_id: int, body: SwitchBody) -> dict[str, Any]:
    """A rule that is off tells nobody; when it is on again it tells of what lasts."""
    with database_of(request).writing() as uow:
        watch.switch_rule(uow, rule_id, is_on=body.on, by=actor_of(request), now=now())
        return _told(uow, watch.find_rule(uow, rule_id))


@router.post("/alarm-rules/{rule_id}/remove", dependencies=CHANGES)
def remove_rule(request: Request, rule_id: int) -> dict[str, int]:
    """Remove a rule; what it told stays in the history."""
    with database_of(request).writing() as uow:
        watch.remove_rule(uow, rule_id, actor_of(request), now())
    return {"removed": rule_id}


@router.post("/alarm-rules/{rule_id}/test", dependencies=CHANGES)
def try_rule(request: Request, rule_id: int) -> dict[str, int]:
    """Everybody whom it tells is told that this is a test."""
    with database_of(request).writing() as uow:
        return {"told": watch.try_rule(uow, request.app.state.office, rule_id, actor_of(request), now())}


@router.get("/alarm-webhooks", dependencies=CHANGES)
def list_webhooks(request: Request) -> dict[str, Any]:
    """The webhooks that rules can name; they are added on their page, where a secret that is made is shown once."""
    with database_of(request).reading() as uow:
        return {
            "webhooks": [{"id": one.id, "name": one.name, "form": one.form.value, "on": one.is_on} for one in notify.list_webhooks(uow)]
        }


def _put(request: Request, rule_id: int | None, body: RuleBody) -> dict[str, Any]:
    with database_of(request).writing() as uow:
        made = watch.put_rule(uow, rule_id, _terms(uow, body), actor_of(request), now())
        return _told(uow, watch.find_rule(uow, made))


def _terms(uow: UnitOfWork, body: RuleBody) -> RuleTerms:
    """Raises NotFoundError for a site that is not there, InvalidInputError."""
    codes = {one.code: one.id for one in fleet.list_sites(uow)}
    if unknown := sorted(set(body.sites) - codes.keys()):
        raise NotFoundError(what="site", name=unknown[0])
    quiet = body.quiet
    if quiet is not None and not (quiet.since or quiet.until or quiet.weekends):
        raise InvalidInputError(field="quiet hours", reason="give both: from when, and until when")
    return RuleTerms(
        name=body.name.strip(),
        kinds=frozenset(body.kinds),
        sites=frozenset(codes[one] for one in body.sites),
        only_wrong=body.only_wrong,
        receivers=_receivers(body.receivers),
        wait_minutes=body.wait_minutes,
        repeat_minutes=body.repeat_minutes,
        escalate_minutes=body.escalate_minutes,
        escalation=_receivers(body.escalation),
        quiet=Quiet(quiet.since, quiet.until, quiet.weekends) if quiet else None,
        passes=body.passes,
        tells_end=body.tells_end,
    )


def _receivers(named: list[ReceiverBody]) -> tuple[Receiver, ...]:
    """Logins are written small, as accounts are found."""
    values = ((one.kind, one.value.strip()) for one in named)
    return tuple(dict.fromkeys(Receiver(kind, value.casefold() if kind is ReceiverKind.ACCOUNT else value) for kind, value in values))


def _told(uow: UnitOfWork, rule: Rule) -> dict[str, Any]:
    codes, terms = {one.id: one.code for one in fleet.list_sites(uow)}, rule.terms
    return {
        "id": rule.id,
        "on": rule.is_on,
        "name": terms.name,
        "kinds": sorted(terms.kinds),
        "sites": sorted(codes[one] for one in terms.sites if one in codes),
        "only_wrong": terms.only_wrong,
        "receivers": [{"kind": one.kind.value, "value": one.value} for one in terms.receivers],
        "wait_minutes": terms.wait_minutes,
        "repeat_minutes": terms.repeat_minutes,
        "escalate_minutes": terms.escalate_minutes,
        "escalation": [{"kind": one.kind.value, "value": one.value} for one in terms.escalation],
        "quiet": {"since": terms.quiet.since, "until": terms.quiet.until, "weekends": terms.quiet.weekends} if terms.quiet else None,
        "passes": terms.passes.value,
        "tells_end": terms.tells_end,
    }
