"""Collecting from a simulated terminal over real sockets."""

import asyncio
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from structlog.testing import capture_logs

from edge.collect.intake import take_log
from edge.devices.zkteco.frames import Command
from edge.errors import OutboxFullError
from edge.health import TerminalState
from edge.outbox import Outbox
from edge.outbox.file import Limits
from protocol.instants import pack_wall
from protocol.messages import Source
from tests.edge.collect.conftest import decoded, running_crew, settings_for, terminal_at, until
from tests.edge.conftest import EDGE, rows


def report_of(book):
    return book._reports[0]


def run(work):
    return asyncio.run(work)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_given_a_past_and_live_punches_when_collected_then_each_is_appended_once(tmp_path, outbox, new_terminal, transport):
    terminal = new_terminal(users=5, punches=700, serial="T-1")

    async def collect():
        settings = settings_for(tmp_path, terminal_at(terminal.port, transport=transport, poll_seconds=3600))
        async with running_crew(settings, outbox, tmp_path) as (crew, book):
            await until(lambda: report_of(book).state is TerminalState.LISTENING)
            terminal.punch("1001")
            await until(lambda: outbox.high == 701)
            crew.read_now(None)  # which sees the punch again in the log
            await until(lambda: report_of(book).last_read.held == 701)
            return report_of(book)

    report = run(collect())
    rows = decoded(outbox)
    assert len(rows) == len({row.identity for row in rows}) == 701
    assert rows[-1].source is Source.ZK_LIVE
    assert {row.source for row in rows[:-1]} == {Source.ZK_PULL}
    assert (report.held, report.cleared, report.serial) == (701, 0, "T-1")
    told = report.last_read
    assert (told.complete, told.decoded, told.held, told.received_bytes == told.declared_bytes) == (True, told.declared, told.decoded, True)


def test_given_a_terminal_that_was_away_when_it_is_back_then_what_happened_meanwhile_is_read(tmp_path, outbox, new_terminal):
    terminal = new_terminal(users=5, punches=10, restart_seconds=0.3)

    async def collect():
        async with running_crew(settings_for(tmp_path, terminal_at(terminal.port)), outbox, tmp_path):
            await until(lambda: outbox.high == 10)
            terminal.do(lambda simulator: simulator.restart())
            terminal.punch("1002")
            await until(lambda: outbox.high == 11)

    run(collect())


def test_given_a_log_that_was_cleared_when_read_then_the_fourth_number_says_how_many_are_gone(tmp_path, outbox, new_terminal):
    terminal = new_terminal(users=5, punches=30)

    async def collect():
        async with running_crew(settings_for(tmp_path, terminal_at(terminal.port)), outbox, tmp_path) as (_, book):
            await until(lambda: outbox.high == 30)
            terminal.do(lambda simulator: simulator.clear())
            terminal.punch("1001")
            await until(lambda: (report_of(book).cleared, report_of(book).held) == (30, 1))
            return report_of(book)

    report = run(collect())
    assert (report.held, outbox.counts("CBSIM0001")) == (1, (31, 0))


def test_given_a_full_outbox_when_somebody_punches_then_the_punch_stays_on_the_terminal_and_is_read_later(
    tmp_path, new_terminal, monkeypatch, heard
):
    terminal = new_terminal(users=5, punches=5)
    monkeypatch.setattr("edge.collect.owner.FULL_PAUSE", 0.05)

    async def collect(outbox):
        async with running_crew(settings_for(tmp_path, terminal_at(terminal.port)), outbox, tmp_path) as (_, book):
            await until(lambda: report_of(book).state is TerminalState.OUTBOX_FULL)
            terminal.punch("1003")
            await asyncio.sleep(1)
            asked, health, high = heard.count(Command.CONNECT), await book.health(), outbox.high
            outbox.release(outbox.high)
            await until(lambda: outbox.high == high + 6)
            return asked, health, await book.health()

    with Outbox(tmp_path / "outbox.db", EDGE, Limits(max_megabytes=1)) as outbox:
        fill(outbox)
    with Outbox(tmp_path / "outbox.db", EDGE, Limits(max_megabytes=1)) as outbox:
        asked, full, later = run(collect(outbox))
        last = decoded(outbox)[-6:]

    assert asked == 1, "a terminal whose punches cannot be kept is left alone until there is room"
    assert full.hours_left == 0.0
    assert "outbox-full" in full.alarms
    assert "outbox-full" not in later.alarms
    assert {row.terminal for row in last} == {"CBSIM0001"}
    assert "1003" in {row.user for row in last}


def fill(outbox):
    """Until not even one row has room."""
    for count in (50, 1):
        with pytest.raises(OutboxFullError):
            while True:
                place = outbox.high
                outbox.append("ANOTHER", rows(*range(place, place + count), serial="ANOTHER"))


