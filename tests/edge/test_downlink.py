"""Orders: each is carried out once and in time, and answered as often as it comes, also by a release that does not know it."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec

from edge.collect import Crew
from edge.downlink import Downlink
from edge.errors import OutboxDiskError
from edge.health import HealthBook
from edge.link import Arrived
from edge.outbox import Outbox
from edge.settings import EdgeSettings, ServerAddress
from edge.watermark import START, Tally
from protocol.messages import Order, OrderKind, OrderOutcome, OrderResult
from tests.edge.conftest import EDGE, SERIAL, rows
from tests.edge.uplink.test_agent import PaperLine, until

SOON = timedelta(minutes=5)


def order(name="o-1", action=OrderKind.RE_READ, within=SOON, **parameters):
    return Order(edge=EDGE, order=name, action=action, expires_at=datetime.now(UTC) + within, parameters=parameters)


def answers_to(outbox, tmp_path, *orders, wanted=None):
    """What an edge with this outbox answers, one answer for each order."""

    async def obey():
        line = PaperLine()
        book = HealthBook(EDGE, outbox, tmp_path / "status.json", tmp_path / "none.crt")
        crew = Crew(EdgeSettings(edge=EDGE, data_dir=tmp_path, server=ServerAddress(host="x")), outbox, book)
        task = asyncio.create_task(Downlink(outbox, line, crew, book).run())
        for one in orders:
            line.tell(Arrived(one))
        await until(lambda: len(line.of(OrderResult)) == (len(orders) if wanted is None else wanted))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return [(one.order, one.outcome, one.detail) for one in line.of(OrderResult)]

    return asyncio.run(obey())


def collected(outbox):
    outbox.append(SERIAL, rows(*range(10)), Tally().over([b"x"] * 10).watermark)


def test_given_a_re_read_when_ordered_twice_then_it_is_done_once_and_answered_twice(outbox, tmp_path):
    collected(outbox)
    place = outbox.place(SERIAL)

    answers = answers_to(outbox, tmp_path, order(terminal=SERIAL), order(terminal=SERIAL))

    assert answers == [("o-1", OrderOutcome.DONE, "terminals: 1")] * 2
    assert outbox.place(SERIAL).watermark == START
    assert outbox.place(SERIAL).era == place.era + 1


def test_given_an_order_that_was_done_when_it_comes_after_a_restart_then_it_is_answered_and_not_done_again(tmp_path):
    with Outbox(tmp_path / "outbox.db", EDGE) as outbox:
        collected(outbox)
        answers_to(outbox, tmp_path, order())
        collected(outbox)
        place = outbox.place(SERIAL)

    with Outbox(tmp_path / "outbox.db", EDGE) as outbox:
        assert answers_to(outbox, tmp_path, order()) == [("o-1", OrderOutcome.DONE, "terminals: 1")]
        assert outbox.place(SERIAL) == place


def test_given_an_order_that_is_too_late_or_for_another_terminal_then_it_says_so_and_does_nothing(outbox, tmp_path):
    collected(outbox)
    place = outbox.place(SERIAL)

    answers = answers_to(outbox, tmp_path, order("late", within=-SOON), order("lost", terminal="ELSEWHERE"))

    assert answers == [("late", OrderOutcome.EXPIRED, ""), ("lost", OrderOutcome.REFUSED, "no such terminal here")]
    assert outbox.place(SERIAL) == place


def test_given_an_order_that_only_a_later_release_knows_then_it_is_refused_with_advice(outbox, tmp_path):
    written = msgspec.json.encode(order()).replace(b'"re-read"', b'"sing"')
    unknown = msgspec.json.decode(written, type=Order)

    ((_, outcome, detail),) = answers_to(outbox, tmp_path, unknown)

    assert outcome is OrderOutcome.REFUSED
    assert "update the edge" in detail


def test_given_a_disk_that_fails_when_ordered_then_there_is_no_answer_and_the_next_order_is_obeyed(outbox, tmp_path, monkeypatch):
    collected(outbox)
    forget = outbox.forget

    def fail_once(*arguments):
        monkeypatch.setattr(outbox, "forget", forget)
        raise OutboxDiskError("the disk fails", "磁盘故障")

    monkeypatch.setattr(outbox, "forget", fail_once)

    assert answers_to(outbox, tmp_path, order("first"), order("second"), wanted=1) == [("second", OrderOutcome.DONE, "terminals: 1")]
