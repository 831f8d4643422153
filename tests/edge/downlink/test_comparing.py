"""What an edge tells the server to compare, and what it hands over again when the server has less."""

import asyncio
import time
from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from edge.collect.duty import Rules
from edge.devices.iclock.simulator.options import PushOptions
from edge.devices.iclock.simulator.runner import PushSimulator
from edge.downlink.comparing import Comparing
from edge.outbox import Outbox, ledger
from edge.outbox.file import Limits
from edge.settings import PushTerminal
from protocol import codec
from protocol.counting import read_listing
from protocol.identifiers import TerminalSerial
from protocol.messages import Counted, OrderKind, OrderOutcome
from tests.edge.collect.conftest import decoded, terminal_at, until
from tests.edge.conftest import EDGE, SERIAL, rows
from tests.edge.downlink.conftest import order, running_site
from tests.edge.uplink.test_agent import PaperLine

PUSHING, AT_THE_DOOR = "CBPUSH001", TerminalSerial("STATION-1")
EVENING = datetime(2026, 1, 31, 23, 30)
MORNING = EVENING + timedelta(hours=6)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("edge.downlink.comparing.LOOK_SECONDS", 0.1)


def test_given_a_night_when_it_is_over_then_each_terminal_is_counted_once_and_not_before_the_server_has_everything(outbox, monkeypatch):
    line, moments = PaperLine(), iter([EVENING] * 2 + [MORNING] * 5)
    comparing = Comparing(EDGE, line, Rules(None, None, lambda: True), outbox)
    outbox.append(SERIAL, rows(1, 2, 80_001))

    async def look():
        await comparing._look(next(moments))
        return [(str(one.first), str(one.last), [day.count for day in one.days]) for one in line.of(Counted)]

    async def nights():
        assert await look() == [], "punches are on their way"
        outbox.release(3)
        before = ("2026-01-01", "2026-01-31", [2, 1])
        assert await look() == [before], "it was switched on after the night"
        after = ("2026-01-02", "2026-02-01", [1])
        line.up = False
        monkeypatch.setattr(line, "publish_packed", lambda *_: line.up)
        line.sent.clear()
        assert [one[2] for one in await look()] == [[1]], "said into a line that broke"
        line.up = True
        assert [one[2] for one in await look()] == [[1], [1]]
        assert await look() == [after, after], "once a night"
        monkeypatch.setattr(line, "publish_packed", lambda *_: comparing.soon(SERIAL) or True)
        comparing.soon(SERIAL)
        assert len(await look()) == 3
        assert len(await look()) == 4, "somebody asked while it was told"

    asyncio.run(nights())


def test_given_a_clock_that_was_years_ahead_when_it_is_right_again_then_the_night_is_counted_all_the_same(outbox):
    line = PaperLine()
    comparing = Comparing(EDGE, line, Rules(None, None, lambda: True), outbox)
    outbox.append(SERIAL, rows(1))
    outbox.release(1)

    async def look(moment):
        line.sent.clear()
        await comparing._look(moment)
        return [str(one.last) for one in line.of(Counted)]

    assert asyncio.run(look(MORNING.replace(year=2030))) == ["2030-02-01"]
    assert asyncio.run(look(MORNING)) == ["2026-02-01"]
    assert asyncio.run(look(MORNING)) == []


def days_again(outbox, first):
    """By day, how many rows stand behind row `first`."""
    return Counter(row.wall[:10] for row in decoded(outbox)[first:])


def listings(line, day):
    """Each listing of a day that was told."""
    told = (one for counted in line.of(Counted) for one in counted.days if str(one.day) == day and one.listing)
    return [read_listing(one) for one in told]


