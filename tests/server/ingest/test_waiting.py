"""Messages that wait for admission: in order, a commit's worth at a time, and never more than there is room for."""

from datetime import UTC, datetime

from server.ingest.admit import Arrival
from server.ingest.waiting import BYTES_PER_COMMIT, MESSAGES_PER_COMMIT, OVERHEAD_BYTES, Waiting


def arrival(number: int, size: int = 100) -> Arrival:
    return Arrival(f"up/s00/edge/{number}", bytes(size), datetime(2026, 11, 26, tzinfo=UTC))


def test_given_many_small_messages_when_taken_then_hundreds_share_a_commit_in_their_order():
    waiting, sent = Waiting(), [arrival(number) for number in range(MESSAGES_PER_COMMIT + 10)]
    for one in sent:
        assert waiting.put(one)

    assert waiting.take(0) == sent[:MESSAGES_PER_COMMIT]
    assert waiting.take(0) == sent[MESSAGES_PER_COMMIT:]
    assert waiting.take(0) == []


def test_given_large_messages_when_taken_then_as_many_as_a_commit_should_hold():
    waiting = Waiting()
    for number in range(10):
        waiting.put(arrival(number, BYTES_PER_COMMIT // 4))

    assert len(waiting.take(0)) == 4


def test_given_no_room_when_put_then_dropped_until_something_is_taken():
    waiting = Waiting(room=2 * (100 + OVERHEAD_BYTES))

    assert [waiting.put(arrival(number)) for number in range(4)] == [True, True, False, False]
    waiting.take(0)
    assert waiting.put(arrival(5))


def of_kind(kind: str, number: int, size: int = 100) -> Arrival:
    return Arrival(f"up/s00/edge-{number}/{kind}/zst", bytes(size), datetime(2026, 11, 26, tzinfo=UTC))


def test_given_batches_of_many_edges_when_a_punch_of_this_moment_comes_then_it_is_taken_before_them_and_all_else_in_order():
    waiting = Waiting()
    batches = [of_kind("batch", number, BYTES_PER_COMMIT // 4) for number in range(20)]
    others = [of_kind(kind, 99) for kind in ("hello", "live", "health")]
    for one in (*batches, *others):
        waiting.put(one)

    first = waiting.take(0)
    rest = [one for _ in range(9) for one in waiting.take(0)]

    assert first[:3] == others
    assert first[3:] + rest == batches


def test_given_room_that_batches_have_filled_when_a_punch_of_this_moment_comes_then_there_is_room_for_it():
    waiting = Waiting(room=100 * (100 + OVERHEAD_BYTES))
    taken = [waiting.put(of_kind("batch", number)) for number in range(100)]

    assert 80 < taken.count(True) < 90
    assert waiting.put(of_kind("live", 1))
