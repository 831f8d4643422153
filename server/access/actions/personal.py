"""What access holds about somebody. Hashes of passwords and tokens are never handed out."""

from sqlalchemy import ColumnElement, Select, select

from server.access.tables import (
    account,
    account_role,
    account_role_entity,
    known_device,
    one_time_code,
    recovery_code,
    second_factor,
    session,
    sign_in_attempt,
)
from server.storage import DataSubject, Holding


def _own(one: DataSubject) -> Select[tuple[int]]:
    return select(account.c.id).where(account.c.person_id == one.person_id)


def _sessions(one: DataSubject) -> ColumnElement[bool]:
    return session.c.account_id.in_(_own(one))


HOLDINGS = (
    Holding(account, "Accounts", lambda one: account.c.person_id == one.person_id, secret=("password_hash",)),
    Holding(account_role, "Roles", lambda one: account_role.c.account_id.in_(_own(one))),
    Holding(account_role_entity, "Limits of roles", lambda one: account_role_entity.c.account_id.in_(_own(one))),
    Holding(session, "Sessions", _sessions, secret=("token_hash",), keep="sign-ins"),
    Holding(
        one_time_code, "One-time codes", lambda one: one_time_code.c.account_id.in_(_own(one)), secret=("code_index",), keep="sign-ins"
    ),
    Holding(known_device, "Known devices", lambda one: known_device.c.account_id.in_(_own(one)), secret=("token_hash",), keep="sign-ins"),
    Holding(
        second_factor,
        "Second factor",
        lambda one: second_factor.c.account_id.in_(_own(one)),
        secret=("secret", "last_step"),
        keep="sign-ins",
    ),
    Holding(
        recovery_code, "Recovery codes", lambda one: recovery_code.c.account_id.in_(_own(one)), secret=("code_index",), keep="sign-ins"
    ),
    Holding(sign_in_attempt, "Sign-ins", lambda one: sign_in_attempt.c.login.in_(one.logins), keep="sign-ins"),
)
