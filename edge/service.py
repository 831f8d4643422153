"""What the service manager and the starter hear of a running agent, and what the agent hears of them. Without either it does nothing.

The watchdog is fed after the outbox has answered, through the event loop: a loop that hangs, threads that are all stuck and an outbox that
does not come back each end in a restart. A full or failing disk does not: the agent says so itself and goes on when it is mended.

The starter (deploy/edge/starter.py) notes the versions on this box in a file: one that is new is on trial until it says that it is
ready, and it must have the line to the server for that where the version before had it.
"""

import asyncio
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from edge.errors import OutboxError
from edge.health import HealthBook
from edge.link import Link
from edge.outbox import Outbox

VERSIONS_VARIABLE = "CLOCKBRIDGE_VERSIONS"
ROUNDS = 3
"""Feedings in the time of the watchdog: one may come late."""
STATUS_SECONDS = 20.0
READY_SECONDS = 0.25
TRIAL_SECONDS = 5.0
"""A new version must live so long before it says that it is ready: most that is broken ends sooner."""

log = structlog.get_logger(__name__)


class Refused(msgspec.Struct, frozen=True):
    """A version that did not come up, and the one that runs in its place."""

    version: str
    instead: str
    at: str
    reason: str


class Versions(msgspec.Struct, frozen=True):
    """The starter's notes; see deploy/edge/starter.py."""

    proven: bool = True
    expects_line: bool = False
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Manager:
    """The service manager's ear: the protocol of sd_notify(3). address: empty where there is none; watchdog: 0 where it does not watch."""

    address: str = ""
    watchdog_seconds: float = 0.0

    @classmethod
    def of_environment(cls) -> "Manager":
        """As it was told at the start; the variables go, so that no child of ours speaks for us."""
        address, process = os.environ.pop("NOTIFY_SOCKET", ""), os.environ.pop("WATCHDOG_PID", "")
        microseconds = os.environ.pop("WATCHDOG_USEC", "0")
        ours = process in ("", str(os.getpid())) and microseconds.isascii() and microseconds.isdigit()
        return cls(address, int(microseconds) / 1e6 if ours else 0.0)

    def tell(self, *lines: str) -> None:
        """Never fails: an agent that nobody hears works all the same."""
        if not self.address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as ear:
            name = "\0" + self.address[1:] if self.address.startswith("@") else self.address
            ear.connect(name)
            ear.sendall("\n".join(lines).encode())


def read_versions() -> Versions:
    """The starter's notes; on a box without one, those of a version that has nothing to prove."""
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode(Path(os.environ.get(VERSIONS_VARIABLE, "")).read_bytes(), type=Versions)
    return Versions()


class Service:
    """Tells the manager when the agent is ready, that it lives, and that it stops."""

    def __init__(self, outbox: Outbox, link: Link, book: HealthBook, manager: Manager, versions: Versions) -> None:
        self._outbox, self._link, self._book, self._manager, self._versions = outbox, link, book, manager, versions
        self._every = manager.watchdog_seconds / ROUNDS or STATUS_SECONDS

    async def run(self) -> None:
        """Work until cancelled."""
        refused = self._versions.refused
        if refused and self._versions.proven:  # the next version says nothing of it
            detail = f"{refused.version} did not come up at {refused.at}: {refused.reason}; {refused.instead} runs"
            self._book.alarm("update-refused", detail)
        try:
            await self._become_ready()
            while True:
                await asyncio.sleep(self._every)
                await self._feed()
        finally:
            self._manager.tell("STOPPING=1")

    async def _become_ready(self) -> None:
        """On a box without a service manager that is at once, and nobody hears it."""
        if not self._versions.proven:
            await asyncio.sleep(TRIAL_SECONDS)
        while not await self._answers() or self._lacks_line:  # noqa: ASYNC110 - three things of which two have no event
            await asyncio.sleep(READY_SECONDS)
        self._manager.tell("READY=1", self._status())
        log.info("edge_ready")

    @property
    def _lacks_line(self) -> bool:
        return self._versions.expects_line and not self._versions.proven and not self._link.up

    async def _feed(self) -> None:
        if await self._answers():
            self._manager.tell("WATCHDOG=1", self._status())
        else:
            log.error("outbox_does_not_answer", seconds=self._every)

    async def _answers(self) -> bool:
        """Whether a transaction of the outbox came to an end in time, well or with an error that is told."""
        try:
            async with asyncio.timeout(self._every):
                await asyncio.to_thread(self._outbox.answer)
        except TimeoutError:
            return False
        except OutboxError:
            return True
        return True

    def _status(self) -> str:
        line = "up" if self._link.up else "down"
        return f"STATUS=line {line}, {self._book.waiting} punches waiting, {self._book.alarms} alarms"
