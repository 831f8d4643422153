"""An independent simulated terminal pushes to the desk, as three ages of firmware write, and obeys it: django-fingerprint-attendance's."""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.edge.collect.conftest import until
from tests.edge.collect.push.conftest import SN, running_desk
from tests.edge.collect.push.test_simulated import identities

PEER = Path(__file__).parents[3] / "peers" / "device_django.py"
ALL = "DATA QUERY ATTLOG StartTime=2000-01-01 00:00:00\tEndTime=2099-12-31 23:59:59"
USER = "DATA UPDATE USERINFO PIN=55\tName=Li\tPri=0"
NOW = 1_900_000_000


@asynccontextmanager
async def device(desk, firmware, serial=SN):
    """Gives what asks the peer to do something."""
    pipe = asyncio.subprocess.PIPE
    peer = await asyncio.create_subprocess_exec(sys.executable, PEER, str(desk.port), serial, firmware, stdin=pipe, stdout=pipe)

    async def do(*what):
        peer.stdin.write(json.dumps(what).encode() + b"\n")
        return json.loads(await asyncio.wait_for(peer.stdout.readline(), 60))

    try:
        yield do
    finally:
        peer.kill()
        await peer.wait()


@pytest.mark.parametrize(("firmware", "template"), [("legacy", "row FP"), ("push2", "row FP"), ("biodata", "row BIODATA")])
def test_given_an_independent_terminal_when_it_pushes_and_obeys_then_every_punch_is_there_once_also_after_a_time_away(
    settings, outbox, firmware, template
):
    async def live():
        async with running_desk(settings(), outbox) as (desk, book), device(desk, firmware) as do:
            await do("greet")
            for day in (21, 22, 23):
                await do("punch", "0101", f"2026-11-{day} 08:58:00")
            await do("offline")
            for minute in range(5):
                await do("punch", "A7", f"2026-11-23 18:0{minute}:00")
            before = outbox.high
            assert await do("online") == [200]
            assert (before, identities(outbox)) == (3, [tuple(one) for one in await do("held")])

            desk._queue.add(SN, ALL, NOW)
            assert await do("obey") == [ALL]
            assert await do("send") == [200], "the whole log again"
            written = asyncio.create_task(desk.have_done(SN, USER, 60))
            await until(lambda: desk._queue.open_count() == 1)
            assert await do("obey") == [USER]
            assert (await written).done
            assert await do("enrol", "0101", 6) == 200
            return await do("held"), desk._status()["counts"], desk.take_enrolled(), book._reports[0].facts

    held, counts, enrolled, facts = asyncio.run(live())
    assert identities(outbox) == [tuple(one) for one in held]
    assert counts[template] == 1, "templates are counted, not kept"
    assert enrolled == [(SN, "0101")]
    assert (facts["firmware"], facts["punches"], facts["dialect"]) == ("Ver 8.0.4-SIM", "8", "attendance")


def test_given_an_independent_terminal_that_nobody_listed_when_it_comes_then_it_is_refused_and_keeps_its_punches(settings, outbox):
    async def live():
        async with running_desk(settings(), outbox) as (desk, _), device(desk, "push2", "UNKNOWN77") as do:
            return await do("greet"), await do("punch", "0101", "2026-11-23 08:58:00"), desk._status()["waiting"]

    refused, sent, waiting = asyncio.run(live())
    assert (refused, sent, outbox.high) == ("handshake failed: 503 ", 0, 0)
    assert "UNKNOWN77" in str(waiting)
