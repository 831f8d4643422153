"""One-time codes: what HR prints or shows to people who sign in for the first time, or who forgot their password."""

import secrets
from datetime import datetime, timedelta

from server.access import store
from server.access.actions.passwords import ALPHABET
from server.access.model import AccountState, Role
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import NotFoundError, RefusedError
from server.storage import UnitOfWork

GOOD_FOR = timedelta(days=14)
"""A sheet is printed on one day and handed out on others."""
PLAIN_ROLES = frozenset({Role.EMPLOYEE, Role.SUPERVISOR})
"""Whoever has another role gets a password from an administrator: a code of theirs would be worth too much to whoever prints it."""


def issue_code(uow: UnitOfWork, login: str, by: Actor, now: datetime) -> tuple[str, datetime]:
    """(a code that signs the account in once, until when); the first thing its owner does is to choose a password.

    An earlier code is good no more. Raises NotFoundError; RefusedError for an account that is disabled or has a role with power.
    """
    account = store.account_by_login(uow, login)
    if account is None:
        raise NotFoundError(what="account", name=store.fold_login(login))
    if account.state is not AccountState.ACTIVE:
        raise RefusedError(reason="The account {login} is disabled: enable it first.", login=account.login)
    if account.roles - PLAIN_ROLES:
        raise RefusedError(
            reason="The account {login} has a role with power: an administrator gives it a new password.", login=account.login
        )
    code, until = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3)), now + GOOD_FOR
    store.keep_code(uow, account.id, folded_code(code), now, until)
    store.forget_attempts_of(uow, account.login)
    record(uow, by, "account.code", "account", account.login, at=now, after={"until": until}, people=account.people)
    return code, until


def folded_code(typed: str) -> str:
    """A code as it is stored: without hyphens, spaces and case."""
    return "".join(typed.split()).replace("-", "").casefold()[:64]
