"""Signing in by an identity that a provider vouches for, and linking such identities to accounts.

An identity signs in the account that it is linked to. Its owner makes the link once, signed in; or, where the settings match by a claim,
the first sign-in makes it, but never for an account that has a role with power: whoever keeps the claims elsewhere must not become
administrator here. Nobody's claim makes an account, and no claim moves a link that is there.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from server.access import store
from server.access.actions.codes import PLAIN_ROLES
from server.access.actions.sessions import FAILURES_OF_ADDRESS, WINDOW, Browser, NameFinder, duties_of, let_in, token_hash
from server.access.model import (
    Account,
    AccountState,
    Identity,
    IdentityProvider,
    LockedOut,
    Match,
    NotLinked,
    OutsideLink,
    ProviderName,
    ProviderRefusedError,
    Role,
    SignedIn,
)
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import NotFoundError, RefusedError
from server.storage import Database, UnitOfWork

ON_THE_WAY = timedelta(minutes=10)
"""How long somebody may take at the provider."""
ATTEMPT = "@"


def come_back(
    database: Database, provider: IdentityProvider, secret: str, who: Callable[[], Identity], address: str, now: datetime
) -> Identity | LockedOut:
    """Whom the provider vouches for, asked once for each secret. Counted as failed until it is known better, as a password is.

    Raises what `who` raises; ProviderRefusedError for a secret that was used.
    """
    key = ATTEMPT + provider.name.value
    with database.writing() as uow:
        failures = store.failed_attempts(uow, now - WINDOW, address=address)
        if len(failures) >= FAILURES_OF_ADDRESS:
            return LockedOut(failures[-FAILURES_OF_ADDRESS] + WINDOW)
        attempt = store.add_attempt(uow, key, address, now)
        is_first = store.spend_return(uow, token_hash(secret), now, now - ON_THE_WAY * 2)
    if not is_first:
        raise ProviderRefusedError("it came back before")
    found = who()
    with database.writing() as uow:
        store.mark_success(uow, attempt, key, address)
    return found


def sign_in_elsewhere(
    database: Database,
    provider: IdentityProvider,
    identity: Identity,
    browser: Browser,
    now: datetime,
    *,
    finders: Mapping[Match, NameFinder],
    guarded: frozenset[Role],
) -> SignedIn | NotLinked:
    """Open a session for the account that an identity is linked to, or is now by its claim. Our second factor is asked for all the same,
    unless one was given there and the settings trust it."""
    with database.writing() as uow:
        account = store.linked_account(uow, provider.name, identity.subject) or _by_claim(uow, provider, identity, finders, now)
        if account is None or account.state is not AccountState.ACTIVE:
            return NotLinked()
        store.touch_link(uow, provider.name, account.id, now)
        duties = frozenset() if identity.proved_twice else duties_of(uow, account, guarded)
        return let_in(uow, account, provider.name.value, duties, browser, now)


def link_outside(uow: UnitOfWork, account: Account, provider: ProviderName, identity: Identity, by: Actor, now: datetime) -> None:
    """Let an identity sign an account in. Raises RefusedError when either has a link at this provider already."""
    holder = store.linked_account(uow, provider, identity.subject)
    if holder is not None and holder.id != account.id:
        raise RefusedError(reason="Another account is signed in by this already: take the link away there first.")
    if provider in store.linked_providers(uow, account.id):
        raise RefusedError(reason="Your account has such a link already: take it away first.")
    _link(uow, account, provider, identity, by, now, by_claim=False)


def links_of(uow: UnitOfWork, account: Account) -> list[OutsideLink]:
    """What signs an account in besides its password."""
    return store.links_of(uow, account.id)


def unlink_outside(
    uow: UnitOfWork, account: Account, provider: ProviderName, by: Actor, now: datetime, *, keep: bytes | None = None
) -> None:
    """Let it sign the account in no more; sessions that it opened end, but the one whose token hash is `keep`. Raises NotFoundError."""
    if not store.drop_link(uow, provider, account.id):
        raise NotFoundError(what="link", name=provider.value)
    store.end_sessions_of(uow, account.id, but=keep, way=provider.value)
    told = {"provider": provider.value}
    record(uow, by, "account.outside-unlink", "account", account.login, at=now, before=told, people=account.people)


def _by_claim(
    uow: UnitOfWork, provider: IdentityProvider, identity: Identity, finders: Mapping[Match, NameFinder], now: datetime
) -> Account | None:
    if not identity.claim or provider.match not in finders:
        return None
    person = finders[provider.match](uow, identity.claim)
    accounts = [] if person is None else store.accounts_of_person(uow, person)
    if len(accounts) != 1 or accounts[0].state is not AccountState.ACTIVE or accounts[0].roles - PLAIN_ROLES:
        return None
    if provider.name in store.linked_providers(uow, accounts[0].id):
        return None  # another identity's: a number that was given anew must not open what was somebody else's
    _link(uow, accounts[0], provider.name, identity, Actor(accounts[0].login), now, by_claim=True)
    return accounts[0]


def _link(
    uow: UnitOfWork, account: Account, provider: ProviderName, identity: Identity, by: Actor, now: datetime, *, by_claim: bool
) -> None:
    store.add_link(uow, provider, identity, account.id, now, by_claim=by_claim)
    told = {"provider": provider.value, "by_claim": by_claim}
    record(uow, by, "account.outside-link", "account", account.login, at=now, after=told, people=account.people)
