"""Work that others want done at a terminal. It waits for the terminal's owner, who does it between polls, one piece after the other.

A piece is short: while it is done, live punches wait in the terminal or on the line.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from edge.devices.driver import Driver, DriverError, FrameError, TerminalUnreachableError
from protocol.identifiers import TerminalSerial

T = TypeVar("T")
Work = Callable[[Driver], Awaitable[T]]


class TerminalLeftError(Exception):
    """Nobody talks to this terminal any more."""


@dataclass(frozen=True, slots=True)
class _Task:
    serial: TerminalSerial
    work: Work[Any]
    done: asyncio.Future[Any]


class Tasks:
    """What waits for one owner. All of it lives in the event loop."""

    def __init__(self) -> None:
        self._waiting: deque[_Task] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    async def do(self, serial: TerminalSerial, work: Work[T]) -> T:
        """Have it done, however long the terminal is away; cancel it to give up waiting.

        Raises TerminalLeftError where another terminal stands there by then, and whatever the work raises.
        """
        task = _Task(serial, work, asyncio.get_running_loop().create_future())
        self._waiting.append(task)
        try:
            return await task.done  # type: ignore[no-any-return] # what the work gives
        finally:
            if task in self._waiting:
                self._waiting.remove(task)

    async def work_off_one(self, serial: TerminalSerial, driver: Driver) -> None:
        """Do what has waited longest. Raises what says that the line is of no more use, after whoever waits was told."""
        task = self._waiting.popleft()
        if task.done.done():
            return
        if task.serial != serial:
            task.done.set_exception(TerminalLeftError(task.serial))
            return
        try:
            value = await task.work(driver)
        except DriverError as error:
            _tell(task.done, error)
            if isinstance(error, TerminalUnreachableError | FrameError):
                raise
        except asyncio.CancelledError:
            task.done.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - a fault in the work is its giver's
            _tell(task.done, error)
        else:
            if not task.done.done():
                task.done.set_result(value)

    def give_up(self) -> None:
        """The terminal has no owner any more."""
        while self._waiting:
            task = self._waiting.popleft()
            _tell(task.done, TerminalLeftError(task.serial))


def _tell(done: asyncio.Future[Any], error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
