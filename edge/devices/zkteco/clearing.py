"""Clearing a terminal's log, so that no punch goes with it that was not read.

The log is read once more and compared while people go on punching, so that a refusal keeps nobody waiting. Then the terminal is disabled
for seconds, looked at again, cleared, and enabled. It is told beforehand when to enable itself, and enabled over a new line where the old
one breaks. Should the conversation break before the log is cleared, nothing is cleared.
"""

import time

from edge.devices.driver import (
    Driver,
    LogRead,
    NotKeptError,
    TerminalRefusedError,
    TerminalUnreachableError,
    WriteProblem,
)
from edge.devices.zkteco.frames import Command
from edge.devices.zkteco.session import Session
from edge.devices.zkteco.talk import Talk
from edge.devices.zkteco.writing import expect_ok

DISABLED_SECONDS = 30
LATEST_SECONDS = 20.0
"""After so long the terminal is no longer cleared: it may enable itself before it is told to clear."""


async def clear_log(talk: Talk, driver: Driver, read: LogRead) -> None:
    """Clear what was `read`, if that is all there is; raises TerminalRefusedError otherwise."""
    if not read.receipt.complete or read.receipt.reason:
        raise TerminalRefusedError(WriteProblem.LOG_NOT_READ)
    now = await driver.read_log()
    _expect_same(read, now)
    try:
        await talk.disable(DISABLED_SECONDS)
        session, latest = talk.session, time.monotonic() + LATEST_SECONDS
        sizes = await talk.sizes()
        if sizes is None or sizes.punches != _rows(read) or now.receipt.declared_count != sizes.punches:
            _expect_same(read, await driver.read_log())
        if talk.session is not session or time.monotonic() > latest:
            raise TerminalUnreachableError("too-slow")
        await _clear(talk, session)
    finally:
        await talk.enable_for_certain()
    await talk.insist(Command.REFRESH_DATA)
    if _rows(await driver.read_log()) >= _rows(read) > 0:
        raise NotKeptError(WriteProblem.NOT_KEPT)


async def _clear(talk: Talk, session: Session) -> None:
    """Asked once and in this conversation only. Without an answer it may have happened: what is read afterwards tells."""
    answer = await talk.run(session.say(session.ask(Command.CLEAR_ATTENDANCE)))
    if answer is not None:
        expect_ok(answer)


def _expect_same(read: LogRead, now: LogRead) -> None:
    if not now.receipt.complete or _content(read) != _content(now):
        raise TerminalRefusedError(WriteProblem.LOG_CHANGED)


def _content(read: LogRead) -> tuple[list[bytes], list[bytes]]:
    return [punch.raw for punch in read.punches], [piece.raw for piece in read.doubtful]


def _rows(read: LogRead) -> int:
    """Rows, where all of them were decoded or are doubtful each for itself."""
    return len(read.punches) + len(read.doubtful)
