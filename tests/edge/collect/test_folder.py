"""USB exports in a drop folder."""

import asyncio

from edge.settings import DropFolder
from protocol.messages import Source
from tests.edge.collect.conftest import decoded, running_crew, settings_for, until

EXAMPLE = "        1\t2026-10-03 08:59:01\t1\t0\t1\t0\r\n"


def collect(tmp_path, outbox, wanted):
    drop = DropFolder(path=tmp_path / "usb", terminal_serial="USB-1", poll_seconds=0.1)

    async def work():
        async with running_crew(settings_for(tmp_path, folders=(drop,)), outbox, tmp_path) as (_, book):
            await until(lambda: wanted(book))

    asyncio.run(work())


def test_given_an_export_when_dropped_then_its_punches_are_appended_and_the_file_is_put_away(tmp_path, outbox):
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "1_attlog.dat").write_text(EXAMPLE + "        2\t2026-10-03 09:01:00\t1\t0\t1\t0\r\n")

    collect(tmp_path, outbox, lambda _: list((tmp_path / "usb" / "taken").glob("*_1_attlog.dat")))

    assert [(row.user, row.wall, row.source) for row in decoded(outbox)] == [
        ("1", "2026-10-03 08:59:01", Source.ATTLOG_FILE),
        ("2", "2026-10-03 09:01:00", Source.ATTLOG_FILE),
    ]


def test_given_the_same_export_twice_when_dropped_then_nothing_is_doubled(tmp_path, outbox):
    (tmp_path / "usb").mkdir()
    for name in ("1_attlog.dat", "2_attlog.dat"):
        (tmp_path / "usb" / name).write_text(EXAMPLE)

    collect(tmp_path, outbox, lambda _: len(list((tmp_path / "usb" / "taken").glob("*"))) == 2)

    assert outbox.high == 1


def test_given_an_export_of_another_terminal_when_dropped_then_it_is_put_aside_with_an_alarm(tmp_path, outbox):
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "ABC1234567_attlog.dat").write_text(EXAMPLE)

    collect(tmp_path, outbox, lambda book: any(note.startswith("file-refused") for note in book._alarm_notes()))

    assert outbox.high == 0


def test_given_a_line_that_is_no_punch_when_dropped_then_its_bytes_ask_for_quarantine(tmp_path, outbox):
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "1_attlog.dat").write_text(EXAMPLE + "rubbish without a time\r\n")

    collect(tmp_path, outbox, lambda _: outbox.high == 2)

    good, doubtful = decoded(outbox)
    assert (good.doubt, doubtful.user, doubtful.wall) == (None, "", "")
    assert doubtful.raw == b"rubbish without a time"


def test_given_a_file_that_cannot_be_read_and_has_a_name_in_another_encoding_then_the_edge_can_tell_of_it(tmp_path, outbox):
    strange = b"\xbf\xbc\xc7\xda_attlog.dat".decode(errors="surrogateescape")
    (tmp_path / "usb" / strange).mkdir(parents=True)

    async def work():
        drop = DropFolder(path=tmp_path / "usb", terminal_serial="USB-1", poll_seconds=0.1)
        async with running_crew(settings_for(tmp_path, folders=(drop,)), outbox, tmp_path) as (_, book):
            await until(book._alarm_notes)
            return await book.health()

    (alarm,) = asyncio.run(work()).alarms
    assert alarm.startswith("file-refused-USB-1: ")
    assert alarm.encode()
