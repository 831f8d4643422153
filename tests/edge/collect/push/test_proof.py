"""The terminal's own count against ours: a gap is found, asked for, and closed."""

import asyncio
import time
from concurrent.futures import wait
from datetime import UTC, date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from clockbridge.edge import app
from edge.collect.duty import Rules
from edge.collect.intake import take_pushed
from edge.collect.push.file import push_file
from edge.collect.push.proof import Proof, ask_counts, last_days
from edge.collect.push.queue import Queue, State
from edge.collect.push.receipts import Receipts
from edge.collect.rows import Origin
from edge.devices.driver import TerminalPunch
from edge.devices.iclock.protocol.dialect import Dialect
from edge.devices.iclock.protocol.records import UserTold
from edge.devices.iclock.protocol.results import CommandResult
from protocol.instants import pack_wall
from protocol.messages import Source
from protocol.wanted import ClockRule
from tests.edge.collect.conftest import decoded, until
from tests.edge.collect.push.conftest import SN, alarms, greeted, post, running_desk
from tests.edge.collect.push.test_simulated import held, identities, unit_for

ATTENDANCE = Dialect.ATTENDANCE
NOW = 1_900_000_000
TODAY = date(2030, 3, 18)
"""In Shanghai, at `NOW`."""
ORIGIN = Origin(SN, Source.PUSH, datetime.fromtimestamp(NOW, UTC))
ZONE = ZoneInfo("Asia/Shanghai")
RULES = Rules(ZONE, ClockRule(), lambda: True)


@pytest.fixture
def queue(tmp_path):
    with push_file(tmp_path / "push.db") as file:
        yield Queue(file)


@pytest.fixture
def today():
    """On the real clock, by which desks count the last two days."""
    return datetime.now(ZONE).date()


def a_punch(wall):
    return TerminalPunch("7", pack_wall(wall), 1, 0, b"")


def result(number, code=0, **values):
    return CommandResult(str(number), code, values)


def state_of(queue, number):
    return next((line.state, line.detail) for line in queue.lines() if line.number == number)


@pytest.mark.usefixtures("desk_counts")
@pytest.mark.parametrize(
    "faults", [("withhold=4",), ("withhold=4", "query-stamp", "twice=6"), ("withhold=4", "lost-answers=0.3", "retry=0")]
)
def test_given_punches_a_terminal_never_sent_when_counted_then_they_are_missing_then_asked_for_then_there(
    settings, outbox, monkeypatch, today, faults
):
    monkeypatch.setattr("edge.collect.push.queue.AGAIN_SECONDS", 0)
    monkeypatch.setattr("edge.collect.push.desk.TICK_SECONDS", 0.05)
    told = []

    async def live():
        async with running_desk(settings(requests_per_minute=100_000), outbox) as (desk, book):
            tell = desk._reports.tell_standing
            monkeypatch.setattr(
                desk._reports, "tell_standing", lambda serial, standing: (told.append(standing.missing), tell(serial, standing))
            )
            unit = unit_for(desk, users=3, faults=faults)
            for place in range(40):
                unit.memory.punch("1001", pack_wall(f"{today} 00:00:{place:02d}"))
            async with unit:
                await until(lambda: told and max(told) > 0 and told[-1] == 0 and book._reports[0].complete_at)
                return held(unit), alarms(book), desk._status()["proofs"][SN], book._reports[0]

    expected, raised, shown, report = asyncio.run(live())
    assert identities(outbox) == expected
    assert max(told) == (16 if "twice=6" in faults else 10), "rows that repeat others look like missing ones until all of the day came"
    assert raised == []
    assert shown["missing"] == 0
    assert report.complete_sequence == outbox.high == 40
    assert len(decoded(outbox)) == 40


@pytest.mark.usefixtures("desk_counts")
def test_given_another_unit_under_the_same_number_when_the_edge_has_more_of_its_day_then_what_hides_behind_that_comes(
    settings, outbox, monkeypatch, today
):
    monkeypatch.setattr("edge.collect.push.queue.AGAIN_SECONDS", 0)
    monkeypatch.setattr("edge.collect.push.desk.TICK_SECONDS", 0.05)
    before = [a_punch(f"{today} 00:30:{place:02d}") for place in range(50)]
    take_pushed(outbox, before, [], ORIGIN, live=False)

    async def live():
        async with running_desk(settings(requests_per_minute=100_000), outbox) as (desk, _):
            unit = unit_for(desk, users=3, faults=("withhold=4",))
            for place in range(40):
                unit.memory.punch("1001", pack_wall(f"{today} 00:00:{place:02d}"))
            async with unit:
                await until(lambda: outbox.high == 90)
                return held(unit)

    expected = asyncio.run(live())
    assert set(expected) < set(identities(outbox))
    assert len(identities(outbox)) == 90


