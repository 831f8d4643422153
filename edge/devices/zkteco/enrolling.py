"""Enrolment at the terminal, asked for from here: it asks a person for a finger three times, and tells how it went.

    62 cancel · 61 begin · 60 go on ► events: finger, score, … ► the result as an event ► 62, 60, events as before

Result (event 8): code u16 · size u16 · number · finger. Codes: 0 done, 4 poor, 5 duplicate, 6 cancelled. Shorter events are signs of life.
"""

import struct
import time
from contextlib import suppress

from edge.devices.driver import (
    CannotError,
    DriverError,
    Enrolment,
    Transport,
    WriteProblem,
)
from edge.devices.zkteco.events import EventMask
from edge.devices.zkteco.frames import Command
from edge.devices.zkteco.talk import Talk
from edge.devices.zkteco.templates import FINGERS
from edge.devices.zkteco.writing import expect_ok

RESULTS = {0: Enrolment.DONE, 4: Enrolment.POOR, 5: Enrolment.DUPLICATE, 6: Enrolment.CANCELLED}
RESULT_BYTES = 4
LISTENS_TO = EventMask.FINGER | EventMask.ENROL_FINGER | EventMask.SCORE


async def enrol(talk: Talk, user: str, finger: int, seconds: float) -> Enrolment:
    """Have a finger of a user who is there enrolled; always leaves the terminal ready for punches, also when cancelled."""
    request = _request(talk.address.transport, user, finger)
    mask = talk.event_mask
    await talk.listen(mask | LISTENS_TO)
    try:
        await talk.ask(Command.CANCEL_CAPTURE)
        expect_ok(await talk.ask(Command.START_ENROL, request))
        await talk.ask(Command.START_VERIFY)
        return await _result(talk, time.monotonic() + seconds)
    finally:
        with suppress(DriverError):
            await talk.ask(Command.CANCEL_CAPTURE)
            await talk.ask(Command.START_VERIFY)
            await talk.listen(mask)


def _request(transport: Transport, user: str, finger: int) -> bytes:
    if finger not in FINGERS:
        raise CannotError(WriteProblem.TEMPLATE)
    if transport is Transport.TCP:
        return struct.pack("<24sBB", user.encode("ascii"), finger, 1)
    if not user.isdigit() or int(user) >= 2**32:
        raise CannotError(WriteProblem.NUMBER)
    return struct.pack("<IB", int(user), finger)


async def _result(talk: Talk, until: float) -> Enrolment:
    while (left := until - time.monotonic()) > 0:
        for event in talk.take_events(LISTENS_TO):
            result = RESULTS.get(int.from_bytes(event.data[:2], "little")) if event.session == EventMask.ENROL_FINGER else None
            if result and (len(event.data) >= RESULT_BYTES or result in {Enrolment.POOR, Enrolment.CANCELLED}):
                return result
        await talk.hear(left)
    return Enrolment.NOBODY
