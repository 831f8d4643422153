"""An edge renews by its signature; whoever lacks its key, or is revoked, does not. A copied edge is found and put aside."""

from datetime import timedelta

import msgspec
import pytest

from protocol.enrolment import Enrolled
from protocol.identifiers import EdgeId, Epoch
from protocol.messages import Hello
from server.fleet import actions as fleet
from server.fleet.model import EdgeState
from server.provisioning import actions
from server.provisioning.actions import EnrolmentRefusedError, Entrance
from server.provisioning.model import How
from tests.server.provisioning.conftest import BRANCH, DAY, Box, serial_of
from tests.support.company import NOW

MINUTE = timedelta(minutes=1)


@pytest.fixture
def box(office):
    enrolled = Box(1)
    office.answers(enrolled.asks(office.offer().secret))
    return enrolled


def next_key(box: Box) -> Box:
    """The same box with its next TLS key."""
    return Box(box.number)


def test_given_an_edge_when_it_renews_with_a_new_key_then_both_certificates_are_good_until_the_next_time(office, box):
    second, third = next_key(box), next_key(box)
    later, last = NOW + 60 * DAY, NOW + 120 * DAY

    enrolled = office.renews(second.renews(office.nonce(later)), later)

    assert isinstance(enrolled, Enrolled)
    assert [(one.how, one.withdrawn_at) for one in office.standing.certificates] == [(How.RENEWAL, None), (How.TOKEN, None)]
    assert office.standing.certificates[0].ends_at == later + 90 * DAY

    office.renews(third.renews(office.nonce(last)), last)

    assert [one.withdrawn_at is None for one in office.standing.certificates] == [True, True, False]


def test_given_a_lost_reply_when_the_same_request_comes_again_then_the_answer_is_the_same(office, box):
    second = next_key(box)
    first = office.renews(second.renews(office.nonce()))

    again = office.renews(second.renews(office.nonce(NOW + MINUTE)), NOW + MINUTE)

    assert serial_of(again) == serial_of(first)
    assert len(office.standing.certificates) == 2


@pytest.mark.parametrize(
    ("spoil", "at"),
    [
        (lambda asked, other: msgspec.structs.replace(asked, signature=other.signature), NOW),
        (lambda asked, other: msgspec.structs.replace(asked, request=other.request), NOW),
        (lambda asked, other: msgspec.structs.replace(asked, nonce=asked.nonce[:-1] + "x"), NOW),
        (lambda asked, other: msgspec.structs.replace(asked, nonce=asked.nonce[:-1] + "é"), NOW),
        (lambda asked, other: msgspec.structs.replace(asked, nonce="9" * 40), NOW),
        (lambda asked, other: msgspec.structs.replace(asked, nonce=""), NOW),
        (lambda asked, other: asked, NOW + 11 * MINUTE),
        (lambda asked, other: asked, NOW - 11 * MINUTE),
    ],
    ids=[
        "another's signature",
        "another's key",
        "a changed nonce",
        "letters beyond ASCII",
        "no nonce of ours",
        "no nonce",
        "too late",
        "before its time",
    ],
)
def test_given_a_request_that_is_not_proven_when_it_comes_then_nothing_is_given_and_it_is_shown(office, box, spoil, at):
    asked, other = next_key(box).renews(office.nonce()), Box(9).renews(office.nonce())

    answer = office.renews(spoil(asked, other), at)

    assert isinstance(answer, EnrolmentRefusedError)
    assert len(office.standing.certificates) == 1
    assert office.found == [("renewal-refused", 1)]


def test_given_a_revoked_edge_or_one_with_a_new_box_when_the_old_one_renews_then_it_is_refused(office, box):
    office.answers(Box(2).asks(office.offer().secret))
    replaced = office.renews(next_key(box).renews(office.nonce()))
    office.revoke()
    revoked = office.renews(Box(2).renews(office.nonce()))

    assert isinstance(replaced, EnrolmentRefusedError)
    assert isinstance(revoked, EnrolmentRefusedError)


@pytest.mark.parametrize("allowed", [True, False])
def test_given_a_box_that_was_away_past_the_end_when_it_renews_then_the_switch_decides(office, box, authority, allowed):
    office.entrance = Entrance(authority, "broker.test", 8883, renew_expired=allowed)
    later = NOW + 100 * DAY

    answer = office.renews(next_key(box).renews(office.nonce(later)), later)

    assert isinstance(answer, Enrolled) is allowed


def hello(office, run: str, number: int, now, edge: EdgeId = BRANCH) -> None:
    told = Hello(
        edge=edge, epoch=Epoch("0" * 32), low=0, high=0, low_head=bytes(32), high_head=bytes(32), acknowledged=0,
        version="0.1.0", clock=NOW, nonce=f"{number:032x}", run=run, place=f"box-{run} 10.0.0.{run}",
    )  # fmt: skip
    with office.database.writing() as uow:
        actions.note_hello(uow, fleet.find_edge(uow, edge).id, told, now)


def test_given_two_boxes_with_one_edges_keys_when_they_take_turns_then_it_is_put_aside_with_both_places(office, box):
    for number in range(8):
        hello(office, str(number % 2 + 1), number, NOW + number * timedelta(seconds=1))

    assert office.edge.state is EdgeState.QUARANTINED
    (found,) = office.standing.findings
    assert (found.kind, found.detail) == ("two-places", "box-1 10.0.0.1 / box-2 10.0.0.2")


@pytest.mark.parametrize(
    "runs",
    ["11112222", "123456789", "1111111111", "1222222212", "12121"],
    ids=["a restart", "many restarts", "a bad line", "a message that was kept back", "an old disk image, put back and taken away"],
)
def test_given_one_box_when_it_restarts_or_its_line_is_bad_then_nothing_is_suspected(office, box, runs):
    for number, run in enumerate(runs):
        hello(office, run, number, NOW + number * timedelta(seconds=1))

    assert office.edge.state is EdgeState.ACTIVE
    assert office.found == []


def test_given_the_same_hello_again_and_again_when_it_comes_after_a_restart_then_nothing_is_suspected(office, box):
    hello(office, "1", 1, NOW)
    for number in range(2, 9):
        hello(office, "2", number, NOW + number * MINUTE)
        hello(office, "1", 1, NOW + number * MINUTE)

    assert office.edge.state is EdgeState.ACTIVE


def test_given_an_edge_that_was_put_aside_when_the_right_box_enrols_anew_then_it_is_active(office, box):
    for number in range(8):
        hello(office, str(number % 2 + 1), number, NOW + number * timedelta(seconds=1))

    office.answers(Box(2).asks(office.offer().secret))

    assert office.edge.state is EdgeState.ACTIVE
    assert office.found == []
    assert isinstance(office.renews(next_key(box).renews(office.nonce())), EnrolmentRefusedError), "the copied key is worth nothing"
