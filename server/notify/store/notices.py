"""Reading and writing notices."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, or_, select, update

from server.notify.model import Letter, MailWish, NewNotice, Notice, NoticeKind
from server.notify.tables import mail_wish, notice
from server.storage import UnitOfWork, upsert


def add(uow: UnitOfWork, rows: Sequence[NewNotice], at: datetime, by_mail: Collection[int]) -> None:
    """by_mail: whose notices are also to be sent."""
    values = [
        {
            "person_id": one.person_id, "kind": one.kind.value, "text": one.text, "facts": dict(one.facts), "address": one.address,
            "at": at, "read_at": None, "mail_at": at if one.person_id in by_mail else None, "mail_attempts": 0,
        }
        for one in rows
    ]  # fmt: skip
    if values:
        uow.execute(notice.insert(), values)


def page(uow: UnitOfWork, person_id: int, *, below: int | None = None, limit: int = 50) -> list[Notice]:
    """Somebody's notices, the newest first."""
    query = select(notice).where(notice.c.person_id == person_id).order_by(notice.c.id.desc()).limit(limit)
    if below is not None:
        query = query.where(notice.c.id < below)
    return _notices(uow, query)


def by_id(uow: UnitOfWork, person_id: int, notice_id: int) -> Notice | None:
    """One of somebody's."""
    found = _notices(uow, select(notice).where(notice.c.id == notice_id, notice.c.person_id == person_id))
    return found[0] if found else None


def count_unread(uow: UnitOfWork, person_id: int) -> int:
    query = select(func.count()).select_from(notice)
    return int(uow.scalar(query.where(notice.c.person_id == person_id, notice.c.read_at.is_(None))))


def mark_read(uow: UnitOfWork, person_id: int, at: datetime, notice_id: int | None = None) -> None:
    """One, or all that are not read yet."""
    statement = update(notice).where(notice.c.person_id == person_id, notice.c.read_at.is_(None))
    uow.execute((statement if notice_id is None else statement.where(notice.c.id == notice_id)).values(read_at=at))


def mark_unread(uow: UnitOfWork, person_id: int, notice_id: int) -> None:
    uow.execute(update(notice).where(notice.c.person_id == person_id, notice.c.id == notice_id).values(read_at=None))


def wishes(uow: UnitOfWork, person_ids: Collection[int]) -> dict[int, MailWish]:
    """What those want who have said so."""
    rows = uow.fetch_all(select(mail_wish).where(mail_wish.c.person_id.in_(list(person_ids))))
    return {row.person_id: MailWish(row.wish) for row in rows}


def set_wish(uow: UnitOfWork, person_id: int, wish: MailWish) -> None:
    upsert(uow, mail_wish, [{"person_id": person_id, "wish": wish.value}], ["person_id"])


def wanting_digest(uow: UnitOfWork, day: date) -> list[int]:
    """Who wants one letter a day and has had none of this day."""
    query = select(mail_wish.c.person_id).where(mail_wish.c.wish == MailWish.DIGEST.value)
    query = query.where(or_(mail_wish.c.digest_on.is_(None), mail_wish.c.digest_on < day))
    return [row.person_id for row in uow.fetch_all(query.order_by(mail_wish.c.person_id))]


def note_digest(uow: UnitOfWork, person_ids: Collection[int], day: date) -> None:
    uow.execute(update(mail_wish).where(mail_wish.c.person_id.in_(list(person_ids))).values(digest_on=day))


def letters_due(uow: UnitOfWork, now: datetime, limit: int) -> list[Letter]:
    """What is to be tried by mail now, the oldest first."""
    rows = uow.fetch_all(select(notice).where(notice.c.mail_at <= now).order_by(notice.c.mail_at, notice.c.id).limit(limit))
    return [Letter(_notice(row), row.mail_attempts) for row in rows]


def letters(uow: UnitOfWork, ids: Collection[int]) -> list[Letter]:
    """Those of these that are still to be sent."""
    rows = uow.fetch_all(select(notice).where(notice.c.id.in_(list(ids)), notice.c.mail_at.is_not(None)).order_by(notice.c.id))
    return [Letter(_notice(row), row.mail_attempts) for row in rows]


def settle_letters(uow: UnitOfWork, tries: Mapping[int, datetime | None]) -> None:
    """When each is tried again; None: sent or given up."""
    for notice_id, again in tries.items():
        values = {"mail_at": again, "mail_attempts": notice.c.mail_attempts + 1}
        uow.execute(update(notice).where(notice.c.id == notice_id).values(**values))


def drop_old_letters(uow: UnitOfWork, before: datetime) -> None:
    """Notices from before then are news no more: they stay in the app and are not sent."""
    uow.execute(update(notice).where(notice.c.mail_at.is_not(None), notice.c.at < before).values(mail_at=None))


def forget(uow: UnitOfWork, before: datetime) -> int:
    return uow.execute(delete(notice).where(notice.c.at < before)).rowcount


def _notices(uow: UnitOfWork, query: Select[Any]) -> list[Notice]:
    return [_notice(row) for row in uow.fetch_all(query)]


def _notice(row: Row[Any]) -> Notice:
    return Notice(row.id, row.person_id, NoticeKind(row.kind), row.text, row.facts, row.address, row.at, row.read_at)
