"""Who may do what: roles, permissions, accounts, sessions.

HR sees people and decides on their attendance, HR pay also sees pay; a supervisor sees the people below; IT sees terminals and numbers
but no people; an auditor reads trails; an employee sees what is their own; an administrator grants roles and sees all but pay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an account is for."""

    ADMINISTRATOR = "administrator"
    HR = "hr"
    HR_PAY = "hr-pay"
    SUPERVISOR = "supervisor"
    IT = "it"
    AUDITOR = "auditor"
    EMPLOYEE = "employee"


class Permission(StrEnum):
    """One thing that may be seen or done. People's names and numbers need SEE_PEOPLE, wherever they appear.

    SEE_STAFF: the rest of a staff record, with numbers masked; SEE_IDENTITY: those in full, each look on the trail. SEE_PAY: bank
    accounts and money. ASK: ask for something in one's own name; SEE_REQUESTS, CHANGE_REQUESTS: those of others. DECIDE: be an approver.
    MANAGE_PRIVACY: consents, what is held about somebody, erasure.
    """

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
    SEE_STAFF = "see-staff"
    CHANGE_STAFF = "change-staff"
    SEE_IDENTITY = "see-identity"
    SEE_PAY = "see-pay"
    CHANGE_PAY = "change-pay"
    ASK = "ask"
    SEE_REQUESTS = "see-requests"
    CHANGE_REQUESTS = "change-requests"
    DECIDE = "decide"
    SEE_LEAVE = "see-leave"
    CHANGE_LEAVE = "change-leave"
    SEE_FLOWS = "see-flows"
    CHANGE_FLOWS = "change-flows"
    MANAGE_PRIVACY = "manage-privacy"


PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission) - {Permission.SEE_PAY, Permission.CHANGE_PAY},
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
            Permission.SEE_STAFF,
            Permission.CHANGE_STAFF,
            Permission.SEE_IDENTITY,
            Permission.SEE_REQUESTS,
            Permission.CHANGE_REQUESTS,
            Permission.DECIDE,
            Permission.SEE_LEAVE,
            Permission.CHANGE_LEAVE,
            Permission.SEE_FLOWS,
            Permission.CHANGE_FLOWS,
            Permission.MANAGE_PRIVACY,
        }
    ),
    Role.HR_PAY: frozenset(
        {
            Permission.SEE_PEOPLE,
            Permission.SEE_STAFF,
            Permission.SEE_IDENTITY,
            Permission.SEE_PAY,
            Permission.CHANGE_PAY,
            Permission.SEE_DAYS,
            Permission.SEE_ROSTER,
            Permission.CLOSE_PERIODS,
            Permission.SEE_REQUESTS,
            Permission.SEE_LEAVE,
            Permission.DECIDE,
        }
    ),
    Role.SUPERVISOR: frozenset({Permission.DECIDE}),
    Role.AUDITOR: frozenset({Permission.SEE_AUDIT}),
    Role.EMPLOYEE: frozenset({Permission.SEE_OWN, Permission.ASK, Permission.DECIDE}),
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
