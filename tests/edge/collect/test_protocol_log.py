"""What a terminal and its owner say to each other can be looked at while they do."""

import asyncio

from tests.edge.collect.conftest import running_crew, settings_for, terminal_at, until


def test_given_a_terminal_that_is_read_then_its_conversation_can_be_looked_at(tmp_path, outbox, new_terminal):
    terminal = new_terminal(serial="CBSIM7", users=3, punches=5)

    async def work():
        async with running_crew(settings_for(tmp_path, terminal_at(terminal.port, poll_seconds=3600)), outbox, tmp_path) as (_, book):
            await until(lambda: outbox.high >= 5)
            return book.protocol.text("CBSIM7")

    text = asyncio.run(work())

    assert "out  connect 1000" in text
    assert "~SerialNumber=CBSIM7" in text
