"""What an outbox promises in everyday use."""

import sqlite3
import threading
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from edge.errors import OutboxForeignError, OutboxLockedError, OutboxNewerError
from edge.outbox import Identities, NewRow, Outbox
from edge.outbox.file import Limits
from edge.watermark import START, Tally
from protocol import chain, codec
from protocol.counting import span_of
from protocol.identifiers import EdgeId, TerminalSerial
from protocol.messages import PunchRow, Source
from tests.edge.conftest import EDGE, SERIAL, rows

DAY = 86_400
EVERYTHING = 10_000_000
OTHER = TerminalSerial("CBSIM0002")
BYTES_OF_NO_PUNCH = codec.encode_row(PunchRow(SERIAL, "", "", datetime(2026, 11, 23, tzinfo=UTC), Source.ZK_PULL, bytes(16), raw=b"?"))


def bodies(outbox: Outbox) -> list[bytes]:
    return outbox.read(outbox.low or 1, EVERYTHING, EVERYTHING).bodies


def test_given_rows_when_appended_then_they_are_read_back_in_order_and_chained(outbox):
    some = rows(*range(10))

    outbox.append(SERIAL, some)
    stretch = outbox.read(4, 3, EVERYTHING)

    assert stretch.bodies == [row.body for row in some[3:6]]
    assert stretch.last == 6
    digests = [chain.digest(row.body) for row in some]
    heads = [chain.genesis(EDGE, outbox.epoch), *chain.extend(chain.genesis(EDGE, outbox.epoch), digests)]
    assert (stretch.previous_head, stretch.head) == (heads[3], heads[6])
    assert (outbox.low, outbox.high, outbox.low_head, outbox.high_head) == (1, 10, heads[0], heads[10])


def test_given_a_byte_limit_when_read_then_a_stretch_keeps_to_it_but_holds_a_row(outbox):
    some = rows(*range(4))
    outbox.append(SERIAL, some)
    size = len(some[0].body)

    assert len(outbox.read(1, 100, size * 2 + 5).bodies) == 2
    assert len(outbox.read(1, 100, 1).bodies) == 1
    assert outbox.read(5, 100, EVERYTHING).bodies == []


@pytest.mark.parametrize("again", [[3], [3, 4, 3], list(range(20)), [0, 25, 3, 26, 26]])
def test_given_known_rows_when_appended_again_then_only_unknown_ones_are_added_once(outbox, again):
    outbox.append(SERIAL, rows(*range(20)))

    appended = outbox.append(SERIAL, rows(*again))

    assert appended.count == len(set(again) - set(range(20)))
    assert outbox.counts(SERIAL) == (20 + appended.count, 0)
    assert outbox.unknown(SERIAL, [(row.wall, row.user) for row in rows(*again)]) == []


def test_given_the_same_punch_on_two_terminals_when_appended_then_both_count(outbox):
    other = TerminalSerial("CBSIM0002")

    outbox.append(SERIAL, rows(1))
    outbox.append(other, rows(1, serial=other))

    assert (outbox.counts(SERIAL), outbox.counts(other)) == ((1, 0), (1, 0))


def test_given_unknown_positions_when_asked_then_a_repeated_key_is_named_once(outbox):
    outbox.append(SERIAL, rows(1))
    keys = [(row.wall, row.user) for row in rows(1, 2, 2, 3)]

    assert outbox.unknown(SERIAL, keys) == [1, 3]


def test_given_far_more_known_rows_between_two_of_a_log_than_it_has_when_asked_then_exactly_its_own_are_known(outbox):
    outbox.append(SERIAL, rows(*range(100)))
    keys = [(row.wall, row.user) for row in rows(99, 0, 50, 50)]
    somebody = (keys[2][0], "somebody-else")

    assert outbox.unknown(SERIAL, [*keys, somebody]) == [4]
    assert outbox.unknown(SERIAL, [somebody, *keys, somebody]) == [0]


def test_given_bytes_that_are_no_punch_when_appended_then_they_are_counted_apart(outbox):
    outbox.append(SERIAL, [NewRow(0, "digest-of-the-bytes", b"{}"), *rows(1)])
    outbox.append(SERIAL, [NewRow(0, "digest-of-the-bytes", b"{}")])

    assert outbox.counts(SERIAL) == (1, 1)
    assert outbox.high == 2


def test_given_a_watermark_when_reopened_then_everything_is_as_it_was(tmp_path):
    path = tmp_path / "outbox.db"
    watermark = Tally().over([b"a", b"b"]).watermark
    with Outbox(path, EDGE) as outbox:
        outbox.append(SERIAL, rows(*range(50)), watermark)
        outbox.release(20)
        before = (outbox.epoch, outbox.low, outbox.high, outbox.high_head, outbox.mark, bodies(outbox), outbox.counts(SERIAL))

    with Outbox(path, EDGE) as outbox:
        assert before == (outbox.epoch, outbox.low, outbox.high, outbox.high_head, outbox.mark, bodies(outbox), outbox.counts(SERIAL))
        assert outbox.watermark(SERIAL) == watermark
        assert outbox.append(SERIAL, rows(*range(51))).count == 1


