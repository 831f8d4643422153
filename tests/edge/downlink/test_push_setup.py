"""Terminals that push and are approved by the set-up."""

import asyncio

from edge.devices.iclock.simulator.options import PushOptions
from edge.devices.iclock.simulator.runner import PushSimulator
from protocol.wanted import TerminalSetup
from tests.edge.collect.conftest import until
from tests.edge.downlink.conftest import edge_setup, running_site


def test_given_a_terminal_that_knocks_when_a_set_up_approves_it_then_its_punches_come_and_end_with_the_approval(
    tmp_path, outbox, certificate
):
    async def live():
        push = {"host": "127.0.0.1", "port": 0}
        async with running_site(tmp_path, outbox, push=push, certificate=certificate) as site:
            await until(lambda: site.crew.desk.port)
            options = PushOptions(port=site.crew.desk.port, users=3, punches=7, poll_seconds=0.1, faults=("retry=1",))
            async with PushSimulator(options) as terminal:
                await until(lambda: site.book.knocking() != [])
                (knocking,) = (await site.book.health()).knocking
                assert (knocking.serial, knocking.address, knocking.facts["dialect"]) == ("CBPUSH001", "127.0.0.1", "attendance")
                assert outbox.high == 0
                await site.in_force(1, edge_setup(TerminalSetup("CBPUSH001", "East gate", driver="push")))
                terminal.unit.poll_now()
                await until(lambda: outbox.high == 7)
                health = await site.book.health()
                assert health.knocking == []
                (report,) = health.terminals
                assert (report.name, report.facts["driver"], report.facts["model"]) == ("East gate", "push", "Simulator")
                await site.in_force(2, edge_setup())
                terminal.punch("1001")
                await until(lambda: site.book.knocking() != [])
                assert (outbox.high, (await site.book.health()).terminals) == (7, [])

    asyncio.run(live())
