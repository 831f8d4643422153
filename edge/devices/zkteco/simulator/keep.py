"""The state file: what a simulated terminal still knows after it was killed, as a real one does.

One JSON object a line, appended and forced to disk before anybody is told of the change. A line that a crash cut in half was
never told to anybody and is cut off at the next start.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from edge.devices.zkteco.simulator.model import Change, Punch, Terminal, User
from edge.devices.zkteco.simulator.options import SimulatorError
from edge.devices.zkteco.templates import Fingerprint
from protocol.instants import WallTime

FORMAT = 1


class StateFile:
    """The open state file of one terminal; `load` first, then `append` for each batch of changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def load(self, terminal: Terminal) -> bool:
        """Open the file and put what it holds into an empty terminal; False when it is new.

        Raises SimulatorError for a foreign or damaged file, which is left as it was.
        """
        head = _line({"clockbridge_simulator": FORMAT, "serial": terminal.serial})
        if self._path.exists() and not self._path.is_file():
            raise SimulatorError(f"{self._path} is no file")
        try:
            existing = self._path.read_bytes() if self._path.exists() else b""
            self._check_head(existing, head, terminal)
            self._file = self._path.open("ab")
            self._file.truncate(existing.rfind(b"\n") + 1)
            lines = existing[: existing.rfind(b"\n") + 1].splitlines()
            if not lines:
                self._force(head)
                self._force_name()
                return False
        except OSError as problem:
            raise SimulatorError(f"the state file {self._path} cannot be used: {problem.strerror}") from problem
        try:
            for line in lines[1:]:
                _apply(terminal, json.loads(line))
        except (ValueError, KeyError, TypeError) as problem:
            raise SimulatorError(f"the state file {self._path} is damaged: {problem}") from problem
        return True

    def append(self, changes: Iterable[Change]) -> None:
        """Write changes and force them to disk; raises OSError when the disk does not take them."""
        self._force(b"".join(_line(_row_of(kind, subject)) for kind, subject in changes))

    def close(self) -> None:
        """Close the file; nothing waits in memory."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _check_head(self, existing: bytes, head: bytes, terminal: Terminal) -> None:
        torn_at_birth = head.startswith(existing)
        if not existing.startswith(head) and not torn_at_birth:
            raise SimulatorError(f"{self._path} is not the state file of a simulated terminal {terminal.serial}: choose another file")

    def _force(self, data: bytes) -> None:
        if not data:
            return
        assert self._file is not None, "load comes first"
        self._file.write(data)
        self._file.flush()
        os.fdatasync(self._file.fileno())

    def _force_name(self) -> None:
        """Make a new file's name durable too: without it a power cut may leave no file."""
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _line(row: dict[str, object]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _row_of(kind: str, subject: object) -> dict[str, object]:
    if isinstance(subject, Punch):
        return {kind: [subject.number, subject.wall, subject.verify, subject.state, subject.uid]}
    if isinstance(subject, User):
        return {kind: asdict(subject)}
    if isinstance(subject, Fingerprint):
        return {kind: [subject.uid, subject.finger, subject.flag, subject.data.hex()]}
    return {kind: subject}


def _apply(terminal: Terminal, row: dict[str, object]) -> None:
    match row:
        case {"punch": [str(number), int(wall), int(verify), int(state), int(uid)]}:
            terminal.keep(Punch(number, WallTime(wall), verify, state, uid))
        case {"user": dict(fields)}:
            terminal.put_user(User(**fields))
        case {"delete": int(uid)}:
            terminal.delete_user(uid)
        case {"clear": None}:
            terminal.clear_log()
        case {"option": [str(name), str(value)]}:
            terminal.set_option(name, value)
        case {"print": [int(uid), int(finger), int(flag), str(data)]}:
            terminal.put_print(Fingerprint(uid, finger, flag, bytes.fromhex(data)))
        case {"unprint": [int(uid), int(finger)]}:
            terminal.drop_prints(uid, finger)
        case {"style": [int(uid), int(style)]}:
            terminal.set_style(uid, style)
        case _:
            raise ValueError("a row of no known kind")