def test_given_more_at_the_edge_when_counted_then_the_day_is_asked_for_once_until_it_is_another_number(queue, outbox):
    proof = Proof(queue._file, queue, outbox, Receipts(queue._file, RULES))
    take_pushed(outbox, [a_punch(f"{TODAY} 08:00:0{second}") for second in range(5)], [], ORIGIN, live=False)

    def fills(holds):
        """Days that are asked for when the terminal says that it holds so many; the answers bring nothing new."""
        ask_counts(queue, SN, Dialect.ATTENDANCE, [TODAY], NOW)
        asked = []
        while due := queue.due(SN, NOW):
            values = {} if due[0].text.startswith("DATA QUERY") else {"attlogsum": str(holds)}
            asked += [] if values else [due[0].text]
            (ended,) = queue.finish(SN, ATTENDANCE, [result(due[0].number, **values)], NOW)
            proof.hear(SN, ended, NOW)
        return len(asked)

    assert [fills(holds) for holds in (3, 3, 4, 4, 5, 5)] == [1, 0, 1, 0, 0, 0]
    assert proof.complete(SN, TODAY, NOW) is False, "yesterday was not counted"
    assert proof.standing(SN).gaps == ()


@pytest.mark.usefixtures("desk_counts")
def test_given_a_security_unit_at_night_when_its_log_came_again_then_the_edge_has_all_of_it(settings, outbox, monkeypatch):
    monkeypatch.setattr("edge.collect.push.desk.TICK_SECONDS", 0.05)
    monkeypatch.setattr("edge.collect.push.work.NIGHT_HOUR", 0)

    async def live():
        async with running_desk(settings(requests_per_minute=100_000), outbox) as (desk, book):
            async with unit_for(desk, dialect="security", punches=30, faults=("withhold=5",)) as unit:
                await until(lambda: book._reports[0].complete_at)
                return held(unit)

    expected = asyncio.run(live())
    assert identities(outbox) == expected


@pytest.mark.usefixtures("desk_counts")
def test_given_punches_that_come_while_the_nightly_count_is_asked_for_then_the_desk_remembers_both(settings, outbox, monkeypatch):
    monkeypatch.setattr("edge.collect.push.desk.TICK_SECONDS", 0.02)
    monkeypatch.setattr("edge.collect.push.work.NIGHT_HOUR", 0)
    sent = []

    async def live():
        async with running_desk(settings(), outbox) as (desk, _):
            loop = asyncio.get_running_loop()

            def asked_meanwhile(*arguments):
                ask_counts(*arguments)
                body = b"1001\t2026-11-20 08:58:01\t0\t1\t0\t0\n"
                sent.append(asyncio.run_coroutine_threadsafe(post(desk, f"cdata?SN={SN}&table=ATTLOG&Stamp=9999", body), loop))
                wait(sent, 0.3)  # it is answered too early, if it is answered now

            monkeypatch.setattr("edge.collect.push.work.ask_counts", asked_meanwhile)
            await greeted(desk)
            await until(lambda: sent and sent[0].done() and desk._memory.of(SN).proved_on)
            return (await greeted(desk))[2]

    assert b"ATTLOGStamp=9999\n" in asyncio.run(live())


def test_given_rows_that_repeat_others_when_counted_again_then_they_are_known_until_the_log_is_shorter(queue, outbox):
    proof = Proof(queue._file, queue, outbox, Receipts(queue._file, RULES))

    def counted(holds):
        ask_counts(queue, SN, Dialect.ATTENDANCE, [TODAY], NOW)
        (ended,) = queue.finish(SN, ATTENDANCE, [result(queue.due(SN, NOW)[0].number, attlogcount=str(holds))], NOW)
        proof.hear(SN, ended, NOW)
        return proof.standing(SN).missing

    with queue._file.change() as connection:
        connection.execute("INSERT INTO proof VALUES (?, ?, ?, 7, 5, 0)", (SN, str(TODAY), NOW))
    outbox_has = outbox.count_between(SN, 0, 10**14)

    assert outbox_has == 0
    assert counted(2) == 2, "a shorter log: what was known of it is void"
    with queue._file.change() as connection:
        connection.execute("UPDATE proof SET terminal_count = 2, edge_count = 0, missing = 0")
        connection.execute("DELETE FROM command")
    assert counted(3) == 1


def test_given_a_unit_that_says_done_without_a_row_then_the_edge_does_not_claim_to_have_all(settings, outbox):
    async def live():
        async with running_desk(settings(), outbox) as (desk, book):
            await greeted(desk, announce="pushver=3.1.2&DeviceType=acc")
            number = desk._queue.add(SN, "DATA QUERY tablename=transaction,fielddesc=*,filter=*", int(time.time()), purpose="all")
            await post(desk, f"devicecmd?SN={SN}", f"ID={number}&Return=0&CMD=DATA\n".encode())
            return book._reports[0].complete_at, desk._queue.open_count()

    assert asyncio.run(live()) == (None, 0)


