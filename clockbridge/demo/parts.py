"""Processes of the demo: started, killed, frozen and ended, and none ever left behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from server.broker.processes import ending_with_us

CLOCKBRIDGE = (sys.executable, "-m", "clockbridge")
ENDING_SECONDS = 10.0


class Part:
    """One process of ours, with its output in a log file. Start it from the main thread: the child ends when its thread does."""

    def __init__(self, name: str, *arguments: object, log: Path, environment: dict[str, str] | None = None) -> None:
        self.name = name
        self.command = [*CLOCKBRIDGE, *(str(argument) for argument in arguments)]
        self.log = log
        self.environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Raises RuntimeError when it was never started."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process.pid

    def start(self) -> None:
        if self.running:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONUNBUFFERED": "1"} | self.environment,
                start_new_session=True,  # Ctrl-C is the demo's to handle: parts end in order
                preexec_fn=ending_with_us(),  # noqa: PLW1509 - the demo starts parts from its only thread
            )

    def kill(self) -> None:
        """SIGKILL: no farewell, no flush."""
        self._signal(signal.SIGKILL)
        self.wait()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def terminate(self) -> None:
        """Ask it to end, without waiting."""
        self.thaw()
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """Ask it to end; after ten seconds, make it."""
        if not self.running:
            return
        self.terminate()
        try:
            self.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def wait(self, seconds: float | None = None) -> int:
        """Its exit code; raises subprocess.TimeoutExpired."""
        return self._process.wait(seconds) if self._process else 0

    def last_words(self, lines: int = 15) -> str:
        """The end of its log, for a person who has to know why it ended."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def _signal(self, number: int) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(number)


def parent_of(pid: int) -> int | None:
    """Process id of the parent, as the kernel knows it; None when there is no such process."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])  # the name before may hold anything
    except (OSError, ValueError):
        return None


def children_of(pid: int) -> dict[int, str]:
    """Process ids and command lines of all that descend from `pid`, from the kernel's own list."""
    found: dict[int, str] = {}
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except OSError:  # it ended while we looked
            continue
        for child in children:
            try:
                found[child] = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            found |= children_of(child)
    return found
