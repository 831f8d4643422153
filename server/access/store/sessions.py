"""Reading and writing sessions, what they are held to, attempts to sign in, and devices that have signed in before.

Attempts are counted by a key: an account's login, whichever of its names was typed, or a digest of a name that is nobody's.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, or_, select, update

from server.access.model import Account, Duty, Session
from server.access.store.account_rows import account_by_id
from server.access.tables import known_device, session, session_duty, sign_in_attempt
from server.storage import UnitOfWork


def add_session(uow: UnitOfWork, token_hash: bytes, account_id: int, address: str, way: str, at: datetime, expires_at: datetime) -> None:
    values = {"token_hash": token_hash, "account_id": account_id, "created_at": at, "last_seen_at": at}
    uow.execute(session.insert().values(**values, expires_at=expires_at, address=address[:64], way=way))


def session_by_hash(uow: UnitOfWork, token_hash: bytes) -> Session | None:
    row = uow.fetch_one(select(session).where(session.c.token_hash == token_hash))
    if row is None:
        return None
    owner = account_by_id(uow, row.account_id)
    assert owner is not None, "a foreign key holds it"
    duties = uow.fetch_all(select(session_duty.c.duty).where(session_duty.c.token_hash == token_hash))
    return replace(_as_session(row, owner), duties=frozenset(Duty(one.duty) for one in duties))


def set_duties(uow: UnitOfWork, token_hash: bytes, duties: Iterable[Duty]) -> None:
    """Let a session have exactly these duties."""
    uow.execute(delete(session_duty).where(session_duty.c.token_hash == token_hash))
    rows = [{"token_hash": token_hash, "duty": duty.value} for duty in sorted(duties)]
    if rows:
        uow.execute(session_duty.insert(), rows)


def sessions_of(uow: UnitOfWork, owner: Account) -> list[Session]:
    """An account's sessions, the one used last first."""
    rows = uow.fetch_all(select(session).where(session.c.account_id == owner.id).order_by(session.c.last_seen_at.desc()))
    return [_as_session(row, owner) for row in rows]


def touch_session(uow: UnitOfWork, token_hash: bytes, at: datetime) -> None:
    uow.execute(update(session).where(session.c.token_hash == token_hash).values(last_seen_at=at))


def end_session(uow: UnitOfWork, token_hash: bytes) -> None:
    uow.execute(delete(session).where(session.c.token_hash == token_hash))


def end_sessions_of(uow: UnitOfWork, account_id: int, *, but: bytes | None = None, way: str = "") -> None:
    """End all sessions of an account, or those that were opened in one way, but the one given."""
    statement = delete(session).where(session.c.account_id == account_id)
    if but is not None:
        statement = statement.where(session.c.token_hash != but)
    uow.execute(statement.where(session.c.way == way) if way else statement)


def end_old_sessions(uow: UnitOfWork, now: datetime, idle_since: datetime) -> None:
    uow.execute(delete(session).where(or_(session.c.expires_at <= now, session.c.last_seen_at <= idle_since)))


def add_attempt(uow: UnitOfWork, login: str, address: str, at: datetime) -> int:
    """Count an attempt, as failed until it is known better."""
    values = {"login": login, "address": address[:64], "at": at, "succeeded": False}
    key = uow.execute(sign_in_attempt.insert().values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def failed_attempts(uow: UnitOfWork, since: datetime, *, login: str | None = None, address: str | None = None) -> list[datetime]:
    """When attempts failed since then, oldest first, for a login, an address, or both together."""
    query = select(sign_in_attempt.c.at).where(sign_in_attempt.c.at > since, sign_in_attempt.c.succeeded.is_(False))
    if login is not None:
        query = query.where(sign_in_attempt.c.login == login)
    if address is not None:
        query = query.where(sign_in_attempt.c.address == address[:64])
    return [row.at for row in uow.fetch_all(query.order_by(sign_in_attempt.c.at))]


def mark_success(uow: UnitOfWork, attempt: int, login: str, address: str) -> None:
    """This attempt succeeded, and earlier failures of the same login from the same address are forgiven."""
    uow.execute(update(sign_in_attempt).where(sign_in_attempt.c.id == attempt).values(succeeded=True))
    forgiven = delete(sign_in_attempt).where(sign_in_attempt.c.login == login, sign_in_attempt.c.address == address[:64])
    uow.execute(forgiven.where(sign_in_attempt.c.succeeded.is_(False)))


def forget_attempts(uow: UnitOfWork, before: datetime) -> None:
    uow.execute(delete(sign_in_attempt).where(sign_in_attempt.c.at < before))


def forget_attempts_of(uow: UnitOfWork, login: str) -> None:
    uow.execute(delete(sign_in_attempt).where(sign_in_attempt.c.login == login))


def forget_attempts_of_place(uow: UnitOfWork, login: str, address: str) -> None:
    uow.execute(delete(sign_in_attempt).where(sign_in_attempt.c.login == login, sign_in_attempt.c.address == address))


def add_device(uow: UnitOfWork, token_hash: bytes, account_id: int, at: datetime) -> None:
    uow.execute(known_device.insert().values(token_hash=token_hash, account_id=account_id, seen_at=at))


def is_known_device(uow: UnitOfWork, token_hash: bytes, account_id: int, since: datetime) -> bool:
    """Whether a browser has signed in to this account and was seen since then."""
    mine = (known_device.c.token_hash == token_hash, known_device.c.account_id == account_id, known_device.c.seen_at > since)
    return uow.fetch_one(select(known_device.c.account_id).where(*mine)) is not None


def touch_device(uow: UnitOfWork, token_hash: bytes, at: datetime) -> None:
    uow.execute(update(known_device).where(known_device.c.token_hash == token_hash).values(seen_at=at))


def forget_devices_of(uow: UnitOfWork, account_id: int) -> None:
    uow.execute(delete(known_device).where(known_device.c.account_id == account_id))


def forget_devices(uow: UnitOfWork, before: datetime) -> None:
    uow.execute(delete(known_device).where(known_device.c.seen_at < before))


def _as_session(row: Row[Any], owner: Account) -> Session:
    return Session(owner, row.token_hash, row.created_at, row.last_seen_at, row.expires_at, row.address, row.way)
