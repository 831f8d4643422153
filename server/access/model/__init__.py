"""Who may do what: roles, permissions, accounts, sessions, and which data is masked for whom."""

from server.access.model.accounts import (
    EVERYBODY,
    Account,
    AccountFilter,
    AccountState,
    Duty,
    LockedOut,
    Scope,
    SecondFactor,
    Session,
    SignedIn,
    SignIn,
    WrongCredentials,
    scope_of,
)
from server.access.model.fields import FIELD_RULES, FieldRule, mask, may_see
from server.access.model.roles import LIMITED_ROLES, PERMISSIONS, Permission, Role, permissions_of

__all__ = [
    "EVERYBODY",
    "FIELD_RULES",
    "LIMITED_ROLES",
    "PERMISSIONS",
    "Account",
    "AccountFilter",
    "AccountState",
    "Duty",
    "FieldRule",
    "LockedOut",
    "Permission",
    "Role",
    "Scope",
    "SecondFactor",
    "Session",
    "SignIn",
    "SignedIn",
    "WrongCredentials",
    "mask",
    "may_see",
    "permissions_of",
    "scope_of",
]
