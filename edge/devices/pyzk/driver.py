"""Reads a terminal with pyzk: the same values as our own driver, with pyzk's weaknesses said in the receipt.

pyzk decides the record size from the terminal's count, so a count that is wrong, or a record size that it does not know, gives
punches that never were; where the count is 0, it reads nothing. Therefore a read counts as complete only when the counts before and
after equal what was decoded, and no rows were left unread. A punch outside plausible time, or of a user that may be a row number in
disguise, is marked doubtful. Live events are not taken from pyzk: its released version dies on several event lengths. A terminal with
this driver is read by polling.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from msgspec.structs import replace

from edge.devices.driver import ClockReading, LiveEvent, LogRead, ReadReceipt, TerminalAddress, TerminalFacts, TerminalPunch
from edge.devices.pyzk.process import ask_worker
from protocol.instants import WallTime, pack_moment, pack_wall

LOG = logging.getLogger(__name__)
LAYOUT = "pyzk"
EARLIEST = WallTime(20050101000000)
"""No terminal of this family is older; a clock that lost its battery shows 2000."""
AHEAD = timedelta(days=2)
"""A punch further in the future than any time zone and a badly set clock explain."""


@dataclass(frozen=True, slots=True)
class PyzkRead:
    """What pyzk made of a terminal: users as (uid, number, name), the log, and the counts it was told before and after."""

    users: Sequence[tuple[int, str, str]]
    log: LogRead
    declared_before: int
    declared_after: int


async def read_with_pyzk(address: TerminalAddress, timeout: float = 10) -> LogRead:  # noqa: ASYNC109 - handed on to pyzk
    """Read the log in a process of its own; as `read_users_and_log`."""
    return (await read_users_and_log(address, timeout)).log


async def read_users_and_log(address: TerminalAddress, timeout: float = 10) -> PyzkRead:  # noqa: ASYNC109 - handed on to pyzk
    """Read users and log in a process of its own. `timeout`: seconds pyzk waits for one answer. Raises DriverError."""
    started = datetime.now(UTC)
    answer = await ask_worker("log", address, timeout)
    users = [(int(uid), str(number), str(name)) for uid, number, name in answer["users"]]
    punches = _mark_doubts([_punch_of(row) for row in answer["punches"]], answer["punches"], users, started)
    before, after = int(answer["declared_before"]), int(answer["declared_after"])
    return PyzkRead(users, LogRead(punches, (), _receipt(punches, before, after, int(answer["unread"]), started)), before, after)


def _punch_of(row: list[Any]) -> TerminalPunch:
    number, wall, verify, state, _ = row
    return TerminalPunch(str(number), pack_wall(wall), int(verify), int(state), json.dumps(row, ensure_ascii=False).encode())


def _mark_doubts(
    punches: list[TerminalPunch], rows: list[list[Any]], users: Sequence[tuple[int, str, str]], now: datetime
) -> list[TerminalPunch]:
    known = {number for _, number, _ in users}
    latest = pack_moment((now + AHEAD).replace(tzinfo=None))
    marked = []
    for punch, (_, _, _, _, uid) in zip(punches, rows, strict=True):
        if punch.user not in known and punch.user == str(uid):
            marked.append(replace(punch, user=f"uid:{uid}", doubt="uid-unresolved"))
        elif not EARLIEST <= punch.wall <= latest or not punch.user:
            marked.append(replace(punch, doubt="pyzk-implausible"))
        else:
            marked.append(punch)
    return marked


def _receipt(punches: Sequence[TerminalPunch], before: int, after: int, unread: int, started: datetime) -> ReadReceipt:
    doubtful = sum(punch.doubt is not None for punch in punches)
    reason = None
    if not before == after == len(punches):
        reason = f"the terminal declared {before} punches before and {after} after, pyzk decoded {len(punches)}"
    elif unread:
        reason = f"the terminal declared no punches and holds {unread} bytes of rows: pyzk does not read them"
    elif any(punch.doubt == "pyzk-implausible" for punch in punches):
        reason = "pyzk decoded punches that cannot be: it may have mistaken the record size"
    return ReadReceipt(
        declared_count=before,
        declared_bytes=0,
        received_bytes=0,
        decoded=len(punches),
        doubtful=doubtful,
        repeated=len(punches) - len({(punch.user, punch.wall) for punch in punches}),
        record_size=None,
        layout=LAYOUT,
        complete=reason is None,
        reason=reason,
        started_at=started,
        finished_at=datetime.now(UTC),
    )


class PyzkDriver:
    """One terminal, read with pyzk; each question is a process and a connection of its own."""

    def __init__(self, address: TerminalAddress, timeout: float = 10) -> None:
        """`timeout`: seconds pyzk waits for one answer of the terminal."""
        self._address = address
        self._timeout = timeout
        self._facts: TerminalFacts | None = None

    async def __aenter__(self) -> Self:
        """Ask who the terminal is; raises DriverError."""
        LOG.warning(
            "%s is read with pyzk: it may lose or invent punches where counts or record sizes are unusual",
            self._address,
        )
        answer = await ask_worker("describe", self._address, self._timeout)
        self._facts = TerminalFacts(
            serial=str(answer["serial"]),
            name=str(answer["name"]),
            platform=str(answer["platform"]),
            firmware=str(answer["firmware"]),
            mac=str(answer["mac"]),
            users=int(answer["users"]),
            punches=int(answer["records"]),
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Nothing is open between two questions."""

    async def describe(self) -> TerminalFacts:
        """As the terminal answered when the driver was entered."""
        assert self._facts is not None, "enter the driver first"
        return self._facts

    async def read_clock(self) -> ClockReading:
        """Ask for the clock; the worker takes the times of the round trip, so the start of its process is not in them."""
        answer = await ask_worker("clock", self._address, self._timeout)
        before, after = (datetime.fromisoformat(answer[key]) for key in ("before", "after"))
        return ClockReading(pack_wall(answer["wall"]), before + (after - before) / 2, round((after - before).total_seconds() * 1000))

    async def read_log(self) -> LogRead:
        """Read the whole log; see the module for what complete means here.

        Of a read that is not complete no punch is handed on: any of them may be made of pieces of others, and look likely.
        """
        read = await read_with_pyzk(self._address, self._timeout)
        return read if read.receipt.complete else LogRead((), (), read.receipt)

    async def listen(self) -> None:
        """Live events are not taken from pyzk; the log is polled."""

    async def next_event(self, timeout: float) -> LiveEvent | None:  # noqa: ASYNC109 - part of the contract, not a cancellation
        """Wait for `timeout` seconds; there are no events."""
        await asyncio.sleep(timeout)
        return None
