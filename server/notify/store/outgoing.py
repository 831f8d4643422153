"""Reading and writing what goes outside."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from server.notify.model import HookForm, Message, Sending, Webhook
from server.notify.tables import sending, webhook
from server.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class DueSending:
    """What is to be tried now. address: of a mail; webhook, secret: of a webhook."""

    id: int
    way: str
    address: str
    webhook: Webhook | None
    secret: str
    message: Message
    made_at: datetime
    attempts: int


def add_mail(uow: UnitOfWork, address: str, about: str, message: Message, now: datetime) -> None:
    uow.execute(insert(sending).values(_new("mail", about, message, now) | {"sealed_address": uow.vault.seal(address, "sending")}))


def add_hook(uow: UnitOfWork, webhook_id: int, about: str, message: Message, now: datetime) -> None:
    uow.execute(insert(sending).values(_new("webhook", about, message, now) | {"webhook_id": webhook_id}))


def due_ids(uow: UnitOfWork, now: datetime, limit: int) -> list[int]:
    """What is to be tried now, the oldest first."""
    rows = uow.fetch_all(select(sending.c.id).where(sending.c.due_at <= now).order_by(sending.c.due_at, sending.c.id).limit(limit))
    return [row.id for row in rows]


def due(uow: UnitOfWork, ids: Collection[int]) -> list[DueSending]:
    """Those of these that are still to be tried."""
    hooks = {one.id: one for one in webhooks(uow)}
    rows = uow.fetch_all(select(sending).where(sending.c.id.in_(list(ids)), sending.c.due_at.is_not(None)).order_by(sending.c.id))
    return [
        DueSending(
            row.id,
            row.way,
            uow.vault.open(row.sealed_address, "sending") if row.sealed_address else "",
            hooks.get(row.webhook_id),
            secret_of(uow, row.webhook_id) if row.webhook_id else "",
            Message(row.message["heading"], tuple((text, place) for text, place in row.message["lines"]), row.message["facts"]),
            row.made_at,
            row.attempts,
        )
        for row in rows
    ]


def settle(uow: UnitOfWork, sending_id: int, due_at: datetime | None, sent_at: datetime | None, fault: str, code: str) -> None:
    """What a try came to."""
    values = {"due_at": due_at, "sent_at": sent_at, "fault": fault, "code": code[:100], "attempts": sending.c.attempts + 1}
    uow.execute(update(sending).where(sending.c.id == sending_id).values(**values))


def sendings(uow: UnitOfWork, about: Collection[str]) -> list[Sending]:
    """What went out about these, in the order in which it was made."""
    names = {one.id: one.name for one in webhooks(uow)}
    rows = uow.fetch_all(select(sending).where(sending.c.about.in_(list(about))).order_by(sending.c.id))
    return [_sending(uow, row, names) for row in rows]


def forget(uow: UnitOfWork, before: datetime) -> int:
    return uow.execute(delete(sending).where(sending.c.made_at < before)).rowcount


def webhooks(uow: UnitOfWork) -> list[Webhook]:
    """All, by name."""
    columns = (webhook.c.id, webhook.c.name, webhook.c.url, webhook.c.form, webhook.c.is_on)
    return [
        Webhook(row.id, row.name, row.url, HookForm(row.form), row.is_on)
        for row in uow.fetch_all(select(*columns).order_by(webhook.c.name))
    ]


def secret_of(uow: UnitOfWork, webhook_id: int) -> str:
    sealed = uow.scalar(select(webhook.c.sealed_secret).where(webhook.c.id == webhook_id))
    return uow.vault.open(sealed, f"webhook/{webhook_id}") if sealed else ""


def set_secret(uow: UnitOfWork, webhook_id: int, secret: str) -> None:
    sealed = uow.vault.seal(secret, f"webhook/{webhook_id}") if secret else None
    uow.execute(update(webhook).where(webhook.c.id == webhook_id).values(sealed_secret=sealed))


def add_webhook(uow: UnitOfWork, name: str, url: str, form: HookForm) -> int:
    values = {"name": name, "url": url, "form": form.value, "is_on": True}
    return int(uow.scalar(insert(webhook).values(values).returning(webhook.c.id)))


def change_webhook(uow: UnitOfWork, webhook_id: int, **values: Any) -> None:
    uow.execute(update(webhook).where(webhook.c.id == webhook_id).values(**values))


def drop_webhook(uow: UnitOfWork, webhook_id: int) -> None:
    """With what is on its way to it."""
    uow.execute(delete(sending).where(sending.c.webhook_id == webhook_id))
    uow.execute(delete(webhook).where(webhook.c.id == webhook_id))


def _new(way: str, about: str, message: Message, now: datetime) -> dict[str, Any]:
    told: dict[str, Any] = {"heading": message.heading, "lines": _listed(message.lines), "facts": dict(message.facts)}
    return {"way": way, "about": about, "message": told, "made_at": now, "due_at": now, "attempts": 0, "fault": "", "code": ""}


def _listed(lines: Sequence[tuple[str, str]]) -> list[list[str]]:
    return [list(line) for line in lines]


def _sending(uow: UnitOfWork, row: Row[Any], names: dict[int, str]) -> Sending:
    receiver = uow.vault.open(row.sealed_address, "sending") if row.sealed_address else names.get(row.webhook_id, "")
    return Sending(row.id, row.way, receiver, row.about, row.made_at, row.due_at, row.attempts, row.sent_at, row.fault, row.code)
