"""`/alarms/rules`: who is told of alarms, when, by which way; trying a rule out."""

from dataclasses import dataclass
from datetime import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission, Role
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, NotFoundError, RefusedError, ServerError
from server.fleet import actions as fleet_actions
from server.ingest.alarms import AlarmKind
from server.ingest.watch import actions as watch
from server.ingest.watch.model import Passes, Quiet, Receiver, ReceiverKind, RuleTerms
from server.notify import actions as notify
from server.web.asking import database_of, now, said, shell_of, whole
from server.web.visitor import needs

router = APIRouter()
CHANGES = [needs(Permission.CHANGE_FLEET)]
REFUSALS = (InvalidInputError, NotFoundError, RefusedError)
SHOWN_SENDINGS = 20
PASSES = {Passes.URGENT: "what must not wait", Passes.WRONG: "all that is wrong", Passes.NOTHING: "nothing"}
NEW = RuleTerms("", frozenset(), frozenset(), False, (), 5, 0, 0, (), None, Passes.URGENT, True)
"""What an empty form begins with: what lasts for five minutes is told, and its end, too."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: several values by the name of a field."""

    values: dict[str, list[str]]

    def one(self, name: str) -> str:
        return self.values.get(name, [""])[0]

    def many(self, name: str) -> list[str]:
        return [one for one in self.values.get(name, []) if one]


async def typed_of(request: Request) -> Typed:
    form: FormData = await request.form()
    return Typed({name: [str(one).strip() for one in form.getlist(name)] for name in form})


Asked = Annotated[Typed, Depends(typed_of)]


@router.get("/alarms/rules", dependencies=CHANGES)
def rules_page(request: Request, done: str = "") -> Response:
    """All rules, with whom each tells."""
    with database_of(request).reading() as uow:
        rules, hooks, sites = watch.list_rules(uow), notify.list_webhooks(uow), fleet_actions.list_sites(uow)
        sent = {one.id: notify.sendings(uow, [f"rule-{one.id}"])[-SHOWN_SENDINGS:][::-1] for one in rules}
    return shell_of(request).page(
        request,
        "ingest/alarm_rules.html",
        rules=rules,
        hooks={str(one.id): one.name for one in hooks},
        sites={one.id: one.name for one in sites},
        sent=sent,
        done=done,
        mail=request.app.state.mail,
        trail_of=(("alarm rule", ""), ("webhook", "")),
    )


@router.get("/alarms/rules/new", dependencies=CHANGES)
def new_rule(request: Request) -> Response:
    return _form(request, None, _filled(NEW))


@router.post("/alarms/rules/new", dependencies=CHANGES)
def add_rule(request: Request, typed: Asked) -> Response:
    return _put(request, None, typed)


@router.get("/alarms/rules/{rule_id:int}", dependencies=CHANGES)
def rule_page(request: Request, rule_id: int) -> Response:
    with database_of(request).reading() as uow:
        rule = watch.find_rule(uow, rule_id)
    return _form(request, rule_id, _filled(rule.terms))


@router.post("/alarms/rules/{rule_id:int}", dependencies=CHANGES)
def change_rule(request: Request, rule_id: int, typed: Asked) -> Response:
    return _put(request, rule_id, typed)


@router.post("/alarms/rules/{rule_id:int}/switch", dependencies=CHANGES)
def switch_rule(request: Request, rule_id: int, on: Annotated[str, Form()] = "") -> Response:
    with database_of(request).writing() as uow:
        watch.switch_rule(uow, rule_id, is_on=bool(on), by=actor_of(request), now=now())
    return RedirectResponse("/alarms/rules", 303)


@router.post("/alarms/rules/{rule_id:int}/remove", dependencies=CHANGES)
def remove_rule(request: Request, rule_id: int) -> Response:
    with database_of(request).writing() as uow:
        watch.remove_rule(uow, rule_id, actor_of(request), now())
    return RedirectResponse("/alarms/rules?done=removed", 303)


@router.post("/alarms/rules/{rule_id:int}/test", dependencies=CHANGES)
def try_rule(request: Request, rule_id: int) -> Response:
    """Everybody whom it tells is told that this is a test."""
    with database_of(request).writing() as uow:
        watch.try_rule(uow, request.app.state.office, rule_id, actor_of(request), now())
    return RedirectResponse("/alarms/rules?done=tested", 303)


def _put(request: Request, rule_id: int | None, typed: Typed) -> Response:
    try:
        terms = _terms(typed)
        with database_of(request).writing() as uow:
            watch.put_rule(uow, rule_id, terms, actor_of(request), now())
    except REFUSALS as error:
        return _form(request, rule_id, typed, error)
    return RedirectResponse("/alarms/rules?done=stored", 303)


