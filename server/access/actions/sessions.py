"""Signing in and out, and whose session a token is.

An attempt is counted as failed before the password is looked at, so that many at once cannot slip past the count. Five wrong ones
for a login from one address, or twenty from anywhere, or fifty from one address for any login, make everybody wait who tries that.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from server.access import store
from server.access.actions.passwords import check_password
from server.access.model import Account, AccountState, LockedOut, Session, SignedIn, SignIn, WrongCredentials
from server.audit.actions import record
from server.audit.model import Actor
from server.storage import Database, UnitOfWork

IDLE = timedelta(hours=2)
"""A session that nobody used for this long is over."""
LONGEST = timedelta(hours=12)
"""A session is over after this, used or not."""
TOUCH_EVERY = timedelta(minutes=1)
"""`last_seen_at` is written no more often, or each page would take the write lock."""
WINDOW = timedelta(minutes=15)
"""Failures within this count; it is also how long one has to wait at most."""
FAILURES_OF_LOGIN_AND_ADDRESS = 5
FAILURES_OF_LOGIN = 20
FAILURES_OF_ADDRESS = 50
KEEP_ATTEMPTS = timedelta(days=30)


def sign_in(database: Database, login: str, password: str, address: str, by_request: str, now: datetime) -> SignIn:
    """Check a login and password; opens a session when they are right.

    address: the client's, as text. Takes a Database: the password is checked between two transactions, so that no lock waits for it.
    """
    with database.writing() as uow:
        locked = _locked_until(uow, login, address, now)
        if locked:
            return LockedOut(locked)
        attempt = store.add_attempt(uow, login, address, now)
        account = store.account_by_login(uow, login)
        stored = store.password_hash(uow, account.id) if account else None
    right, better_hash = check_password(password, stored)
    if account is None or not right or account.state is not AccountState.ACTIVE:
        return WrongCredentials()
    token = secrets.token_urlsafe(32)
    with database.writing() as uow:
        if store.password_hash(uow, account.id) != stored or store.account_by_id(uow, account.id) != account:
            return WrongCredentials()  # changed while the password was being checked
        _open_session(uow, account, token, attempt, address, now)
        if better_hash:
            store.change_account(uow, account.id, password_hash=better_hash)
        record(uow, Actor(account.login, by_request), "account.sign-in", "account", account.login, at=now)
    return SignedIn(account, token, now + LONGEST)


def load_session(database: Database, token: str, now: datetime) -> Session | None:
    """Whose session it is; None when it is over, ended or never was. Notes now and then that it was used."""
    hashed = token_hash(token)
    with database.reading() as uow:
        session = store.session_by_hash(uow, hashed)
    if session is None or session.account.state is not AccountState.ACTIVE:
        return None
    if now >= session.expires_at or now - session.last_seen_at >= IDLE:
        return None
    if now - session.last_seen_at >= TOUCH_EVERY:
        with database.writing() as uow:
            store.touch_session(uow, hashed, now)
    return session


def sign_out(uow: UnitOfWork, token: str) -> None:
    """End the session of this token; quietly nothing when there is none."""
    store.end_session(uow, token_hash(token))


def end_session(uow: UnitOfWork, account: Account, hashed: bytes) -> None:
    """End one of an account's own sessions from its list; somebody else's is left alone."""
    if any(session.token_hash == hashed for session in store.sessions_of(uow, account)):
        store.end_session(uow, hashed)


def token_hash(token: str) -> bytes:
    """What is stored of a token; 32 bytes. The token has 256 random bits, so a plain hash is enough."""
    return sha256(token.encode()).digest()


def _open_session(uow: UnitOfWork, account: Account, token: str, attempt: int, address: str, now: datetime) -> None:
    store.end_old_sessions(uow, now, now - IDLE)
    store.forget_attempts(uow, now - KEEP_ATTEMPTS)
    store.add_session(uow, token_hash(token), account.id, address, now, now + LONGEST)
    store.mark_success(uow, attempt, account.login, address)


def _locked_until(uow: UnitOfWork, login: str, address: str, now: datetime) -> datetime | None:
    since = now - WINDOW
    counted: Sequence[tuple[list[datetime], int]] = (
        (store.failed_attempts(uow, since, login=login, address=address), FAILURES_OF_LOGIN_AND_ADDRESS),
        (store.failed_attempts(uow, since, login=login), FAILURES_OF_LOGIN),
        (store.failed_attempts(uow, since, address=address), FAILURES_OF_ADDRESS),
    )
    ends = [failures[-limit] + WINDOW for failures, limit in counted if len(failures) >= limit]
    return max(ends, default=None)
