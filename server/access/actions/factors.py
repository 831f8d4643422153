"""The second factor: codes by time from an app on the phone (RFC 6238), and recovery codes for when the phone is gone."""

import secrets
from datetime import datetime

from pyotp import TOTP, random_base32

from server.access import store
from server.access.actions.codes import folded_code
from server.access.actions.passwords import ALPHABET
from server.access.actions.sessions import FAILURES_OF_LOGIN_AND_ADDRESS, WINDOW
from server.access.model import Account, Duty, Session
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, RefusedError
from server.storage import UnitOfWork

STEP_SECONDS = 30
NEAR = (-1, 0, 1)
"""Steps before and after now that are taken, too: clocks of phones differ."""
RECOVERY_CODES = 8
PLACE = "second factor"


def has_factor(uow: UnitOfWork, account: Account) -> bool:
    """Whether an account gives a second factor already."""
    found = store.factor_of(uow, account.id)
    return found is not None and found.confirmed_at is not None


def begin_factor(uow: UnitOfWork, account: Account) -> str:
    """The secret that the app shall hold; the one that was begun before, where it was not confirmed. Raises RefusedError."""
    found = store.factor_of(uow, account.id)
    if found is None:
        store.keep_factor(uow, account.id, random_base32())
        found = store.factor_of(uow, account.id)
        assert found is not None
    if found.confirmed_at is not None:
        raise RefusedError(reason="There is a second factor already: an administrator takes it away where the phone is gone.")
    return found.secret


def factor_address(account: Account, secret: str, company: str) -> str:
    """What the QR code holds."""
    return TOTP(secret).provisioning_uri(name=account.login, issuer_name=company)


def confirm_factor(uow: UnitOfWork, session: Session, code: str, by: Actor, now: datetime) -> list[str]:
    """A first code from the app is right: from now on it is asked for. Gives the recovery codes, shown once. Raises InvalidInputError."""
    _require_right(uow, session.account, code, now, recovery=False)
    made = [_recovery() for _ in range(RECOVERY_CODES)]
    store.confirm_factor(uow, session.account.id, now, [folded_code(one) for one in made])
    store.set_duties(uow, session.token_hash, session.duties - {Duty.SECOND_FACTOR})
    record(uow, by, "account.second-factor", "account", session.account.login, at=now, people=session.account.people)
    return made


def give_factor(uow: UnitOfWork, session: Session, code: str, now: datetime) -> None:
    """A code from the app, or a recovery code, lets the session do everything. Raises InvalidInputError."""
    _require_right(uow, session.account, code, now, recovery=True)
    store.set_duties(uow, session.token_hash, session.duties - {Duty.SECOND_FACTOR})


def drop_factor(uow: UnitOfWork, account: Account, by: Actor, now: datetime) -> None:
    """The phone is gone: the next sign-in begins with a new one. Its sessions end."""
    store.drop_factor(uow, account.id)
    store.end_sessions_of(uow, account.id)
    record(uow, by, "account.drop-second-factor", "account", account.login, at=now, people=account.people)


def is_waiting(uow: UnitOfWork, account: Account, now: datetime) -> bool:
    """Whether too many wrong codes came of late."""
    return len(store.failed_attempts(uow, now - WINDOW, login=account.login, address=PLACE)) >= FAILURES_OF_LOGIN_AND_ADDRESS


def count_try(uow: UnitOfWork, account: Account, now: datetime) -> None:
    """Call it before a code is looked at, in a transaction of its own, so that a wrong one is counted whatever follows.

    Raises RefusedError when there were too many.
    """
    if is_waiting(uow, account, now):
        raise RefusedError(reason="Too many wrong codes. Wait 15 minutes.")
    store.add_attempt(uow, account.login, PLACE, now)


def _require_right(uow: UnitOfWork, account: Account, code: str, now: datetime, *, recovery: bool) -> None:
    found = store.factor_of(uow, account.id)
    typed = folded_code(code)
    if found is not None and _by_app(uow, account, found.secret, typed, now):
        store.forget_attempts_of_place(uow, account.login, PLACE)
        return
    if recovery and found is not None and store.use_recovery(uow, account.id, typed):
        store.forget_attempts_of_place(uow, account.login, PLACE)
        return
    raise InvalidInputError(field="code", reason="this code is not right, or was used already: wait for the next one")


def _by_app(uow: UnitOfWork, account: Account, secret: str, typed: str, now: datetime) -> bool:
    step = int(now.timestamp()) // STEP_SECONDS
    app = TOTP(secret)
    for near in NEAR:
        if secrets.compare_digest(app.generate_otp(step + near).encode(), typed.encode()):
            return store.use_step(uow, account.id, step + near)
    return False


def _recovery() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(2))
