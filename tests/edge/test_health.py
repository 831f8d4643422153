"""What an edge tells of itself and its terminals."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from edge import health as module
from edge.health import HealthBook, TerminalState
from edge.status import read_status
from protocol.messages import Health
from tests.edge.conftest import EDGE, SERIAL, punch_row, rows
from tests.edge.uplink.test_agent import PaperLine, until
from tests.support.kits import issue_edge, make_authority


@pytest.fixture
def book(outbox, tmp_path):
    return HealthBook(EDGE, outbox, tmp_path / "status.json", tmp_path / "none.crt")


def told(book) -> Health:
    return asyncio.run(book.health())


def test_given_an_empty_outbox_then_nothing_waits_and_nothing_is_guessed(book):
    health = told(book)

    assert (health.queue_depth, health.oldest_at, health.hours_left, health.certificate_ends_at) == (0, None, None, None)
    assert (health.clock_set_back, health.alarms, health.terminals, health.stages) == (False, [], [], {})
    assert health.free_bytes > 0


def test_given_rows_then_those_without_a_receipt_wait_and_the_oldest_of_them_tells_its_age(book, outbox):
    outbox.append(SERIAL, rows(*range(30)))
    outbox.release(10)

    health = told(book)

    assert (health.queue_depth, health.oldest_at) == (20, punch_row(10).received_at)


def test_given_a_mark_that_was_told_and_not_yet_released_then_what_is_behind_it_does_not_wait(book, outbox):
    outbox.append(SERIAL, rows(*range(30)))
    book.told_mark = lambda: 25

    assert told(book).queue_depth == 5


def test_given_rows_that_come_in_then_the_hours_left_follow_from_their_pace(book, outbox, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    outbox.append(SERIAL, rows(*range(1000)))
    assert told(book).hours_left is None

    now[0] += 3600
    outbox.append(SERIAL, rows(*range(1000, 2000)))
    size = outbox.size()
    hours = told(book).hours_left

    assert hours == pytest.approx(size.room / (size.used / 2000 * 1000), rel=0.01)


def test_given_a_terminal_then_its_state_drift_counts_and_stages_are_told(book, outbox):
    report = book.report("east gate", "192.0.2.7:4370", SERIAL)
    report.state, report.drift_ms, report.held = TerminalState.LISTENING, -1500, 3
    for stage in ("connect", "clock", "read", "event", "append"):
        report.reached(stage)
    outbox.append(SERIAL, rows(1, 2, 3))

    (terminal,) = told(book).terminals

    assert (terminal.serial, terminal.name, terminal.state) == (SERIAL, "east gate", "listening")
    assert (terminal.drift_ms, terminal.held, terminal.appended, terminal.doubtful) == (-1500, 3, 3, 0)
    assert set(terminal.stages) == {"connect", "clock", "read", "event", "append"}
    assert all(datetime.now(UTC) - at < timedelta(minutes=1) for at in terminal.stages.values())


@pytest.mark.parametrize("text", ["\udcbf\udcbc", "a\0b", "two\nlines\x1b[31m", "长" * 3000], ids=["encoding", "null", "control", "long"])
def test_given_words_of_any_kind_when_told_then_every_message_and_database_takes_them(book, text):
    report = book.report(text, text, text)
    report.last_error = text
    book.alarm("file-refused-x", text)

    health = told(book)

    written = msgspec.json.encode(health)
    assert msgspec.json.decode(written, type=Health) == health
    assert b"\\u00" not in written


def test_given_alarms_then_they_last_until_cleared_or_over_and_are_short(book, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    book.alarm("refused-storage", "x" * 5000)
    book.alarm("hole", "for a while", seconds=60)

    assert [len(one) for one in told(book).alarms] == [len("hole: for a while"), len("refused-storage: ") + module.NOTE_CHARACTERS]
    now[0] += 61
    assert [one.partition(":")[0] for one in told(book).alarms] == ["refused-storage"]
    book.clear("refused")
    assert told(book).alarms == []


def test_given_a_certificate_then_its_end_is_told(outbox, tmp_path):
    authority = make_authority(tmp_path / "authority")
    bundle = issue_edge(authority, EDGE, tmp_path / "kit", days=10)
    book = HealthBook(EDGE, outbox, tmp_path / "status.json", bundle.certificate)

    assert timedelta(days=9) < told(book).certificate_ends_at - datetime.now(UTC) <= timedelta(days=10)


def test_given_a_change_when_running_then_line_and_status_file_tell_it_soon_and_its_end(book, outbox, tmp_path):
    async def run():
        line = PaperLine()
        line.up = True
        task = asyncio.create_task(book.run(line, 600))
        await until(lambda: line.of(Health))
        outbox.append(SERIAL, rows(1, 2))
        book.changed()
        await until(lambda: len(line.of(Health)) == 2)
        await until(lambda: read_status(tmp_path / "status.json")["queue_depth"] == 2)  # it is written behind the message
        running = read_status(tmp_path / "status.json")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return line.of(Health)[-1], running

    health, running = asyncio.run(run())
    ended = read_status(tmp_path / "status.json")
    assert (health.queue_depth, running["queue_depth"]) == (2, 2)
    assert (running["line_up"], running["stopped_at"], running["every_seconds"]) == (True, None, 600)
    assert ended["stopped_at"]
    assert not ended["line_up"]
    assert json.loads((tmp_path / "status.json").read_text())["edge"] == EDGE
