"""Telling people, and what they do with what they were told."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from server.errors import NotFoundError
from server.notify import store
from server.notify.model import LONGEST_TEXT, WORDS, MailWish, NewNotice, Notice, NoticeKind
from server.notify.tables import mail_wish, notice
from server.storage import Holding, UnitOfWork

HOLDINGS = (
    Holding(notice, "Notices", lambda one: notice.c.person_id == one.person_id, keep="notices"),
    Holding(mail_wish, "Wishes for mail", lambda one: mail_wish.c.person_id == one.person_id, keep="notices"),
)
"""What notices hold about somebody."""


def notify(
    uow: UnitOfWork,
    person_ids: Collection[int],
    kind: NoticeKind,
    text: str,
    now: datetime,
    *,
    facts: Mapping[str, Any] | None = None,
    address: str = "",
) -> None:
    """Tell people something in the transaction in which it happens; by mail, too, where they want each notice. See `NewNotice`."""
    tell(uow, [NewNotice(one, kind, text, facts or {}, address) for one in sorted(set(person_ids))], now)


def tell(uow: UnitOfWork, notices: Sequence[NewNotice], now: datetime) -> None:
    """Tell several people each their own."""
    assert all(len(one.text) <= LONGEST_TEXT and own_address(one.address) for one in notices)
    wishes = store.wishes(uow, {one.person_id for one in notices})
    by_mail = {one.person_id for one in notices if wishes.get(one.person_id, MailWish.EACH) is MailWish.EACH}
    store.add(uow, notices, now, by_mail)


def notices_of(uow: UnitOfWork, person_id: int, *, below: int | None = None, limit: int = 50) -> list[Notice]:
    """Somebody's notices, the newest first, below an id where it is given."""
    return store.page(uow, person_id, below=below, limit=limit)


def unread(uow: UnitOfWork, person_id: int) -> int:
    """How many somebody has not read."""
    return store.count_unread(uow, person_id)


def open_notice(uow: UnitOfWork, person_id: int, notice_id: int, now: datetime) -> Notice:
    """It is read from now on. Raises NotFoundError also for somebody else's."""
    found = store.by_id(uow, person_id, notice_id)
    if found is None:
        raise NotFoundError(what="notice", name=notice_id)
    store.mark_read(uow, person_id, now, notice_id)
    return found


def keep_unread(uow: UnitOfWork, person_id: int, notice_id: int) -> None:
    """Somebody wants to come back to it. Raises NotFoundError."""
    if store.by_id(uow, person_id, notice_id) is None:
        raise NotFoundError(what="notice", name=notice_id)
    store.mark_unread(uow, person_id, notice_id)


def read_all(uow: UnitOfWork, person_id: int, now: datetime) -> None:
    """All of somebody's are read."""
    store.mark_read(uow, person_id, now)


def wish_of(uow: UnitOfWork, person_id: int) -> MailWish:
    """What somebody wants by mail."""
    return store.wishes(uow, [person_id]).get(person_id, MailWish.EACH)


def wish(uow: UnitOfWork, person_id: int, wanted: MailWish) -> None:
    """Say what one wants by mail from now on."""
    store.set_wish(uow, person_id, wanted)


def own_address(address: str) -> bool:
    """Whether it is none, or one within the pages."""
    return not address or (address.startswith("/") and not address.startswith("//"))


def told(notice: Notice, tell_in: Callable[..., str]) -> str:
    """The notice in the words of `tell_in`."""
    facts = {name: tell_in(value) if name in WORDS else value for name, value in notice.facts.items()}
    return tell_in(notice.text, **facts)
