"""What waits for an edge is sent once, then again after a while, and at once into a new line."""

from datetime import timedelta

from server.dispatch.pacing import PAUSES, Pacing
from tests.support.company import NOW

SECOND = timedelta(seconds=1)
ONE, OTHER = (1, "order"), (2, "order")


def test_given_something_that_waits_when_asked_again_then_it_is_sent_after_pauses_that_grow():
    pacing = Pacing()

    sent = [second for second in range(11 * 60) if pacing.due([ONE], NOW + second * SECOND, 10)]

    assert sent == [0, 10, 40, 100, 400]
    assert timedelta(seconds=400 - 100) == PAUSES[-1]


def test_given_a_new_line_of_an_edge_when_asked_then_it_is_sent_at_once_and_only_to_that_edge():
    pacing = Pacing()
    assert pacing.due([ONE, OTHER], NOW, 10) == [ONE, OTHER]

    pacing.forget(1)

    assert pacing.due([ONE, OTHER], NOW + SECOND, 10) == [ONE]


def test_given_more_than_may_go_at_once_when_asked_again_then_the_rest_follows():
    waiting = [(1, number) for number in range(5)]
    pacing = Pacing()

    assert pacing.due(waiting, NOW, 3) == waiting[:3]
    assert pacing.due(waiting, NOW + SECOND, 3) == waiting[3:]


def test_given_something_that_was_answered_when_it_waits_again_then_it_is_sent_at_once():
    pacing = Pacing()
    pacing.due([ONE], NOW, 10)
    pacing.due([], NOW + SECOND, 10)

    assert pacing.due([ONE], NOW + 2 * SECOND, 10) == [ONE]


def test_given_a_clock_that_was_set_back_when_asked_then_nothing_waits_for_the_old_time():
    pacing = Pacing()
    pacing.due([ONE], NOW, 10)

    assert pacing.due([ONE], NOW - timedelta(days=1), 10) == [ONE]
