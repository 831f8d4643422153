"""Which key this database's sealed values are made with: another one is noticed before anything is sealed with it."""

from sqlalchemy import CheckConstraint, Column, Integer, String, Table, select

from server.storage.columns import metadata
from server.storage.database import Database, UnitOfWork
from server.storage.errors import VaultError

vault_key = Table(
    "vault_key",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("fingerprint", String(16), nullable=False),
    CheckConstraint("id = 1", name="single_row"),
)


def remembered_key(uow: UnitOfWork) -> str | None:
    """The fingerprint of the key that belongs to this database; None before its first."""
    found: str | None = uow.scalar(select(vault_key.c.fingerprint))
    return found


def remember_key(uow: UnitOfWork, fingerprint: str) -> None:
    """The first key becomes the database's for good. Raises VaultError for another one later."""
    remembered = remembered_key(uow)
    if remembered is None:
        uow.execute(vault_key.insert().values(id=1, fingerprint=fingerprint))
    elif remembered != fingerprint:
        raise VaultError(reason="The key of personal data is not the one of this database: put back the key that belongs to it.")


def require_key(database: Database) -> None:
    """Raises VaultError when the program has another key than the database. One without a key can do all but personal data."""
    if database.vault is None:
        return
    with database.reading() as uow:
        remembered = remembered_key(uow)
    if remembered not in (None, database.vault.fingerprint):
        raise VaultError(reason="The key of personal data is not the one of this database: put back the key that belongs to it.")
