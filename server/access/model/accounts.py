"""Values of accounts, of whose rows they may see, and of signing in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from server.access.model.roles import PERMISSIONS, Permission, Role, permissions_of


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows somebody may see by a permission: everybody's, or those of legal entities, below a supervisor and their own together.

    tree_of, own: person ids. Nothing set: nobody's.
    """

    everybody: bool = False
    entities: frozenset[int] = frozenset()
    tree_of: int | None = None
    own: int | None = None


class AccountState(StrEnum):
    """Whether an account can sign in."""

    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in. must_change: the password was given to them and is only good for choosing another.

    person_id: the person in the directory whose own days and months this account may see; None for one that is nobody's.
    limits: the legal entities that a role is limited to; a role that is not named is good for all of them.
    """

    id: int
    login: str
    display_name: str
    state: AccountState
    must_change: bool
    roles: frozenset[Role]
    person_id: int | None = None
    limits: Mapping[Role, frozenset[int]] = field(default_factory=dict)

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.roles)

    @property
    def people(self) -> tuple[int, ...]:
        """Whom it concerns, for the trail."""
        return () if self.person_id is None else (self.person_id,)


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which accounts are wanted. search: part of a login or name, "" for any; role: None for any."""

    search: str = ""
    role: Role | None = None


EVERYBODY = Scope(everybody=True)
OWN_PERMISSIONS = (Permission.SEE_OWN, Permission.ASK)
"""What is about oneself, whatever the role."""


def scope_of(account: Account, permission: str) -> Scope:
    """Whose rows an account may see by a permission: what its roles that have the permission give it together."""
    everybody, entities, own, tree_of = False, frozenset[int](), None, None
    for role in account.roles:
        if permission not in PERMISSIONS[role]:
            continue
        if role is Role.EMPLOYEE or (role is Role.SUPERVISOR and permission in OWN_PERMISSIONS):
            own = account.person_id
        elif role is Role.SUPERVISOR:
            tree_of = account.person_id
        elif role in account.limits:
            entities |= account.limits[role]
        else:
            everybody = True
    return Scope(everybody, entities, tree_of, own)


class Duty(StrEnum):
    """What somebody who is signed in must do before anything else: choose a password, after a one-time code; give the second factor."""

    PASSWORD = "password"  # noqa: S105 - the word for a duty
    SECOND_FACTOR = "second-factor"


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in; `token_hash` names it in lists without giving it away. way: by "password", "code" or a provider."""

    account: Account
    token_hash: bytes
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str
    way: str = "password"
    duties: frozenset[Duty] = frozenset()


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """An account's second factor as it is stored. confirmed_at None: begun, and good for nothing yet. last_step: of the code used last."""

    secret: str
    confirmed_at: datetime | None
    last_step: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The tokens are shown once, to the browser that goes on with them. device: by which it is known again; "" where it is already."""

    account: Account
    token: str
    expires_at: datetime
    device: str = ""
    duties: frozenset[Duty] = frozenset()


@dataclass(frozen=True, slots=True)
class WrongCredentials:
    """Login or password is wrong, or the account is disabled: deliberately not told apart."""


@dataclass(frozen=True, slots=True)
class LockedOut:
    """Too many wrong attempts; the next one is looked at from `until` on."""

    until: datetime


SignIn = SignedIn | WrongCredentials | LockedOut
