"""Telling the world outside: kept in the transaction in which it happens, sent within a second of the commit, tried again for a while."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from server.jobs import actions as jobs
from server.jobs.model import NewJob
from server.notify import store
from server.notify.model import Message, Sending
from server.notify.store import outgoing
from server.storage import UnitOfWork

KEPT = timedelta(days=90)
"""How long it can be seen what went out."""
NOTICES_KEPT = timedelta(days=400)
"""How long a notice can be read again: a year and a bit. What it is about keeps its own trail."""
KIND = "sendings"
NOBODYS = "post"
"""The permission of these jobs, which nobody has: a list of long work with one for each minute would help nobody."""


def post_mail(uow: UnitOfWork, address: str, about: str, message: Message, now: datetime) -> None:
    """By mail, in the company's name. about: what it belongs to, for whoever sends it."""
    outgoing.add_mail(uow, address, about, message, now)
    ask(uow, now)


def post_hook(uow: UnitOfWork, webhook_id: int, about: str, message: Message, now: datetime) -> None:
    """To a webhook, which must be there."""
    outgoing.add_hook(uow, webhook_id, about, message, now)
    ask(uow, now)


def ask(uow: UnitOfWork, now: datetime) -> None:
    """Let what is due be sent: once for each second in which somebody asks."""
    jobs.enqueue(uow, NewJob(KIND, f"sendings-{now:%Y%m%d%H%M%S}", "Letters", NOBODYS), "clock", now)


def sendings(uow: UnitOfWork, about: Collection[str]) -> list[Sending]:
    """What went out about these, in the order in which it was made; mail addresses are masked."""
    return [_masked(one) for one in outgoing.sendings(uow, about)]


def tidy(uow: UnitOfWork, now: datetime) -> int:
    """Forget what was told long ago; returns how many."""
    return store.forget(uow, now - NOTICES_KEPT) + outgoing.forget(uow, now - KEPT)


def masked_address(address: str) -> str:
    """Enough of a mail address to know which it is."""
    name, _, host = address.rpartition("@")
    return f"{name[:2]}…@{host}"


def _masked(one: Sending) -> Sending:
    return replace(one, receiver=masked_address(one.receiver)) if one.way == "mail" else one
