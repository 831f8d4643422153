"""The sender alone: every state meets every input, and a small honest server receives everything."""

import pytest
from hypothesis import given, settings, strategies as st

from edge.uplink.sender import (
    LIVE_ROWS,
    Alarm,
    Held,
    Lower,
    Phase,
    ReadAgain,
    Reconnect,
    Release,
    RenewEpoch,
    SayHello,
    SendBatch,
    Sender,
    SendLive,
)
from protocol.messages import Receipt, Refusal

EPOCH, OTHER = "a" * 32, "b" * 32
NONCE = "1" * 32


def held(low=1, high=10, mark=0, epoch=EPOCH):
    return Held(epoch, low, high, mark)


HEAD, OTHER_HEAD = b"h" * 32, b"o" * 32


def receipt(mark=0, session=NONCE, refusal=None, epoch=EPOCH, edge="site-a", head=HEAD):
    return Receipt(edge=edge, epoch=epoch, mark=mark, session=session, refusal=refusal, head=head)


def greeting(**values):
    sender = Sender("site-a")
    assert sender.connected(held(**values), NONCE, 0, 0) == [SayHello(NONCE)]
    return sender


def sending(mark=None, **values):
    sender = greeting(**values)
    commands = sender.received(receipt(values.get("mark", 0) if mark is None else mark), HEAD, 0, 0)
    return sender, list(commands)


def send_all(sender, commands, rows=2):
    """Carry out SendBatch with batches of `rows` until there is none; gives what else was commanded."""
    others, queue = [], list(commands)
    while queue:
        command = queue.pop(0)
        if isinstance(command, SendBatch):
            queue += sender.sent(command.first, min(command.first + rows - 1, sender._high), 0, 0)
        else:
            others.append(command)
    return others


def test_given_a_greeting_when_the_first_receipt_comes_then_sending_begins_behind_its_mark():
    sender, commands = sending(mark=4, high=10)

    assert sender.phase is Phase.SENDING
    assert commands == [Release(4), SendBatch(5)]


def test_given_sending_when_the_window_is_full_then_no_more_than_its_batches_are_under_way():
    sender, commands = sending(high=100)

    send_all(sender, commands)

    assert sender.in_flight == 6


def test_given_batches_under_way_when_a_receipt_raises_the_mark_then_rows_are_released_and_the_window_moves():
    sender, commands = sending(high=100)
    send_all(sender, commands)

    assert sender.received(receipt(4), HEAD, 1, 0) == [Release(4), SendBatch(13)]


@pytest.mark.parametrize("other", [receipt(4, session="2" * 32), receipt(4, epoch=OTHER), receipt(4, edge="site-b"), receipt(0)], ids=str)
def test_given_sending_when_a_receipt_is_of_another_session_epoch_or_edge_or_old_then_nothing_happens(other):
    sender, commands = sending(high=100)
    send_all(sender, commands)

    assert sender.received(other, HEAD, 1, 0) == []


def test_given_a_released_outbox_when_the_first_receipt_is_lower_then_rows_are_owed_again():
    sender = greeting(low=1, high=10, mark=8)

    assert sender.received(receipt(3), HEAD, 0, 0) == [Lower(3), SendBatch(4)]


def test_given_sending_when_a_later_receipt_is_lower_then_it_is_ignored():
    sender, commands = sending(mark=5, high=10)
    send_all(sender, commands)

    assert sender.received(receipt(2), HEAD, 0, 0) == []
    assert sender.told == 5


def test_given_a_first_receipt_above_the_stored_mark_when_its_head_is_our_own_then_rows_are_released():
    sender = greeting(high=10)

    assert sender.received(receipt(6), HEAD, 0, 0) == [Release(6), SendBatch(7)]


@pytest.mark.parametrize("told", [6, 10], ids=["below our highest row", "at our highest row"])
def test_given_an_outbox_on_an_older_disk_when_the_first_receipt_has_another_head_then_the_epoch_is_closed(told):
    sender = greeting(high=10)

    commands = sender.received(receipt(told, head=OTHER_HEAD), HEAD, 0, 0)

    assert [type(command) for command in commands] == [Alarm, RenewEpoch]


