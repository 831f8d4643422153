"""The door for terminals, with whoever is behind it answering at once."""

import asyncio

from edge.devices.iclock.limits import Limits
from edge.devices.iclock.listener import Listener
from edge.devices.iclock.protocol.answer import LATER, Answer
from tests.edge.collect.conftest import until
from tests.edge.collect.push.conftest import post


async def take(*_) -> Answer:
    return Answer(200, b"OK")


def test_given_an_address_whose_bodies_never_end_when_it_sends_more_then_it_is_put_off_and_others_are_taken():
    async def talk():
        door = Listener(take, lambda: None, Limits(body=100, bodies=400))
        await door.open("127.0.0.1", 0)
        _, hanging = await asyncio.open_connection("127.0.0.1", door.port, local_addr=("127.0.0.9", 0))
        hanging.write(b"POST /iclock/cdata HTTP/1.1\r\nContent-Length: 100\r\n\r\nbegun")
        await until(lambda: door._bytes["127.0.0.9"] == 100)
        more, other = await post(door, "cdata", b"x" * 100, source="127.0.0.9"), await post(door, "cdata", b"x" * 100)
        hanging.close()
        await until(lambda: not door._bytes)
        after = await post(door, "cdata", b"x" * 100, source="127.0.0.9")
        await door.close()
        return more[0], other[0], after[0]

    assert asyncio.run(talk()) == (LATER.status, 200, 200)
