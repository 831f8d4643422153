"""Logs that are in memory at once: never more than the room is for, each in its turn, and none left out."""

import asyncio

import pytest
from hypothesis import given, strategies as st

from edge.collect import crew
from edge.collect.log_room import LogRoom
from tests.edge.collect.conftest import decoded, running_crew, settings_for, terminal_at, until


@given(st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 250_000)), st.integers(0, 3)), max_size=20))
def test_given_any_logs_when_read_then_the_room_is_never_overfull_and_each_is_read_in_its_turn(logs):
    begun, held = [], []

    async def read(room, place, rows, moments):
        async with room.of(rows):
            begun.append(place)
            held.append(min(100_000 if rows is None else rows, 120_000))
            assert sum(held) <= 120_000
            for _ in range(moments):
                await asyncio.sleep(0)
            held.remove(min(100_000 if rows is None else rows, 120_000))

    async def everybody():
        room = LogRoom(120_000)
        async with asyncio.TaskGroup() as group:
            for place, (rows, moments) in enumerate(logs):
                group.create_task(read(room, place, rows, moments))

    asyncio.run(everybody())
    assert begun == list(range(len(logs)))


def test_given_one_who_waits_and_one_who_reads_when_both_are_cancelled_then_the_next_finds_room():
    async def go():
        room = LogRoom(10)

        async def read(rows):
            async with room.of(rows):
                await asyncio.Event().wait()

        reader, waiter = asyncio.create_task(read(8)), asyncio.create_task(read(8))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiter.cancel()
        reader.cancel()
        await asyncio.gather(reader, waiter, return_exceptions=True)
        async with asyncio.timeout(60), room.of(10):
            return True

    assert asyncio.run(go())


@pytest.mark.parametrize("most", [1, 90])
def test_given_terminals_that_do_not_fit_together_when_collected_then_all_are_read(tmp_path, outbox, new_terminal, monkeypatch, most):
    terminals = [new_terminal(users=5, punches=60, serial=f"T-{place}") for place in range(3)]
    monkeypatch.setattr(crew, "LogRoom", lambda: LogRoom(most))

    async def collect():
        blocks = [terminal_at(one.port, name=f"door {place}") for place, one in enumerate(terminals)]
        async with running_crew(settings_for(tmp_path, *blocks), outbox, tmp_path):
            await until(lambda: outbox.high == 180)

    asyncio.run(collect())
    assert {row.terminal for row in decoded(outbox)} == {"T-0", "T-1", "T-2"}
