"""Fingerprint templates written by our driver, read back, and taken away."""

import pytest

from edge.devices.driver import (
    CannotError,
    NotKeptError,
    TerminalFullError,
    TerminalRefusedError,
    TerminalUserRecord,
    Transport,
    UserTemplate,
    WriteProblem,
)
from edge.devices.zkteco.templates import DURESS
from tests.support.pull_writer import fingers_of, users_of, with_driver

transports = pytest.mark.parametrize("transport", list(Transport))
LEFT, RIGHT = bytes(range(256)) * 5, b"MxSS21" + bytes(1200)


def template(finger, data, user="1001", algorithm="zk-10", **more):
    return UserTemplate(user, finger, algorithm, data, **more)


@transports
@pytest.mark.parametrize("faults", [(), ("no-bulk",), ("no-single-read",), ("checksum-other",)])
def test_given_fingers_when_written_then_the_terminal_holds_them_byte_for_byte(transport, faults):
    wanted = [template(1, LEFT), template(6, RIGHT)]

    async def scenario(driver, terminal):
        await driver.writer.write_templates("1001", wanted)
        return fingers_of(terminal), await driver.writer.read_templates("1001"), await driver.writer.read_templates(None)

    held, read, everything = with_driver(scenario, transport, users=2, faults=faults)

    assert held == {("1001", 1): LEFT, ("1001", 6): RIGHT}
    assert list(read) == list(everything) == wanted


def test_given_a_duress_finger_when_written_then_its_flag_goes_with_it():
    async def scenario(driver, terminal):
        await driver.writer.write_templates("1001", [template(0, LEFT, duress=True), template(1, RIGHT), template(2, LEFT)])
        return terminal.terminal.prints[1, 0].flag, (await driver.writer.read_templates("1001"))

    flag, read = with_driver(scenario)

    assert flag == DURESS
    assert sorted((one.finger, one.duress) for one in read) == [(0, True), (1, False), (2, False)]


@pytest.mark.parametrize(
    ("user", "templates", "error", "problem"),
    [
        ("1001", [template(1, LEFT, algorithm="zk-9")], CannotError, WriteProblem.ALGORITHM),
        ("1001", [template(10, LEFT)], CannotError, WriteProblem.TEMPLATE),
        ("1001", [template(1, b"")], CannotError, WriteProblem.TEMPLATE),
        ("1001", [template(1, bytes(20_000))], CannotError, WriteProblem.TEMPLATE),
        ("5", [template(1, LEFT)], TerminalRefusedError, WriteProblem.NO_SUCH_USER),
    ],
)
def test_given_a_template_that_has_no_place_there_when_written_then_it_is_said_and_nothing_written(user, templates, error, problem):
    async def scenario(driver, terminal):
        with pytest.raises(error, match=problem):
            await driver.writer.write_templates(user, templates)
        return terminal.counts()["fingers"]

    assert with_driver(scenario) == 0


@pytest.mark.parametrize(
    ("fault", "error"), [("spoils-templates", NotKeptError), ("forgets-writes", NotKeptError), ("refuses-writes", TerminalRefusedError)]
)
def test_given_a_terminal_that_does_not_keep_them_when_written_then_it_is_no_success(fault, error):
    async def scenario(driver, _terminal):
        with pytest.raises(error):
            await driver.writer.write_templates("1001", [template(1, LEFT), template(2, RIGHT)])

    with_driver(scenario, faults=(fault,))


def test_given_no_room_when_fingers_are_written_then_it_is_full():
    async def scenario(driver, _terminal):
        with pytest.raises(TerminalFullError, match=WriteProblem.FULL):
            await driver.writer.write_templates("1001", [template(5, LEFT)])

    with_driver(scenario, users=2, fingers=2, fingers_capacity=4)


@transports
def test_given_fingers_when_taken_away_then_only_they_are_gone_and_the_user_stays(transport):
    async def scenario(driver, terminal):
        await driver.writer.delete_templates("1001")
        await driver.writer.delete_templates("1001")
        await driver.writer.delete_templates("nobody")
        return set(users_of(terminal)), {number for number, _ in fingers_of(terminal)}

    assert with_driver(scenario, transport, users=3, fingers=2) == ({"1001", "1002", "1003"}, {"1002", "1003"})


def test_given_a_user_with_fingers_when_deleted_then_neither_is_left():
    async def scenario(driver, terminal):
        await driver.writer.delete_user("1001")
        return set(users_of(terminal)), len(terminal.terminal.prints)

    assert with_driver(scenario, users=2, fingers=3) == ({"1002"}, 3)


def test_given_fingers_that_stay_when_a_user_is_deleted_then_it_is_said_and_the_user_stays_for_another_try():
    async def scenario(driver, terminal):
        terminal.faults.switch_on("forgets-writes")
        failed = await driver.writer.delete_users(["1001"])
        terminal.faults.switch_off("forgets-writes")
        again = await driver.writer.delete_users(["1001"])
        return failed, again, set(users_of(terminal)), len(terminal.terminal.prints)

    failed, again, users, fingers = with_driver(scenario, users=2, fingers=1)

    assert [(user, type(error)) for user, error in failed.items()] == [("1001", NotKeptError)]
    assert (again, users, fingers) == ({}, {"1002"}, 1)


def test_given_a_user_who_is_written_again_when_they_have_fingers_then_those_stay():
    async def scenario(driver, terminal):
        await driver.writer.write_user(TerminalUserRecord("1001", "renamed"))
        return users_of(terminal)["1001"].name, len(terminal.terminal.prints)

    assert with_driver(scenario, users=1, fingers=4) == ("renamed", 4)
