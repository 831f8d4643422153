"""The agent between a real outbox and a line on paper, which keeps what was sent and answers what the test wants."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest

from edge.health import HealthBook
from edge.link import Arrived, Disbelieved, LineUp
from edge.outbox import Outbox
from edge.uplink import Uplink, sender
from protocol import codec, topics
from protocol.messages import Batch, Hello, Live, Receipt, kind_of
from protocol.signing import Signer
from tests.edge.collect.conftest import until
from tests.edge.conftest import EDGE, SERIAL, rows

SIGNER = Signer.from_seed(bytes(32))


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """However late a receipt comes, nothing is sent again for want of it."""
    monkeypatch.setattr(sender, "RECEIPT_SECONDS", 3600)
    monkeypatch.setattr(sender, "LONGEST_RECEIPT_SECONDS", 3600)


class PaperLine:
    """Stands in for `edge.link.Link`: always up, and nobody answers unless the test does."""

    place = "box 10.0.0.7"

    def __init__(self):
        self.sent = []
        self.dropped = 0
        self.tell = None
        self.up = True

    def listen(self, listener):
        self.tell = listener

    def pack(self, message):
        self.sent.append(message)
        return topics.up(EDGE, kind_of(message), topics.Encoding.JSON), codec.encode(message, SIGNER)

    def publish(self, message):
        return self.publish_packed(*self.pack(message))

    def publish_packed(self, topic, payload):
        return True

    def reconnect(self):
        self.dropped += 1

    def of(self, kind):
        return [message for message in self.sent if isinstance(message, kind)]


@asynccontextmanager
async def handing_over(outbox, tmp_path):
    """An uplink at work on a line that has just opened."""
    line = PaperLine()
    book = HealthBook(EDGE, outbox, tmp_path / "status.json", tmp_path / "none.crt")
    task = asyncio.create_task(Uplink(EDGE, outbox, line, book).run())
    await asyncio.sleep(0)
    line.tell(LineUp())
    try:
        yield line, book
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def receipt_for(outbox, line, mark, **changes):
    """What an honest server answers to the last hello."""
    hello = line.of(Hello)[-1]
    facts = {"epoch": hello.epoch, "session": hello.nonce, "head": outbox.head_at(mark) or outbox.low_head} | changes
    return Arrived(Receipt(edge=EDGE, mark=mark, **facts))


def test_given_punches_without_a_pause_when_no_answer_comes_then_hello_is_said_again_all_the_same(outbox, tmp_path, monkeypatch):
    monkeypatch.setattr(sender, "HELLO_SECONDS", 0.3)

    async def hand_over():
        async with handing_over(outbox, tmp_path) as (line, _):
            place = 0
            while len(line.of(Hello)) < 2:
                await asyncio.to_thread(outbox.append, SERIAL, rows(place), fresh=True)
                place += 1
                await asyncio.sleep(0.02)

    asyncio.run(asyncio.wait_for(hand_over(), 60))


def test_given_rows_when_the_server_answers_then_they_are_sent_released_and_sealed(outbox, tmp_path):
    outbox.append(SERIAL, rows(*range(700)))

    async def hand_over():
        async with handing_over(outbox, tmp_path) as (line, _):
            await until(lambda: line.of(Hello))
            line.tell(receipt_for(outbox, line, 0))
            await until(lambda: len(line.of(Batch)) == 2)
            line.tell(receipt_for(outbox, line, 700))
            await until(lambda: outbox.mark == 700)
            return line.of(Batch)

    batches = asyncio.run(hand_over())
    assert [(one.first, one.last) for one in batches] == [(1, 500), (501, 700)]
    for batch in batches:
        codec.check_rows(batch)


def test_given_a_server_that_is_silent_when_a_punch_comes_behind_a_backlog_then_it_overtakes_and_little_is_sent(outbox, tmp_path):
    """Slow means polite: no more than a window is under way, however long it takes and however much is appended."""
    outbox.append(SERIAL, rows(*range(20_000)))

    async def hand_over():
        async with handing_over(outbox, tmp_path) as (line, _):
            await until(lambda: line.of(Hello))
            line.tell(receipt_for(outbox, line, 0))
            await until(lambda: len(line.of(Batch)) == sender.WINDOW_BATCHES)
            appended_at = time.monotonic()
            await asyncio.to_thread(outbox.append, SERIAL, rows(20_001), fresh=True)
            await until(lambda: line.of(Live) and line.of(Live)[-1].first + len(line.of(Live)[-1].rows) - 1 == 20_001)
            await asyncio.sleep(1)
            return line, time.monotonic() - appended_at

    line, took = asyncio.run(hand_over())
    assert len(line.of(Batch)) == sender.WINDOW_BATCHES
    assert len(line.of(Live)) <= 1 + took / sender.LIVE_SECONDS
    assert line.dropped == 0


def test_given_messages_that_the_server_did_not_sign_then_it_is_an_alarm_with_its_reason(outbox, tmp_path):
    async def hand_over():
        async with handing_over(outbox, tmp_path) as (line, book):
            line.tell(Disbelieved("signed by another key"))
            await until(lambda: book._alarms)
            return await book.health()

    assert asyncio.run(hand_over()).alarms == ["not-our-server: signed by another key"]


def test_given_a_file_that_was_damaged_when_the_agent_starts_then_it_is_an_alarm(tmp_path):
    (tmp_path / "outbox.db").write_bytes(b"no database" * 1000)

    async def hand_over(outbox):
        async with handing_over(outbox, tmp_path) as (_, book):
            await until(lambda: book._alarms)
            return await book.health()

    with Outbox(tmp_path / "outbox.db", EDGE) as outbox:
        assert [alarm.partition(":")[0] for alarm in asyncio.run(hand_over(outbox)).alarms] == ["outbox-damaged"]


def test_given_damage_while_handing_over_then_the_new_epoch_is_greeted_for(outbox, tmp_path):
    outbox.append(SERIAL, rows(*range(700)))

    async def hand_over():
        async with handing_over(outbox, tmp_path) as (line, book):
            await until(lambda: line.of(Hello))
            outbox._writer.execute("UPDATE outbox SET body = x'7b7d' WHERE sequence = 100")
            line.tell(receipt_for(outbox, line, 0))
            await until(lambda: line.of(Hello)[-1].epoch == outbox.epoch != line.of(Hello)[0].epoch)
            line.tell(receipt_for(outbox, line, 0))
            await until(lambda: sum(len(batch.rows) for batch in line.of(Batch) if batch.epoch == outbox.epoch) == 699)
            return await book.health()

    assert [alarm.partition(":")[0] for alarm in asyncio.run(hand_over()).alarms] == ["outbox-damaged"]
