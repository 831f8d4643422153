"""Simulated terminals of both dialects, with their faults, against the desk: every punch arrives once."""

import asyncio

import pytest

from edge.collect import Crew
from edge.devices.iclock.simulator import PUSH_FAULTS, PushOptions, PushSimulator
from edge.devices.zkteco.simulator import SimulatorOptions, simulator_in_thread
from edge.devices.zkteco.simulator.model import Punch
from edge.health import HealthBook, TerminalState
from edge.settings import TerminalSettings
from protocol.instants import pack_wall
from protocol.messages import Source
from tests.edge.collect.conftest import decoded, until
from tests.edge.collect.push.conftest import SN, alarms, running_desk

ODD = (
    "aspx",
    "double-path",
    "odd-heads",
    "crlf",
    "trailing-tab",
    "eleven-fields",
    "stamp-9999",
    "batched-results",
    "odd-table",
    "templates",
)
LOSSY = ("lost-answers=0.3", "lost-requests=0.2", "retry=0")


def run(work):
    return asyncio.run(work)


def unit_for(desk, **more):
    return PushSimulator(PushOptions(**({"port": desk.port, "serial": SN, "poll_seconds": 0.05} | more)))


def identities(outbox):
    return sorted((row.user, row.wall) for row in decoded(outbox))


def held(simulator):
    return sorted(
        (number, f"{w[:4]}-{w[4:6]}-{w[6:8]} {w[8:10]}:{w[10:12]}:{w[12:]}")
        for number, w in ((n, str(w)) for n, w in simulator.memory.identities())
    )


@pytest.mark.parametrize("dialect", ["attendance", "security"])
@pytest.mark.parametrize("faults", [(), ODD, LOSSY, ("twice=3", "impossible-dates=7", "gbk-names", "wrong-announce")])
def test_given_a_unit_with_faults_when_it_pushes_then_every_punch_arrives_once(settings, outbox, dialect, faults):
    from edge.settings import PushTerminal

    listed = PushTerminal(serial=SN, dialect=dialect if "wrong-announce" in faults else "")

    async def live():
        async with running_desk(settings(listed, requests_per_minute=100_000), outbox) as (desk, book):
            async with unit_for(desk, dialect=dialect, punches=250, faults=faults) as unit:
                await until(lambda: unit.counts()["waiting"] == 0)
                unit.punch("0007")
                await until(lambda: unit.counts()["waiting"] == 0 and unit.requests > 3)
                return held(unit), book._reports[0].state, alarms(book)

    expected, state, told = run(live())
    assert identities(outbox) == expected
    assert state is TerminalState.LISTENING
    assert told == []
    assert {row.source for row in decoded(outbox)} == {Source.PUSH}


def test_given_every_fault_mode_then_it_is_one_the_tests_use_or_that_proof_needs():
    used = {fault.split("=")[0] for fault in (*ODD, *LOSSY, "twice", "impossible-dates", "gbk-names", "wrong-announce")}

    assert set(PUSH_FAULTS) - used == {
        "withhold",
        "query-stamp",
        "own-clock",
        "deaf-options",
        "lists-nobody",
        "face-stays",
        "face-sticks",
    }, "these are in test_proof.py, test_clocks.py, test_effect.py and test_faces_push.py"


def test_given_a_terminal_on_pull_and_push_when_both_bring_the_same_punches_then_each_stands_once(settings, outbox):
    walls = [pack_wall(f"2026-11-{day:02d} 08:5{day % 10}:01") for day in range(1, 21)]
    with simulator_in_thread(SimulatorOptions(port=0, users=3, serial=SN)) as pulled:
        for place, wall in enumerate(walls):
            pulled.do(lambda simulator, wall=wall, place=place: simulator.punch(("1001", "0012", "1003")[place % 3], wall))
        both = settings().model_copy(
            update={"terminals": [TerminalSettings(name="gate", host="127.0.0.1", port=pulled.port, poll_seconds=0.2, expected_serial=SN)]}
        )

        async def live():
            book = HealthBook(both.edge, outbox, both.status_file, both.server.certificate)
            crew = Crew(both, outbox, book)
            task = asyncio.create_task(crew.run())
            await until(lambda: crew.desk.port is not None)
            async with unit_for(crew.desk, users=3) as pushed:
                for row in pulled.punches():
                    pushed.memory.punch(row.number, row.wall, row.verify, row.state)
                await until(lambda: pushed.counts()["waiting"] == 0 and outbox.high >= len(walls))
                await until(lambda: book._reports[1].complete_at is not None or book._reports[0].complete_at is not None)
                health = await book.health()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return health

        health = run(live())
        rows: list[Punch] = pulled.punches()
    assert len(rows) == len(walls)
    assert len(decoded(outbox)) == len(walls)
    assert [one.serial for one in health.terminals] == [SN], "one terminal is told once, whichever ways lead to it"


def test_given_commands_when_answers_are_lost_then_each_is_done_and_its_effect_is_seen(settings, outbox, monkeypatch):
    monkeypatch.setattr("edge.collect.push.queue.AGAIN_SECONDS", 0)

    async def live():
        async with running_desk(settings(requests_per_minute=100_000), outbox) as (desk, _):
            async with unit_for(desk, users=2, faults=("lost-answers=0.4", "retry=0", "batched-results")) as unit:
                await until(lambda: unit.unit.answers > 2)
                now = 1_900_000_000
                texts = ["INFO", "DATA UPDATE USERINFO PIN=55\tName=张三\tPri=0", "DATA DELETE USERINFO PIN=1002", "USER ADD", "LOG"]
                for text in texts:
                    desk._queue.add(SN, text, now)
                await until(lambda: desk._queue.open_count() == 0)
                return {line.text: (line.state, line.detail) for line in desk._queue.lines()}, set(unit.memory.users)

    lines, users = run(live())
    assert lines["INFO"] == lines["LOG"] == ("done", "")
    assert lines["DATA UPDATE USERINFO PIN=55\tName=张三\tPri=0"] == ("done", "the terminal shows it")
    assert lines["DATA DELETE USERINFO PIN=1002"] == ("done", "the terminal does not have the user")
    assert lines["USER ADD"] == ("failed", "not understood")
    assert users == {"1001", "55"}