def _form(request: Request, rule_id: int | None, typed: Typed, error: ServerError | None = None) -> Response:
    with database_of(request).reading() as uow:
        sites, hooks = fleet_actions.list_sites(uow), notify.list_webhooks(uow)
        people = {role: len(watch.people_of(uow, [Receiver(ReceiverKind.ROLE, role.value)])) for role in Role}
    return shell_of(request).page(
        request,
        "ingest/alarm_rule.html",
        error.status if error else 200,
        rule_id=rule_id,
        typed=typed,
        sites=sites,
        hooks=hooks,
        people=people,
        kinds=list(AlarmKind),
        passes=PASSES,
        wrong=said(request, error) if error else "",
    )


def _terms(typed: Typed) -> RuleTerms:
    """Raises InvalidInputError."""
    return RuleTerms(
        name=typed.one("name"),
        kinds=frozenset(typed.many("kind")),
        sites=frozenset(number for one in typed.many("site") if (number := whole(one, "site")) is not None),
        only_wrong=bool(typed.one("only_wrong")),
        receivers=_receivers(typed, ""),
        wait_minutes=whole(typed.one("wait"), "minutes") or 0,
        repeat_minutes=whole(typed.one("repeat"), "minutes") or 0,
        escalate_minutes=whole(typed.one("escalate"), "minutes") or 0,
        escalation=_receivers(typed, "second_"),
        quiet=_quiet(typed),
        passes=_passes(typed.one("passes")),
        tells_end=bool(typed.one("tells_end")),
    )


def _receivers(typed: Typed, prefix: str) -> tuple[Receiver, ...]:
    named = [(ReceiverKind.ROLE, one) for one in typed.many(f"{prefix}role")]
    named += [(ReceiverKind.ACCOUNT, one.casefold()) for one in _listed(typed.one(f"{prefix}accounts"))]
    named += [(ReceiverKind.MAIL, one) for one in _listed(typed.one(f"{prefix}mails"))]
    named += [(ReceiverKind.WEBHOOK, one) for one in typed.many(f"{prefix}hook")]
    return tuple(dict.fromkeys(Receiver(kind, value) for kind, value in named))


def _listed(text: str) -> list[str]:
    """Words between spaces, commas and lines; also those of Chinese."""
    for sign in ",;，；、":
        text = text.replace(sign, " ")
    return text.split()


def _quiet(typed: Typed) -> Quiet | None:
    since, until = _clock(typed.one("quiet_from")), _clock(typed.one("quiet_until"))
    weekends = bool(typed.one("quiet_weekends"))
    return Quiet(since, until, weekends) if since or until or weekends else None


def _clock(value: str) -> time | None:
    if not value:
        return None
    try:
        return time.fromisoformat(value)
    except ValueError as error:
        raise InvalidInputError(field="quiet hours", reason="give a time such as 22:00") from error


def _passes(value: str) -> Passes:
    if value not in set(Passes):
        raise InvalidInputError(field="quiet hours", reason="choose one that the list offers")
    return Passes(value)


def _filled(terms: RuleTerms) -> Typed:
    """A form that says these terms."""
    quiet = terms.quiet
    values: dict[str, list[str]] = {
        "name": [terms.name],
        "kind": sorted(terms.kinds),
        "site": [str(one) for one in sorted(terms.sites)],
        "only_wrong": ["1" if terms.only_wrong else ""],
        "wait": [str(terms.wait_minutes)],
        "repeat": [str(terms.repeat_minutes or "")],
        "escalate": [str(terms.escalate_minutes or "")],
        "quiet_from": [f"{quiet.since:%H:%M}" if quiet and quiet.since else ""],
        "quiet_until": [f"{quiet.until:%H:%M}" if quiet and quiet.until else ""],
        "quiet_weekends": ["1" if quiet and quiet.weekends else ""],
        "passes": [terms.passes.value],
        "tells_end": ["1" if terms.tells_end else ""],
    }
    return Typed(values | _said_receivers(terms.receivers, "") | _said_receivers(terms.escalation, "second_"))


def _said_receivers(receivers: tuple[Receiver, ...], prefix: str) -> dict[str, Any]:
    def of(kind: ReceiverKind) -> list[str]:
        return [one.value for one in receivers if one.kind is kind]

    return {
        f"{prefix}role": of(ReceiverKind.ROLE),
        f"{prefix}accounts": [", ".join(of(ReceiverKind.ACCOUNT))],
        f"{prefix}mails": ["\n".join(of(ReceiverKind.MAIL))],
        f"{prefix}hook": of(ReceiverKind.WEBHOOK),
    }
