"""The proof at the end of a storm, from what is on the disks and in the terminals: nothing lost, nothing doubled, every chain holds."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from clockbridge.demo.counting import ask_terminal
from protocol import chain
from protocol.identifiers import EdgeId, Epoch
from protocol.instants import pack_wall
from protocol.signing import Verifier
from server.attendance.tables import punch
from server.fleet.tables import edge, edge_key, terminal
from server.ingest.tables import batch, epoch, hole
from server.storage import StorageError
from tests.support.waiting import PATIENCE_SECONDS
from tests.support.world import World

Identity = tuple[str, str, int]
"""Serial number of the terminal, person as it knows them, packed wall time: what makes a punch one punch."""


@dataclass(frozen=True)
class Proof:
    """What was compared and counted. held: distinct identities in the terminals' logs; punches: rows at the server.

    lost: held and not at the server; doubled: rows at the server beyond one for each identity; invented: at the server and held nowhere.
    batches: seals that were checked, in so many epochs; released: rows that an edge let go and still keeps, each compared with what was
    sealed; unsealed: punches that came ahead of their turn, and whose edge was set back before it came.
    """

    held: int
    punches: int
    lost: int
    doubled: int
    invented: int
    batches: int
    epochs: int
    released: int
    unsealed: int


class NotProvenError(AssertionError):
    """`proof` has the figures."""

    def __init__(self, proof: Proof) -> None:
        super().__init__(f"not every punch is at the server exactly once: {proof}")
        self.proof = proof


def prove(world: World, *, set_back: bool = False) -> Proof:
    """Check everything; raises NotProvenError, or AssertionError with what else does not hold.

    set_back: an edge's disk was restored, so a punch that overtook a backlog may have been admitted from a place in a chain that has since
    been given to another row.
    """
    held = _held(world)
    with world.database.reading() as uow:
        columns = (terminal.c.serial, punch.c.terminal_user, punch.c.wall, punch.c.epoch_id, punch.c.sequence, punch.c.body, punch.c.live)
        rows = uow.fetch_all(select(*columns).join(terminal, terminal.c.id == punch.c.terminal_id))
        names = {row.id: (row.name, row.epoch, row.mark, row.head) for row in uow.fetch_all(select(epoch, edge.c.name).join(edge))}
        keys = {row.key_id: Verifier(row.public_key) for row in uow.fetch_all(select(edge_key))}
        sealed = uow.fetch_all(select(batch).order_by(batch.c.epoch_id, batch.c.last))
        assert not uow.fetch_all(select(hole)), "a stretch of an outbox is missing"
    digests = _followed(sealed, names, keys)
    loose = [row for row in rows if digests.get((row.epoch_id, row.sequence)) != chain.digest(row.body)]
    assert set_back or not loose, "a punch is not what its edge sealed"
    assert all(row.live for row in loose), "a punch that came in its turn is not what its edge sealed"
    released = sum(_released(world, names, digests))
    found = {(row.serial, row.terminal_user, row.wall) for row in rows}
    proof = Proof(
        held=len(held),
        punches=len(rows),
        lost=len(held - found),
        doubled=len(rows) - len(found),
        invented=len(found - held),
        batches=len(sealed),
        epochs=len(names),
        released=released,
        unsealed=len(loose),
    )
    if proof.lost or proof.doubled or proof.invented or sum(world.admitted().values()) != len(rows):
        raise NotProvenError(proof)
    return proof


def require_no_release_before_commit(world: World) -> None:
    """While everything runs: what an edge has released now, the server has committed a moment later. Edges and server may be down.

    At the end of a storm this would not show: a row that was released too early has come again by then.
    """
    released = {word: (edge, mark) for edge, site in world.sites.items() for word, mark in _mark_of(site.kit.parent / "data" / "outbox.db")}
    try:
        with world.database.reading() as uow:
            committed = {row.epoch: row.mark for row in uow.fetch_all(select(epoch.c.epoch, epoch.c.mark))}
    except StorageError:
        return
    for word, (name, mark) in released.items():
        assert mark <= committed.get(word, 0), f"{name} released up to {mark} while the server had {committed.get(word, 0)}"


def _mark_of(outbox: Path) -> list[tuple[str, int]]:
    """Epoch and mark; nothing where there is no outbox at this moment."""
    try:
        with closing(sqlite3.connect(f"file:{outbox}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT epoch, mark FROM meta").fetchall()
    except sqlite3.Error:
        return []


def _held(world: World) -> set[Identity]:
    """Every identity in the terminals' logs, as they tell it at their doors."""
    found = set()
    for site in world.sites.values():
        for serial, door in site.controls.items():
            until = time.monotonic() + PATIENCE_SECONDS
            while (answer := ask_terminal(door, "dump")) is None:
                assert time.monotonic() < until, f"{serial} does not answer"
            found |= {(serial, user, int(pack_wall(shown))) for user, shown in answer["identities"]}
    return found


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


def _released(world: World, names, digests) -> Iterator[int]:
    """No receipt without its commit, in any epoch an edge ever had: what it released is at the server, row by row. Gives counts of rows."""
    epochs = {word: (key, mark) for key, (_, word, mark, _) in names.items()}
    for site in world.sites.values():
        for file in sorted((site.kit.parent / "data").glob("outbox*.db")):
            yield _released_in(file, epochs, digests)


def _released_in(outbox: Path, epochs: dict[str, tuple[int, int]], digests) -> int:
    with closing(sqlite3.connect(f"file:{outbox}?mode=ro", uri=True)) as connection:
        word, mark = connection.execute("SELECT epoch, mark FROM meta").fetchone()
        kept = connection.execute("SELECT sequence, body FROM outbox WHERE sequence <= ?", (mark,)).fetchall()
    key, committed = epochs.get(word, (0, 0))
    assert mark <= committed, f"{outbox.name}: an edge released up to {mark}, the server has {committed}"
    for sequence, body in kept:
        assert digests[key, sequence] == chain.digest(body), f"{outbox.name}: row {sequence} was released, the server has another one"
    return len(kept)
