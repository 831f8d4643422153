"""Who may do what: roles, permissions, accounts, sessions.

HR sees people and decides on their attendance; IT sees terminals and numbers but no people; an employee sees what is their own; an
administrator manages accounts and sees all.
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
    EMPLOYEE = "employee"


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
    SEE_DAYS = "see-days"
    CHANGE_GRANTS = "change-grants"
    SEE_ROSTER = "see-roster"
    CHANGE_ROSTER = "change-roster"
    CHANGE_RULES = "change-rules"
    CLOSE_PERIODS = "close-periods"
    SEE_OWN = "see-own"


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
            Permission.SEE_DAYS,
            Permission.CHANGE_GRANTS,
            Permission.SEE_ROSTER,
            Permission.CHANGE_ROSTER,
            Permission.CHANGE_RULES,
            Permission.CLOSE_PERIODS,
        }
    ),
    Role.EMPLOYEE: frozenset({Permission.SEE_OWN}),
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
    """Somebody who can sign in. must_change: the password was given to them and is only good for choosing another.

    person_id: the person in the directory whose own days and months this account may see; None for one that is nobody's.
    """

    id: int
    login: str
    display_name: str
    state: AccountState
    must_change: bool
    roles: frozenset[Role]
    person_id: int | None = None

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
