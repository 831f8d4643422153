"""The proof can fail: each thing that it looks at is spoilt once, in a world that stands still."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from protocol.errors import SignatureError
from tests.chaos.proof import NotProvenError, prove, require_no_release_before_commit
from tests.support.world import Site, World


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[World]:
    """Everything was handed over; the edge has ended, the terminal still answers."""
    with World(tmp_path_factory.mktemp("world")) as world:
        site = world.add_site("edge-a")
        world.add_terminal(site, "T-A", punches=50)
        world.start()
        world.until(lambda: world.is_equal() and _mark(site) == 50, "equal counts")
        site.part.stop()
        world.server.stop()
        yield world


def test_given_a_world_where_all_is_well_when_proven_then_every_figure_was_counted(world):
    proof = prove(world)

    assert (proof.held, proof.punches, proof.lost, proof.doubled, proof.invented) == (50, 50, 0, 0, 0)
    assert (proof.epochs, proof.released, proof.unsealed) == (1, 50, 0)


def test_given_a_punch_at_the_server_that_was_deleted_when_proven_then_it_counts_as_lost(world):
    with _spoilt(world.settings.database_file, "DELETE FROM punch WHERE id = 7"), pytest.raises(NotProvenError) as found:
        prove(world)

    assert (found.value.proof.lost, found.value.proof.punches) == (1, 49)


def test_given_a_punch_at_the_server_that_no_terminal_holds_when_proven_then_it_counts_as_invented(world):
    changed = "UPDATE punch SET terminal_user = '9999' WHERE id = 7"
    with _spoilt(world.settings.database_file, changed), pytest.raises(NotProvenError) as found:
        prove(world)

    assert (found.value.proof.lost, found.value.proof.invented) == (1, 1)


@pytest.mark.parametrize(
    "changed",
    ["UPDATE punch SET body = CAST(body || ' ' AS BLOB) WHERE id = 7", "UPDATE punch SET sequence = 8 WHERE id = 7"],
    ids=["bytes", "place"],
)
def test_given_a_punch_that_is_not_what_was_sealed_when_proven_then_it_is_refused(world, changed):
    with _spoilt(world.settings.database_file, changed), pytest.raises(AssertionError, match="not what its edge sealed"):
        prove(world)


def test_given_a_seal_that_was_changed_when_proven_then_it_is_refused(world):
    changed = "UPDATE batch SET signature = zeroblob(64)"
    with _spoilt(world.settings.database_file, changed), pytest.raises(SignatureError):
        prove(world)


def test_given_a_mark_beyond_the_seals_when_proven_then_it_is_refused(world):
    with _spoilt(world.settings.database_file, "UPDATE epoch SET mark = 51"), pytest.raises(AssertionError, match="more than the batches"):
        prove(world)


def test_given_an_outbox_that_released_what_was_not_committed_when_proven_then_it_is_refused(world):
    with _spoilt(_outbox(world.sites["edge-a"]), "UPDATE meta SET mark = 51"):
        for check in (prove, require_no_release_before_commit):
            with pytest.raises(AssertionError, match="released up to 51"):
                check(world)


def test_given_an_outbox_that_released_another_row_than_the_server_has_when_proven_then_it_is_refused(world):
    with _spoilt(_outbox(world.sites["edge-a"]), "UPDATE outbox SET body = CAST(body || ' ' AS BLOB) WHERE sequence = 9"):
        with pytest.raises(AssertionError, match="row 9 was released, the server has another one"):
            prove(world)


def test_given_a_punch_that_nobody_read_when_proven_then_it_counts_as_lost(world):
    world.ask("T-A", "punch 1001 2026-03-02 08:00:00")

    with pytest.raises(NotProvenError) as found:
        prove(world)

    assert (found.value.proof.held, found.value.proof.lost) == (51, 1)


@contextmanager
def _spoilt(file: Path, change: str) -> Iterator[None]:
    """The file with something changed behind everybody's back; as it was afterwards."""
    kept = file.with_suffix(".kept")
    _copy(file, kept)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        assert connection.execute(change).rowcount > 0
    try:
        yield
    finally:
        _copy(kept, file)


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _outbox(site: Site) -> Path:
    return site.kit.parent / "data" / "outbox.db"


def _mark(site: Site) -> int:
    with closing(sqlite3.connect(f"file:{_outbox(site)}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT mark FROM meta").fetchone()[0])
