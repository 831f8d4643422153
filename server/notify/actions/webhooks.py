"""Webhooks: addresses outside that are told things."""

import secrets
from collections.abc import Collection
from datetime import datetime

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.notify.engine import usable_address
from server.notify.model import HookForm, Webhook
from server.notify.store import outgoing
from server.storage import UnitOfWork

LONGEST_NAME, LONGEST_SECRET = 100, 200


def list_webhooks(uow: UnitOfWork) -> list[Webhook]:
    """All, by name."""
    return outgoing.webhooks(uow)


def find_webhook(uow: UnitOfWork, webhook_id: int) -> Webhook:
    """Raises NotFoundError."""
    found = next((one for one in outgoing.webhooks(uow) if one.id == webhook_id), None)
    if found is None:
        raise NotFoundError(what="webhook", name=webhook_id)
    return found


def add_webhook(
    uow: UnitOfWork, name: str, url: str, form: HookForm, secret: str, named: Collection[str], by: Actor, now: datetime
) -> tuple[Webhook, str]:
    """(the webhook, the secret it is signed with: a new one for ours where none is given). Raises InvalidInputError, RefusedError."""
    name = _name(uow, name)
    address = usable_address(url, named)
    secret = secret.strip() or (new_secret() if form is HookForm.SIGNED else "")
    if len(secret) > LONGEST_SECRET:
        raise InvalidInputError(field="secret", reason="give the secret exactly as the robot's page shows it")
    made = outgoing.add_webhook(uow, name, address, form)
    outgoing.set_secret(uow, made, secret)
    record(uow, by, "webhook.add", "webhook", name, at=now, after={"name": name, "host": _host(address), "form": form.value})
    return find_webhook(uow, made), secret


def change_webhook(uow: UnitOfWork, webhook_id: int, *, is_on: bool, by: Actor, now: datetime) -> None:
    """Switch it on or off; what is due waits for it."""
    had = find_webhook(uow, webhook_id)
    outgoing.change_webhook(uow, webhook_id, is_on=is_on)
    record(uow, by, "webhook.change", "webhook", had.name, at=now, before={"on": had.is_on}, after={"on": is_on})


def drop_webhook(uow: UnitOfWork, webhook_id: int, by: Actor, now: datetime) -> None:
    """It is told nothing any more; what is on its way to it is dropped."""
    had = find_webhook(uow, webhook_id)
    outgoing.drop_webhook(uow, webhook_id)
    record(
        uow, by, "webhook.remove", "webhook", had.name, at=now, before={"name": had.name, "host": _host(had.url), "form": had.form.value}
    )


def new_secret() -> str:
    """For HMAC-SHA256: as strong as its sum."""
    return secrets.token_urlsafe(32)


def _name(uow: UnitOfWork, name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInputError(field="name", reason="give it a name of at most 100 characters")
    if any(one.name == name for one in outgoing.webhooks(uow)):
        raise RefusedError(reason="There is a webhook {name} already.", name=name)
    return name


def _host(url: str) -> str:
    """What the trail may say of an address: the rest can be a key."""
    return url.split("/")[2]
