"""Signing in and out, and whose session a token is.

People sign in by an account's login, or by a name of the person whose account it is: `NameFinder`s say whose. An attempt is counted as
failed before the password is looked at, so that many at once cannot slip past the count, and for the account, whichever of its names was
typed. Five wrong ones for a login from one address, or twenty from anywhere, or fifty from one address for any login, make everybody
wait who tries that; but for a browser that has signed in to the account before: it has a count of its own, so that nobody can keep the
owner out by guessing.
"""

import secrets
from collections.abc import Callable, Sequence, Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from server.access import store
from server.access.actions.codes import folded_code
from server.access.actions.passwords import check_password
from server.access.model import Account, AccountState, Duty, LockedOut, Role, Session, SignedIn, SignIn, WrongCredentials
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
KEEP_DEVICES = timedelta(days=180)
"""A browser that was not seen for this long is as any other."""
DEVICE = "device "

NameFinder = Callable[[UnitOfWork, str], int | None]
"""The person whom something that was typed is a name of, such as a mobile number. None for nobody's, and for a name of several."""


def sign_in(
    database: Database,
    login: str,
    password: str,
    address: str,
    by_request: str,
    now: datetime,
    *,
    device: str = "",
    finders: Sequence[NameFinder] = (),
    guarded: frozenset[Role] = frozenset(),
) -> SignIn:
    """Check a name and a password or one-time code; opens a session when they are right.

    address: the client's, as text. device: what the browser kept of an earlier sign-in. guarded: roles that need a second factor.
    Takes a Database: the password is checked between two transactions, so that no lock waits for it.
    """
    with database.writing() as uow:
        account = _account_named(uow, login, finders)
        key = account.login if account else _key_of_nobody(login)
        known = account is not None and store.is_known_device(uow, token_hash(device), account.id, now - KEEP_DEVICES)
        place = DEVICE + token_hash(device).hex()[:32] if known else address
        locked = _locked_until(uow, key, place, now, known=known)
        if locked:
            return LockedOut(locked)
        attempt = store.add_attempt(uow, key, place, now)
        stored = store.password_hash(uow, account.id) if account else None
        active = account is not None and account.state is AccountState.ACTIVE
        by_code = active and account is not None and store.use_code(uow, account.id, folded_code(password), now)
    right, better_hash = (True, None) if by_code else check_password(password, stored)
    if account is None or not right or account.state is not AccountState.ACTIVE:
        return WrongCredentials()
    with database.writing() as uow:
        if store.password_hash(uow, account.id) != stored or store.account_by_id(uow, account.id) != account:
            return WrongCredentials()  # changed while the password was being checked
        store.mark_success(uow, attempt, key, place)
        if better_hash:
            store.change_account(uow, account.id, password_hash=better_hash)
        duties = duties_of(uow, account, guarded) | ({Duty.PASSWORD} if by_code else set())
        return let_in(uow, account, "code" if by_code else "password", duties, Browser(address, device, by_request), now)


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody signs in. address: the client's, as text. device: what the browser kept of an earlier sign-in."""

    address: str
    device: str = ""
    request_id: str = ""


def let_in(uow: UnitOfWork, account: Account, way: str, duties: AbstractSet[Duty], browser: Browser, now: datetime) -> SignedIn:
    """Open a session for an account whose owner has shown who they are; the trail says in which way."""
    known = store.is_known_device(uow, token_hash(browser.device), account.id, now - KEEP_DEVICES)
    token, made = secrets.token_urlsafe(32), "" if known else secrets.token_urlsafe(32)
    _forget_old(uow, now)
    store.add_session(uow, token_hash(token), account.id, browser.address, way, now, now + LONGEST)
    store.set_duties(uow, token_hash(token), duties)
    if known:
        store.touch_device(uow, token_hash(browser.device), now)
    else:
        store.add_device(uow, token_hash(made), account.id, now)
    by, told = Actor(account.login, browser.request_id), {"way": way}
    record(uow, by, "account.sign-in", "account", account.login, at=now, after=told, people=account.people)
    return SignedIn(account, token, now + LONGEST, made, frozenset(duties))


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


def sessions_of(uow: UnitOfWork, account: Account, now: datetime) -> list[Session]:
    """The sessions of an account that are not over, the one used last first."""
    return [one for one in store.sessions_of(uow, account) if now < one.expires_at and now - one.last_seen_at < IDLE]


def end_session(uow: UnitOfWork, account: Account, hashed: bytes, by: Actor, now: datetime) -> None:
    """End one of an account's own sessions from its list; somebody else's is left alone."""
    if any(session.token_hash == hashed for session in store.sessions_of(uow, account)):
        store.end_session(uow, hashed)
        record(uow, by, "account.end-session", "account", account.login, at=now, people=account.people)


def end_sessions(uow: UnitOfWork, account: Account, by: Actor, now: datetime) -> None:
    """End all of them, and let no browser be a known one any more."""
    store.end_sessions_of(uow, account.id)
    store.forget_devices_of(uow, account.id)
    record(uow, by, "account.end-session", "account", account.login, at=now, people=account.people)


def token_hash(token: str) -> bytes:
    """What is stored of a token; 32 bytes. The token has 256 random bits, so a plain hash is enough."""
    return sha256(token.encode()).digest()


def _account_named(uow: UnitOfWork, name: str, finders: Sequence[NameFinder]) -> Account | None:
    """By login, else by a name of the person; a person with several accounts has no name for one of them."""
    found = store.account_by_login(uow, name)
    if found is not None or not name.strip():
        return found
    people = {person for finder in finders if (person := finder(uow, name.strip()[:64].replace("\0", ""))) is not None}
    accounts = store.accounts_of_person(uow, people.pop()) if len(people) == 1 else []
    return accounts[0] if len(accounts) == 1 else None


def _key_of_nobody(name: str) -> str:
    """A digest: what was typed may be somebody's number, or a password in the wrong field."""
    return "?" + sha256(store.fold_login(name).encode(errors="replace")).hexdigest()[:63]


def duties_of(uow: UnitOfWork, account: Account, guarded: frozenset[Role]) -> frozenset[Duty]:
    """The second factor, for whoever has one and for the roles that need one."""
    factor = store.factor_of(uow, account.id)
    second = account.roles & guarded or (factor is not None and factor.confirmed_at is not None)
    return frozenset({Duty.SECOND_FACTOR} if second else ())


def _forget_old(uow: UnitOfWork, now: datetime) -> None:
    store.end_old_sessions(uow, now, now - IDLE)
    store.forget_attempts(uow, now - KEEP_ATTEMPTS)
    store.forget_devices(uow, now - KEEP_DEVICES)


def _locked_until(uow: UnitOfWork, key: str, place: str, now: datetime, *, known: bool) -> datetime | None:
    since = now - WINDOW
    of_place = (store.failed_attempts(uow, since, login=key, address=place), FAILURES_OF_LOGIN_AND_ADDRESS)
    of_all: Sequence[tuple[list[datetime], int]] = () if known else (
        (store.failed_attempts(uow, since, login=key), FAILURES_OF_LOGIN),
        (store.failed_attempts(uow, since, address=place), FAILURES_OF_ADDRESS),
    )  # fmt: skip
    ends = [failures[-limit] + WINDOW for failures, limit in (of_place, *of_all) if len(failures) >= limit]
    return max(ends, default=None)
