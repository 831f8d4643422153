"""Reading and writing one-time codes, second factors and their recovery codes."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update

from server.access.model import SecondFactor
from server.access.tables import one_time_code, recovery_code, second_factor
from server.storage import UnitOfWork, upsert

WORD = "sign-in-code"


def keep_code(uow: UnitOfWork, account_id: int, code: str, now: datetime, expires_at: datetime) -> None:
    """One code for an account; an earlier one is good for nothing any more."""
    row = {"account_id": account_id, "code_index": _index(uow, account_id, code), "issued_at": now, "expires_at": expires_at}
    upsert(uow, one_time_code, [row], ("account_id",))


def use_code(uow: UnitOfWork, account_id: int, code: str, now: datetime) -> bool:
    """Whether this is the account's code and has not expired; it is good no more then."""
    if code_expires_at(uow, account_id) is None:
        return False
    mine = (one_time_code.c.account_id == account_id, one_time_code.c.code_index == _index(uow, account_id, code))
    return uow.execute(delete(one_time_code).where(*mine, one_time_code.c.expires_at > now)).rowcount == 1


def forget_code(uow: UnitOfWork, account_id: int) -> None:
    uow.execute(delete(one_time_code).where(one_time_code.c.account_id == account_id))


def code_expires_at(uow: UnitOfWork, account_id: int) -> datetime | None:
    """Until when the account has a code that was not used."""
    found: datetime | None = uow.scalar(select(one_time_code.c.expires_at).where(one_time_code.c.account_id == account_id))
    return found


def factor_of(uow: UnitOfWork, account_id: int) -> SecondFactor | None:
    row = uow.fetch_one(select(second_factor).where(second_factor.c.account_id == account_id))
    if row is None:
        return None
    return SecondFactor(uow.vault.open(row.secret, _place(account_id)), row.confirmed_at, row.last_step)


def keep_factor(uow: UnitOfWork, account_id: int, secret: str) -> None:
    """Begin with a secret that is to be confirmed; what there was before is gone."""
    drop_factor(uow, account_id)
    sealed = uow.vault.seal(secret, _place(account_id))
    uow.execute(second_factor.insert().values(account_id=account_id, secret=sealed, confirmed_at=None, last_step=0))


def confirm_factor(uow: UnitOfWork, account_id: int, now: datetime, recovery: Collection[str]) -> None:
    """From now on it is asked for; recovery: codes that each stand in for it once."""
    uow.execute(update(second_factor).where(second_factor.c.account_id == account_id).values(confirmed_at=now))
    uow.execute(delete(recovery_code).where(recovery_code.c.account_id == account_id))
    uow.execute(recovery_code.insert(), [{"account_id": account_id, "code_index": _index(uow, account_id, code)} for code in recovery])


def use_step(uow: UnitOfWork, account_id: int, step: int) -> bool:
    """Whether a code of this step was not used before; it is now."""
    mine = (second_factor.c.account_id == account_id, second_factor.c.last_step < step)
    return uow.execute(update(second_factor).where(*mine).values(last_step=step)).rowcount == 1


def use_recovery(uow: UnitOfWork, account_id: int, code: str) -> bool:
    """Whether this is one of the account's recovery codes; it is good no more then."""
    mine = (recovery_code.c.account_id == account_id, recovery_code.c.code_index == _index(uow, account_id, code))
    return uow.execute(delete(recovery_code).where(*mine)).rowcount == 1


def drop_factor(uow: UnitOfWork, account_id: int) -> None:
    for table in (recovery_code, second_factor):
        uow.execute(delete(table).where(table.c.account_id == account_id))


def accounts_with_factor(uow: UnitOfWork) -> set[int]:
    """Ids of accounts that give a second factor."""
    rows = uow.fetch_all(select(second_factor.c.account_id).where(second_factor.c.confirmed_at.is_not(None)))
    return {row.account_id for row in rows}


def _index(uow: UnitOfWork, account_id: int, code: str) -> bytes:
    return uow.vault.index(code, f"{WORD}/{account_id}")


def _place(account_id: int) -> str:
    return f"account/{account_id}/second-factor"
