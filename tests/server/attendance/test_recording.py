from datetime import timedelta

import pytest
from sqlalchemy import func, select

from server.attendance.actions import counted_anew, find_punch, record_punches, tallies
from server.attendance.model import Recorded
from server.attendance.tables import punch
from tests.support.company import NOW, new_punch

LATER = NOW + timedelta(seconds=2)


def record(database, *rows, at=LATER):
    with database.writing() as uow:
        return record_punches(uow, rows, at)


def test_given_new_punches_when_recorded_then_all_are_new_and_nothing_is_lost_of_them(database, company):
    rows = [new_punch(company, 20261123080000 + n, "1", n) for n in range(1, 4)]

    assert record(database, *rows) == Recorded(3, frozenset())

    with database.reading() as uow:
        first = find_punch(uow, uow.scalar(select(func.min(punch.c.id))))
    assert (first.wall, first.terminal_user, first.received_at, first.admitted_at) == (20261123080001, "1", NOW, LATER)
    assert (first.drift_ms, first.verify, first.state, first.source) == (-1500, 1, 0, "zk-live")
    assert (first.edge_id, first.epoch_id, first.sequence, first.live, first.body) == (company.edge, 1, 1, False, b'{"n":1}')


def test_given_no_rows_when_recorded_then_nothing_happens(database, company):
    assert record(database) == Recorded(0, frozenset())


def test_given_a_known_identity_when_it_comes_with_another_sequence_then_it_is_a_duplicate(database, company):
    record(database, new_punch(company, 20261123080000, "1", 1))

    again = record(database, new_punch(company, 20261123080100, "1", 2), new_punch(company, 20261123080000, "1", 3))

    assert again == Recorded(1, frozenset({1}))


def test_given_one_identity_twice_in_a_batch_when_recorded_then_the_second_is_a_duplicate(database, company):
    twice = [new_punch(company, 20261123080000, "1", 1), new_punch(company, 20261123080000, "1", 2)]

    assert record(database, *twice) == Recorded(1, frozenset({1}))


def test_given_the_same_row_twice_when_recorded_then_it_is_stored_once_and_is_no_duplicate(database, company):
    row = new_punch(company, 20261123080000, "1", 1)

    assert record(database, row, row) == Recorded(1, frozenset())


def test_given_a_row_of_the_live_lane_when_it_comes_in_its_turn_then_it_is_neither_new_nor_a_duplicate(database, company):
    record(database, new_punch(company, 20261123080000, "1", 7, live=True))

    assert record(database, new_punch(company, 20261123080000, "1", 7)) == Recorded(0, frozenset())


def test_given_one_second_on_two_terminals_when_recorded_then_both_are_punches(database, company):
    both = [new_punch(company, 20261123080000, "1", 1), new_punch(company, 20261123080000, "1", 2, terminal="T2")]

    assert record(database, *both).new == 2


def test_given_users_with_and_without_leading_zeros_when_recorded_then_they_are_two(database, company):
    both = [new_punch(company, 20261123080000, "7", 1), new_punch(company, 20261123080000, "007", 2)]

    assert record(database, *both).new == 2


def test_given_more_rows_than_one_look_takes_when_half_is_known_then_exactly_that_half_is_told(database, company):
    rows = [new_punch(company, 20260101000000 + n, "1", n + 1) for n in range(12_000)]
    record(database, *rows[::2])

    told = record(database, *(row._replace(epoch_id=2) for row in rows))

    assert told == Recorded(6_000, frozenset(range(0, 12_000, 2)))


def test_given_any_mixture_when_recorded_then_the_tallies_are_what_is_counted(database, company):
    record(database, new_punch(company, 20261123080000, "1", 1), new_punch(company, 20261123080000, "2", 2, terminal="T2"))
    record(database, new_punch(company, 20261123070000, "1", 3), new_punch(company, 20261123080000, "1", 4))
    record(database, new_punch(company, 20261123080000, "1", 4), at=LATER + timedelta(hours=1))

    with database.reading() as uow:
        told = tallies(uow)
        assert {one: tally.admitted for one, tally in told.items()} == counted_anew(uow)
    first = told[company.terminals["T1"]]
    assert (first.admitted, first.latest_wall, first.latest_admitted_at) == (2, 20261123080000, LATER)


def test_given_a_failure_after_recording_when_rolled_back_then_nothing_is_there(database, company):
    with pytest.raises(RuntimeError), database.writing() as uow:
        record_punches(uow, [new_punch(company, 20261123080000, "1", 1)], LATER)
        raise RuntimeError

    with database.reading() as uow:
        assert counted_anew(uow) == {}
    assert record(database, new_punch(company, 20261123080000, "1", 1)).new == 1
