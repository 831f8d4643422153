"""The door's relay, through its guard: started again when it dies, because its first act is to switch off."""

import asyncio
import sys
from contextlib import suppress

from edge.devices.driver import TerminalUnreachableError

START_SECONDS = 15.0
STOP_SECONDS = 5.0


class DoorRelay:
    """The door's channel of a relay, and others beside it; `trouble` says what went wrong last, empty when it is well."""

    def __init__(self, port: str, channel: int = 1, *others: int) -> None:
        self.trouble = "the relay is not open yet"
        self._port, self._channels = port, (channel, *others)
        self._guard: asyncio.subprocess.Process | None = None
        self._ready = False

    @property
    def ready(self) -> bool:
        """Whether pulses are given just now."""
        return self._ready

    def pulse(self, seconds: float, channel: int = 0) -> bool:
        """Switch a channel on for so long (30 s at most), from now; 0 is the door's. False when there is no relay just now."""
        if not self._ready or self._guard is None or self._guard.stdin is None:
            return False
        self._guard.stdin.write(f"{channel or self._channels[0]} {seconds}\n".encode())
        return True

    async def run(self) -> None:
        """Run a guard until cancelled; raises TerminalUnreachableError when it ends, for whoever tries again."""
        self._guard = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "edge.devices.serial.relay.guard", self._port, *map(str, self._channels),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            await self._watch(self._guard)
        finally:
            self._ready = False
            await _end(self._guard)

    async def _watch(self, guard: asyncio.subprocess.Process) -> None:
        assert guard.stdout is not None
        assert guard.stderr is not None
        try:
            async with asyncio.timeout(START_SECONDS):
                said = await guard.stdout.readline()
        except TimeoutError:
            said = b""
        if said == b"ready\n":
            self.trouble = ""
            self._ready = True
            await guard.wait()
        words = (await guard.stderr.read(2000)).decode("utf-8", "replace").strip().splitlines() if said != b"ready\n" else []
        self.trouble = words[-1] if words else f"the guard of the relay on {self._port} ended"
        raise TerminalUnreachableError(self.trouble)


async def _end(guard: asyncio.subprocess.Process) -> None:
    """End it the gentle way, by the end of its input, so that it switches off."""
    if guard.stdin is not None:
        guard.stdin.close()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await guard.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            guard.kill()
        await guard.wait()
