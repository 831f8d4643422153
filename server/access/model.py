"""Who may do what: roles, permissions, accounts, sessions.

HR sees people; IT sees terminals and numbers but no people; an administrator manages accounts and sees all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an account is for."""

    ADMINISTRATOR = "administrator"
    HR = "hr"
    IT = "it"


class Permission(StrEnum):
    """One thing that may be seen or done. People's names and numbers need SEE_PEOPLE, wherever they appear."""

    SEE_PEOPLE = "see-people"
    CHANGE_PEOPLE = "change-people"
    SEE_PUNCHES = "see-punches"
    SEE_FLEET = "see-fleet"
    CHANGE_FLEET = "change-fleet"
    SEE_QUARANTINE = "see-quarantine"
    RESOLVE_QUARANTINE = "resolve-quarantine"
    MANAGE_ACCOUNTS = "manage-accounts"
    SEE_AUDIT = "see-audit"


PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.HR: frozenset(
        {
            Permission.SEE_PEOPLE,
            Permission.CHANGE_PEOPLE,
            Permission.SEE_PUNCHES,
            Permission.SEE_FLEET,
            Permission.SEE_QUARANTINE,
            Permission.RESOLVE_QUARANTINE,
        }
    ),
    Role.IT: frozenset(
        {
            Permission.SEE_PUNCHES,
            Permission.SEE_FLEET,
            Permission.CHANGE_FLEET,
            Permission.SEE_QUARANTINE,
            Permission.RESOLVE_QUARANTINE,
        }
    ),
}


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """What these roles may together."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


class AccountState(StrEnum):
    """Whether an account can sign in."""

    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in. must_change: the password was given to them and is only good for choosing another."""

    id: int
    login: str
    display_name: str
    state: AccountState
    must_change: bool
    roles: frozenset[Role]

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.roles)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in; `token_hash` names it in lists without giving it away."""

    account: Account
    token_hash: bytes
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The token is shown once, to the browser that goes on with it."""

    account: Account
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class WrongCredentials:
    """Login or password is wrong, or the account is disabled: deliberately not told apart."""


@dataclass(frozen=True, slots=True)
class LockedOut:
    """Too many wrong attempts; the next one is looked at from `until` on."""

    until: datetime


SignIn = SignedIn | WrongCredentials | LockedOut
