"""Requests over a real socket into a real outbox."""

import asyncio
import sqlite3
from concurrent.futures import wait
from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from clockbridge.demo.stage import free_port
from edge.collect.push.queue import Queue
from edge.errors import OutboxFullError
from edge.health import TerminalState
from edge.outbox.file import full
from edge.settings import PushTerminal
from protocol.messages import Source
from tests.edge.collect.conftest import decoded, until
from tests.edge.collect.push.conftest import SN, alarms, get, greeted, new_desk, post, running_desk, send

ROW = b"1001\t2026-11-20 08:58:01\t0\t1\t0\t0\n"


def run(work):
    return asyncio.run(work)


def test_given_an_approved_unit_when_it_greets_and_pushes_then_its_punch_is_on_the_disk_before_it_hears_ok(settings, outbox):
    async def talk():
        async with running_desk(settings(), outbox) as (desk, book):
            first = await greeted(desk)
            punched = await post(desk, f"cdata?SN={SN}&table=ATTLOG&Stamp=9999", ROW)
            again = await post(desk, f"iclock/cdata.aspx?SN={SN}&table=ATTLOG&Stamp=9999", ROW)
            polled = await get(desk, f"getrequest?SN={SN}&INFO=Ver 8.0,5,6,77,10.0.0.1")
            second = await greeted(desk)
            return first, punched, again, polled, second, book._reports[0], await book.health()

    first, punched, again, polled, second, report, health = run(talk())
    (row,) = decoded(outbox)
    assert first[0] == 200
    assert "date" in first[1], "our clock is believed: the terminal sets its own by it"
    assert b"\nTimeZone=8\n" in first[2]
    assert b"ATTLOGStamp=0\n" in first[2]
    assert b"ATTLOGStamp=9999\n" in second[2]
    assert (punched[2], again[2], polled[2]) == (b"OK: 1", b"OK: 1", b"OK")
    assert (row.terminal, row.user, row.wall, row.source) == (SN, "1001", "2026-11-20 08:58:01", Source.PUSH)
    assert (report.state, report.held, report.address) == (TerminalState.LISTENING, 77, "127.0.0.1")
    assert health.terminals[0].appended == 1


def test_given_a_unit_nobody_approved_when_it_pushes_then_it_keeps_its_data_and_is_shown(settings, outbox):
    async def talk():
        async with running_desk(settings(), outbox) as (desk, book):
            answers = [await greeted(desk, "STRANGER01"), await post(desk, "cdata?SN=STRANGER01&table=ATTLOG", ROW)]
            answers.append(await post(desk, "cdata?SN=../../etc&table=ATTLOG", ROW))
            for number in range(40):
                await greeted(desk, f"FLOOD{number:04d}")
            return answers, alarms(book), desk._status()

    answers, told, status = run(talk())
    assert [one[0] for one in answers] == [503, 503, 404]
    assert outbox.high == 0
    assert len([code for code in told if code.startswith("push-waiting-")]) == len(status["waiting"]) == 20
    assert status["counts"]["no-serial"] == 1


@pytest.mark.parametrize(("source", "status"), [("", 503), ("127.0.0.1", 503), ("any", 200)])
def test_given_a_serial_number_from_another_address_then_it_is_an_alarm_and_taken_only_where_a_person_allowed_it(
    settings, outbox, source, status
):
    async def talk():
        async with running_desk(settings(PushTerminal(serial=SN, source=source)), outbox) as (desk, book):
            await greeted(desk)
            moved = await post(desk, f"cdata?SN={SN}&table=ATTLOG", ROW, source="127.0.0.2")
            return moved[0], alarms(book)

    answered, told = run(talk())
    assert answered == status
    assert outbox.high == (1 if status == 200 else 0)
    assert told == [f"push-moved-{SN}"]


