"""Tells the server, terminal by terminal, how many punches of each day the edge ever took, so that it can see whether it has them all.

Once a night, and when somebody asks. Days of which the server has other punches it orders again (`re-read` with `dates`): these are listed
punch by punch, before they are handed over again and behind it, so that the server sees which ones were missing and that they came.
"""

import asyncio
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import structlog
from msgspec.structs import replace

from edge.collect.duty import Rules
from edge.errors import OutboxError
from edge.link import Link
from edge.outbox import Outbox
from protocol.counting import count_days
from protocol.errors import DecodeError
from protocol.identifiers import EdgeId, TerminalSerial
from protocol.messages import Counted, CountedDay

DAYS = 31
NIGHT = timedelta(hours=3)
"""From when on it is done: behind the counts that terminals which push are asked for at two."""
SPREAD_SECONDS = 3600
"""Within so long from then on, each terminal at a moment of its own, which is the same every night."""
LOOK_SECONDS = 5.0
FEW_ROWS = 1000
"""A longer queue is worked off first."""
LISTED_BYTES = 480_000
"""Of listings in one message; each message says the count of all days. A day beyond it alone (40,000 punches) is not listed."""
APART_SECONDS = 0.2
"""Between two terminals: an edge with a thousand of them keeps nobody's punches waiting."""

log = structlog.get_logger(__name__)


class Comparing:
    """Counts and tells while `run` runs. After a restart it begins with what the last night would have brought."""

    def __init__(self, edge: EdgeId, link: Link, rules: Rules, outbox: Outbox) -> None:
        self._edge, self._link, self._rules, self._outbox = edge, link, rules, outbox
        self._asked: dict[TerminalSerial, set[date]] = {}
        self._nights: dict[TerminalSerial, date] = {}
        self._wake = asyncio.Event()

    def soon(self, serial: TerminalSerial, listed: Collection[date] = ()) -> None:
        """Somebody wants to know: count this terminal as soon as the server has receipted what it should have. listed: punch by punch."""
        self._asked.setdefault(serial, set()).update(listed)
        self._wake.set()

    async def at_once(self, serial: TerminalSerial, listed: Collection[date]) -> None:
        """As things stand now, where that can be told at all: what is done next may change it."""
        with suppress(OutboxError, DecodeError):
            await self._tell(serial, datetime.now(self._rules.zone).date(), listed)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._wake.clear()
            if self._link.up and self._outbox.high - self._outbox.mark <= FEW_ROWS:
                await self._look(datetime.now(self._rules.zone))
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._wake.wait()

    async def _look(self, local: datetime) -> None:
        for serial in sorted(self._asked.keys() | {one for one in self._outbox.terminals() if self._is_due(one, local)}):
            listed = self._asked.pop(serial, set())  # who asks from now on means what comes behind this count
            try:
                told = await self._tell(serial, local.date(), listed)
            except (OutboxError, DecodeError) as error:
                log.warning("not_counted", terminal=serial, error=str(error))
                continue
            if told:
                self._nights[serial] = _night(serial, local)
                await asyncio.sleep(APART_SECONDS)
            else:
                self._asked.setdefault(serial, set()).update(listed)

    def _is_due(self, serial: TerminalSerial, local: datetime) -> bool:
        return self._nights.get(serial) != _night(serial, local)  # also a night before: a clock that was ahead is set back

    async def _tell(self, serial: TerminalSerial, today: date, listed: Collection[date]) -> bool:
        """False where there is no line, or punches of before today are still on their way: they are counted when they have come."""
        first = today - timedelta(days=DAYS - 1)
        found = await asyncio.to_thread(self._outbox.receipted_identities, serial, first, today)
        if found is None or found.last < today - timedelta(days=1):
            return False
        days = await asyncio.to_thread(count_days, found.punches, listed)
        said = Counted(edge=self._edge, terminal=serial, at=datetime.now(UTC), first=found.first, last=found.last, days=[], lists=True)
        return all(self._link.publish(replace(said, days=some)) for some in _portions(days))


def _portions(days: Sequence[CountedDay]) -> Iterator[list[CountedDay]]:
    """All days, as often as it takes to say their listings in messages that are not too large; at least once."""
    rest = {one.day: one.listing for one in days if 0 < len(one.listing) <= LISTED_BYTES}
    while True:
        room, listings = LISTED_BYTES, {}
        for day, listing in rest.items():
            room -= len(listing)
            if room < 0:
                break
            listings[day] = listing
        yield [replace(one, listing=listings.get(one.day, b"")) for one in days]
        rest = {day: listing for day, listing in rest.items() if day not in listings}
        if not rest:
            return


def _night(serial: TerminalSerial, local: datetime) -> date:
    """The date of the last night that this terminal's moment of is over."""
    moment = NIGHT + timedelta(seconds=zlib.crc32(serial.encode()) % SPREAD_SECONDS)
    return (local.replace(tzinfo=None) - moment).date()
