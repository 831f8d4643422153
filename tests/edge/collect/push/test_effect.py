"""Whether a command had its effect: users and settings are asked for again, in both dialects."""

import asyncio

import pytest

from edge.collect.push.effect import SHOWN, question, shown_by, told_by
from edge.devices.iclock.protocol.dialect import Dialect
from edge.devices.iclock.protocol.records import UserTold
from edge.devices.iclock.simulator import PushOptions, PushSimulator
from tests.edge.collect.conftest import until
from tests.edge.collect.push.conftest import SN, running_desk

NOW = 1_900_000_000
SETTING = {"attendance": "SET OPTION FaceFunOn=0", "security": "SET OPTIONS FaceFunOn=0,LockCount=2"}
NOT_TOLD = "done; the terminal does not tell quietmode"


@pytest.mark.parametrize(
    ("dialect", "text", "asked"),
    [
        (Dialect.ATTENDANCE, "DATA DELETE USERINFO PIN=7", "DATA QUERY USERINFO PIN=7"),
        (Dialect.SECURITY, "DATA UPDATE user Pin=7\tName=x", "DATA QUERY tablename=user,fielddesc=*,filter=Pin=7"),
        (Dialect.ATTENDANCE, "SET OPTION Delay=10", "RELOAD OPTIONS"),
        (Dialect.SECURITY, "SET OPTIONS ~X=1, Delay=10,DateTime=5", "GET OPTIONS ~X,Delay"),
        (Dialect.SECURITY, "SET OPTIONS DateTime=583080894", None),
        (Dialect.SECURITY, "CONTROL DEVICE 03000000", None),
        (Dialect.ATTENDANCE, "LOG", None),
    ],
)
def test_given_a_command_when_it_is_done_then_what_it_should_have_changed_is_asked_for(dialect, text, asked):
    assert question(text, dialect) == asked


def test_given_what_a_terminal_tells_when_compared_then_a_difference_is_named_without_naming_anybody():
    written = "DATA UPDATE user Pin=7\tName=x\tPrivilege=14\tGroup=1"

    assert shown_by(written, UserTold("7", {"name": "x", "privilege": "14"})) is None
    assert shown_by(written, UserTold("7", {"name": "x", "privilege": "0"})) == "the terminal shows another pri"
    assert shown_by("DATA DELETE user Pin=7", UserTold("7", {})) == "the user is still there"
    assert told_by("SET OPTIONS ~A=1,B=2", {"a": "1", "b": "2"}) == (True, SHOWN)
    assert told_by("SET OPTIONS ~A=1,B=2", {"a": "9"}) == (False, "the terminal shows another a")
    assert told_by("SET OPTION QuietMode=1", {"a": "9"}) == (True, NOT_TOLD)
    assert told_by("REBOOT", {"a": "9"}) is None


@pytest.mark.parametrize("dialect", ["attendance", "security"])
@pytest.mark.parametrize("faults", [(), ("deaf-options",)])
def test_given_settings_and_users_that_are_written_when_the_unit_says_done_then_only_what_it_shows_is_done(
    settings, outbox, dialect, faults
):
    user = "DATA UPDATE USERINFO PIN=55\tName=张三\tPri=0" if dialect == "attendance" else "DATA UPDATE user Pin=55\tName=张三\tPrivilege=0"

    async def live():
        async with running_desk(settings(requests_per_minute=100_000), outbox) as (desk, _):
            unit = PushSimulator(PushOptions(port=desk.port, serial=SN, poll_seconds=0.02, dialect=dialect, faults=faults, users=2))
            unit.memory.options |= {"FaceFunOn": "1", "LockCount": "1"}
            async with unit:
                await until(lambda: unit.unit.answers > 5)
                for text in (SETTING[dialect], user):
                    desk._queue.add(SN, text, NOW)
                await until(lambda: desk._queue.open_count() == 0)
                return {line.text: (line.state, line.detail) for line in desk._queue.lines()}, desk.options_of(SN)

    lines, options = asyncio.run(live())
    assert lines[user] == ("done", SHOWN)
    if faults:
        named = "facefunon" if dialect == "attendance" else "facefunon, lockcount"
        assert lines[SETTING[dialect]] == ("failed", f"the terminal shows another {named}")
    else:
        assert lines[SETTING[dialect]] == ("done", SHOWN)
        assert options["facefunon"] == "0", "what it tells is known from then on"