def test_given_another_terminal_than_expected_when_connected_then_nothing_is_collected(tmp_path, outbox, new_terminal):
    terminal = new_terminal(users=5, punches=5, serial="OTHER")

    async def collect():
        settings = settings_for(tmp_path, terminal_at(terminal.port, expected_serial="MINE"))
        async with running_crew(settings, outbox, tmp_path) as (_, book):
            await until(lambda: report_of(book).state is TerminalState.WRONG_TERMINAL)
            return report_of(book)

    assert "OTHER" in run(collect()).last_error
    assert outbox.high == 0


@pytest.mark.parametrize("serial", ["", "X" * 65, "T-\xe9\xe9"], ids=["none", "long", "no text"])
def test_given_a_serial_number_that_can_be_none_when_connected_then_nothing_is_collected_under_it(tmp_path, outbox, new_terminal, serial):
    terminal = new_terminal(users=5, punches=5)
    terminal.do(lambda simulator: simulator.terminal.options.update({"~SerialNumber": serial}))

    async def collect():
        async with running_crew(settings_for(tmp_path, terminal_at(terminal.port)), outbox, tmp_path) as (_, book):
            await until(lambda: report_of(book).state is TerminalState.WRONG_TERMINAL)
            return report_of(book)

    assert "serial number" in run(collect()).last_error
    assert outbox.high == 0


def test_given_one_terminal_under_two_names_when_connected_then_only_one_owner_reads_it(tmp_path, outbox, new_terminal):
    terminal = new_terminal(users=5, punches=5)

    async def collect():
        both = (terminal_at(terminal.port), terminal_at(terminal.port, name="again", host="localhost"))
        async with running_crew(settings_for(tmp_path, *both), outbox, tmp_path) as (_, book):
            await until(lambda: any(report.state is TerminalState.WRONG_TERMINAL for report in book._reports))
            await until(lambda: outbox.high == 5)

    run(collect())


def test_given_two_terminals_that_change_places_when_connected_again_then_each_is_read_under_its_own_number(
    tmp_path, outbox, new_terminal, monkeypatch
):
    monkeypatch.setattr("edge.collect.owner.REFUSED_PAUSE", 0.2)  # one may come back while the other's line is not yet known to be lost
    one, two = (new_terminal(users=5, punches=count, serial=name, restart_seconds=0.2) for count, name in ((7, "T-1"), (9, "T-2")))

    def become(terminal, serial):
        def change(simulator):
            simulator.terminal.options["~SerialNumber"] = serial
            simulator.restart()

        terminal.do(change)

    async def collect():
        settings = settings_for(tmp_path, terminal_at(one.port), terminal_at(two.port))
        async with running_crew(settings, outbox, tmp_path) as (_, book):
            await until(lambda: outbox.high == 16)
            become(one, "T-2")
            become(two, "T-1")
            await until(lambda: [(report.serial, report.held) for report in book._reports] == [("T-2", 7), ("T-1", 9)])

    run(collect())


@pytest.mark.usefixtures("still_time")
def test_given_a_clock_that_is_slow_when_looked_at_then_drift_and_alarm_tell(tmp_path, outbox, new_terminal):
    terminal = new_terminal(users=5, punches=1, clock_drift=-180, zone="Asia/Shanghai")

    async def collect():
        async with running_crew(settings_for(tmp_path, terminal_at(terminal.port)), outbox, tmp_path) as (_, book):
            await until(lambda: outbox.high == 1)
            return report_of(book).drift_ms, (await book.health()).alarms

    drift_ms, alarms = run(collect())
    assert drift_ms == pytest.approx(-180_000, abs=2_500)
    assert any(alarm.startswith("clock-off-") for alarm in alarms)
    assert decoded(outbox)[0].drift_ms == drift_ms


def test_given_a_uid_that_the_user_list_does_not_resolve_when_read_then_the_row_asks_for_quarantine(tmp_path, outbox, new_terminal):
    terminal = new_terminal(users=5, punches=20, record_size="8b")
    terminal.do(lambda simulator: simulator.terminal.delete_user(simulator.terminal.uids()[0]))

    async def collect():
        async with running_crew(settings_for(tmp_path, terminal_at(terminal.port)), outbox, tmp_path):
            await until(lambda: outbox.high == 20)

    run(collect())
    doubted = [row for row in decoded(outbox) if row.doubt]
    assert doubted
    assert all(row.user.startswith("uid:") for row in doubted)


def test_given_rows_of_a_form_that_does_not_fit_when_read_then_an_alarm_tells_and_the_bytes_go_to_quarantine(
    tmp_path, outbox, new_terminal
):
    terminal = new_terminal(users=5, punches=20, serial="T-1")

    async def collect(layout):
        settings = settings_for(tmp_path, terminal_at(terminal.port, layout=layout))
        async with running_crew(settings, outbox, tmp_path) as (_, book):
            await until(lambda: report_of(book).state is TerminalState.LISTENING)
            return [alarm.partition(": ")[0] for alarm in (await book.health()).alarms]

    assert "log-undecodable-T-1" in run(collect("8a"))
    assert [(row.doubt, len(row.raw)) for row in decoded(outbox)] == [("undecodable", 800)]
    assert "log-undecodable-T-1" not in run(collect(""))
    assert outbox.high == 21


