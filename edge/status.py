"""What the agent last said of itself, in a file beside its outbox, for whoever sits at the edge without a server.

It is the health message with some facts of the process: `line_up`, `line_trouble` (a sentence in English and Chinese, or null), `process`,
`started_at`, `stopped_at`, `every_seconds` (how often it is written at least), and `push`: what
the door for terminals that push has to show.
"""

import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from edge.line_trouble import Trouble
from protocol.messages import Health

LATE_AFTER = timedelta(seconds=60)
LATE_ROUNDS = 3


class Life(StrEnum):
    """Whether the agent that wrote a status is at work. SILENT: its process is there and has not written for too long."""

    RUNNING = "running"
    STOPPED = "stopped"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Process:
    """Facts of the agent's process that stand beside its health."""

    line_up: bool
    line_trouble: Trouble | None
    started_at: datetime
    every_seconds: float
    stopped_at: datetime | None = None
    push: dict[str, Any] | None = None


def write_status(file: Path, health: Health, process: Process) -> None:
    """Replace the file whole: a reader sees the old or the new one. No fsync: it is of no use after a power cut."""
    status = msgspec.to_builtins(health) | msgspec.to_builtins(asdict(process)) | {"process": os.getpid()}
    new = file.with_suffix(".tmp")
    with suppress(OSError):  # a full disk is told by other ways
        new.write_bytes(msgspec.json.format(msgspec.json.encode(status), indent=1))
        new.replace(file)


def read_status(file: Path) -> dict[str, Any] | None:
    """What the agent wrote last; None when there is nothing, or nothing that this release could show."""
    with suppress(OSError, msgspec.MsgspecError):
        data = file.read_bytes()
        health: dict[str, Any] = msgspec.to_builtins(msgspec.json.decode(data, type=Health))
        found: dict[str, Any] = msgspec.json.decode(data)
        blank: dict[str, Any] = {
            "line_up": False,
            "line_trouble": None,
            "process": 0,
            "started_at": None,
            "stopped_at": None,
            "every_seconds": 0,
            "push": None,
        }
        return blank | found | health
    return None


def life_of(status: dict[str, Any], now: datetime) -> Life:
    """Whether its writer is at work."""
    if status["stopped_at"] or not _lives(status["process"]):
        return Life.STOPPED
    late = max(LATE_AFTER, LATE_ROUNDS * timedelta(seconds=status["every_seconds"]))
    return Life.SILENT if now - datetime.fromisoformat(status["at"]) > late else Life.RUNNING


def _lives(process: int) -> bool:
    if process <= 0:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's, but there
        return True
    return True
