"""The proof at the end of a storm, from what is on the disks and in the terminals: nothing lost, nothing doubled, every chain holds."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from protocol import chain
from protocol.identifiers import EdgeId, Epoch
from protocol.signing import Verifier
from server.attendance.tables import punch
from server.fleet.tables import edge, edge_key
from server.ingest.tables import batch, epoch, hole
from tests.support.world import World


@dataclass(frozen=True)
class Proof:
    """What was proven: distinct punches, and batches whose seals were checked."""

    punches: int
    batches: int


def prove(world: World) -> Proof:
    """Check everything; raises AssertionError with what does not hold."""
    held = world.held()
    admitted = world.admitted()
    assert held == {serial: admitted.get(serial) for serial in held}, "a terminal holds something that is not at the server, or the reverse"
    with world.database.reading() as uow:
        rows = uow.fetch_all(
            select(punch.c.wall, punch.c.terminal_id, punch.c.terminal_user, punch.c.epoch_id, punch.c.sequence, punch.c.body)
        )
        assert len({row[:3] for row in rows}) == len(rows) == sum(admitted.values()), "an identity is there twice"
        names = {row.id: (row.name, row.epoch, row.mark, row.head) for row in uow.fetch_all(select(epoch, edge.c.name).join(edge))}
        keys = {row.key_id: Verifier(row.public_key) for row in uow.fetch_all(select(edge_key))}
        sealed = uow.fetch_all(select(batch).order_by(batch.c.epoch_id, batch.c.last))
        assert not uow.fetch_all(select(hole)), "a stretch of an outbox is missing"
    digests = _followed(sealed, names, keys)
    for row in rows:
        assert digests.get((row.epoch_id, row.sequence)) == chain.digest(row.body), "a punch is not what its edge sealed"
    for site in world.sites.values():
        _no_release_before_commit(site.kit.parent / "data" / "outbox.db", {name: mark for _, name, mark, _ in names.values()})
    return Proof(len(rows), len(sealed))


def _followed(sealed, names, keys) -> dict[tuple[int, int], bytes]:
    """Follow each epoch's batches from its genesis to its mark, and check every seal; gives the digest of each (epoch, sequence)."""
    digests: dict[tuple[int, int], bytes] = {}
    reached = {key: (0, chain.genesis(EdgeId(name), Epoch(word))) for key, (name, word, _, _) in names.items()}
    for one in sealed:
        name, word, _, _ = names[one.epoch_id]
        own = [one.digests[start : start + 32] for start in range(0, len(one.digests), 32)]
        assert one.first <= reached[one.epoch_id][0] + 1 <= one.last, "batches leave a gap or stand still"
        text = chain.seal_text(EdgeId(name), Epoch(word), one.first, one.last, one.previous_head, one.head)
        keys[one.key_id].verify(one.signature, text)
        assert chain.extend(one.previous_head, own)[-1] == one.head
        digests |= {(one.epoch_id, one.first + place): digest for place, digest in enumerate(own)}
        reached[one.epoch_id] = (one.last, one.head)
    for key, (_, _, mark, head) in names.items():
        assert reached[key] == (mark, head), "a mark says more than the batches"
    return digests


def _no_release_before_commit(outbox: Path, marks: dict[str, int]) -> None:
    with closing(sqlite3.connect(f"file:{outbox}?mode=ro", uri=True)) as connection:
        word, mark = connection.execute("SELECT epoch, mark FROM meta").fetchone()
    assert mark <= marks.get(word, 0), "an edge released what the server does not have"
