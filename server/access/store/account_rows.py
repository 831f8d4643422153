"""Reading and writing accounts and their roles."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, or_, select, update

from server.access.model import Account, AccountFilter, AccountState, Role
from server.access.tables import account, account_role, account_role_entity
from server.storage import UnitOfWork


def fold_login(login: str) -> str:
    """How a login is stored and looked up: without outer spaces, without case, at most 64 characters."""
    return login.strip().casefold()[:64]


def account_by_login(uow: UnitOfWork, login: str) -> Account | None:
    return _account(uow, select(account).where(account.c.login == fold_login(login)))


def account_by_id(uow: UnitOfWork, account_id: int) -> Account | None:
    return _account(uow, select(account).where(account.c.id == account_id))


def accounts_of_person(uow: UnitOfWork, person_id: int) -> list[Account]:
    """The accounts that may see this person's own days, by login."""
    return _as_accounts(uow, uow.fetch_all(select(account).where(account.c.person_id == person_id).order_by(account.c.login)))


def password_hash(uow: UnitOfWork, account_id: int) -> str | None:
    found: str | None = uow.scalar(select(account.c.password_hash).where(account.c.id == account_id))
    return found


def accounts(uow: UnitOfWork, wanted: AccountFilter, *, after: str, limit: int) -> list[Account]:
    """Accounts that fit, by login, those whose login comes after `after`."""
    query = select(account).where(account.c.login > after).order_by(account.c.login).limit(limit)
    if wanted.search:
        named = account.c.display_name.icontains(wanted.search, autoescape=True)
        query = query.where(account.c.login.contains(fold_login(wanted.search), autoescape=True) | named)
    if wanted.role:
        having = select(account_role.c.account_id).where(account_role.c.role == wanted.role.value)
        query = query.where(account.c.id.in_(having))
    return _as_accounts(uow, uow.fetch_all(query))


def add_account(uow: UnitOfWork, login: str, name: str, hashed: str, *, must_change: bool, at: datetime) -> int:
    values = {
        "login": fold_login(login), "password_hash": hashed, "display_name": name, "state": AccountState.ACTIVE.value,
        "must_change": must_change, "created_at": at,
    }  # fmt: skip
    key = uow.execute(account.insert().values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def change_account(uow: UnitOfWork, account_id: int, **values: Any) -> None:
    uow.execute(update(account).where(account.c.id == account_id).values(**values))


def set_roles(uow: UnitOfWork, account_id: int, roles: frozenset[Role]) -> None:
    """Exactly these; what a role that stays is limited to stays, too."""
    own = account_role.c.account_id == account_id
    had = {Role(row.role) for row in uow.fetch_all(select(account_role.c.role).where(own))}
    uow.execute(delete(account_role).where(own, account_role.c.role.in_([role.value for role in had - roles])))
    if new := sorted(roles - had):
        uow.execute(account_role.insert(), [{"account_id": account_id, "role": role.value} for role in new])


def limit_role(uow: UnitOfWork, account_id: int, role: Role, entities: Collection[int]) -> None:
    """Limit a role of an account to these legal entities; none: to no one's in particular, it is good for all."""
    named = account_role_entity.c
    uow.execute(delete(account_role_entity).where(named.account_id == account_id, named.role == role.value))
    rows = [{"account_id": account_id, "role": role.value, "legal_entity_id": entity} for entity in sorted(entities)]
    if rows:
        uow.execute(account_role_entity.insert(), rows)


def people_with_role(uow: UnitOfWork, role: Role, legal_entity_id: int | None) -> list[int]:
    """Persons of active accounts with a role, where a legal entity is given only those whose role is good for it; by id."""
    joined = account.join(account_role, account_role.c.account_id == account.c.id)
    query = select(account.c.person_id).select_from(joined).distinct().order_by(account.c.person_id)
    query = query.where(account_role.c.role == role.value, account.c.state == AccountState.ACTIVE.value, account.c.person_id.is_not(None))
    if legal_entity_id is not None:
        named = account_role_entity.c
        limits = select(named.legal_entity_id).where(named.account_id == account.c.id, named.role == role.value)
        query = query.where(or_(~limits.exists(), limits.where(named.legal_entity_id == legal_entity_id).exists()))
    return [row.person_id for row in uow.fetch_all(query)]


def active_administrators(uow: UnitOfWork) -> int:
    query = select(func.count()).select_from(account.join(account_role, account.c.id == account_role.c.account_id))
    return int(uow.scalar(query.where(account_role.c.role == Role.ADMINISTRATOR.value, account.c.state == AccountState.ACTIVE.value)))


def _account(uow: UnitOfWork, query: Select[Any]) -> Account | None:
    return next(iter(_as_accounts(uow, uow.fetch_all(query))), None)


def _as_accounts(uow: UnitOfWork, rows: Sequence[Row[Any]]) -> list[Account]:
    ids = [row.id for row in rows]
    roles, limits = _roles_of(uow, ids), _limits_of(uow, ids)
    return [_as_account(row, roles[row.id], limits.get(row.id, {})) for row in rows]


def _roles_of(uow: UnitOfWork, ids: Sequence[int]) -> dict[int, frozenset[Role]]:
    found: dict[int, set[Role]] = defaultdict(set)
    for row in uow.fetch_all(select(account_role).where(account_role.c.account_id.in_(ids))):
        found[row.account_id].add(Role(row.role))
    return {account_id: frozenset(found[account_id]) for account_id in ids}


def _limits_of(uow: UnitOfWork, ids: Sequence[int]) -> dict[int, dict[Role, frozenset[int]]]:
    found: dict[int, dict[Role, frozenset[int]]] = defaultdict(dict)
    for row in uow.fetch_all(select(account_role_entity).where(account_role_entity.c.account_id.in_(ids))):
        of_account, role = found[row.account_id], Role(row.role)
        of_account[role] = of_account.get(role, frozenset()) | {row.legal_entity_id}
    return found


def _as_account(row: Row[Any], roles: frozenset[Role], limits: Mapping[Role, frozenset[int]]) -> Account:
    return Account(row.id, row.login, row.display_name, AccountState(row.state), row.must_change, roles, row.person_id, limits)
