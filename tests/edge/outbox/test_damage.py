"""A damaged file: whatever happened to its bytes, the outbox opens, invents nothing, and misses nothing that the terminals still hold."""

import random
import shutil

import pytest

from edge.errors import OutboxDamagedError
from edge.outbox import Outbox
from edge.outbox.file import Limits
from edge.watermark import START, Tally
from protocol import codec
from tests.edge.conftest import EDGE, SERIAL, rows

ROWS, MARK = 3000, 500
EVERYTHING = 10_000_000
LIMITS = Limits(max_megabytes=64)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A folder as a power cut leaves it: a file, and a log with the latest rows."""
    folder = tmp_path_factory.mktemp("original")
    with Outbox(folder / "live" / "outbox.db", EDGE, LIMITS) as outbox:
        append_all(outbox, ROWS - 400)
        outbox.release(MARK)
        outbox._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        append_all(outbox, ROWS)
        shutil.copytree(folder / "live", folder / "cut", ignore=shutil.ignore_patterns("*-shm", "ballast"))
        with_head = outbox.high_head
    return folder / "cut", with_head


def append_all(outbox, count):
    """Offer the terminal's whole log, as its owner does after damage."""
    for first in range(0, count, 500):
        watermark = Tally().over([b"%d" % place for place in range(min(first + 500, count))]).watermark
        outbox.append(SERIAL, rows(*range(first, min(first + 500, count))), watermark)


@pytest.fixture
def folder(original, tmp_path):
    shutil.copytree(original[0], tmp_path / "edge")
    return tmp_path / "edge"


def decoded(outbox):
    return [codec.decode_row(body) for body in outbox.read(outbox.low or 1, EVERYTHING, EVERYTHING).bodies]


def reopened(folder):
    """The outbox after the damage was found, wherever it lay: at the opening, or when the rows were read."""
    outbox = Outbox(folder / "outbox.db", EDGE, LIMITS).__enter__()
    try:
        outbox.read(outbox.low or 1, EVERYTHING, EVERYTHING)
    except OutboxDamagedError:
        outbox.read(outbox.low or 1, EVERYTHING, EVERYTHING)
    return outbox


def prove(folder, *, healed=None):
    """Nothing invented, nothing twice, and after the terminal was offered again nothing missing; gives the rows that were there before."""
    known = {row.body for row in rows(*range(ROWS))}
    outbox = reopened(folder)
    try:
        saved = decoded(outbox)
        vouched = [codec.encode_row(row) for row in saved if row.doubt is None]
        assert set(vouched) <= known, "an invented row"
        assert len(vouched) == len(set(vouched)), "a row twice"
        if healed is not None:
            assert (outbox.state().predecessor is not None) == healed
        if outbox.state().predecessor is not None:
            assert outbox.watermark(SERIAL) == START, "the terminal is read again in full"
            assert list(folder.glob("outbox.before-*.txt")), "nobody is told why"
            assert list(folder.glob("outbox.before-*.db")), "the old file is kept"
        append_all(outbox, ROWS)
        there = {row.identity for row in decoded(outbox) if row.doubt is None}
        owed = {row.identity for row in (codec.decode_row(row.body) for row in rows(*range(ROWS)))}
        if outbox.state().predecessor is None and outbox.high:
            assert there == owed
        else:  # what the server has taken need not come again, but may
            assert there >= {codec.decode_row(row.body).identity for row in rows(*range(MARK, ROWS))}
        assert outbox.append(SERIAL, rows(ROWS + 1)).count == 1
    finally:
        outbox.__exit__(None, None, None)
    return saved


@pytest.mark.parametrize("seed", range(12))
def test_given_bytes_overwritten_anywhere_when_opened_then_what_can_be_read_is_saved_and_nothing_is_invented(folder, seed):
    chance = random.Random(seed)
    file = folder / "outbox.db"
    data = bytearray(file.read_bytes())
    for _ in range(chance.choice([1, 1, 3, 20])):
        at, length = chance.randrange(len(data)), chance.choice([1, 16, 4096])
        data[at : at + length] = chance.randbytes(len(data[at : at + length]))
    file.write_bytes(data)

    prove(folder)


def test_given_one_page_of_rows_overwritten_when_opened_then_all_other_rows_are_saved(folder):
    file = folder / "outbox.db"
    data = file.read_bytes()
    at = data.index(rows(1500)[0].body[:60]) // 4096 * 4096
    file.write_bytes(data[:at] + bytes(4096) + data[at + 4096 :])

    saved = prove(folder, healed=True)

    assert len(saved) >= ROWS - MARK - 60


@pytest.mark.parametrize("share", [0.999, 0.5, 0.1])
def test_given_a_file_cut_short_when_opened_then_it_heals(folder, share):
    file = folder / "outbox.db"
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * share)])

    prove(folder)


@pytest.mark.parametrize(
    "content", [b"", b"no database", bytes(8192), b"SQLite format 3\0" + b"\xff" * 8000], ids=["empty", "text", "zeros", "header"]
)
@pytest.mark.parametrize("with_log", [True, False])
def test_given_a_file_that_is_none_when_opened_then_a_new_one_begins_and_terminals_bring_everything(folder, content, with_log):
    (folder / "outbox.db").write_bytes(content)
    if not with_log:
        (folder / "outbox.db-wal").unlink()

    prove(folder)


def test_given_the_log_is_lost_when_opened_then_the_older_state_is_there_and_shows_another_head(folder, original):
    (folder / "outbox.db-wal").unlink()

    with Outbox(folder / "outbox.db", EDGE, LIMITS) as outbox:
        assert outbox.high == ROWS - 400
        append_all(outbox, ROWS)
        assert outbox.high == ROWS
        # the same rows in these tests; real ones have new salts, and the server's receipt then closes the epoch
        assert outbox.high_head == original[1]


@pytest.mark.parametrize("seed", range(6))
def test_given_a_damaged_log_when_opened_then_what_is_whole_before_the_damage_counts(folder, seed):
    chance = random.Random(seed)
    file = folder / "outbox.db-wal"
    data = bytearray(file.read_bytes())
    at = chance.randrange(len(data))
    data[at : at + 64] = chance.randbytes(len(data[at : at + 64]))
    file.write_bytes(data)

    prove(folder)


def test_given_damage_while_running_when_found_then_the_caller_is_told_once_and_work_goes_on(folder):
    with Outbox(folder / "outbox.db", EDGE, LIMITS) as outbox:
        epoch = outbox.epoch
        outbox._writer.execute("UPDATE outbox SET body = x'7b7d' WHERE sequence = 1000")

        with pytest.raises(OutboxDamagedError):
            outbox.read(1, EVERYTHING, EVERYTHING)

        assert outbox.epoch != epoch
        assert outbox.healings == 1
        assert outbox.high == ROWS - MARK - 1
        append_all(outbox, ROWS)
        assert {row.identity for row in decoded(outbox)} >= {codec.decode_row(row.body).identity for row in rows(*range(MARK, ROWS))}