def test_given_a_gap_that_stays_when_filled_then_it_is_still_told(queue, outbox):
    proof = Proof(queue._file, queue, outbox, Receipts(queue._file, RULES))
    ask_counts(queue, SN, Dialect.ATTENDANCE, last_days(TODAY, 2), NOW)
    ask_counts(queue, SN, Dialect.ATTENDANCE, last_days(TODAY, 2), NOW)
    sent = queue.due(SN, NOW)
    queue.note_sent(sent, NOW)

    (ended,) = queue.finish(SN, ATTENDANCE, [result(sent[0].number, attlogsum="3")], NOW)
    compared = proof.hear(SN, ended, NOW)
    (_, fill) = queue.due(SN, NOW + 60)
    (filled,) = queue.finish(SN, ATTENDANCE, [result(fill.number)], NOW)
    proof.hear(SN, filled, NOW)

    assert len(sent) == 2, "what is asked already is not asked twice"
    assert compared
    assert fill.text == f"DATA QUERY ATTLOG StartTime={TODAY} 00:00:00\tEndTime={TODAY} 23:59:59"
    assert (proof.standing(SN).gaps, proof.complete(SN, TODAY, NOW)) == (((str(TODAY), 3),), False)


def test_given_commands_when_nothing_is_heard_then_they_are_sent_again_until_they_expire(queue):
    number = queue.add(SN, "INFO", NOW, 600)

    def sent_at(now):
        due = queue.due(SN, now)
        queue.note_sent(due, now)
        return [one.number for one in due]

    assert [sent_at(NOW + seconds) for seconds in (0, 30, 60, 120, 180, 700)] == [[number], [], [number], [], [number], []]
    queue.tidy(NOW + 700)
    assert state_of(queue, number) == (State.EXPIRED, "")
    assert queue.finish("ANOTHER", ATTENDANCE, [result(number)], NOW) == [], "another terminal answers for itself only"
    assert queue.finish(SN, ATTENDANCE, [result("x"), result(10**15)], NOW) == []
    assert queue.finish(SN, ATTENDANCE, [result(number)], NOW)[0].done, "it did run after all"
    assert queue.finish(SN, ATTENDANCE, [result(number)], NOW) == []
    queue.tidy(NOW + 40 * 86_400)
    assert queue.lines() == []


def test_given_a_user_that_was_written_when_the_terminal_shows_another_or_none_then_the_command_has_failed(queue):
    other, none, stays = (
        queue.add(SN, text, NOW)
        for text in ("DATA UPDATE USERINFO PIN=1\tName=a\tPri=0", "DATA UPDATE USERINFO PIN=2\tName=b", "DATA DELETE USERINFO PIN=3")
    )
    queue.finish(SN, ATTENDANCE, [result(other), result(none), result(stays)], NOW)
    checks = queue.due(SN, NOW)

    queue.see_users(SN, [UserTold("1", {"name": "a", "pri": "14"}), UserTold("3", {"name": "c"})], NOW)
    queue.finish(SN, ATTENDANCE, [result(check.number) for check in checks], NOW)

    assert [check.text for check in checks] == [f"DATA QUERY USERINFO PIN={pin}" for pin in (1, 2, 3)]
    assert state_of(queue, other) == (State.FAILED, "the terminal shows another pri")
    assert state_of(queue, none) == (State.FAILED, "the terminal does not have the user")
    assert state_of(queue, stays) == (State.FAILED, "the user is still there")
    assert queue.open_count() == 0


def test_given_a_person_at_the_command_line_then_commands_are_queued_shown_and_refused(settings, monkeypatch):
    chosen = settings()
    monkeypatch.setattr("clockbridge.edge._look", lambda _: chosen)

    def run(*words):
        done = CliRunner().invoke(app, list(words))
        return SimpleNamespace(code=done.exit_code, said=done.output)

    assert run("tell", SN, "INFO").code == 0
    assert run("prove", SN, "--days", "2").code == 0
    shown = run("commands").said
    assert shown.count("VERIFY SUM ATTLOG") == 2
    assert "'INFO'" in shown
    for words, said in ((("tell", SN, "SHELL ls"), "push.dangerous_commands"), (("tell", "STRANGER", "INFO"), "push.terminals")):
        refused = run(*words)
        assert (refused.code, said in refused.said) == (2, True)
    chosen = settings().model_copy(update={"push": None})
    assert run("commands").code == 2


def test_given_a_dangerous_command_that_was_allowed_once_when_it_is_no_longer_then_it_is_not_sent(settings, outbox):
    async def live():
        async with running_desk(settings(), outbox) as (desk, _):
            desk._queue.add(SN, "SHELL ls", int(time.time()))
            async with unit_for(desk) as unit:
                await until(lambda: unit.unit.answers > 5)
                return [text for _, text in unit.unit.seen]

    assert "SHELL ls" not in asyncio.run(live())
