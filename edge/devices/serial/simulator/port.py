"""A pseudo-terminal whose other end is a part: a thread hears what a program writes and says what the part says."""

import os
import select
import termios
import tty
from contextlib import suppress
from threading import Lock, Thread
from types import TracebackType
from typing import Self

READ_BYTES = 4096


class Port:
    """One part on a pseudo-terminal. A subclass hears bytes and says bytes; both ends stay open, so a program may come and go."""

    def __init__(self) -> None:
        self.port = ""
        """Name of the port to open, while it is there."""
        self._lock = Lock()
        self._part, self._program, self._stop = -1, -1, (-1, -1)
        self._thread: Thread | None = None

    def hear(self, data: bytes) -> None:
        """Take what a program wrote; called in the port's thread, with the lock held."""
        raise NotImplementedError

    def say(self, data: bytes) -> None:
        """Send to the program."""
        if data and self._part >= 0:
            with suppress(OSError):
                os.write(self._part, data)

    @property
    def baud(self) -> int:
        """The speed that the program set."""
        return _SPEEDS.get(termios.tcgetattr(self._program)[5], 0)

    def __enter__(self) -> Self:
        self._part, self._program = os.openpty()
        tty.setraw(self._program)
        self.port = os.ttyname(self._program)
        self._stop = os.pipe()
        self._thread = Thread(target=self._run, name=f"part {self.port}", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.unplug()

    def unplug(self) -> None:
        """The part is pulled out: the port breaks off for whoever has it open."""
        if self._thread is None:
            return
        os.write(self._stop[1], b".")
        self._thread.join()
        self._thread = None
        for number in (self._part, self._program, *self._stop):
            os.close(number)
        self._part = self._program = -1

    def _run(self) -> None:
        while True:
            ready, _, _ = select.select([self._part, self._stop[0]], [], [])
            if self._stop[0] in ready:
                return
            try:
                data = os.read(self._part, READ_BYTES)
            except OSError:
                return
            with self._lock:
                self.hear(data)


_SPEEDS = {getattr(termios, name): int(name[1:]) for name in dir(termios) if name.startswith("B") and name[1:].isdigit()}
