"""Readers of cards, each with `next_card`. Blocking, every wait has an end: they belong into a thread.

Raises TerminalRefusedError when a person must act, TerminalUnreachableError when the reader may come back.
"""

import errno
import fcntl
import os
import select
import time
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self

from edge.devices.driver import TerminalRefusedError, TerminalUnreachableError
from edge.devices.serial.cards.keys import EVENT, KeyLines
from edge.devices.serial.cards.numbers import CardFormat, CardNumber, CardNumberError, parse_card
from edge.devices.serial.cards.tags import Debounce, TagSplitter
from edge.devices.serial.line import SerialLine

_GRAB = 0x40044590
"""EVIOCGRAB of linux/input.h: what is typed there reaches us and nobody else, no console and no other window."""
_READ_EVENTS = 64


class CardReader(Protocol):
    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    def next_card(self, seconds: float) -> CardNumber | None:
        """The next card that is held to the reader; None after `seconds`."""
        ...


class TagReader:
    """An RDM6300 on a serial port."""

    def __init__(self, port: str) -> None:
        self._line = SerialLine(port, 9600)
        self._splitter, self._debounce = TagSplitter(), Debounce()
        self._waiting: deque[CardNumber] = deque()

    def __enter__(self) -> Self:
        self._line.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._line.close()

    def next_card(self, seconds: float) -> CardNumber | None:
        until = time.monotonic() + seconds
        while not self._waiting and (left := until - time.monotonic()) > 0:
            numbers = self._splitter.feed(self._line.read(left))
            self._waiting.extend(number for number in numbers if self._debounce.is_new(number, time.monotonic()))
        return self._waiting.popleft() if self._waiting else None


class KeyboardReader:
    """A reader that types like a keyboard (/dev/input/event… or /dev/input/by-id/…-event-kbd), taken for us alone."""

    def __init__(self, device: str, form: CardFormat) -> None:
        self._device, self._form = device, form
        self._descriptor = -1
        self._lines, self._debounce = KeyLines(), Debounce()
        self._waiting: deque[CardNumber] = deque()
        self.misread = 0
        """Lines so far that were no card number of its format."""

    def __enter__(self) -> Self:
        try:
            self._descriptor = os.open(self._device, os.O_RDONLY | os.O_NONBLOCK)
            fcntl.ioctl(self._descriptor, _GRAB, 1)
        except OSError as problem:
            self._close()
            raise _keyboard_error(self._device, problem) from problem
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(OSError):
            fcntl.ioctl(self._descriptor, _GRAB, 0)
        self._close()

    def next_card(self, seconds: float) -> CardNumber | None:
        until = time.monotonic() + seconds
        while not self._waiting and (left := until - time.monotonic()) > 0:
            self._take(self._read(left))
        return self._waiting.popleft() if self._waiting else None

    def _take(self, data: bytes) -> None:
        for line in self._lines.feed(data):
            try:
                number = parse_card(line, self._form)
            except CardNumberError:
                self.misread += 1
                continue
            if self._debounce.is_new(number, time.monotonic()):
                self._waiting.append(number)

    def _read(self, seconds: float) -> bytes:
        try:
            ready, _, _ = select.select([self._descriptor], [], [], seconds)
            return os.read(self._descriptor, _READ_EVENTS * EVENT.size) if ready else b""
        except (OSError, ValueError) as problem:
            raise TerminalUnreachableError(f"the card reader {self._device} is gone: plug it in") from problem

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _keyboard_error(device: str, problem: OSError) -> TerminalRefusedError | TerminalUnreachableError:
    if problem.errno in (errno.EACCES, errno.EPERM):
        return TerminalRefusedError(f"no right to open {device}: put the user of the agent into the group input")
    if problem.errno == errno.EBUSY:
        return TerminalRefusedError(f"another program has {device} for itself: end it")
    if problem.errno in (errno.ENOTTY, errno.EINVAL):
        return TerminalRefusedError(f"{device} is no keyboard: name one of /dev/input/by-id/*-event-kbd")
    return TerminalUnreachableError(f"there is no card reader {device}: plug it in, or correct the name")