def test_given_an_outbox_on_an_older_disk_when_the_server_gets_a_batch_from_before_late_then_nothing_is_released_by_it():
    sender, commands = sending(mark=5, high=10)
    send_all(sender, commands)

    commands = sender.received(receipt(7, head=OTHER_HEAD), HEAD, 0, 0)

    assert [type(command) for command in commands] == [Alarm, RenewEpoch]


@pytest.mark.parametrize(("theirs", "ours"), [(b"", HEAD), (HEAD, None)], ids=["no head in the receipt", "row not kept"])
def test_given_a_mark_whose_head_cannot_be_compared_then_sending_goes_on_and_nothing_is_released(theirs, ours):
    sender = greeting(high=10)

    assert sender.received(receipt(6, head=theirs), ours, 0, 0) == [SendBatch(7)]


def test_given_rows_deleted_between_two_hellos_when_the_answer_is_behind_them_then_terminals_are_read_again():
    sender = greeting(low=40, high=90, mark=80)
    sender.said(held(low=50, high=90, mark=80))

    assert ReadAgain() in sender.received(receipt(49), None, 0, 0)


def test_given_a_mark_above_our_rows_then_the_epoch_is_closed():
    sender, commands = sending(mark=11, high=10)

    assert sender.phase is Phase.RENEWING
    assert [type(command) for command in commands] == [Alarm, RenewEpoch]


def test_given_the_epoch_is_refused_then_a_new_one_is_opened_and_greeted_for():
    sender = greeting()

    commands = sender.received(receipt(refusal=Refusal.EPOCH_REFUSED), HEAD, 0, 0)

    assert isinstance(commands[-1], RenewEpoch)
    assert sender.renewed(held(epoch=OTHER), "2" * 32, 1, 0) == [SayHello("2" * 32)]
    assert sender.phase is Phase.GREETING


def test_given_the_new_epoch_cannot_be_made_when_time_passes_then_it_is_tried_again_ever_less_often():
    sender = greeting()
    sender.received(receipt(refusal=Refusal.EPOCH_REFUSED), HEAD, 0, 0)

    tried_at = [second for second in range(1, 400) if sender.tick(second, 0)]

    assert tried_at == [10, 30, 70, 130, 190, 250, 310, 370]


@pytest.mark.parametrize("refusal", [one for one in Refusal if one is not Refusal.EPOCH_REFUSED])
def test_given_another_refusal_then_it_is_an_alarm_and_releases_nothing(refusal):
    sender, commands = sending(high=100)
    send_all(sender, commands)

    assert sender.received(receipt(4, refusal=refusal), HEAD, 0, 0) == [Alarm(f"refused-{refusal}")]


def test_given_a_refusal_of_a_message_that_the_server_did_not_look_into_then_it_is_an_alarm_all_the_same():
    sender = greeting()
    unread = receipt(0, refusal=Refusal.UNKNOWN_EDGE, epoch=OTHER, session="")

    assert sender.received(unread, None, 0, 0) == [Alarm("refused-unknown-edge")]
    assert sender.phase is Phase.GREETING


def test_given_a_batch_with_rows_that_were_appended_a_moment_ago_when_its_receipt_comes_first_then_it_releases_them():
    sender, _ = sending(high=3)
    sender.sent(1, 5, 0, 0)

    assert sender.received(receipt(5), HEAD, 0.01, 0) == [Release(5)]
    assert sender.appended(5, 2, 0.02) == []


def test_given_the_server_lacks_rows_that_are_no_longer_kept_then_terminals_are_read_again():
    sender = greeting(low=50, high=90, mark=80)

    commands = sender.received(receipt(49), HEAD, 0, 0)

    assert Lower(49) in commands
    assert ReadAgain() in commands
    assert commands[-1] == SendBatch(50)


