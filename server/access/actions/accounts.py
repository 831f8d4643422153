"""Accounts: made, changed, disabled. They are never deleted: the trail names them.

Hashing takes a third of a second, so actions that set a password take the finished hash, or a Database and open their own units of
work around it.
"""

import re
from datetime import datetime

from server.access import store
from server.access.actions.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH, check_password, generate_password, hash_password
from server.access.model import LIMITED_ROLES, Account, AccountState, Duty, Role, Session
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.storage import Database, UnitOfWork

_LOGIN = re.compile(r"[\w.@+-]{1,64}")


def create_account(
    uow: UnitOfWork,
    login: str,
    display_name: str,
    hashed: str,
    roles: frozenset[Role],
    by: Actor,
    now: datetime,
    *,
    must_change: bool = True,
) -> Account:
    """Make an account with a password that was hashed before; raises InvalidInputError or RefusedError.

    must_change: the first thing its owner does is to choose another password.
    """
    login = store.fold_login(login)
    if not _LOGIN.fullmatch(login):
        raise InvalidInputError(field="login", reason="use 1 to 64 letters, digits and . @ + - _, without spaces")
    if store.account_by_login(uow, login):
        raise RefusedError(reason="There is an account {login} already; choose another login.", login=login)
    account_id = store.add_account(uow, login, display_name.strip() or login, hashed, must_change=must_change, at=now)
    store.set_roles(uow, account_id, roles)
    made = _existing(uow, login)
    record(uow, by, "account.create", "account", login, at=now, after=_shown(made), people=made.people)
    return made


def accounts_of_person(uow: UnitOfWork, person_id: int) -> list[Account]:
    """The accounts of somebody in the directory, by login."""
    return store.accounts_of_person(uow, person_id)


def link_account(uow: UnitOfWork, login: str, person_id: int, by: Actor, now: datetime, reason: str = "") -> Account:
    """Say that an account is a person's: it may see their own days, and is an employee's from now on.

    Raises NotFoundError; RefusedError when the account is somebody else's, or the person has another.
    """
    before = _existing(uow, login)
    if before.person_id not in {None, person_id}:
        raise RefusedError(reason="The account {login} is another person's: unlink it there first.", login=before.login)
    if others := [one.login for one in store.accounts_of_person(uow, person_id) if one.id != before.id]:
        raise RefusedError(reason="This person has the account {login} already: unlink it first.", login=others[0])
    store.change_account(uow, before.id, person_id=person_id)
    store.set_roles(uow, before.id, before.roles | {Role.EMPLOYEE})
    return _recorded(uow, before, "account.link", by, now, reason)


def unlink_account(uow: UnitOfWork, login: str, by: Actor, now: datetime, reason: str = "") -> Account:
    """Let an account be nobody's, here and elsewhere; what else it may do stays. One that was an employee's only is disabled.

    Raises NotFoundError.
    """
    before = _existing(uow, login)
    store.change_account(uow, before.id, person_id=None)
    others = before.roles - {Role.EMPLOYEE}
    if others:
        store.set_roles(uow, before.id, others)
    else:
        store.change_account(uow, before.id, state=AccountState.DISABLED.value)
        store.end_sessions_of(uow, before.id)
    _drop_links(uow, before, by, now)
    return _recorded(uow, before, "account.unlink", by, now, reason)


def change_roles(uow: UnitOfWork, login: str, roles: frozenset[Role], by: Actor, now: datetime, reason: str = "") -> Account:
    """Give an account exactly these roles; raises RefusedError when nobody could manage accounts afterwards."""
    before = _existing(uow, login)
    store.set_roles(uow, before.id, roles)
    _require_administrator(uow)
    return _recorded(uow, before, "account.roles", by, now, reason)


def limit_role(uow: UnitOfWork, login: str, role: Role, entities: frozenset[int], by: Actor, now: datetime, reason: str = "") -> Account:
    """Let a role of an account be good for the people of these legal entities only; none: for everybody.

    Raises NotFoundError; RefusedError for a role that it has not, and for one that goes by persons or that is good for no people.
    """
    before = _existing(uow, login)
    if role not in before.roles:
        raise RefusedError(reason="The account {login} has not this role: give it first.", login=before.login)
    if role not in LIMITED_ROLES:
        raise RefusedError(reason="This role cannot be limited to legal entities.")
    store.limit_role(uow, before.id, role, entities)
    _require_administrator(uow)
    return _recorded(uow, before, "account.limit", by, now, reason)


def people_with_role(uow: UnitOfWork, role: Role, legal_entity_id: int | None = None) -> list[int]:
    """Ids of the persons who have a role, by id; where a legal entity is given, only those whose role is good for it.

    An account that is nobody's or disabled does not count.
    """
    return store.people_with_role(uow, role, legal_entity_id)


def disable_account(uow: UnitOfWork, login: str, by: Actor, now: datetime, reason: str = "") -> Account:
    """Let nobody sign in with it and end its sessions; raises RefusedError for the last administrator."""
    before = _existing(uow, login)
    store.change_account(uow, before.id, state=AccountState.DISABLED.value)
    store.end_sessions_of(uow, before.id)
    _require_administrator(uow)
    return _recorded(uow, before, "account.disable", by, now, reason)


