"""Who takes in which shard: a lease in the database, so that two workers share the load and one takes over from a dead one.

Each worker says at every heartbeat that it lives and takes its fair share: it renews what it has, gives back what is too much, and takes
shards whose lease has ended. A new owner raises the shard's generation. Every transaction that admits checks (owner, generation, not
ended) inside itself, so a worker that was frozen past its lease commits nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, select, update

from protocol.identifiers import ALL_SHARDS, Shard
from server.ingest.tables import shard_lease, worker
from server.storage import Database, UnitOfWork, upsert

LEASE = timedelta(seconds=10)
FAR_AHEAD = 6
"""In leases. One that ends later was taken by a clock that has been set back since; its owner may be dead and would hold it for hours."""
NOBODY = ""
STATEMENT_MS = 30_000
"""On PostgreSQL a worker that was frozen within a statement, as in the middle of a COPY, holds its shards no longer than this."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A shard this worker owns, in its generation."""

    shard: Shard
    generation: int


class LeaseLostError(Exception):
    """The shard belongs to another worker by now: nothing may be committed for it."""

    def __init__(self, shards: list[Shard]) -> None:
        super().__init__(f"no longer ours: {', '.join(shards)}")
        self.shards = shards


def heartbeat(database: Database, name: str, now: datetime, lease: timedelta = LEASE) -> dict[Shard, Lease]:
    """Say that this worker lives and take its fair share; the shards it owns until `now + lease`."""
    with database.writing() as uow:
        upsert(uow, worker, [{"name": name, "seen_at": now}], ["name"])
        uow.execute(delete(worker).where(worker.c.seen_at < now - 10 * lease))
        seen = worker.c.seen_at
        alive = {row.name for row in uow.fetch_all(select(worker.c.name).where(seen.between(now - lease, now + FAR_AHEAD * lease)))}
        rows = {Shard(row.shard): row for row in uow.fetch_all(_locked(uow))}
        running = {shard for shard, row in rows.items() if now < row.expires_at <= now + FAR_AHEAD * lease}
        ours = [shard for shard, row in rows.items() if row.owner == name and shard in running]
        fair = -(-len(ALL_SHARDS) // len(alive))
        free = [shard for shard in ALL_SHARDS if shard not in running]
        keep, give_back = ours[:fair], ours[fair:]
        taken = free[: max(0, fair - len(keep))]
        for shard in give_back:
            uow.execute(update(shard_lease).where(shard_lease.c.shard == shard).values(owner=NOBODY, expires_at=now))
        leases = {shard: Lease(shard, int(rows[shard].generation)) for shard in keep}
        leases |= {shard: Lease(shard, int(rows[shard].generation) + 1 if shard in rows else 1) for shard in taken}
        upsert(
            uow,
            shard_lease,
            [{"shard": shard, "owner": name, "generation": held.generation, "expires_at": now + lease} for shard, held in leases.items()],
            ["shard"],
        )
        return leases


def give_up(database: Database, name: str, now: datetime) -> None:
    """A worker that ends in order leaves its shards at once."""
    with database.writing() as uow:
        uow.execute(update(shard_lease).where(shard_lease.c.owner == name).values(owner=NOBODY, expires_at=now))
        uow.execute(delete(worker).where(worker.c.name == name))


def require(uow: UnitOfWork, name: str, held: Iterable[Lease], now: datetime) -> None:
    """Raises LeaseLostError unless every one is ours still; the rows stay locked until the transaction ends."""
    wanted = {lease.shard: lease.generation for lease in held}
    if not wanted:
        return
    if uow.dialect == "postgresql":
        uow.connection.exec_driver_sql(f"SET LOCAL statement_timeout = {STATEMENT_MS}")
    rows = {row.shard: row for row in uow.fetch_all(_locked(uow).where(shard_lease.c.shard.in_(wanted)))}
    lost = [
        shard
        for shard, generation in wanted.items()
        if shard not in rows or rows[shard].owner != name or rows[shard].generation != generation or rows[shard].expires_at <= now
    ]
    if lost:
        raise LeaseLostError(lost)


def at_work(uow: UnitOfWork, now: datetime) -> list[str]:
    """Workers whose heart beat within a lease."""
    return [str(row.name) for row in uow.fetch_all(select(worker.c.name).where(worker.c.seen_at > now - LEASE).order_by(worker.c.name))]


def owners(uow: UnitOfWork) -> dict[str, int]:
    """Shards by worker, for people who look."""
    counted = select(shard_lease.c.owner, func.count().label("shards")).where(shard_lease.c.owner != NOBODY).group_by(shard_lease.c.owner)
    return {str(row.owner): int(row.shards) for row in uow.fetch_all(counted)}


def _locked(uow: UnitOfWork) -> Select[Any]:
    """Rows for this transaction alone; SQLite's writing transaction is alone anyway."""
    found = select(shard_lease).order_by(shard_lease.c.shard)
    return found.with_for_update() if uow.dialect == "postgresql" else found