def test_given_everything_released_and_deleted_when_appended_then_sequences_go_on(tmp_path):
    now = 1_000_000_000
    with Outbox(tmp_path / "outbox.db", EDGE, Limits(keep_days=30), clock=lambda: now) as outbox:
        outbox.append(SERIAL, rows(*range(1200)))
        outbox.release(1200)

        now += 29 * DAY
        assert outbox.tidy() == 0
        now += 2 * DAY
        assert outbox.tidy() == 1199

        assert (outbox.low, outbox.high) == (1200, 1200)
        outbox.append(SERIAL, rows(5000))
        assert outbox.high == 1201
        assert outbox.read(1200, 10, EVERYTHING).previous_head == outbox.low_head


def test_given_rows_without_receipt_when_tidied_years_later_then_they_stay(tmp_path):
    now = 1_000_000_000
    with Outbox(tmp_path / "outbox.db", EDGE, clock=lambda: now) as outbox:
        outbox.append(SERIAL, rows(*range(100)))
        outbox.release(10)
        now += 5000 * DAY
        outbox.tidy()

        assert (outbox.low, outbox.high) == (10, 100)


def test_given_a_clock_set_back_when_tidied_then_nothing_goes_early_and_it_is_told(tmp_path):
    now = 1_000_000_000
    with Outbox(tmp_path / "outbox.db", EDGE, clock=lambda: now) as outbox:
        outbox.append(SERIAL, rows(*range(10)))
        outbox.release(10)
        now -= 400 * DAY
        outbox.append(SERIAL, rows(*range(10, 20)))
        outbox.release(20)

        assert outbox.clock_set_back()
        now += 400 * DAY + 29 * DAY
        assert outbox.tidy() == 0
        assert not outbox.clock_set_back()
        now += 2 * DAY
        assert outbox.tidy() == 19


def test_given_a_lowered_mark_when_it_rises_again_then_the_keep_time_starts_again(tmp_path):
    now = 1_000_000_000
    with Outbox(tmp_path / "outbox.db", EDGE, clock=lambda: now) as outbox:
        outbox.append(SERIAL, rows(*range(100)))
        outbox.release(100)
        now += 20 * DAY
        outbox.release(40)
        outbox.release(100)
        now += 15 * DAY

        assert outbox.tidy() == 40
        assert outbox.low == 41


def test_given_forgotten_terminals_when_offered_again_then_rows_come_again_and_counts_stay(outbox):
    outbox.append(SERIAL, rows(*range(10)), Tally().over([b"x"]).watermark)

    assert outbox.forget(SERIAL, order="o-1") == [SERIAL]
    assert outbox.watermark(SERIAL) == START
    assert outbox.order_done("o-1") == ("done", "terminals: 1")
    assert len(outbox.unknown(SERIAL, [(row.wall, row.user) for row in rows(*range(12))])) == 12

    assert outbox.append(SERIAL, rows(*range(12))).count == 12
    assert outbox.append(SERIAL, rows(*range(12))).count == 0
    assert outbox.counts(SERIAL) == (12, 0)
    assert outbox.high == 22


def test_given_a_second_agent_when_it_opens_the_same_outbox_then_it_is_told_at_once(outbox):
    with pytest.raises(OutboxLockedError, match="Another agent"):
        Outbox(outbox.path, EDGE).__enter__()

    outbox.append(SERIAL, rows(1))


def test_given_an_outbox_of_another_edge_when_opened_then_it_is_refused_and_untouched(tmp_path):
    path = tmp_path / "outbox.db"
    with Outbox(path, EDGE) as outbox:
        outbox.append(SERIAL, rows(1))

    with pytest.raises(OutboxForeignError, match="belongs to edge site-a"):
        Outbox(path, EdgeId("site-b")).__enter__()

    with Outbox(path, EDGE) as outbox:
        assert outbox.high == 1


def test_given_a_file_of_a_later_release_when_opened_then_it_is_refused_and_untouched(tmp_path):
    path = tmp_path / "outbox.db"
    with Outbox(path, EDGE):
        pass
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=2")
    connection.close()

    with pytest.raises(OutboxNewerError, match="later release"):
        Outbox(path, EDGE).__enter__()

    assert [file.name for file in tmp_path.glob("outbox.*.db")] == []


def test_given_many_threads_when_they_append_then_nothing_is_lost_and_the_chain_holds(outbox):
    def work(number: int) -> None:
        serial = TerminalSerial(f"T{number}")
        for place in range(60):
            outbox.append(serial, rows(place, place + 1, serial=serial))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outbox.high == 8 * 61
    found = bodies(outbox)
    heads = chain.extend(outbox.low_head, [chain.digest(body) for body in found])
    assert heads[-1] == outbox.high_head
    assert len(set(found)) == 8 * 61


def test_given_waiting_appends_when_the_turn_comes_then_they_share_a_commit(outbox):
    commits = []
    outbox._writer.set_trace_callback(lambda statement: commits.append(statement) if statement == "COMMIT" else None)
    threads = [threading.Thread(target=outbox.append, args=(SERIAL, rows(place))) for place in range(20)]
    with outbox._commits.turn:
        for thread in threads:
            thread.start()
        while len(outbox._commits._waiting) < 20:
            pass
    for thread in threads:
        thread.join()

    assert len(commits) == 1
    assert outbox.high == 20


