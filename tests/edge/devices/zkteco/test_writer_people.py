"""Users written by our driver: what the simulated terminal then holds, and what it says when it does not."""

import pytest

from edge.devices.driver import (
    CannotError,
    TerminalFullError,
    TerminalRefusedError,
    TerminalUserRecord,
    Transport,
    WriteProblem,
)
from edge.devices.zkteco.simulator import User
from tests.support.pull_writer import users_of, with_driver

transports = pytest.mark.parametrize("transport", list(Transport))


@transports
@pytest.mark.parametrize("user_size", [28, 72])
def test_given_a_new_user_when_written_then_the_terminal_holds_every_field_and_tells_it_again(transport, user_size):
    wanted = TerminalUserRecord("5001", "王小明", privilege=14, password="1357", card="4294967295", group="3")

    async def scenario(driver, terminal):
        await driver.writer.write_user(wanted)
        return users_of(terminal)["5001"], {user.user: user for user in await driver.writer.read_users()}["5001"]

    held, read = with_driver(scenario, transport, user_size=user_size, users=5)

    assert (held.privilege, held.password, held.card, held.group) == (14, "1357", 4294967295, 3)
    assert held.name == ("王小" if user_size == 28 else "王小明")
    assert read == TerminalUserRecord("5001", held.name, 14, "1357", "4294967295", "3")


def test_given_leading_zeros_when_written_then_two_numbers_stay_two_users_with_uids_of_their_own():
    async def scenario(driver, terminal):
        failed = await driver.writer.write_users([TerminalUserRecord("007", "seven"), TerminalUserRecord("7", "other")])
        return failed, users_of(terminal)

    failed, held = with_driver(scenario, users=3)

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
    async def scenario(driver, terminal):
        return await driver.writer.write_users([user, TerminalUserRecord("88", "fits")]), users_of(terminal)

    failed, held = with_driver(scenario, user_size=user_size, users=3)

    assert [(number, type(error), str(error)) for number, error in failed.items()] == [(user.user, CannotError, problem)]
    assert "88" in held
    assert user.user not in held


def test_given_a_user_who_is_there_when_written_again_then_uid_group_and_zones_stay():
    async def scenario(driver, terminal):
        terminal.terminal.put_user(User(9, "3003", "before", group=5, card=11))
        await driver.writer.write_user(TerminalUserRecord("3003", "after"))
        return users_of(terminal)["3003"]

    held = with_driver(scenario)

    assert (held.uid, held.name, held.group, held.card) == (9, "after", 5, 0)


@pytest.mark.parametrize(("faults", "name"), [((), "李建国"), (("gbk-names",), "李建国")])
def test_given_names_on_the_terminal_when_one_more_is_written_then_it_is_written_as_they_are(faults, name):
    async def scenario(driver, terminal):
        terminal.terminal.put_user(User(77, "7700", "赵敏"))
        await driver.writer.write_user(TerminalUserRecord("7701", name))
        return users_of(terminal)["7701"].name

    assert with_driver(scenario, faults=faults) == name


def test_given_a_long_name_when_written_then_it_is_cut_between_characters():
    async def scenario(driver, terminal):
        await driver.writer.write_user(TerminalUserRecord("1", "欧阳锋欧阳锋欧阳锋欧阳锋"))
        return users_of(terminal)["1"].name

    assert with_driver(scenario) == "欧阳锋欧阳锋欧"


def test_given_people_who_leave_when_deleted_then_only_they_are_gone_and_repeating_changes_nothing():
    async def scenario(driver, terminal):
        failed = await driver.writer.delete_users(["1001", "1003", "nobody"])
        return failed, await driver.writer.delete_users(["1001"]), set(users_of(terminal))

    failed, again, held = with_driver(scenario, users=4)

    assert (failed, again) == ({}, {})
    assert held == {"1002", "1004"}


def test_given_a_user_who_is_as_wanted_when_written_then_nothing_is_sent():
    async def scenario(driver, terminal):
        await driver.writer.write_user(TerminalUserRecord("1", "one"))
        terminal.terminal.changes = []
        await driver.writer.write_user(TerminalUserRecord("1", "one"))
        return terminal.terminal.drain_changes()

    assert with_driver(scenario) == []


def test_given_a_log_that_names_uids_only_when_somebody_new_comes_then_they_get_no_uid_that_punched():
    async def scenario(driver, terminal):
        terminal.punch("1003", 20261123080000)
        terminal.terminal.delete_user(3)
        await driver.read_log()
        await driver.writer.write_user(TerminalUserRecord("9", "new"))
        return users_of(terminal)["9"].uid

    assert with_driver(scenario, users=3, record_size="8a") == 4


def test_given_a_user_table_with_a_row_that_is_none_when_written_then_nothing_is_written():
    async def scenario(driver, terminal):
        terminal.terminal.users[1] = User(1, "\x01")  # no number that is one
        with pytest.raises(TerminalRefusedError, match=WriteProblem.TABLE_UNCLEAR):
            await driver.writer.write_user(TerminalUserRecord("9", "new"))
        return set(users_of(terminal))

    assert "9" not in with_driver(scenario, users=2)


def test_given_many_when_written_then_bulk_and_what_bulk_left_out_are_all_there():
    wanted = [TerminalUserRecord(str(9000 + n), f"name {n}", card=str(n + 1)) for n in range(30)]

    async def scenario(driver, terminal):
        return await driver.writer.write_users(wanted), users_of(terminal)

    for faults in ((), ("bulk-keeps=7",), ("no-bulk",)):
        failed, held = with_driver(scenario, users=3, faults=faults)

        assert failed == {}
        assert [(held[user.user].name, held[user.user].card) for user in wanted] == [(user.name, int(user.card)) for user in wanted]
        assert len({user.uid for user in held.values()}) == 33


def test_given_a_full_terminal_when_users_are_written_then_those_it_has_no_room_for_are_named():
    wanted = [TerminalUserRecord("1001", "renamed"), *(TerminalUserRecord(str(9000 + n)) for n in range(15))]

    async def scenario(driver, terminal):
        return await driver.writer.write_users(wanted), users_of(terminal)

    failed, held = with_driver(scenario, users=5, users_capacity=12)

    assert len(held) == 12
    assert held["1001"].name == "renamed"
    assert {user.user for user in wanted} - set(held) == set(failed)
    assert {type(error) for error in failed.values()} == {TerminalFullError}


def test_given_a_verify_style_when_written_then_the_terminal_has_it_and_it_stays_when_none_is_given():
    async def scenario(driver, terminal):
        await driver.writer.write_user(TerminalUserRecord("1001", "a", verify="139"))
        await driver.writer.write_user(TerminalUserRecord("1001", "b"))
        return terminal.terminal.styles

    assert with_driver(scenario, users=1) == {1: 139}


def test_given_an_empty_terminal_when_a_user_is_written_then_the_row_is_of_the_length_its_kind_has():
    async def scenario(driver, terminal):
        terminal.terminal.options["~Platform"] = "ZEM500" if terminal.options.user_size == 28 else "ZMM220_TFT"
        await driver.writer.write_user(TerminalUserRecord("1", "one"))
        return users_of(terminal)["1"].uid

    assert [with_driver(scenario, users=0, user_size=size) for size in (28, 72)] == [1, 1]
