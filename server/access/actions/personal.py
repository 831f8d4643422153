"""What access holds about somebody. Hashes of passwords and tokens are never handed out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, select, update

from server.access.store.outside import place
from server.access.tables import (
    account,
    account_role,
    account_role_entity,
    known_device,
    one_time_code,
    outside_link,
    recovery_code,
    second_factor,
    session,
    sign_in_attempt,
)
from server.storage import DataSubject, Holding, UnitOfWork


def _own(one: DataSubject) -> Select[tuple[int]]:
    return select(account.c.id).where(account.c.person_id == one.person_id)


def _sessions(one: DataSubject) -> ColumnElement[bool]:
    return session.c.account_id.in_(_own(one))


def _erase_accounts(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    """An account nobody can sign in with, under a name that says nothing."""
    rows = uow.fetch_all(_own(one))
    for row in rows:
        blank = {"login": f"#{row.id}", "display_name": "", "password_hash": "", "state": "disabled"}
        uow.execute(update(account).where(account.c.id == row.id).values(**blank))
    return len(rows)


def _outside_name(uow: UnitOfWork, row: Row[Any]) -> Mapping[str, Any]:
    return {"name": uow.vault.open(bytes(row.sealed_name), place(row.account_id, row.provider))}


HOLDINGS = (
    Holding(account_role_entity, "Limits of roles", lambda one: account_role_entity.c.account_id.in_(_own(one)), keep="person"),
    Holding(account_role, "Roles", lambda one: account_role.c.account_id.in_(_own(one)), keep="person"),
    Holding(
        account,
        "Accounts",
        lambda one: account.c.person_id == one.person_id,
        secret=("password_hash",),
        keep="person",
        goes=lambda one: and_(account.c.person_id == one.person_id, account.c.display_name != ""),
        erased=_erase_accounts,
    ),
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
    Holding(
        outside_link,
        "Links elsewhere",
        lambda one: outside_link.c.account_id.in_(_own(one)),
        opened=_outside_name,
        secret=("subject_index", "sealed_name"),
        keep="sign-ins",
    ),
    Holding(sign_in_attempt, "Sign-ins", lambda one: sign_in_attempt.c.login.in_(one.logins), keep="sign-ins"),
)