def test_given_a_full_outbox_when_a_punch_is_pushed_then_it_stays_on_the_terminal(settings, outbox, monkeypatch):
    async def talk():
        async with running_desk(settings(), outbox) as (desk, book):
            await greeted(desk)
            with monkeypatch.context() as patched:
                patched.setattr(outbox, "append", refuse)
                refused = await post(desk, f"cdata?SN={SN}&table=ATTLOG&Stamp=5", ROW)
            stamps = (await greeted(desk))[2]
            return refused, stamps, await post(desk, f"cdata?SN={SN}&table=ATTLOG&Stamp=5", ROW), book._reports[0].state

    def refuse(*_, **__) -> OutboxFullError:
        raise full()

    refused, stamps, later, state = run(talk())
    assert refused[0] == 503
    assert b"ATTLOGStamp=0\n" in stamps, "what was not taken is not remembered as taken"
    assert (later[0], outbox.high, state) == (200, 1, TerminalState.LISTENING)


def test_given_a_fault_of_ours_when_a_punch_is_pushed_then_it_is_not_acknowledged(settings, outbox, monkeypatch):
    async def talk():
        async with running_desk(settings(), outbox) as (desk, book):
            monkeypatch.setattr(outbox, "append", lambda *_, **__: 1 / 0)
            return await post(desk, f"cdata?SN={SN}&table=ATTLOG", ROW), alarms(book)

    answer, told = run(talk())
    assert answer[0] == 500
    assert told == ["owner-failed"]


def test_given_tampering_alarms_and_unknown_things_when_told_then_they_are_alarms_and_counts(settings, outbox):
    async def talk():
        async with running_desk(settings(), outbox) as (desk, book):
            await greeted(desk)
            first = b"USER PIN=1\tName=a\tPri=14\n"
            await post(desk, f"cdata?SN={SN}&table=OPERLOG", first)
            quiet = alarms(book)
            await post(desk, f"cdata?SN={SN}&table=OPERLOG", first + b"USER PIN=2\tName=b\tPri=14\nFP PIN=2\tTMP=AAAA\n")
            await post(desk, f"cdata?SN={SN}&table=OPERLOG", b"OPLOG 3\t0\t2026-11-20 08:00:00\t55\t0\t0\t0\n")
            await post(desk, f"cdata?SN={SN}&table=ODD", b"what is this")
            await get(desk, f"exchange?SN={SN}&type=publickey")
            return quiet, alarms(book), desk._status()

    quiet, told, status = run(talk())
    assert quiet == [], "the administrators a terminal was set up with are no news"
    assert told == [f"tampered-{SN}", f"terminal-alarm-{SN}"]
    assert status["unknown"] == {"table odd": 1, "GET exchange": 1}
    assert status["counts"]["row FP"] == 1
    with closing(sqlite3.connect(settings().push_file)) as file:
        assert file.execute("SELECT what, body FROM unknown").fetchall() == [("table odd", b"what is this"), ("GET exchange", b"")]


def test_given_a_clock_in_doubt_when_answered_then_no_date_is_told(settings, outbox, certificate):
    certificate.write_text("no certificate")

    async def talk():
        async with running_desk(settings(), outbox) as (desk, _):
            return await greeted(desk)

    assert "date" not in run(talk())[1]


def test_given_summer_time_when_it_begins_then_the_zone_is_told_again_once(settings, outbox, monkeypatch):
    berlin = settings().model_copy(update={"time_zone": "Europe/Berlin"})
    monkeypatch.setattr("edge.collect.trust.ClockTrust.now", lambda _: True)
    zone = ZoneInfo("Europe/Berlin")

    async def talk():
        async with running_desk(berlin, outbox) as (desk, _):
            with time_machine.travel(datetime(2027, 3, 28, 1, 59, tzinfo=zone).astimezone(UTC), tick=True):
                await greeted(desk)
                before = await get(desk, f"getrequest?SN={SN}")
            with time_machine.travel(datetime(2027, 3, 28, 3, 1, tzinfo=zone).astimezone(UTC), tick=True):
                first = await get(desk, f"getrequest?SN={SN}")
                second = await get(desk, f"getrequest?SN={SN}")
            return before[2], first[2], second[2]

    assert run(talk()) == (b"OK", b"C:1:SET OPTION TimeZone=2\nC:2:RELOAD OPTIONS\n", b"OK")


