"""Reading and writing links of accounts to identities elsewhere. Whom a provider vouches for lies as an index only, their name sealed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, select, update

from server.access.model import Account, Identity, OutsideLink, ProviderName
from server.access.store.account_rows import account_by_id
from server.access.tables import outside_link, spent_return
from server.storage import UnitOfWork, insert_ignoring


def linked_account(uow: UnitOfWork, provider: ProviderName, subject: str) -> Account | None:
    """The account that an identity signs in, whatever its state."""
    mine = (outside_link.c.provider == provider.value, outside_link.c.subject_index == _index(uow, provider, subject))
    found = uow.scalar(select(outside_link.c.account_id).where(*mine))
    return None if found is None else account_by_id(uow, found)


def links_of(uow: UnitOfWork, account_id: int) -> list[OutsideLink]:
    """What signs an account in, by provider."""
    rows = uow.fetch_all(select(outside_link).where(outside_link.c.account_id == account_id).order_by(outside_link.c.provider))
    return [
        OutsideLink(
            ProviderName(row.provider), uow.vault.open(bytes(row.sealed_name), place(account_id, row.provider)),
            row.by_claim, row.linked_at, row.used_at,
        )
        for row in rows
    ]  # fmt: skip


def linked_providers(uow: UnitOfWork, account_id: int) -> set[ProviderName]:
    """Where an account has a link, without opening whose."""
    rows = uow.fetch_all(select(outside_link.c.provider).where(outside_link.c.account_id == account_id))
    return {ProviderName(row.provider) for row in rows}


def links_per_provider(uow: UnitOfWork) -> Mapping[ProviderName, int]:
    """How many accounts are linked."""
    rows = uow.fetch_all(select(outside_link.c.provider, func.count().label("n")).group_by(outside_link.c.provider))
    return {ProviderName(row.provider): row.n for row in rows}


def add_link(uow: UnitOfWork, provider: ProviderName, identity: Identity, account_id: int, now: datetime, *, by_claim: bool) -> None:
    row = {
        "provider": provider.value,
        "subject_index": _index(uow, provider, identity.subject),
        "account_id": account_id,
        "sealed_name": uow.vault.seal(identity.name, place(account_id, provider.value)),
        "by_claim": by_claim,
        "linked_at": now,
    }
    uow.execute(outside_link.insert().values(**row))


def touch_link(uow: UnitOfWork, provider: ProviderName, account_id: int, now: datetime) -> None:
    mine = (outside_link.c.provider == provider.value, outside_link.c.account_id == account_id)
    uow.execute(update(outside_link).where(*mine).values(used_at=now))


def drop_link(uow: UnitOfWork, provider: ProviderName, account_id: int) -> bool:
    """Whether there was one."""
    mine = (outside_link.c.provider == provider.value, outside_link.c.account_id == account_id)
    return uow.execute(delete(outside_link).where(*mine)).rowcount == 1


def drop_links_of(uow: UnitOfWork, account_id: int) -> None:
    uow.execute(delete(outside_link).where(outside_link.c.account_id == account_id))


def spend_return(uow: UnitOfWork, secret_hash: bytes, now: datetime, forget_before: datetime) -> bool:
    """Whether nobody came back with this secret before; they have now."""
    uow.execute(delete(spent_return).where(spent_return.c.at < forget_before))
    return insert_ignoring(uow, spent_return, [{"secret_hash": secret_hash, "at": now}], ("secret_hash",)) == 1


def place(account_id: int, provider: str) -> str:
    """Where the name of an identity stands for good."""
    return f"account/{account_id}/outside/{provider}"


def _index(uow: UnitOfWork, provider: ProviderName, subject: str) -> bytes:
    return uow.vault.index(subject, f"outside/{provider.value}")