def test_given_no_receipt_when_time_passes_then_it_rewinds_three_times_with_longer_waits_and_reconnects():
    sender, commands = sending(high=4)
    send_all(sender, commands)
    now, seen = 0.0, []

    for seconds in (10, 20, 40, 60):
        assert send_all(sender, sender.tick(now + seconds - 0.1, 0)) == []
        now += seconds
        found = sender.tick(now, 0)
        seen.append(found[0])
        send_all(sender, found)

    assert seen == [SendBatch(1)] * 3 + [Reconnect("no receipt")]


def test_given_a_rewind_when_a_receipt_comes_then_waits_are_short_again():
    sender, commands = sending(high=4)
    send_all(sender, commands)
    send_all(sender, sender.tick(10, 0))
    sender.received(receipt(2), HEAD, 11, 0)

    assert sender.tick(21, 0) == [SendBatch(3)]


def test_given_no_answer_to_hello_when_time_passes_then_it_is_said_again_and_the_line_dropped_at_last():
    sender = greeting()

    seen = [sender.tick(now, 0)[0] for now in (10, 30, 70, 130)]

    assert seen == [SayHello(NONCE)] * 3 + [Reconnect("no receipt")]


def test_given_nothing_under_way_when_time_passes_then_nothing_is_done():
    sender, commands = sending(mark=10, high=10)

    assert commands == [Release(10)]
    assert sender.tick(1e6, 0) == []


def test_given_a_backlog_beyond_the_window_when_a_row_is_appended_then_it_overtakes():
    sender, commands = sending(high=1000)
    send_all(sender, commands)

    commands = [*sender.appended(1001, 1, 1), *sender.appended(1002, 1, 1.1), *sender.tick(1.6, 0)]

    assert commands == [SendLive(1001, 1001), SendLive(1002, 1002)]


def test_given_a_backlog_when_sending_begins_then_only_the_newest_hundred_overtake():
    sender, commands = sending(high=1000)

    assert send_all(sender, commands) == [SendLive(1000 - LIVE_ROWS + 1, 1000)]


def test_given_a_backlog_when_old_rows_are_read_from_a_log_then_they_wait_for_their_turn():
    sender, commands = sending(high=1000)
    send_all(sender, commands)

    assert [*sender.appended(2000, 0, 1), *sender.tick(2, 0)] == []


def test_given_an_outbox_after_another_epoch_when_the_server_fell_back_then_terminals_are_read_again():
    sender = Sender("site-a")
    sender.connected(Held(EPOCH, 1, 10, 8, succeeds=True), NONCE, 0, 0)

    assert ReadAgain() in sender.received(receipt(3), HEAD, 0, 0)


def test_given_no_backlog_when_a_row_is_appended_then_it_travels_in_a_batch_alone():
    sender, _ = sending(mark=10, high=10)

    assert sender.appended(11, 1, 0) == [SendBatch(11)]
    assert sender.sent(11, 11, 0, 0) == []


INPUTS = {
    "connected": lambda s: s.connected(held(), NONCE, 0, 0),
    "disconnected": lambda s: s.disconnected(),
    "renewed": lambda s: s.renewed(held(epoch=OTHER), "3" * 32, 0, 0),
    "renewed offline": lambda s: s.renewed(held(epoch=OTHER), None, 0, 0),
    "appended": lambda s: s.appended(12, 1, 0),
    "sent": lambda s: s.sent(1, 2, 0, 0),
    "receipt": lambda s: s.received(receipt(1), HEAD, 0, 0),
    "stale receipt": lambda s: s.received(receipt(1, session="9" * 32), HEAD, 0, 0),
    "refused": lambda s: s.received(receipt(refusal=Refusal.EPOCH_REFUSED), HEAD, 0, 0),
    "tick": lambda s: s.tick(0.1, 0),
    "late tick": lambda s: s.tick(1000, 0),
}
AFTER = {
    Phase.OFFLINE: {"connected": Phase.GREETING, "renewed": Phase.GREETING},
    Phase.GREETING: {"disconnected": Phase.OFFLINE, "renewed offline": Phase.OFFLINE, "receipt": Phase.SENDING, "refused": Phase.RENEWING},
    Phase.SENDING: {
        "connected": Phase.GREETING,
        "disconnected": Phase.OFFLINE,
        "renewed": Phase.GREETING,
        "renewed offline": Phase.OFFLINE,
        "refused": Phase.RENEWING,
    },
    Phase.RENEWING: {"renewed": Phase.GREETING, "renewed offline": Phase.OFFLINE},
}