def test_given_a_log_that_is_wanted_again_when_the_unit_polls_then_it_is_asked_for_and_appended_again(settings, outbox):
    async def talk():
        async with running_desk(settings(), outbox) as (desk, _):
            await greeted(desk)
            await get(desk, f"getrequest?SN={SN}")
            await post(desk, f"cdata?SN={SN}&table=ATTLOG&Stamp=9999", ROW)
            outbox.forget(SN)
            asked = await get(desk, f"getrequest?SN={SN}")
            await post(desk, f"cdata?SN={SN}&table=ATTLOG&Stamp=0", ROW)
            await post(desk, f"devicecmd?SN={SN}", b"ID=1&Return=0&CMD=DATA\n")
            return asked[2], (await get(desk, f"getrequest?SN={SN}"))[2]

    asked, nothing = run(talk())
    assert asked.startswith(b"C:1:DATA QUERY ATTLOG StartTime=2000-01-01 00:00:00\t")
    assert nothing == b"OK"
    assert outbox.high == 2


def test_given_a_unit_that_asks_while_a_command_with_secret_words_is_being_queued_then_it_gets_them(settings, outbox, monkeypatch):
    add = Queue.add

    async def talk():
        async with running_desk(settings(), outbox) as (desk, _):
            await greeted(desk)
            loop, polls = asyncio.get_running_loop(), []

            def asked_meanwhile(*arguments):
                number = add(*arguments)
                polls.append(asyncio.run_coroutine_threadsafe(get(desk, f"getrequest?SN={SN}"), loop))
                wait(polls, 0.3)  # it is answered too early, if it is answered now
                return number

            monkeypatch.setattr(Queue, "add", asked_meanwhile)
            done = asyncio.create_task(desk.have_done(SN, "write a user", 600, "DATA UPDATE USERINFO PIN=7"))
            await until(lambda: polls and polls[0].done())
            await post(desk, f"devicecmd?SN={SN}", b"ID=1&Return=0&CMD=DATA\n")
            return polls[0].result()[2], (await asyncio.wait_for(done, 60)).done

    assert run(talk()) == (b"C:1:DATA UPDATE USERINFO PIN=7\n", True)


def test_given_a_restart_when_the_unit_comes_again_then_its_dialect_source_and_registration_are_remembered(settings, outbox):
    async def talk():
        async with running_desk(settings(), outbox) as (desk, _):
            first = await greeted(desk, announce="pushver=3.1.2&DeviceType=acc")
            registered = await post(desk, f"registry?SN={SN}", b"DeviceType=acc")
        async with running_desk(settings(), outbox) as (desk, book):
            second = await greeted(desk, announce="pushver=3.1.2&DeviceType=acc")
            await greeted(desk, announce="pushver=3.1.2&DeviceType=acc")
            moved = await send(desk, f"GET /iclock/ping?SN={SN} HTTP/1.1\r\n\r\n".encode(), source="127.0.0.3")
            return first[2], registered[2], second[2], moved[0], alarms(book)

    first, registered, second, moved, told = run(talk())
    assert first == b"OK"
    assert second.startswith(b"registry=ok\r\n" + registered + b"\r\n")
    assert (moved, told) == (503, [f"push-moved-{SN}"])


def test_given_odd_or_greedy_clients_when_they_knock_then_the_door_stays_open_for_others(settings, outbox, monkeypatch):
    monkeypatch.setattr("edge.devices.iclock.listener.HEAD_SECONDS", 3600)

    async def talk():
        small = settings(max_body_kilobytes=64, max_connections=4, requests_per_minute=10)
        async with running_desk(small, outbox) as (desk, _):
            odd = [await send(desk, data) for data in (b"\x16\x03\x01\0\n\n", b"GET / HTTP/1.1\r\n" + b"x" * 20_000)]
            large = await send(desk, b"POST /iclock/cdata HTTP/1.1\r\nContent-Length: 70000\r\n\r\n")
            waits = await send(
                desk,
                f"POST /iclock/cdata?SN={SN}&table=ATTLOG HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {len(ROW)}\r\n\r\n".encode()
                + ROW,
            )
            held = [await line_from(desk, f"127.0.0.{number}") for number in range(2, 6)]
            reader, writer = await line_from(desk, "127.0.0.6")
            turned_away = await reader.read()
            for _, line in (*held, (reader, writer)):
                line.close()
            await until(lambda: not desk._listener._tasks)
            many = [(await get(desk, f"ping?SN={SN}"))[0] for _ in range(50)]
            return [one[0] for one in odd], large[0], waits, turned_away, many

    odd, large, waits, turned_away, many = run(talk())
    assert (odd, large) == ([400, 431], 413)
    assert (waits[0], outbox.high) == (200, 1)
    assert turned_away == b""
    assert (many[0], 503 in many) == (200, True)


