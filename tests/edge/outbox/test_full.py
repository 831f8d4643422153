"""A full outbox: by its own cap, and on a disk that is really full. What was appended stays, what was refused is nowhere."""

from contextlib import suppress

import pytest

from edge.errors import OutboxDamagedError, OutboxError, OutboxFullError
from edge.outbox import Outbox
from edge.outbox.file import Limits
from tests.edge.conftest import EDGE, SERIAL, rows
from tests.support.small_disk import fill_up, small_disk

EVERYTHING = 10_000_000


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", 48) as folder:
        yield folder


def fill(outbox, at_once=50, start=0):
    """Append until it is full; gives how many rows were taken."""
    place = start
    with pytest.raises(OutboxFullError):
        while True:
            outbox.append(SERIAL, rows(*range(place, place + at_once)))
            place += at_once
    return place


def bodies(outbox):
    return outbox.read(outbox.low, EVERYTHING, EVERYTHING).bodies


def expected(*places):
    return [row.body for row in rows(*places)]


class TestCap:
    @pytest.fixture
    def outbox(self, tmp_path):
        with Outbox(tmp_path / "outbox.db", EDGE, Limits(max_megabytes=1)) as opened:
            yield opened

    def test_given_the_cap_is_reached_then_the_oldest_stay_and_nothing_of_the_refused_is_there(self, outbox):
        taken = fill(outbox)

        assert bodies(outbox) == expected(*range(taken))
        assert outbox.counts(SERIAL) == (taken, 0)
        assert outbox.full
        assert outbox.size().used <= 1024 * 1024

    def test_given_a_full_outbox_when_nothing_was_released_then_there_is_no_room_and_the_full_one_stays_full(self, outbox):
        fill(outbox)

        assert not outbox.make_room()
        assert outbox.full

    def test_given_a_full_outbox_when_the_server_took_rows_then_there_is_room_again_and_the_next_ones_follow(self, outbox):
        taken = fill(outbox)
        outbox.release(taken - 10)

        assert outbox.make_room()
        assert not outbox.full
        outbox.append(SERIAL, rows(taken, taken + 1))

        assert bodies(outbox)[-12:] == expected(*range(taken - 10, taken + 2))

    def test_given_a_full_outbox_when_some_rows_were_taken_then_an_append_makes_its_own_room(self, outbox):
        taken = fill(outbox)
        outbox.release(taken)

        assert outbox.append(SERIAL, rows(taken)).count == 1


@pytest.mark.may_skip
class TestDisk:
    def test_given_a_full_disk_then_appends_are_refused_and_all_that_was_acknowledged_is_there_when_reopened(self, disk):
        with Outbox(disk / "outbox.db", EDGE) as outbox:
            outbox.append(SERIAL, rows(*range(2000)))
            fill_up(disk)
            taken = fill(outbox, start=2000)

        with Outbox(disk / "outbox.db", EDGE) as outbox:
            assert bodies(outbox) == expected(*range(taken))
            with pytest.raises(OutboxFullError):
                outbox.append(SERIAL, rows(*range(taken, taken + 20_000)))

    def test_given_a_full_disk_when_the_server_takes_rows_then_the_ballast_makes_deleting_possible_and_the_next_ones_follow(self, disk):
        with Outbox(disk / "outbox.db", EDGE) as outbox:
            outbox.append(SERIAL, rows(*range(20_000)))
            assert (disk / "ballast").exists()
            fill_up(disk)
            taken = fill(outbox, start=20_000)

            outbox.release(taken)
            assert outbox.make_room()
            outbox.append(SERIAL, rows(*range(taken, taken + 500)))

            assert not (disk / "ballast").exists()
            assert outbox.read(taken + 1, EVERYTHING, EVERYTHING).bodies == expected(*range(taken, taken + 500))

    def test_given_a_full_disk_when_somebody_frees_it_then_appending_goes_on_without_a_restart(self, disk):
        with Outbox(disk / "outbox.db", EDGE) as outbox:
            filler = fill_up(disk)
            taken = fill(outbox)
            assert not outbox.make_room()

            filler.unlink()

            assert outbox.make_room()
            outbox.append(SERIAL, rows(*range(taken, taken + 500)))
            assert bodies(outbox) == expected(*range(taken + 500))

    def test_given_a_full_disk_when_an_outbox_is_first_made_then_it_says_so_and_leaves_nothing_half_done(self, disk):
        filler = fill_up(disk)

        with pytest.raises(OutboxFullError), Outbox(disk / "outbox.db", EDGE):
            pass

        filler.unlink()
        with Outbox(disk / "outbox.db", EDGE) as outbox:
            assert outbox.append(SERIAL, rows(0)).high == 1

    def test_given_a_full_disk_when_the_agent_starts_then_the_ballast_lets_it_send_what_it_has(self, disk):
        with Outbox(disk / "outbox.db", EDGE) as outbox:
            outbox.append(SERIAL, rows(*range(2000)))
        fill_up(disk)

        with Outbox(disk / "outbox.db", EDGE) as outbox:
            assert bodies(outbox) == expected(*range(2000))
            outbox.release(2000)
            assert outbox.mark == 2000

        fill_up(disk, "more")
        with pytest.raises(OutboxFullError), Outbox(disk / "outbox.db", EDGE):
            pass

    def test_given_damage_on_a_full_disk_then_it_is_refused_for_now_and_healed_when_there_is_room(self, disk):
        with Outbox(disk / "outbox.db", EDGE) as outbox:
            outbox.append(SERIAL, rows(*range(20_000)))
            spoil(outbox, 5000)
            outbox._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # else there is room in the log
            (disk / "ballast").unlink()
            filler = fill_up(disk)

            with pytest.raises(OutboxError):
                outbox.read(1, EVERYTHING, EVERYTHING)
            for ask in (outbox.size, outbox.clock_set_back, outbox.tidy):  # the health report asks these in the meantime
                with suppress(OutboxError):
                    ask()
            with pytest.raises(OutboxError):
                outbox.append(SERIAL, rows(20_000))

            filler.unlink()
            with pytest.raises(OutboxDamagedError):
                outbox.read(1, EVERYTHING, EVERYTHING)
            outbox.append(SERIAL, rows(20_000))
            assert outbox.high == 20_000  # all but the spoilt one


def spoil(outbox, sequence):
    (body,) = outbox._writer.execute("SELECT body FROM outbox WHERE sequence = ?", (sequence,)).fetchone()
    outbox._writer.execute("UPDATE outbox SET body = ? WHERE sequence = ?", (body[:-1] + b"!", sequence))