def test_given_a_log_wanted_again_when_forgotten_then_everything_is_appended_again(tmp_path, outbox, new_terminal):
    terminal = new_terminal(users=5, punches=8)

    async def collect():
        async with running_crew(settings_for(tmp_path, terminal_at(terminal.port)), outbox, tmp_path) as (crew, _):
            await until(lambda: outbox.high == 8)
            outbox.forget(None)
            crew.read_now(None)
            await until(lambda: outbox.high == 16)

    run(collect())
    assert outbox.counts("CBSIM0001") == (8, 0)


@pytest.mark.parametrize("fault", ["event-size=unknown", "wrong-count=1", "zero-count", "no-options"])
def test_given_a_terminal_with_a_fault_when_somebody_punches_then_the_punch_comes_all_the_same(tmp_path, outbox, new_terminal, fault):
    terminal = new_terminal(users=5, punches=10, faults=(fault,))

    async def collect():
        async with running_crew(settings_for(tmp_path, terminal_at(terminal.port, expected_serial="CBSIM0001")), outbox, tmp_path):
            await until(lambda: outbox.high == 10)
            terminal.punch("1001", pack_wall("2026-11-20 08:00:00"))
            await until(lambda: outbox.high == 11)

    run(collect())


@pytest.mark.parametrize("count", ["zero-count", "wrong-count=1"])
def test_given_an_event_that_cannot_be_read_when_the_count_lies_then_the_log_is_read_at_once(tmp_path, outbox, new_terminal, count):
    terminal = new_terminal(users=5, punches=10, faults=("event-size=unknown", count))

    async def collect():
        settings = settings_for(tmp_path, terminal_at(terminal.port, poll_seconds=3600))
        async with running_crew(settings, outbox, tmp_path) as (_, book):
            await until(lambda: report_of(book).state is TerminalState.LISTENING)
            terminal.punch("1001", pack_wall("2026-11-20 08:00:00"))
            await until(lambda: outbox.high == 11)

    run(collect())


def test_given_a_terminal_with_a_past_when_read_by_pyzk_then_the_same_punches_are_appended(tmp_path, outbox, new_terminal):
    terminal = new_terminal(users=5, punches=25)

    async def collect():
        settings = settings_for(tmp_path, terminal_at(terminal.port, driver="pyzk", poll_seconds=1))
        async with running_crew(settings, outbox, tmp_path) as (_, book):
            await until(lambda: outbox.high == 25)
            await until(lambda: report_of(book).state is TerminalState.POLLING)

    run(collect())
    held = {(punch.number, punch.wall) for punch in terminal.punches()}
    assert {(row.user, row.identity.wall) for row in decoded(outbox)} == held


def test_given_reads_live_punches_doubts_and_a_refusal_then_no_log_line_tells_who_punched(tmp_path, outbox, new_terminal):
    terminal = new_terminal(users=5, punches=20, record_size="8b", restart_seconds=0.3)
    refused = new_terminal(users=5, punches=20, key=99, serial="LOCKED")
    people = terminal.do(lambda simulator: [(user.number, user.name) for user in simulator.terminal.users.values()])
    terminal.do(lambda simulator: simulator.terminal.delete_user(simulator.terminal.uids()[0]))

    async def collect():
        settings = settings_for(tmp_path, terminal_at(terminal.port), terminal_at(refused.port))
        async with running_crew(settings, outbox, tmp_path) as (_, book):
            await until(lambda: outbox.high == 20)
            terminal.punch("1002")
            await until(lambda: outbox.high == 21)
            terminal.do(lambda simulator: simulator.restart())
            await until(lambda: len([line for line in logs if line["event"] == "terminal_lost"]) == 2)
            return await book.health()

    with capture_logs() as logs:
        health = run(collect())

    told = json.dumps(logs, default=str, ensure_ascii=False) + msgspec.json.encode(health).decode()
    assert {"log_read", "terminal_lost"} <= {line["event"] for line in logs}
    for number, name in people:
        assert not re.search(rf"(?<![\d.:-]){number}(?!\d)", told), f"somebody's number is told: {number}"
        assert not name or name not in told


def test_given_long_logs_of_many_terminals_when_they_are_appended_then_other_work_gets_a_thread(
    tmp_path, outbox, new_terminal, monkeypatch
):
    terminals = [new_terminal(users=5, punches=5, serial=f"T-{number}") for number in range(3)]
    begun, may_end = [], threading.Event()

    def take_long(*arguments):
        begun.append(None)
        may_end.wait(100)
        return take_log(*arguments)

    monkeypatch.setattr("edge.collect.owner.take_log", take_long)

    async def collect():
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
        settings = settings_for(tmp_path, *(terminal_at(terminal.port) for terminal in terminals))
        async with running_crew(settings, outbox, tmp_path):
            await until(lambda: len(begun) == 3)
            async with asyncio.timeout(60):
                assert (await asyncio.to_thread(outbox.size)).used
            may_end.set()
            await until(lambda: outbox.high == 15)

    try:
        run(collect())
    finally:
        may_end.set()
