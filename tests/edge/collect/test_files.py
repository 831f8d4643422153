"""Files that were handed in: looked at first, taken in stretches, never twice."""

import asyncio
import io
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from edge.collect.files.desk import FileWork
from edge.collect.files.room import FileRoom, FileState
from edge.devices.attlog.export import write_export
from edge.devices.driver import TerminalPunch
from edge.errors import OutboxFullError
from edge.settings import DropFolder
from protocol.attlog.problem import Problem, Refusal
from protocol.instants import pack_moment
from protocol.messages import Source
from tests.edge.collect.conftest import decoded, running_crew, settings_for, until

START = datetime(2026, 10, 3, 8)


def export(count, first=0):
    return write_export(
        TerminalPunch(str(place % 50), pack_moment(START + timedelta(seconds=place)), 1, 0, b"") for place in range(first, first + count)
    )


@pytest.fixture
def work(tmp_path, outbox):
    """Hands a file in, the day after it was written, and works on it; gives what became of it."""
    files = FileWork(settings_for(tmp_path), outbox)

    def do(data, name="1_attlog.dat", terminal="USB-1", **said):
        with time_machine.travel(START.replace(tzinfo=UTC) + timedelta(days=1)):
            one = files.room.hand_in(io.BytesIO(data), name, terminal, "command", **({"new_terminal": True} | said))
            files.work(one)
        return files.room.find(one.id)

    do.room = files.room
    do.again = files.work
    return do


def test_given_a_file_when_looked_at_then_what_is_new_is_counted_and_nothing_is_taken(work, outbox):
    work(export(10))

    one = work(export(15, 5) + export(15, 5) + b"rubbish\n", only_look=True)

    assert (one.state, one.survey.punches, one.survey.new, one.survey.doubtful) == (FileState.LOOKED, 30, 10, 1)
    assert outbox.high == 10


def test_given_what_was_looked_at_when_it_is_taken_then_its_punches_and_doubtful_lines_are_there_once(work, outbox):
    one = work(export(5) + b"rubbish\n", only_look=True)
    one.only_look, one.state = False, FileState.WAITING

    work.again(one)
    work(export(7))

    assert (one.state, one.appended, one.quarantined) == (FileState.TAKEN, 5, 1)
    assert [(row.source, row.doubt, row.raw) for row in decoded(outbox)][5] == (Source.ATTLOG_FILE, "file-foreign", b"rubbish")
    assert outbox.counts("USB-1") == (7, 1)
    assert not work.room.path_of(one.id).exists()


def test_given_punches_that_came_over_the_network_when_the_file_follows_then_it_fills_the_gap_only(work, outbox):
    from edge.collect.intake import take_event
    from edge.collect.rows import Origin

    live = Origin("USB-1", Source.ZK_LIVE, datetime.now(UTC))
    for place in (0, 2):
        take_event(outbox, TerminalPunch(str(place), pack_moment(START + timedelta(seconds=place)), 15, 255, b"other bytes"), live)

    one = work(export(4))

    assert (one.appended, outbox.counts("USB-1")) == (2, (4, 0))


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"new_terminal": False}, Refusal.UNKNOWN_TERMINAL),
        ({"name": "ABC1234567_attlog.dat"}, Refusal.OTHER_TERMINAL),
        ({"data": b"\0\1\2\3" * 100}, Refusal.NO_LOG),
    ],
)
def test_given_a_file_that_may_not_be_taken_then_nothing_of_it_is(work, outbox, said, refusal):
    one = work(**({"data": export(3)} | said))

    assert (one.state, one.refusal, outbox.high) == (FileState.REFUSED, refusal, 0)


def test_given_a_terminal_written_in_small_letters_then_it_is_the_one_that_is_known(work, outbox):
    work(export(1))

    one = work(export(2), terminal="usb-1", new_terminal=False)

    assert (one.terminal, one.appended, outbox.terminals()) == ("USB-1", 1, ["USB-1"])


def test_given_a_disk_that_fills_up_in_the_middle_when_there_is_room_again_then_the_rest_is_taken(work, outbox, monkeypatch):
    append, calls = outbox.append, []

    def full_at_second(*arguments, **named):
        calls.append(1)
        if len(calls) == 2:
            raise OutboxFullError("full", "满")
        return append(*arguments, **named)

    monkeypatch.setattr(outbox, "append", full_at_second)
    with pytest.raises(OutboxFullError):
        work(export(5000))
    (one,) = work.room.lying()

    work.again(one)

    assert (one.state, outbox.counts("USB-1")) == (FileState.TAKEN, (5000, 0))


def test_given_a_long_file_when_worked_on_then_memory_stays_small(work):
    data = export(60_000)
    tracemalloc.start()
    work(data, only_look=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 8e6, "a look at 2.2 MB takes the memory of a stretch"


def test_given_an_agent_when_a_file_lies_in_its_room_then_it_takes_it_in(tmp_path, outbox):
    async def agent():
        settings = settings_for(tmp_path, folders=(DropFolder(path=tmp_path / "usb", terminal_serial="USB-1"),))
        room = FileRoom(settings.files_folder)
        one = await asyncio.to_thread(room.hand_in, io.BytesIO(export(3)), "1_attlog.dat", "USB-1", "command")
        async with running_crew(settings, outbox, tmp_path):
            await until(lambda: room.find(one.id).over)
        return room.find(one.id)

    one = asyncio.run(agent())

    assert (one.state, one.appended) == (FileState.TAKEN, 3)


def test_given_many_files_when_tidied_then_old_ones_go_and_what_waits_stays(tmp_path):
    room = FileRoom(tmp_path / "files")
    waiting = room.hand_in(io.BytesIO(b"x"), "a", "T", "page")
    looked = room.hand_in(io.BytesIO(b"x"), "b", "T", "page")
    looked.state = FileState.LOOKED
    room.keep(looked)

    room.tidy(datetime.now(UTC) + timedelta(days=2))

    assert [one.id for one in room.lying()] == [waiting.id]
    assert (room.find("../status") or room.find("nothing")) is None
    assert {path.stat().st_mode & 0o77 for path in (tmp_path / "files").iterdir()} == {0}


def test_given_lines_with_something_wrong_when_told_then_each_with_its_number_and_what_to_do(work, monkeypatch):
    from clockbridge.edge_files import told

    one = work(export(2) + b"7\t2026-10-03 08:59\r\n8\t2026-02-30 08:00:00\r\n")
    monkeypatch.setenv("LC_ALL", "en")
    english = "\n".join(told(one))
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    chinese = "\n".join(told(one))

    assert [found.problem for found in one.survey.findings] == [Problem.NO_SECONDS, Problem.IMPOSSIBLE]
    assert "line 3: its time has no seconds; export from the terminal itself" in english
    assert "Lines that are no punches: 1; with a time that cannot be: 1" in english
    assert "第 3 行：时间没有秒" in chinese