def test_given_listings_that_are_too_large_for_one_message_when_told_then_all_counts_go_with_each_part_of_them(outbox, monkeypatch):
    line = PaperLine()
    comparing = Comparing(EDGE, line, Rules(None, None, lambda: True), outbox)
    outbox.append(SERIAL, rows(1, 2, 80_001, 160_001))
    outbox.release(4)
    first, last = (date.fromisoformat(row.wall[:10]) for row in (decoded(outbox)[0], decoded(outbox)[-1]))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    moment = datetime.combine(last, EVENING.time())

    def listed(limit):
        monkeypatch.setattr("edge.downlink.comparing.LISTED_BYTES", limit)
        line.sent.clear()
        comparing.soon(SERIAL, days)
        asyncio.run(comparing._look(moment))
        told = line.of(Counted)
        assert all(one.lists and [day.count for day in one.days] == [day.count for day in told[0].days] for one in told)
        return [[len(day.listing) // 12 for day in one.days] for one in told]

    assert listed(1000) == [[2, 1, 1]]
    assert listed(30) == [[2, 0, 0], [0, 1, 1]]
    assert listed(12) == [[0, 1, 0], [0, 0, 1]], "the day that is too large for any message is counted only"


def test_given_a_day_that_the_server_has_less_of_when_ordered_then_the_outbox_and_the_terminal_give_each_of_its_punches_once(
    tmp_path, outbox, new_terminal, certificate
):
    terminal = new_terminal(users=3, punches=40, zone="Asia/Shanghai")

    async def live():
        async with running_site(tmp_path, outbox, terminal_at(terminal.port, expected_serial=SERIAL), certificate=certificate) as site:
            await until(lambda: outbox.high == 40)
            outbox.release(40)
            day, count = days_again(outbox, 0).most_common(1)[0]
            proof = await site.obey(order(OrderKind.PROVE, terminal=SERIAL))
            assert proof.outcome is OrderOutcome.DONE
            await until(lambda: site.line.of(Counted))
            assert {str(one.day): one.count for one in site.line.of(Counted)[-1].days}.get(day, count) == count

            again = await site.obey(order(OrderKind.RE_READ, terminal=SERIAL, dates=day))

            assert (again.outcome, again.detail) == (OrderOutcome.DONE, f"rows: {count}")
            assert days_again(outbox, 40) == {day: count}
            before = listings(site.line, day)
            assert [len(one) for one in before] == [count], "listed before it is handed over again, so that what is missing shows"
            outbox.release(outbox.high)
            await until(lambda: len(listings(site.line, day)) > 1)
            assert listings(site.line, day)[-1] == before[0]
            outbox.append(AT_THE_DOOR, rows(1, serial=AT_THE_DOOR))
            outbox.release(outbox.high)
            station = await site.obey(order(OrderKind.RE_READ, terminal=AT_THE_DOOR, dates="2026-01-01"))
            assert (station.outcome, station.detail) == (OrderOutcome.DONE, "rows: 1"), "nobody can read a station's log"
            for wrong in ("", "yesterday", ",".join(["2026-01-01"] * 32)):
                assert (await site.obey(order(OrderKind.RE_READ, terminal=SERIAL, dates=wrong))).outcome is OrderOutcome.REFUSED

    asyncio.run(live())


def test_given_rows_that_the_outbox_let_go_long_ago_when_their_day_is_ordered_then_the_terminal_gives_them_once(
    tmp_path, new_terminal, certificate
):
    terminal, clock = new_terminal(users=3, punches=40, zone="Asia/Shanghai"), [time.time()]

    async def live(outbox):
        async with running_site(tmp_path, outbox, terminal_at(terminal.port, expected_serial=SERIAL), certificate=certificate) as site:
            await until(lambda: outbox.high == 40)
            day, count = days_again(outbox, 0).most_common(1)[0]
            outbox.release(40)
            clock[0] += 2 * ledger.HOUR
            assert outbox.tidy() == 39, "all but the row at the mark"

            again = await site.obey(order(OrderKind.RE_READ, terminal=SERIAL, dates=day))

            assert again.outcome is OrderOutcome.DONE
            assert again.detail in ("rows: 0", "rows: 1")
            assert days_again(outbox, outbox.high - count - outbox.low + 1) == {day: count}
            assert outbox.high == 40 + count

    with Outbox(tmp_path / "edge" / "outbox.db", EDGE, Limits(keep_days=0), clock=lambda: clock[0]) as outbox:
        asyncio.run(live(outbox))


@pytest.mark.parametrize("dialect", ["attendance", "security"])
def test_given_a_terminal_that_pushes_when_a_day_is_ordered_again_then_it_is_asked_for_that_day(tmp_path, outbox, certificate, dialect):
    async def live():
        push = {"host": "127.0.0.1", "port": 0, "terminals": [PushTerminal(serial=PUSHING)]}
        async with running_site(tmp_path, outbox, push=push, certificate=certificate) as site:
            await until(lambda: site.crew.desk.port)
            options = PushOptions(port=site.crew.desk.port, users=3, punches=4, poll_seconds=0.1, dialect=dialect)
            async with PushSimulator(options) as terminal:
                await until(lambda: outbox.high == 4)
                outbox.release(4)
                day = date.fromisoformat(codec.decode_row(outbox.read(1, 1, 1).bodies[0]).wall[:10])
                done = await site.obey(order(OrderKind.RE_READ, terminal=PUSHING, dates=str(day)))
                return done, day, [text for _, text in terminal.unit.seen], days_again(outbox, 4)

    done, day, seen, again = asyncio.run(live())
    assert done.outcome is OrderOutcome.DONE
    wanted = f"DATA QUERY ATTLOG StartTime={day} 00:00:00\tEndTime={day} 23:59:59"
    assert (wanted if dialect == "attendance" else "DATA QUERY tablename=transaction,fielddesc=*,filter=*") in seen
    assert list(again) == [str(day)], "rows of other days stay what they were"
