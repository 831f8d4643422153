"""What benches of running processes need: a folder on a real disk, what a process has used, percentiles."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.world import World

TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder beside the project, because /tmp may lie in memory."""
    base = Path(".dev")
    base.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=base, ignore_cleanup_errors=True) as name:
        yield Path(name).absolute()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def megabytes(pid: int, name: str = "VmRSS") -> float:
    """Memory of a process: `VmRSS` now, `VmHWM` at its highest."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def until(reached: Callable[[], bool], what: str, seconds: float, pause: float = 0.05) -> float:
    """Wait for it; gives the instant (time.time) at which it was seen."""
    end = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(pause)
    return time.time()


def start_server(world: World) -> None:
    """Returns when its worker hears the broker."""
    world.server.start()
    until(lambda: "connected to the broker" in world.server.last_words(200), "the server", 60)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