def in_phase(phase):
    if phase is Phase.OFFLINE:
        return Sender("site-a")
    sender = greeting()
    if phase is Phase.SENDING:
        sender.received(receipt(0), HEAD, 0, 0)
    if phase is Phase.RENEWING:
        sender.received(receipt(refusal=Refusal.EPOCH_REFUSED), HEAD, 0, 0)
    return sender


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("phase", Phase)
def test_given_any_state_when_any_input_comes_then_the_next_state_is_the_drawn_one(phase, name):
    sender = in_phase(phase)

    commands = INPUTS[name](sender)

    assert sender.phase is AFTER[phase].get(name, phase)
    assert sender.phase is not Phase.OFFLINE or not [c for c in commands if not isinstance(c, Alarm)]


class HonestServer:
    """Takes what continues its mark."""

    def __init__(self):
        self.mark, self.session = 0, ""

    def take(self, first, last):
        if first <= self.mark + 1 <= last:
            self.mark = last


@settings(max_examples=200)
@given(st.data())
def test_given_any_loss_repetition_and_cut_then_at_the_end_everything_is_released_and_nothing_above_the_mark(data):
    sender, server = Sender("site-a"), HonestServer()
    high, mark, now, line = data.draw(st.integers(0, 40)), 0, 0.0, []
    online, number = False, 0

    def carry_out(commands):
        nonlocal mark, online
        queue = list(commands)
        while queue:
            match queue.pop(0):
                case SayHello(nonce):
                    line.append(("hello", nonce, 0))
                case SendBatch(first):
                    last = min(first + 2, high)
                    line.append(("batch", first, last))
                    queue += sender.sent(first, last, now, 0.5)
                case Release(upto):
                    assert upto <= server.mark, "released what the server does not have"
                    mark = upto
                case Reconnect():
                    online = False
                    sender.disconnected()
                case Lower() | RenewEpoch() | ReadAgain():
                    pytest.fail("an honest server never causes this")

    def deliver(kind, one, two):
        if kind == "hello":
            server.session = one
        else:
            server.take(one, two)
        carry_out(sender.received(receipt(server.mark, session=server.session), HEAD, now, 0.5))

    def step(what):
        nonlocal high, now, online, number
        if what == "append":
            high += 1
            carry_out(sender.appended(high, 1, now))
        elif what == "connect" and not online:
            online, number = True, number + 1
            carry_out(sender.connected(held(high=high, mark=mark), f"{number:032x}", now, 0.5))
        elif what == "cut":
            online = False
            line.clear()
            sender.disconnected()
        elif what == "time":
            now += 5
            carry_out(sender.tick(now, 0.5))
        elif what == "lose" and line:
            line.pop(0)
        elif what == "repeat" and line:
            deliver(*line[0])
        elif what == "swap" and len(line) > 1:
            line[0], line[1] = line[1], line[0]
        elif what == "deliver" and line:
            deliver(*line.pop(0))

    steps = ["append", "connect", "cut", "time", "lose", "repeat", "swap", "deliver", "deliver", "deliver"]
    for what in data.draw(st.lists(st.sampled_from(steps), max_size=60)):
        step(what)
    for _ in range(300):
        step("connect")
        for _ in range(20):
            step("deliver")
        step("time")

    assert server.mark == high
    assert sender.told == high