async def line_from(desk, source):
    """A connection from an address, on which nothing is said."""
    return await asyncio.open_connection("127.0.0.1", desk.port, local_addr=(source, 0))


def test_given_an_address_that_hangs_when_it_comes_again_and_again_then_others_find_room(settings, outbox, monkeypatch):
    monkeypatch.setattr("edge.devices.iclock.listener.HEAD_SECONDS", 3600)

    async def talk():
        async with running_desk(settings(max_connections=8), outbox) as (desk, _):
            held = [await line_from(desk, "127.0.0.9") for _ in range(2)]
            await until(lambda: len(desk._listener._tasks) == 2)
            reader, third = await line_from(desk, "127.0.0.9")
            turned_away, served, refused = await reader.read(), await greeted(desk), desk._listener.refused
            for line in (third, *(line for _, line in held)):
                line.close()
            await until(lambda: not desk._listener._lines)
            return turned_away, served[0], refused

    assert run(talk()) == (b"", 200, 1)


def test_given_a_port_that_is_taken_when_the_desk_begins_then_it_says_so_and_waits(settings, outbox, monkeypatch):
    monkeypatch.setattr("edge.collect.push.desk.AGAIN_SECONDS", 0.05)

    async def talk():
        other = await asyncio.start_server(lambda *_: None, "127.0.0.1", free_port())  # where nobody else comes once it is closed
        taken = settings(port=other.sockets[0].getsockname()[1])
        from edge.health import HealthBook

        book = HealthBook(taken.edge, outbox, taken.status_file, taken.server.certificate)
        desk = new_desk(taken, outbox, book)
        task = asyncio.create_task(desk.run())
        await until(lambda: "push-port" in alarms(book))
        other.close()
        await other.wait_closed()
        await until(lambda: desk.port is not None)
        told = alarms(book)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return told

    assert run(talk()) == []


def test_given_a_damaged_file_of_push_when_the_desk_begins_then_it_is_moved_aside_and_no_punch_is_lost(settings, outbox):
    settings().push_file.write_bytes(b"no database" * 1000)

    async def talk():
        async with running_desk(settings(), outbox) as (desk, _):
            await greeted(desk)
            return await post(desk, f"cdata?SN={SN}&table=ATTLOG", ROW)

    assert run(talk())[0] == 200
    assert settings().push_file.with_suffix(".damaged").exists()
    assert outbox.high == 1


def test_given_an_approved_unit_that_is_never_heard_or_falls_silent_then_it_says_so(settings, outbox, monkeypatch):
    monkeypatch.setattr("edge.collect.push.desk.TICK_SECONDS", 0.02)
    monkeypatch.setattr("edge.collect.push.desk.SILENT_SECONDS", 0)
    monkeypatch.setattr("edge.collect.push.desk.SILENT_DELAYS", 0)

    async def talk():
        async with running_desk(settings(), outbox) as (desk, book):
            report = book._reports[0]
            await until(lambda: report.state is TerminalState.UNREACHABLE)
            monkeypatch.setattr("edge.collect.push.desk.SILENT_SECONDS", 3600)
            await greeted(desk)
            back = report.state
            monkeypatch.setattr("edge.collect.push.desk.SILENT_SECONDS", 0)
            await until(lambda: report.state is TerminalState.UNREACHABLE)
            return back, report.last_error

    back, error = run(talk())
    assert back is TerminalState.LISTENING
    assert error.startswith("nothing heard for more than")


def test_given_a_time_far_ahead_when_pushed_then_it_is_quarantined_with_its_doubt(settings, outbox):
    ahead = f"{datetime.now(ZoneInfo('Asia/Shanghai')) + timedelta(days=2):%Y-%m-%d %H:%M:%S}"

    async def talk():
        async with running_desk(settings(), outbox) as (desk, _):
            await post(desk, f"cdata?SN={SN}&table=ATTLOG", f"1\t{ahead}\t0\t1\n".encode())

    run(talk())
    (row,) = decoded(outbox)
    assert row.doubt == "the time is more than 24 hours ahead"
