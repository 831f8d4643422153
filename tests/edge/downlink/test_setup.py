"""What an edge is for, told by the server: in force at run time, kept through a restart, and never half."""

import asyncio

import msgspec
import pytest

from edge.health import TerminalState
from edge.settings import TerminalSettings
from protocol.messages import Setup
from protocol.sealing import Opener
from protocol.wanted import EdgeSetup, TerminalSetup
from tests.edge.collect.conftest import decoded, terminal_at, until
from tests.edge.conftest import EDGE
from tests.edge.downlink.conftest import VAULT, edge_setup, running_site, terminal_setup


def run(work):
    return asyncio.run(work)


def test_given_a_set_up_when_it_changes_at_run_time_then_terminals_come_change_and_go_and_no_punch_is_lost(tmp_path, outbox, new_terminal):
    one, two = (new_terminal(users=3, punches=5, serial=serial, zone="Asia/Shanghai") for serial in ("T-1", "T-2"))
    moved = new_terminal(users=3, punches=0, serial="T-1", zone="Asia/Shanghai", key=77)

    async def live():
        async with running_site(tmp_path, outbox) as site:
            await site.in_force(1, edge_setup(terminal_setup(one, serial="T-1"), terminal_setup(two, serial="T-2")))
            await until(lambda: outbox.high == 10)
            owner = site.crew.owner_of("T-2")
            one.punch("1001")
            await site.in_force(2, edge_setup(terminal_setup(moved, serial="T-1", key=77), terminal_setup(two, serial="T-2")))
            await until(lambda: site.report("T-1").state is TerminalState.LISTENING)
            moved.punch("1002")
            await until(lambda: "1002" in {row.user for row in decoded(outbox)[10:]})
            assert site.crew.owner_of("T-2") is owner, "who did not change works on"
            await site.in_force(3, edge_setup(terminal_setup(one, serial="T-1")))
            await until(lambda: outbox.high == 12)
            assert [report.serial for report in site.book._reports] == ["T-1"]
            site.set_up(2, edge_setup())
            site.set_up(3, edge_setup())
            await asyncio.sleep(0.2)
            assert (await site.book.health()).setup_version == 3
        async with running_site(tmp_path, outbox) as site:  # a restart without a server
            one.punch("1003")
            await until(lambda: outbox.high == 13)
            return (await site.book.health()).setup_version

    assert run(live()) == 3
    held = [(row.terminal, row.user, row.wall) for row in decoded(outbox)]
    assert len(held) == len(set(held)) == 13
    kept = (tmp_path / "data" / "setup.sealed").read_bytes()
    assert b"t-T-1" not in kept
    assert (tmp_path / "data" / "setup.sealed").stat().st_mode & 0o077 == 0
    assert b"t-T-1" in VAULT.show(kept, f"setup/{EDGE}")


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        (edge_setup(zone="Mars/Olympus"), "no time zone"),
        (edge_setup(TerminalSetup("X-1", "x", host="h"), TerminalSetup("X-1", "y", host="g")), "serial number X-1"),
        (edge_setup(TerminalSetup("X-1", "x", host="h"), TerminalSetup("X-2", "y", host="h")), "address h:4370"),
        (edge_setup(TerminalSetup("X-1", "x", driver="telepathy", host="h", key=123456)), "terminal X-1: driver"),
        (edge_setup(TerminalSetup("X 1", "x", driver="push")), "terminal X 1: serial"),
    ],
    ids=["zone", "serial", "address", "driver", "push"],
)
def test_given_a_set_up_that_cannot_be_used_when_it_comes_then_an_alarm_tells_and_the_one_before_stays(
    tmp_path, outbox, new_terminal, setup, said
):
    terminal = new_terminal(users=2, punches=1)

    async def live():
        async with running_site(tmp_path, outbox) as site:
            await site.in_force(1, edge_setup(terminal_setup(terminal)))
            site.set_up(2, setup)
            await until(lambda: any(alarm.startswith("setup-refused: version 2") for alarm in site.alarms()))
            (told,) = (alarm for alarm in site.alarms() if alarm.startswith("setup-refused"))
            assert site.book.setup_version == 1
            assert site.report() is not None
            await site.in_force(3, edge_setup(terminal_setup(terminal)))
            assert not any(alarm.startswith("setup-refused") for alarm in site.alarms())
            return told

    told = run(live())
    assert said in told
    assert "123456" not in told, "a key is told to nobody"


def test_given_what_was_sealed_for_another_edge_or_damaged_on_the_disk_then_nothing_is_in_force_and_an_alarm_tells(tmp_path, outbox):
    async def live():
        async with running_site(tmp_path, outbox) as site:
            site.set_up(1, edge_setup(), sealed_for=Opener(bytes(range(2, 34))).public)
            await until(lambda: any("sealed for another reader" in alarm for alarm in site.alarms()))
            site.say(Setup(edge=EDGE, version=2, sealed=b"x"))
            await until(lambda: any("version 2" in alarm for alarm in site.alarms()))
            await site.in_force(3, edge_setup())
        (tmp_path / "data" / "setup.sealed").write_bytes(b"no set-up")
        async with running_site(tmp_path, outbox) as site:
            assert site.book.setup_version == 0, "so the server sends it again"
            assert any(alarm.startswith("setup-refused") for alarm in site.alarms())
            await site.in_force(3, edge_setup())

    run(live())


def test_given_a_terminal_in_the_settings_file_when_a_set_up_names_it_too_then_the_file_wins(tmp_path, outbox, new_terminal):
    terminal, other = new_terminal(users=2, punches=3), new_terminal(users=2, punches=4, serial="T-2")

    async def live():
        own = terminal_at(terminal.port, expected_serial="CBSIM0001", name="t-T-2")
        async with running_site(tmp_path, outbox, own) as site:
            await until(lambda: outbox.high == 3)
            owner = site.crew.owner_of("CBSIM0001")
            wrong = TerminalSetup("CBSIM0001", "moved", host="127.0.0.1", port=1)
            await site.in_force(1, edge_setup(wrong, terminal_setup(other, serial="T-2")))
            await until(lambda: outbox.high == 7)
            assert site.crew.owner_of("CBSIM0001") is owner
            return sorted(report.name for report in site.book._reports)

    assert run(live()) == ["t-T-2", "t-T-2 (T-2)"]


def test_given_fields_of_a_later_release_when_a_set_up_is_read_then_they_are_passed_over():
    text = msgspec.json.encode(edge_setup()).replace(b'{"time_zone"', b'{"colour":"blue","time_zone"')
    assert msgspec.json.decode(text, type=EdgeSetup) == edge_setup()


def test_given_a_set_up_when_it_names_a_terminal_then_the_fields_are_those_of_the_settings_file():
    own = set(TerminalSettings.model_fields) - {"expected_serial"}
    assert own <= set(TerminalSetup.__struct_fields__)
