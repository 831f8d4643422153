"""A log is taken whole, also when the outbox is asked to begin again, or heals itself, in the middle of it."""

import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime

from edge.collect.intake import STRETCH_ROWS, take_event, take_log
from edge.collect.rows import Origin
from edge.devices.driver import DoubtfulBytes, LogRead, ReadReceipt, TerminalPunch
from edge.errors import OutboxDamagedError
from edge.watermark import Tally
from protocol.instants import WallTime
from protocol.messages import Source
from tests.edge.collect.conftest import decoded
from tests.edge.conftest import SERIAL

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ORIGIN = Origin(SERIAL, Source.ZK_PULL, NOW)
WHOLE = 3 * STRETCH_ROWS


def punch(place: int) -> TerminalPunch:
    hour, second = divmod(place, 3600)
    wall = 20261123000000 + hour * 10_000 + second // 60 * 100 + second % 60
    return TerminalPunch("1001", WallTime(wall), 1, 0, place.to_bytes(8, "little"))


def log_of(count: int, doubtful: tuple[DoubtfulBytes, ...] = ()) -> LogRead:
    size = count * 8
    receipt = ReadReceipt(count, size, size, count, len(doubtful), 0, 8, "8a", True, None, NOW, NOW)
    return LogRead([punch(place) for place in range(count)], doubtful, receipt)


def at_first_append(outbox, act):
    """Do something between the first stretch of a log and the second."""

    def appended(_high, _fresh):
        outbox.on_append = lambda *_: None
        act()

    outbox.on_append = appended


def walls(outbox):
    return [row.wall for row in decoded(outbox) if row.doubt is None]


def damage(outbox, first, last):
    """Spoil some rows in the file, and let the outbox find it."""
    with closing(sqlite3.connect(outbox.path)) as other:
        other.execute("UPDATE outbox SET body = x'00' WHERE sequence BETWEEN ? AND ?", (first, last))
        other.commit()
    with suppress(OutboxDamagedError):
        outbox.read(1, WHOLE, 1 << 30)


def test_given_a_log_when_taken_then_the_watermark_stands_behind_it_and_only_the_rest_is_offered_next(outbox):
    assert take_log(outbox, log_of(700), ORIGIN).appended == 700

    taken = take_log(outbox, log_of(705), ORIGIN)

    assert (taken.appended, taken.held, taken.high) == (5, 705, 705)
    assert outbox.watermark(SERIAL) == Tally().over([punch(place).raw for place in range(705)]).watermark


def test_given_a_log_that_does_not_begin_as_before_when_taken_then_all_is_offered_and_identity_absorbs_it(outbox):
    take_log(outbox, log_of(700), ORIGIN)
    turned = LogRead(list(reversed(log_of(701).punches)), (), log_of(701).receipt)

    assert take_log(outbox, turned, ORIGIN).appended == 1


def test_given_a_terminal_wanted_again_while_its_log_is_taken_then_all_of_it_is_appended_again(outbox):
    at_first_append(outbox, lambda: outbox.forget(SERIAL))

    take_log(outbox, log_of(WHOLE), ORIGIN)

    assert outbox.high == STRETCH_ROWS + WHOLE
    assert len(set(walls(outbox)[STRETCH_ROWS:])) == WHOLE


def test_given_a_file_that_is_damaged_while_a_log_is_taken_then_rows_that_were_lost_come_from_the_log_again(outbox):
    take_event(outbox, punch(5), ORIGIN)
    at_first_append(outbox, lambda: damage(outbox, 1, 200))

    take_log(outbox, log_of(WHOLE), ORIGIN)

    assert len(walls(outbox)) == len(set(walls(outbox))) == WHOLE


def test_given_a_new_epoch_while_a_log_is_taken_then_each_row_is_there_once(outbox):
    at_first_append(outbox, outbox.renew_epoch)

    take_log(outbox, log_of(WHOLE), ORIGIN)

    assert len(walls(outbox)) == len(set(walls(outbox))) == WHOLE


def test_given_what_was_wanted_again_when_the_next_log_comes_then_it_is_known_that_it_must_be_read(outbox):
    before = take_log(outbox, log_of(10), ORIGIN).place
    assert outbox.place(SERIAL) == before

    outbox.forget(None)

    assert outbox.place(SERIAL) != before


def test_given_doubtful_bytes_when_taken_twice_then_they_are_there_once(outbox):
    log = log_of(3, (DoubtfulBytes(0, b"\xff" * 8, "undecodable"),))

    assert [take_log(outbox, log, ORIGIN).appended for _ in range(2)] == [4, 0]
    assert outbox.counts(SERIAL) == (3, 1)
