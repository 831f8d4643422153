"""`/alarms/webhooks`: addresses outside that rules can tell of alarms."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, RefusedError, ServerError
from server.ingest.watch import actions as watch
from server.notify import actions as notify
from server.notify.model import HookForm
from server.web.asking import database_of, now, said, shell_of
from server.web.visitor import needs

router = APIRouter()
CHANGES = [needs(Permission.CHANGE_FLEET)]
Text = Annotated[str, Form()]
FORMS = {
    HookForm.SIGNED: "a program (signed JSON)",
    HookForm.WECOM: "robot of a WeCom group",
    HookForm.DINGTALK: "robot of a DingTalk group",
    HookForm.FEISHU: "robot of a Feishu group",
}


@router.get("/alarms/webhooks", dependencies=CHANGES)
def webhooks_page(request: Request) -> Response:
    return _page(request)


@router.post("/alarms/webhooks", dependencies=CHANGES)
def add_webhook(request: Request, name: Text = "", url: Text = "", form: Text = "", secret: Text = "") -> Response:
    """A secret that was made here is shown now and never again."""
    try:
        reader, named = _form(form), request.app.state.webhook_hosts
        with database_of(request).writing() as uow:
            made, own = notify.add_webhook(uow, name, url, reader, secret, named, actor_of(request), now())
    except (InvalidInputError, RefusedError) as error:
        return _page(request, {"name": name, "url": url, "form": form}, error)
    return _page(request, made=made.name, secret=own if made.form is HookForm.SIGNED and not secret.strip() else "")


@router.post("/alarms/webhooks/{webhook_id:int}/switch", dependencies=CHANGES)
def switch_webhook(request: Request, webhook_id: int, on: Text = "") -> Response:
    with database_of(request).writing() as uow:
        notify.change_webhook(uow, webhook_id, is_on=bool(on), by=actor_of(request), now=now())
    return RedirectResponse("/alarms/webhooks", 303)


@router.post("/alarms/webhooks/{webhook_id:int}/remove", dependencies=CHANGES)
def remove_webhook(request: Request, webhook_id: int) -> Response:
    with database_of(request).writing() as uow:
        watch.drop_webhook(uow, webhook_id, actor_of(request), now())
    return RedirectResponse("/alarms/webhooks", 303)


def _form(value: str) -> HookForm:
    if value not in set(HookForm):
        raise InvalidInputError(field="form", reason="choose one that the list offers")
    return HookForm(value)


def _page(request: Request, typed: dict[str, str] | None = None, error: ServerError | None = None, **more: Any) -> Response:
    with database_of(request).reading() as uow:
        hooks = notify.list_webhooks(uow)
        used = {one.value for rule in watch.list_rules(uow) for one in (*rule.terms.receivers, *rule.terms.escalation)}
    facts = {"made": "", "secret": ""} | more
    return shell_of(request).page(
        request,
        "ingest/webhooks.html",
        error.status if error else 200,
        hooks=hooks,
        used=used,
        forms=FORMS,
        typed=typed or {"name": "", "url": "", "form": HookForm.SIGNED.value},
        named=request.app.state.webhook_hosts,
        wrong=said(request, error) if error else "",
        trail_of=(("webhook", ""),),
        **facts,
    )
