"""Orders: each is carried out once and in time, and answered as often as it comes, also by a release that does not know it."""

import asyncio

import msgspec
import pytest

from edge.downlink.file import downlink_file
from edge.downlink.orders.ledger import OrderLedger
from edge.errors import OutboxDiskError
from edge.link import LineUp
from edge.outbox import Outbox
from edge.watermark import START, Tally
from protocol.messages import Order, OrderKind, OrderOutcome
from tests.edge.collect.conftest import until
from tests.edge.conftest import EDGE, SERIAL, rows
from tests.edge.downlink.conftest import SOON, order, running_site

RE_READ = OrderKind.RE_READ


def answers_to(outbox, tmp_path, *orders):
    """What an edge with this outbox answers, one answer for each order."""

    async def obey():
        async with running_site(tmp_path, outbox) as site:
            answers = [await site.obey(one) for one in orders]
            return [(one.order, one.outcome, one.detail) for one in answers]

    return asyncio.run(obey())


def collected(outbox):
    outbox.append(SERIAL, rows(*range(10)), Tally().over([b"x"] * 10).watermark)


def test_given_a_re_read_when_ordered_twice_then_it_is_done_once_and_answered_twice(outbox, tmp_path):
    collected(outbox)
    place = outbox.place(SERIAL)

    answers = answers_to(outbox, tmp_path, *[order(RE_READ, "o", terminal=SERIAL)] * 2)

    assert answers == [("o", OrderOutcome.DONE, "terminals: 1")] * 2
    assert outbox.place(SERIAL).watermark == START
    assert outbox.place(SERIAL).era == place.era + 1


def test_given_an_order_that_was_done_when_it_comes_after_a_restart_then_it_is_answered_and_not_done_again(tmp_path):
    with Outbox(tmp_path / "outbox.db", EDGE) as outbox:
        collected(outbox)
        answers_to(outbox, tmp_path, order(RE_READ, "o"))
        collected(outbox)
        place = outbox.place(SERIAL)

    with Outbox(tmp_path / "outbox.db", EDGE) as outbox:
        assert answers_to(outbox, tmp_path, order(RE_READ, "o")) == [("o", OrderOutcome.DONE, "terminals: 1")]
        (tmp_path / "data" / "wanted.sqlite").unlink()  # the outbox itself remembers what was forgotten in it
        assert answers_to(outbox, tmp_path, order(RE_READ, "o")) == [("o", OrderOutcome.DONE, "terminals: 1")]
        assert outbox.place(SERIAL) == place


def test_given_an_order_that_is_too_late_or_for_another_terminal_then_it_says_so_and_does_nothing(outbox, tmp_path):
    collected(outbox)
    place = outbox.place(SERIAL)

    answers = answers_to(
        outbox,
        tmp_path,
        order(RE_READ, "late", within=-SOON),
        order(RE_READ, "lost", terminal="ELSEWHERE"),
        order(OrderKind.UNLOCK, "forever", terminal="ELSEWHERE", seconds="1e9"),
        order(OrderKind.REBOOT, "nobody"),
    )

    assert answers == [
        ("late", OrderOutcome.EXPIRED, ""),
        ("lost", OrderOutcome.REFUSED, "no such terminal here"),
        ("forever", OrderOutcome.REFUSED, "seconds is a number from 0.1 to 25"),
        ("nobody", OrderOutcome.REFUSED, "the order names no terminal"),
    ]
    assert outbox.place(SERIAL) == place


def test_given_an_order_that_only_a_later_release_knows_then_it_is_refused_with_advice(outbox, tmp_path):
    written = msgspec.json.encode(order(RE_READ)).replace(b'"re-read"', b'"sing"')
    unknown = msgspec.json.decode(written, type=Order)

    ((_, outcome, detail),) = answers_to(outbox, tmp_path, unknown)

    assert outcome is OrderOutcome.REFUSED
    assert "update the edge" in detail


def test_given_a_disk_that_fails_when_ordered_then_there_is_no_answer_and_the_same_order_is_obeyed_later(outbox, tmp_path, monkeypatch):
    collected(outbox)
    forget, failed = outbox.forget, []

    def fail_once(*arguments):
        monkeypatch.setattr(outbox, "forget", forget)
        failed.append(True)
        raise OutboxDiskError("the disk fails", "磁盘故障")

    monkeypatch.setattr(outbox, "forget", fail_once)

    async def obey():
        async with running_site(tmp_path, outbox) as site:
            site.say(order(RE_READ, "o"))
            await until(lambda: failed)
            assert site.results("o") == []
        async with running_site(tmp_path, outbox) as site:  # taken, and not ended: it is carried out by itself
            await until(lambda: site.results("o"))
            return site.results("o")[0].outcome

    assert asyncio.run(obey()) is OrderOutcome.DONE


@pytest.mark.parametrize("begun", [False, True], ids=["taken", "begun"])
def test_given_an_order_in_the_ledger_after_a_crash_when_started_then_what_was_begun_is_not_repeated(tmp_path, outbox, new_terminal, begun):
    terminal = new_terminal(users=2)
    with downlink_file(tmp_path / "data") as file:
        ledger, one = OrderLedger(file), order(OrderKind.UNLOCK, "o", terminal="CBSIM0001", seconds="1")
        ledger.take(one)
        if begun:
            ledger.begin("o")

    async def start():
        from tests.edge.collect.conftest import terminal_at

        async with running_site(tmp_path, outbox, terminal_at(terminal.port, expected_serial="CBSIM0001")) as site:
            await until(lambda: any(one.outcome is not OrderOutcome.TAKEN for one in site.results("o")))
            result = site.results("o")[-1]
            site.line.tell(LineUp())
            await until(lambda: site.results("o").count(result) > 1)  # the line it was told on may have broken
            return result

    result = asyncio.run(start())
    assert result.outcome is (OrderOutcome.FAILED if begun else OrderOutcome.DONE), result
    assert ("restarted" in result.detail) is begun
