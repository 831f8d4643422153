"""How commands are written, and which are never sent. A line is `C:<id>:<text>`; a terminal drops one without that prefix silently."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from edge.devices.iclock.protocol.dialect import Dialect

LINES, BYTES = 200, 40 * 1024
"""What one answer may hold."""
LONGEST = 8 * 1024
"""Bytes of one command; templates are longer and are not sent in this release."""

_DANGEROUS = re.compile(r"\s*(SHELL|PUTFILE|GETFILE)\b", re.IGNORECASE)
_CLOCK = re.compile(r"\s*SET OPTIONS? (.*,)?DateTime=", re.IGNORECASE)
_REBOOT = re.compile(r"\s*(REBOOT|CONTROL DEVICE 03)", re.IGNORECASE)


class CommandError(ValueError):
    """A command that is not sent; the message says why."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command with the number its result will carry."""

    number: int
    text: str

    @property
    def line(self) -> bytes:
        return f"C:{self.number}:{self.text}\n".encode()


def check_command(text: str, *, dangerous: bool) -> str:
    """The command as it is sent; raises CommandError. dangerous: whether a root shell and files of the terminal may be reached."""
    if not text.strip():
        raise CommandError("an empty command does nothing")
    if any(ord(one) < 32 and one != "\t" for one in text):
        raise CommandError("a command is one line")
    if len(text.encode()) > LONGEST:
        raise CommandError(f"a command has at most {LONGEST} bytes")
    if is_dangerous(text) and not dangerous:
        raise CommandError("SHELL, PutFile and GetFile reach into the terminal's system and are switched off (push.dangerous_commands)")
    return text.strip()


def is_dangerous(text: str) -> bool:
    """Whether it reaches into the terminal's system."""
    return bool(_DANGEROUS.match(text))


def together(commands: Iterable[Command], dialect: Dialect) -> list[Command]:
    """Those that may go into one answer: within the limits, one in the security dialect, a reboot only when nothing else waits."""
    waiting = list(commands)
    first = [one for one in waiting if not _REBOOT.match(one.text)] or waiting[:1]
    chosen: list[Command] = []
    size = 0
    for command in first[: 1 if dialect is Dialect.SECURITY else LINES]:
        size += len(command.line)
        if chosen and size > BYTES:
            break
        chosen.append(command)
    return chosen


def count_punches(first: datetime, last: datetime) -> str:
    """How many punches the log holds between two moments of the terminal's clock, both included (attendance dialect)."""
    return f"VERIFY SUM ATTLOG {_range(first, last)}"


def query_punches(first: datetime, last: datetime) -> str:
    """Send these punches again (attendance dialect)."""
    return f"DATA QUERY ATTLOG {_range(first, last)}"


ALL_TRANSACTIONS = "DATA QUERY tablename=transaction,fielddesc=*,filter=*"
"""Send all punches again (security dialect)."""


RELOAD_OPTIONS = "RELOAD OPTIONS"
"""Load settings that were written, and tell all of them (attendance dialect)."""


def all_punches(dialect: Dialect) -> str:
    """Send the whole log again."""
    if dialect is Dialect.SECURITY:
        return ALL_TRANSACTIONS
    return query_punches(datetime(2000, 1, 1), datetime(2099, 12, 31, 23, 59, 59))  # noqa: DTZ001 - a terminal's clock


def set_zone(value: str) -> tuple[str, str]:
    """Tell the zone again, at a change to or from summer time (attendance dialect)."""
    return f"SET OPTION TimeZone={value}", RELOAD_OPTIONS


def get_options(names: Sequence[str]) -> str:
    """Ask for settings (security dialect)."""
    return f"GET OPTIONS {','.join(names)}"


def set_clock(packed: int) -> str:
    """Set the clock (security dialect), to a wall time packed as in the pull protocol."""
    return f"SET OPTIONS DateTime={packed}"


def sets_clock(text: str) -> bool:
    """Whether a command sets the clock."""
    return bool(_CLOCK.match(text))


def reboot(dialect: Dialect) -> str:
    """Switch off and on."""
    return "REBOOT" if dialect is Dialect.ATTENDANCE else "CONTROL DEVICE 03000000"


def unlock(dialect: Dialect, seconds: int) -> str:
    """Open the door. Attendance: for as long as the terminal is set to. Security: output, door 1, lock, seconds."""
    return "AC_UNLOCK" if dialect is Dialect.ATTENDANCE else f"CONTROL DEVICE 010101{seconds:02X}"


def enrol_finger(pin: str, finger: int) -> str:
    """Ask for a finger three times (attendance dialect)."""
    return f"ENROLL_FP PIN={pin}\tFID={finger}\tRETRY=3\tOVERWRITE=1"


def _range(first: datetime, last: datetime) -> str:
    return f"StartTime={first:%Y-%m-%d %H:%M:%S}\tEndTime={last:%Y-%m-%d %H:%M:%S}"
