"""Where files wait to be looked at and taken in: a folder beside the outbox, with a small JSON file about each.

    waiting ► looking ► looked (somebody asked for a look) ► taking ► taken
                     └► refused                            ▲
                     └► (nobody asked to wait) ────────────┘

Whoever may write into data_dir may hand in files; the command does so while the agent has the outbox. What became of the last two hundred
files is kept, with the first lines that were wrong; the files themselves go when they were taken, and after a day in any case.
"""

import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import IO

import msgspec

from edge.health import NAME_CHARACTERS, plain
from protocol.attlog.problem import Refusal
from protocol.attlog.survey import Survey

KEPT = 200
FILES_STAY = timedelta(days=1)


class FileState(StrEnum):
    """Where a file stands."""

    WAITING = "waiting"
    LOOKING = "looking"
    LOOKED = "looked"
    TAKING = "taking"
    TAKEN = "taken"
    REFUSED = "refused"


OVER = frozenset({FileState.LOOKED, FileState.TAKEN, FileState.REFUSED})


class Handed(msgspec.Struct):
    """A file that somebody handed in, and what became of it.

    devices: device numbers that are the terminal's; empty for none in particular. any_device: somebody said that all are.
    new_terminal: somebody said that this edge does not know the terminal yet. only_look: wait after the look.
    done: bytes read in the present step. trouble: why it waits (English, Chinese).
    """

    id: str
    name: str
    terminal: str
    by: str
    at: datetime
    size: int
    devices: list[str] = []
    any_device: bool = False
    new_terminal: bool = False
    only_look: bool = False
    state: FileState = FileState.WAITING
    done: int = 0
    survey: Survey | None = None
    refusal: Refusal | None = None
    shown: str = ""
    appended: int = 0
    quarantined: int = 0
    ended_at: datetime | None = None
    trouble: tuple[str, str] | None = None

    @property
    def over(self) -> bool:
        return self.state in OVER


class FileRoom:
    """The folder; constructing touches nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hand_in(self, source: IO[bytes], name: str, terminal: str, by: str, **said: object) -> Handed:
        """Keep a copy and let it wait; gives what is known of it. said: devices, any_device, new_terminal, only_look. Raises OSError."""
        at = datetime.now(UTC)
        one = Handed(f"{at:%Y%m%dT%H%M%S}-{os.urandom(4).hex()}", plain(name, NAME_CHARACTERS), terminal, by, at, 0)
        for field, value in said.items():
            setattr(one, field, value)
        self._make()
        path, new = self.path_of(one.id), self.path_of(one.id).with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            shutil.copyfileobj(source, target)
            one.size = target.tell()
        new.replace(path)
        self.keep(one)
        return one

    def path_of(self, name: str) -> Path:
        return self._folder / f"{name}.data"

    def keep(self, one: Handed) -> None:
        """Write what is known of it; a reader sees the old or the new one. Raises OSError."""
        self._make()
        path = self._folder / f"{one.id}.json"
        new = path.with_suffix(".tmp")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            target.write(msgspec.json.encode(one))
        new.replace(path)

    def find(self, name: str) -> Handed | None:
        """One by its id; None where there is none, or no more."""
        if not all(character.isalnum() or character == "-" for character in name):
            return None
        with suppress(OSError, msgspec.MsgspecError):
            return msgspec.json.decode((self._folder / f"{name}.json").read_bytes(), type=Handed)
        return None

    def all(self) -> list[Handed]:
        """The newest first."""
        names = sorted((path.stem for path in self._folder.glob("*.json")), reverse=True)
        return [one for name in names[:KEPT] if (one := self.find(name))]

    def lying(self) -> list[Handed]:
        """Those whose file is here, the oldest first."""
        names = sorted(path.stem for path in self._folder.glob("*.data"))
        return [one for name in names if (one := self.find(name))]

    def drop(self, name: str) -> None:
        """Forget a file and what is known of it."""
        for suffix in (".json", ".data", ".new", ".tmp"):
            (self._folder / f"{name}{suffix}").unlink(missing_ok=True)

    def tidy(self, now: datetime) -> None:
        """Let files go that are over for a day, and what is known of all but the last ones."""
        for name in sorted((path.stem for path in self._folder.glob("*.json")), reverse=True)[KEPT:]:
            self.drop(name)
        for path in [*self._folder.glob("*.data"), *self._folder.glob("*.new")]:
            one = self.find(path.stem)
            with suppress(OSError):
                age = now - datetime.fromtimestamp(path.stat().st_mtime, UTC)
                if age > FILES_STAY and (one is None or one.over):
                    path.unlink(missing_ok=True)

    def _make(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
