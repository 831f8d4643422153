"""Enrolment at the terminal that our driver asks for."""

import asyncio

import pytest

from edge.devices.driver import CannotError, Enrolment, TerminalPunch, TerminalRefusedError, Transport, WriteProblem
from tests.support.pull_writer import fingers_of, with_driver

transports = pytest.mark.parametrize("transport", list(Transport))


@transports
def test_given_a_person_who_lays_a_finger_when_enrolled_then_the_terminal_has_it_and_the_same_template_is_read(transport):
    async def scenario(driver, terminal):
        ended = await driver.writer.enrol("1001", 6)
        return ended, fingers_of(terminal), await driver.writer.read_templates("1001")

    ended, held, read = with_driver(scenario, transport, users=2)

    assert ended is Enrolment.DONE
    assert list(held) == [("1001", 6)]
    assert [(one.finger, one.algorithm, one.data) for one in read] == [(6, "zk-10", held["1001", 6])]


@pytest.mark.parametrize("end", ["poor", "duplicate", "cancelled", "nobody"])
def test_given_an_enrolment_that_fails_when_it_ends_then_it_is_said_how_and_the_terminal_asks_for_nothing_any_more(end):
    async def scenario(driver, terminal):
        ended = await driver.writer.enrol("1001", 6, seconds=0.6 if end == "nobody" else 60)
        return ended, terminal._desk.enrolling, fingers_of(terminal)

    assert with_driver(scenario, faults=(f"enrol-ends={end}",)) == (Enrolment(end), None, {})


def test_given_an_enrolment_when_cancelled_then_the_terminal_asks_for_nothing_any_more():
    async def scenario(driver, terminal):
        enrolling = asyncio.create_task(driver.writer.enrol("1001", 6))
        while terminal._desk.enrolling is None:
            await asyncio.sleep(0.01)
        enrolling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await enrolling
        return terminal._desk.enrolling, await driver.read_clock() is not None

    assert with_driver(scenario, faults=("enrol-ends=nobody",)) == (None, True)


def test_given_punches_during_an_enrolment_when_heard_afterwards_then_they_are_there_and_more_come():
    async def scenario(driver, terminal):
        await driver.listen()
        enrolling = asyncio.create_task(driver.writer.enrol("1001", 6))
        while terminal._desk.enrolling is None:
            await asyncio.sleep(0.01)
        terminal.punch("1002", 20261123080000)
        await enrolling
        terminal.punch("1003", 20261123080001)
        return [await driver.next_event(60), await driver.next_event(60)]

    heard = with_driver(scenario)

    assert [event.user for event in heard if isinstance(event, TerminalPunch)] == ["1002", "1003"]


@pytest.mark.parametrize(
    ("user", "finger", "faults", "error", "problem"),
    [
        ("1001", 6, ("no-sensor",), TerminalRefusedError, WriteProblem.REFUSED),
        ("nobody", 6, (), TerminalRefusedError, WriteProblem.NO_SUCH_USER),
        ("1001", 10, (), CannotError, WriteProblem.TEMPLATE),
    ],
)
def test_given_what_cannot_be_enrolled_when_asked_for_then_it_is_said(user, finger, faults, error, problem):
    async def scenario(driver, _terminal):
        with pytest.raises(error, match=problem):
            await driver.writer.enrol(user, finger)

    with_driver(scenario, faults=faults)
