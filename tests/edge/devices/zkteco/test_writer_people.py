"""Users written by our driver: what the simulated terminal then holds, and what it says when it does not."""

import asyncio

import pytest

from edge.devices.driver import (
    CannotError,
    TerminalAddress,
    TerminalRefusedError,
    TerminalUserRecord,
    Transport,
    WriteProblem,
)
from edge.devices.zkteco.driver import ZkDriver
from edge.devices.zkteco.simulator import Simulator, SimulatorOptions, User

transports = pytest.mark.parametrize("transport", list(Transport))


def with_terminal(scenario, transport=Transport.TCP, **options):
    """Run a scenario with a writer and its terminal."""

    async def run():
        async with Simulator(SimulatorOptions(**options)) as terminal:
            address = TerminalAddress("127.0.0.1", terminal.port, transport)
            async with ZkDriver(address, silence_seconds=0.3) as driver:
                return await scenario(driver.writer, terminal)

    return asyncio.run(run())


def users_of(terminal):
    return {user.number: user for user in terminal.terminal.users.values()}


@transports
@pytest.mark.parametrize("user_size", [28, 72])
def test_given_a_new_user_when_written_then_the_terminal_holds_every_field_and_tells_it_again(transport, user_size):
    wanted = TerminalUserRecord("5001", "王小明", privilege=14, password="1357", card="4294967295", group="3")

    async def scenario(writer, terminal):
        await writer.write_user(wanted)
        return users_of(terminal)["5001"], {user.user: user for user in await writer.read_users()}["5001"]

    held, read = with_terminal(scenario, transport, user_size=user_size, users=5)

    assert (held.privilege, held.password, held.card, held.group) == (14, "1357", 4294967295, 3)
    assert held.name == ("王小" if user_size == 28 else "王小明")
    assert read == TerminalUserRecord("5001", held.name, 14, "1357", "4294967295", "3")


def test_given_leading_zeros_when_written_then_two_numbers_stay_two_users_with_uids_of_their_own():
    async def scenario(writer, terminal):
        failed = await writer.write_users([TerminalUserRecord("007", "seven"), TerminalUserRecord("7", "other")])
        return failed, users_of(terminal)

    failed, held = with_terminal(scenario, users=3)

    assert failed == {}
    assert (held["007"].name, held["7"].name) == ("seven", "other")
    assert held["007"].uid != held["7"].uid


@pytest.mark.parametrize(
    ("user", "user_size", "problem"),
    [
        (TerminalUserRecord("007"), 28, WriteProblem.NUMBER),
        (TerminalUserRecord("A12"), 28, WriteProblem.NUMBER),
        (TerminalUserRecord("1234567890"), 72, WriteProblem.NUMBER),
        (TerminalUserRecord("张三"), 72, WriteProblem.NUMBER),
        (TerminalUserRecord("12", password="123456"), 28, WriteProblem.PASSWORD),
        (TerminalUserRecord("12", password="123456789"), 72, WriteProblem.PASSWORD),
        (TerminalUserRecord("12", card="4294967296"), 72, WriteProblem.CARD),
        (TerminalUserRecord("12", card="0A1B"), 72, WriteProblem.CARD),
        (TerminalUserRecord("12", group="256"), 72, WriteProblem.GROUP),
        (TerminalUserRecord("12", verify="7"), 72, WriteProblem.VERIFY),
    ],
)
def test_given_what_fits_into_no_row_when_written_then_it_cannot_and_the_others_are_written(user, user_size, problem):
    async def scenario(writer, terminal):
        return await writer.write_users([user, TerminalUserRecord("88", "fits")]), users_of(terminal)

    failed, held = with_terminal(scenario, user_size=user_size, users=3)

    assert [(number, type(error), str(error)) for number, error in failed.items()] == [(user.user, CannotError, problem)]
    assert "88" in held
    assert user.user not in held


def test_given_a_user_who_is_there_when_written_again_then_uid_group_and_zones_stay():
    async def scenario(writer, terminal):
        terminal.terminal.put_user(User(9, "3003", "before", group=5, card=11))
        await writer.write_user(TerminalUserRecord("3003", "after"))
        return users_of(terminal)["3003"]

    held = with_terminal(scenario)

    assert (held.uid, held.name, held.group, held.card) == (9, "after", 5, 0)


@pytest.mark.parametrize(("faults", "name"), [((), "李建国"), (("gbk-names",), "李建国")])
def test_given_names_on_the_terminal_when_one_more_is_written_then_it_is_written_as_they_are(faults, name):
    async def scenario(writer, terminal):
        terminal.terminal.put_user(User(77, "7700", "赵敏"))
        await writer.write_user(TerminalUserRecord("7701", name))
        return users_of(terminal)["7701"].name

    assert with_terminal(scenario, faults=faults) == name


def test_given_a_long_name_when_written_then_it_is_cut_between_characters():
    async def scenario(writer, terminal):
        await writer.write_user(TerminalUserRecord("1", "欧阳锋欧阳锋欧阳锋欧阳锋"))
        return users_of(terminal)["1"].name

    assert with_terminal(scenario) == "欧阳锋欧阳锋欧"


def test_given_people_who_leave_when_deleted_then_only_they_are_gone_and_repeating_changes_nothing():
    async def scenario(writer, terminal):
        failed = await writer.delete_users(["1001", "1003", "nobody"])
        return failed, await writer.delete_users(["1001"]), set(users_of(terminal))

    failed, again, held = with_terminal(scenario, users=4)

    assert (failed, again) == ({}, {})
    assert held == {"1002", "1004"}


def test_given_a_user_who_is_as_wanted_when_written_then_nothing_is_sent():
    async def scenario(writer, terminal):
        await writer.write_user(TerminalUserRecord("1", "one"))
        terminal.terminal.changes = []
        await writer.write_user(TerminalUserRecord("1", "one"))
        return terminal.terminal.drain_changes()

    assert with_terminal(scenario) == []


def test_given_a_log_that_names_uids_only_when_somebody_new_comes_then_they_get_no_uid_that_punched():
    async def run():
        async with Simulator(SimulatorOptions(users=3, record_size="8a")) as terminal:
            terminal.punch("1003", 20261123080000)
            terminal.terminal.delete_user(3)
            async with ZkDriver(TerminalAddress("127.0.0.1", terminal.port)) as driver:
                await driver.read_log()
                await driver.writer.write_user(TerminalUserRecord("9", "new"))
            return users_of(terminal)["9"].uid

    assert asyncio.run(run()) == 4


def test_given_a_user_table_with_a_row_that_is_none_when_written_then_nothing_is_written():
    async def scenario(writer, terminal):
        terminal.terminal.users[1] = User(1, "\x01")  # no number that is one
        with pytest.raises(TerminalRefusedError, match=WriteProblem.TABLE_UNCLEAR):
            await writer.write_user(TerminalUserRecord("9", "new"))
        return set(users_of(terminal))

    assert "9" not in with_terminal(scenario, users=2)
