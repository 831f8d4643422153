"""Enrolment at the terminal, asked for from here: it asks a person for a finger three times, and tells how it went.

    62 cancel · 61 begin · 60 go on ► events: finger, score, … ► the result as an event ► 62, 60, events as before

Result (event 8): code u16, and when that is 0: size u16 · number 9 · finger u8. Other codes: 4 poor, 5 duplicate, 6 cancelled. The finger
is then looked for. Source: captures of one unit by others; firmware that tells otherwise ends with "nobody" after the time given.
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
DONE_BYTES = 4
"""At least; of failures only the code is told."""
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
            if result and (result is not Enrolment.DONE or len(event.data) >= DONE_BYTES):
                return result
        await talk.hear(left)
    return Enrolment.NOBODY
