"""Changes one terminal by the pull protocol: `edge.devices.driver.Writer` over the conversation of its driver.

It disables a terminal only while its log is cleared, for seconds, and tells it when to go on by itself. Wire facts: what stands in
docs/reference/simulator.md; nothing of this has been tried on hardware.
"""

import asyncio
import struct
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from edge.devices.driver import (
    CannotError,
    Driver,
    DriverError,
    Enrolment,
    LogRead,
    NotKeptError,
    TerminalRefusedError,
    TerminalUnreachableError,
    TerminalUserRecord,
    UserTemplate,
    WriteProblem,
)
from edge.devices.zkteco.clearing import clear_log
from edge.devices.zkteco.enrolling import enrol
from edge.devices.zkteco.fingers import Fingers
from edge.devices.zkteco.frames import Command
from edge.devices.zkteco.people import People
from edge.devices.zkteco.records import ENCODED_YEARS, encode_time
from edge.devices.zkteco.session import TRIES
from edge.devices.zkteco.talk import Talk
from edge.devices.zkteco.writing import expect_ok
from protocol.instants import pack_moment, wall_moment

CLOCK_SLACK = timedelta(seconds=2)
LEAST_UNLOCK, MOST_UNLOCK = 0.1, 25.4
UNLOCK_STEPS = 10
"""A second has ten of the terminal's steps, as known clients have it. Firmware that counts seconds would open ten times as long."""
OPTION_BYTES = 64


class ZkWriter:
    """What `edge.devices.driver.Writer` says. used: uids in a log whose rows name only those; the driver fills it."""

    def __init__(self, talk: Talk, driver: Driver, used: Collection[int]) -> None:
        self._talk, self._driver = talk, driver
        self._people = People(talk, used)
        self._fingers = Fingers(talk, self._people)

    async def read_users(self) -> Sequence[TerminalUserRecord]:
        return await self._people.read()

    async def write_user(self, user: TerminalUserRecord) -> None:
        _raise_first(await self.write_users([user]))

    async def write_users(self, users: Sequence[TerminalUserRecord]) -> Mapping[str, DriverError]:
        return await self._people.write(users)

    async def delete_user(self, user: str) -> None:
        _raise_first(await self.delete_users([user]))

    async def delete_users(self, users: Sequence[str]) -> Mapping[str, DriverError]:
        still_there = await self._fingers.delete_of(users)
        gone = await self._people.delete([user for user in users if user not in still_there])
        return {**still_there, **gone}

    async def read_templates(self, user: str | None = None) -> Sequence[UserTemplate]:
        return await self._fingers.read(user)

    async def write_templates(self, user: str, templates: Sequence[UserTemplate]) -> None:
        await self._fingers.write(user, templates)

    async def delete_templates(self, user: str) -> None:
        _raise_first(await self._fingers.delete_of([user]))

    async def set_clock(self, moment: datetime) -> None:
        """The terminal counts whole seconds, so it is told at the beginning of one."""
        began, naive = time.monotonic(), moment.replace(tzinfo=None)
        if naive.year not in ENCODED_YEARS or (naive + timedelta(days=1)).year not in ENCODED_YEARS:
            raise CannotError(WriteProblem.MOMENT)

        def shown() -> datetime:
            return naive + timedelta(seconds=time.monotonic() - began)

        await asyncio.sleep((1_000_000 - naive.microsecond) % 1_000_000 / 1_000_000)
        for _ in range(TRIES):
            told = shown()
            answer = await self._talk.ask_once(Command.SET_TIME, struct.pack("<I", encode_time(pack_moment(told))))
            if answer is not None and shown() - told < CLOCK_SLACK:  # one that is told late is behind by as much
                break
        if answer is None:
            raise TerminalUnreachableError("no-answer")
        expect_ok(answer)
        await self._talk.insist(Command.REFRESH_DATA)
        asked = shown()
        kept = wall_moment((await self._driver.read_clock()).wall)
        if kept is None or not asked - CLOCK_SLACK <= kept <= shown() + CLOCK_SLACK:
            raise NotKeptError(WriteProblem.NOT_KEPT)

    async def restart(self) -> None:
        """Some firmware restarts without an answer; the line is left in any case."""
        with suppress(TerminalUnreachableError):
            answer = await self._talk.ask_once(Command.RESTART)
            if answer is not None:
                expect_ok(answer)
        await self._talk.drop()

    async def unlock(self, seconds: float) -> None:
        if not LEAST_UNLOCK <= seconds <= MOST_UNLOCK:
            raise CannotError(WriteProblem.SECONDS)
        answer = await self._talk.ask_once(Command.UNLOCK, struct.pack("<I", round(seconds * UNLOCK_STEPS)))
        if answer is None:
            raise TerminalUnreachableError("no-answer")
        expect_ok(answer)

    async def enrol(self, user: str, finger: int, seconds: float = 60) -> Enrolment:
        if (await self._people.table()).row_of(user) is None:
            raise TerminalRefusedError(WriteProblem.NO_SUCH_USER)
        return await enrol(self._talk, user, finger, seconds)

    async def read_options(self, names: Sequence[str]) -> dict[str, str]:
        found = {}
        for name in names:
            if name.isascii() and name.isprintable() and 0 < len(name) <= OPTION_BYTES and "=" not in name:
                value = await self._talk.option(name)
                if value is not None:
                    found[name] = value
        return found

    async def clear_log(self, read: LogRead) -> None:
        await clear_log(self._talk, self._driver, read)


def _raise_first(failed: Mapping[str, DriverError]) -> None:
    for error in failed.values():
        raise error
