"""A serial port. Every call ends within a stated time; the port is ours alone while it is open.

Raises TerminalRefusedError when a person must act (no right, somebody else has it), TerminalUnreachableError when it may come back.
"""

import errno
import termios
import time
from types import TracebackType
from typing import Self

import serial

from edge.devices.driver import TerminalRefusedError, TerminalUnreachableError

WRITE_SECONDS = 2.0
READ_BYTES = 4096
_TROUBLE = (OSError, ValueError, TypeError, termios.error)
"""All that pyserial lets through when a port goes away; its own error is an OSError."""


class SerialLine:
    """`with SerialLine(...)` opens it and throws away what stood in its buffers. Blocking: it belongs into a thread."""

    def __init__(self, port: str, baud: int = 9600) -> None:
        self.port, self._baud = port, baud
        self._serial: serial.Serial | None = None

    def __enter__(self) -> Self:
        try:
            self._serial = serial.Serial(self.port, self._baud, timeout=0, write_timeout=WRITE_SECONDS, exclusive=True)
            self.flush()
        except _TROUBLE as problem:
            self.close()
            raise _opening_error(self.port, problem) from problem
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if self._serial is not None:
            self._serial.close()
            self._serial = None

    @property
    def baud(self) -> int:
        return self._baud

    def set_baud(self, baud: int) -> None:
        """Speak at another speed from now on."""
        try:
            self._open().baudrate = self._baud = baud
            self.flush()
        except _TROUBLE as problem:
            raise self._broken(problem) from problem

    def flush(self) -> None:
        """Throw away what arrived and was not read, and what was written and not sent."""
        try:
            self._open().reset_input_buffer()
            self._open().reset_output_buffer()
        except _TROUBLE as problem:
            raise self._broken(problem) from problem

    def write(self, data: bytes) -> None:
        try:
            self._open().write(data)
        except _TROUBLE as problem:
            raise self._broken(problem) from problem

    def read(self, seconds: float) -> bytes:
        """What has arrived, as soon as there is something, at most 4096 bytes; nothing after `seconds`."""
        port = self._open()
        until = time.monotonic() + seconds
        try:
            port.timeout = max(until - time.monotonic(), 0)
            first: bytes = port.read(1)
            return first + port.read(min(port.in_waiting, READ_BYTES - 1)) if first else b""
        except _TROUBLE as problem:
            raise self._broken(problem) from problem

    def _open(self) -> serial.Serial:
        if self._serial is None:
            raise TerminalUnreachableError(f"the port {self.port} is closed")
        return self._serial

    def _broken(self, problem: Exception) -> TerminalUnreachableError:
        return TerminalUnreachableError(f"the port {self.port} broke off ({problem}): look at the plug and the cable")


def _opening_error(port: str, problem: Exception) -> TerminalRefusedError | TerminalUnreachableError:
    number = getattr(problem, "errno", None)
    if number in (errno.EACCES, errno.EPERM):
        return TerminalRefusedError(f"no right to open {port}: put the user of the agent into the group dialout")
    if number in (errno.EAGAIN, errno.EBUSY) or "exclusively lock" in str(problem):
        return TerminalRefusedError(f"another program has {port} open: end it")
    if number == errno.ENOENT:
        return TerminalUnreachableError(f"there is no port {port}: plug the part in, or correct the name (see /dev/serial/by-id)")
    return TerminalUnreachableError(f"{port} cannot be opened: {problem}")
