"""The judge alone: every case of a hello and of a batch against every state of an epoch."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, strategies as st

from protocol import chain
from protocol.identifiers import EdgeId, Epoch
from protocol.messages import Batch, Hello, Refusal
from server.ingest.judge import EpochCondition, EpochState, Hole, NothingNew, Refused, Taken, judge_batch, judge_hello
from tests.support.paper_edge import RECEIVED

EDGE, EPOCH = EdgeId("edge-hq"), Epoch("e" * 32)
GENESIS = chain.genesis(EDGE, EPOCH)
ROWS = [b'{"row":%d}' % number for number in range(1, 21)]
HEADS = [GENESIS, *chain.extend(GENESIS, [chain.digest(row) for row in ROWS])]


def state(mark=0, condition=EpochCondition.OPEN):
    return EpochState(EDGE, EPOCH, mark, HEADS[mark], "0" * 32, condition)


def hello(low=1, high=10, nonce="1" * 32):
    heads = {"low_head": HEADS[max(low - 1, 0)], "high_head": HEADS[high]}
    return Hello(edge=EDGE, epoch=EPOCH, low=low, high=high, acknowledged=0, version="", clock=RECEIVED, nonce=nonce, **heads)


def batch(first, last, rows=ROWS, heads=HEADS):
    raws = [msgspec.Raw(row) for row in rows[first - 1 : last]]
    return Batch(edge=EDGE, epoch=EPOCH, first=first, last=last, previous_head=heads[first - 1], head=heads[last], rows=raws)


def other_history(shared):
    """Rows and heads that part from ours behind row `shared`."""
    rows = [*ROWS[:shared], *(b'{"other":%d}' % number for number in range(shared + 1, 21))]
    return rows, [GENESIS, *chain.extend(GENESIS, [chain.digest(row) for row in rows])]


def test_given_no_epoch_when_a_hello_comes_then_it_is_opened_at_nothing():
    welcome = judge_hello(None, hello())

    assert welcome.state == EpochState(EDGE, EPOCH, 0, GENESIS, "1" * 32)
    assert (welcome.hole, welcome.refusal) == (None, None)


@pytest.mark.parametrize("low", [0, 1, 5, 6], ids="low {}".format)
def test_given_a_mark_when_a_hello_reaches_down_to_it_then_only_the_session_changes(low):
    welcome = judge_hello(state(5), hello(low=low))

    assert welcome.state == replace(state(5), session="1" * 32)
    assert welcome.hole is None


def test_given_a_mark_when_a_hello_begins_above_it_then_there_is_a_hole_and_the_mark_stands_behind_it():
    welcome = judge_hello(state(5), hello(low=9))

    assert welcome.hole == Hole(6, 8)
    assert (welcome.state.mark, welcome.state.head) == (8, HEADS[8])


def test_given_no_epoch_when_a_hello_begins_above_one_then_all_before_is_a_hole():
    assert judge_hello(None, hello(low=4)).hole == Hole(1, 3)


def test_given_a_refused_epoch_when_a_hello_comes_then_it_stays_refused_and_a_hole_is_not_made():
    welcome = judge_hello(state(5, EpochCondition.REFUSED), hello(low=9))

    assert (welcome.refusal, welcome.hole, welcome.state.mark) == (Refusal.EPOCH_REFUSED, None, 5)


@pytest.mark.parametrize(("first", "last"), [(1, 5), (3, 4), (5, 5)])
def test_given_rows_up_to_the_mark_when_they_come_then_nothing_is_new(first, last):
    assert judge_batch(state(5), batch(first, last)) == NothingNew(is_gap=False)


@pytest.mark.parametrize(("first", "last"), [(7, 7), (8, 12)])
def test_given_rows_behind_the_next_when_they_come_then_there_is_a_gap(first, last):
    assert judge_batch(state(5), batch(first, last)) == NothingNew(is_gap=True)


@pytest.mark.parametrize("first", [1, 3, 5, 6])
def test_given_rows_that_continue_when_they_come_then_the_new_ones_are_taken(first):
    verdict = judge_batch(state(5), batch(first, 9))

    assert isinstance(verdict, Taken)
    assert (verdict.first, verdict.rows) == (6, ROWS[5:9])
    assert (verdict.state.mark, verdict.state.head) == (9, HEADS[9])
    assert verdict.all_digests == [chain.digest(row) for row in ROWS[first - 1 : 9]]


@pytest.mark.parametrize("first", [1, 3, 5, 6])
def test_given_another_history_when_it_reaches_past_the_mark_then_the_epoch_is_refused_and_the_mark_stays(first):
    rows, heads = other_history(shared=4)

    verdict = judge_batch(state(5), batch(first, 9, rows, heads))

    assert isinstance(verdict, Refused)
    assert verdict.refusal is Refusal.EPOCH_REFUSED
    assert verdict.state == state(5, EpochCondition.REFUSED)


def test_given_another_history_when_it_parts_behind_the_mark_then_it_is_taken():
    rows, heads = other_history(shared=5)

    assert isinstance(judge_batch(state(5), batch(4, 9, rows, heads)), Taken)


@pytest.mark.parametrize(
    "wrong",
    [
        msgspec.structs.replace(batch(6, 9), head=HEADS[8]),
        msgspec.structs.replace(batch(6, 9), rows=[msgspec.Raw(row) for row in ROWS[6:10]]),
        msgspec.structs.replace(batch(6, 9), last=10),
        msgspec.structs.replace(batch(6, 9), last=6),
    ],
    ids=["head", "rows", "more numbers than rows", "fewer numbers than rows"],
)
def test_given_rows_that_do_not_lead_to_their_head_when_they_come_then_they_are_refused_and_the_epoch_goes_on(wrong):
    verdict = judge_batch(state(5), wrong)

    assert isinstance(verdict, Refused)
    assert (verdict.refusal, verdict.state) == (Refusal.BAD_CHAIN, None)


@pytest.mark.parametrize(("first", "last"), [(1, 5), (6, 9), (8, 9)])
def test_given_a_refused_epoch_when_rows_come_then_all_are_refused(first, last):
    verdict = judge_batch(state(5, EpochCondition.REFUSED), batch(first, last))

    assert isinstance(verdict, Refused)
    assert verdict.refusal is Refusal.EPOCH_REFUSED


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 6)), max_size=40))
def test_given_any_batches_in_any_order_when_judged_then_each_row_is_taken_once_and_in_its_turn(spans):
    present, taken = state(0), []
    for first, more in spans:
        verdict = judge_batch(present, batch(first, min(first + more, 20)))
        if isinstance(verdict, Taken):
            present = verdict.state
            taken += verdict.rows

    assert taken == ROWS[: present.mark]
    assert present.head == HEADS[present.mark]