def enable_account(uow: UnitOfWork, login: str, by: Actor, now: datetime, reason: str = "") -> Account:
    """Let its owner sign in again."""
    before = _existing(uow, login)
    store.change_account(uow, before.id, state=AccountState.ACTIVE.value)
    _require_administrator(uow)
    return _recorded(uow, before, "account.enable", by, now, reason)


def reset_password(database: Database, login: str, by: Actor, now: datetime) -> str:
    """Give a new generated password, shown once; ends its sessions and its lock-out, takes the second factor and links elsewhere away.

    Raises NotFoundError.
    """
    with database.reading() as uow:
        _existing(uow, login)
    password = generate_password()
    hashed = hash_password(password)
    with database.writing() as uow:
        account = _existing(uow, login)
        store.change_account(uow, account.id, password_hash=hashed, must_change=True, state=AccountState.ACTIVE.value)
        store.end_sessions_of(uow, account.id)
        store.forget_attempts_of(uow, account.login)
        store.forget_devices_of(uow, account.id)
        store.forget_code(uow, account.id)
        store.drop_factor(uow, account.id)
        _drop_links(uow, account, by, now)
        record(uow, by, "account.reset-password", "account", account.login, at=now, people=account.people)
    return password


def change_password(
    database: Database, account: Account, old: str, new: str, by: Actor, now: datetime, *, keep: bytes | None = None
) -> None:
    """The owner chooses a new password; other sessions end, the one whose token hash is `keep` goes on. Raises InvalidInputError."""
    require_good(new, account.login)
    with database.reading() as uow:
        stored = store.password_hash(uow, account.id)
    if not check_password(old, stored)[0]:
        raise InvalidInputError(field="password", reason="the present password is not right")
    if old == new:
        raise InvalidInputError(field="password", reason="choose another one than the present")
    hashed = hash_password(new)
    with database.writing() as uow:
        if store.password_hash(uow, account.id) != stored:  # reset by an administrator meanwhile
            raise InvalidInputError(field="password", reason="the present password is not right")
        store.change_account(uow, account.id, password_hash=hashed, must_change=False)
        store.end_sessions_of(uow, account.id, but=keep)
        record(uow, by, "account.change-password", "account", account.login, at=now, people=account.people)


def choose_password(database: Database, session: Session, new: str, by: Actor, now: datetime) -> None:
    """After a one-time code: the owner's first password, or the one in place of a forgotten one. Raises InvalidInputError, RefusedError."""
    account = session.account
    require_good(new, account.login)
    hashed = hash_password(new)
    with database.writing() as uow:
        held = store.session_by_hash(uow, session.token_hash)
        if held is None or Duty.PASSWORD not in held.duties:
            raise RefusedError(reason="This code was used already. Ask for another one.")
        store.change_account(uow, account.id, password_hash=hashed, must_change=False)
        store.set_duties(uow, session.token_hash, held.duties - {Duty.PASSWORD})
        store.end_sessions_of(uow, account.id, but=session.token_hash)
        record(uow, by, "account.change-password", "account", account.login, at=now, people=account.people)


def require_good(password: str, login: str) -> None:
    """Length is what counts; rules about digits and signs only make passwords alike."""
    if len(password) < MINIMUM_LENGTH:
        raise InvalidInputError(field="password", reason="use at least {least} characters", least=MINIMUM_LENGTH)
    if len(password) > MAXIMUM_LENGTH:
        raise InvalidInputError(field="password", reason="use at most {most} characters", most=MAXIMUM_LENGTH)
    if login in password.casefold() or len(set(password)) < 5:
        raise InvalidInputError(field="password", reason="use one that is not your login and not a few repeated characters")


def find_account(uow: UnitOfWork, login: str) -> Account:
    """Raises NotFoundError."""
    return _existing(uow, login)


def _drop_links(uow: UnitOfWork, account: Account, by: Actor, now: datetime) -> None:
    """Whoever is linked elsewhere is not its owner any more, or may not be."""
    if providers := store.linked_providers(uow, account.id):
        store.drop_links_of(uow, account.id)
        told = {"provider": sorted(providers)}
        record(uow, by, "account.outside-unlink", "account", account.login, at=now, before=told, people=account.people)


def _existing(uow: UnitOfWork, login: str) -> Account:
    account = store.account_by_login(uow, login)
    if account is None:
        raise NotFoundError(what="account", name=store.fold_login(login))
    return account


def _require_administrator(uow: UnitOfWork) -> None:
    if not store.active_administrators(uow):
        raise RefusedError(reason="Nobody could manage accounts any more; make another account administrator first.")


def _recorded(uow: UnitOfWork, before: Account, action: str, by: Actor, now: datetime, reason: str) -> Account:
    """Tell the trail what the account is now, and whose it is or was."""
    after = _existing(uow, before.login)
    was, is_now, people = _shown(before), _shown(after), {*before.people, *after.people}
    record(uow, by, action, "account", before.login, at=now, before=was, after=is_now, reason=reason, people=people)
    return after


def _shown(account: Account) -> dict[str, object]:
    shown: dict[str, object] = {
        "display_name": account.display_name, "state": account.state, "roles": account.roles, "person": account.person_id
    }  # fmt: skip
    return shown | {"limits": account.limits} if account.limits else shown