def test_given_an_append_when_committed_then_listeners_learn_the_highest_row(outbox):
    told = []
    outbox.on_append = lambda high, fresh: told.append((high, fresh))

    outbox.append(SERIAL, rows(1, 2))
    outbox.append(SERIAL, rows(3), fresh=True)
    outbox.append(SERIAL, rows(3), fresh=True)

    assert told == [(2, 0), (3, 1)]


def test_given_rows_when_epoch_is_renewed_then_what_was_not_released_comes_again(outbox):
    outbox.append(SERIAL, rows(*range(20)), Tally().over([b"x"]).watermark)
    outbox.release(12)
    kept, epoch, watermark = bodies(outbox)[12:], outbox.epoch, outbox.watermark(SERIAL)

    outbox.renew_epoch()

    assert outbox.epoch != epoch
    assert outbox.has_predecessor
    assert (outbox.low, outbox.high, outbox.mark) == (1, 8, 0)
    assert bodies(outbox) == kept
    assert outbox.watermark(SERIAL) == watermark
    assert outbox.counts(SERIAL) == (20, 0)
    assert outbox.append(SERIAL, rows(*range(21))).count == 1
    assert outbox.path.with_name(f"outbox.before-{outbox.epoch}.db").exists()
    assert epoch in outbox.path.with_name(f"outbox.before-{outbox.epoch}.txt").read_text()


def test_given_heads_when_read_in_pieces_then_each_begins_where_the_last_ended(outbox):
    outbox.append(SERIAL, rows(*range(30)))

    pieces = [outbox.read(first, 7, EVERYTHING) for first in range(1, 30, 7)]

    assert all(one.head == two.previous_head for one, two in pairwise(pieces))


def test_given_rows_when_their_heads_are_asked_for_then_only_rows_that_are_kept_have_one(outbox):
    outbox.append(SERIAL, rows(*range(5)))

    assert outbox.head_at(5) == outbox.high_head
    assert outbox.head_at(3) == outbox.read(4, 1, EVERYTHING).previous_head
    assert (outbox.head_at(0), outbox.head_at(6)) == (None, None)


def test_given_an_outbox_when_its_state_is_asked_for_then_later_changes_do_not_reach_it(outbox):
    outbox.append(SERIAL, rows(1))
    before = outbox.state()

    outbox.append(SERIAL, rows(2))

    assert (before.low, before.high, outbox.high) == (1, 1, 2)
    assert before.high_head != outbox.high_head


def test_given_an_outbox_then_only_its_owner_may_read_what_is_in_it_also_after_another_epoch(tmp_path):
    folder = tmp_path / "edge"
    folder.mkdir(mode=0o755)
    with Outbox(folder / "outbox.db", EDGE) as outbox:
        outbox.append(SERIAL, rows(*range(10)))
        outbox.renew_epoch()
        outbox.append(SERIAL, rows(11))

        files = [file for file in folder.iterdir() if file.name.startswith("outbox") and file.suffix not in (".lock", ".txt")]
        assert len(files) >= 3
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_given_punches_without_a_receipt_when_days_are_counted_then_the_count_ends_before_the_first_of_them(outbox):
    outbox.append(SERIAL, [NewRow(0, "digest-of-the-bytes", BYTES_OF_NO_PUNCH), *rows(1, 2, 80_001, 160_001)])
    first, third = date(2026, 1, 1), date(2026, 1, 3)
    asked = (SERIAL, date(2025, 12, 31), date(2026, 1, 31))

    assert outbox.receipted_identities(SERIAL, first, third) is None

    outbox.release(4, outbox.epoch)
    found = outbox.receipted_identities(*asked)
    assert (found.first, found.last) == (asked[1], date(2026, 1, 2))
    assert found.punches == [(row.wall, row.user) for row in rows(1, 2, 80_001)]

    outbox.release(outbox.high, outbox.epoch)
    assert outbox.receipted_identities(*asked).punches == [(row.wall, row.user) for row in rows(1, 2, 80_001, 160_001)]
    assert outbox.receipted_identities(OTHER, first, third) == Identities(first, third, [])


def test_given_a_day_that_is_wanted_again_then_each_of_its_punches_is_appended_once_more_and_no_count_changes(outbox):
    outbox.append(SERIAL, rows(1, 2, 80_001))
    outbox.append(OTHER, rows(1, serial=OTHER))
    outbox.release(outbox.high)
    before = outbox.counts(SERIAL)

    outbox.forget_between(SERIAL, [span_of(date(2026, 1, 1), date(2026, 1, 1))])

    assert outbox.watermark(SERIAL) == START
    assert [outbox.append(SERIAL, rows(1, 2, 80_001)).count for _ in range(2)] == [2, 0]
    assert outbox.append(OTHER, rows(1, serial=OTHER)).count == 0
    assert outbox.counts(SERIAL) == before
