"""Clocks of terminals that push: measured at each contact that proves something, remembered, and set where the rule says so.

One that has shown its time to nobody for a day is set as well, unmeasured: nobody can ask for the time, and it may be wrong all the same.

Blocks; two requests of one terminal never at once.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from edge.collect.discipline import Discipline
from edge.collect.drift import DriftHistory, Stretch
from edge.collect.duty import Rules
from edge.collect.intake import FRESH_ROWS
from edge.collect.push.bounds import Bounds, Watch
from edge.collect.push.queue import Ended, Queue
from edge.collect.rows import key_of
from edge.devices.iclock.protocol.answers import House
from edge.devices.iclock.protocol.commands import set_clock, set_zone, sets_clock
from edge.devices.iclock.protocol.dialect import Dialect
from edge.devices.iclock.protocol.react import Reaction
from edge.devices.iclock.protocol.records import Operation
from edge.devices.iclock.protocol.zone import packed_seconds, shown_instant, zone_minutes, zone_value
from edge.outbox import Outbox
from protocol.identifiers import TerminalSerial
from protocol.instants import WallTime

CLOCK_SECONDS = 120
"""A command that sets the clock is worth nothing later."""
ZONE_SECONDS = 24 * 3600
SHORTEST_GAP, DELAYS = timedelta(minutes=1), 3
KEPT, KEEP_AGAIN = 10, timedelta(minutes=10)
"""Measures that are remembered over a restart, and how often the last one is written again."""
PURPOSE = "clock"
UNSEEN_SECONDS = 24 * 3600.0
"""After so long without a measure a clock is set by rule although nobody knows how far it is off."""
OPERATIONS = 200
"""Of each terminal the latest are remembered, so that one that comes twice is no news."""
ZONE = "timezone"
"""The option that holds the zone, as options are told."""
OTHER_ZONE = "the terminal shows another time zone"
NO_TIME_TOLD = "terminals of this dialect take the time from the edge's answers, and push.send_date is off"
NO_EFFECT = "the terminal took it and shows another time"


@dataclass(slots=True)
class Said:
    """What a request said of the clock. measured: by it. was_set: just now, as far as the terminal says.

    trouble: why it does not show the right time although the rule wants it; empty where it does, None where there is nothing to say.
    """

    measured: Bounds | None = None
    was_set: bool = False
    trouble: str | None = None


@dataclass(slots=True)
class _Clock:
    watch: Watch
    drifts: DriftHistory
    discipline: Discipline = field(default_factory=Discipline)
    checks: bool = False
    """It was set by rule, and nothing has shown yet whether it obeyed."""
    said: Said = field(default_factory=Said)
    """By the present request."""
    sure_at: float = field(default_factory=time.monotonic)
    """When it was measured or set last; before that, when it was met."""
    operations: OrderedDict[Operation, None] = field(default_factory=OrderedDict)
    zone: str = ""
    """The zone that it was told and has not shown yet; empty where nothing is waited for."""


class Clocks:
    """Of all terminals. alone: whether nobody else measures a terminal, because it is read as well."""

    def __init__(self, rules: Rules, delay_seconds: int, outbox: Outbox, queue: Queue, alone: Callable[[TerminalSerial], bool]) -> None:
        self._rules, self._outbox, self._queue, self._alone = rules, outbox, queue, alone
        self._gap = max(SHORTEST_GAP, DELAYS * timedelta(seconds=delay_seconds))
        self._clocks: dict[TerminalSerial, _Clock] = {}

    def meet(self, serial: TerminalSerial, remembered: tuple[Stretch, ...]) -> None:
        """A terminal comes with a request; what was measured before a restart is known again."""
        if serial not in self._clocks:
            self._clocks[serial] = _Clock(Watch(self._gap), DriftHistory(remembered))
        self._clocks[serial].said = Said()

    def said(self, serial: TerminalSerial) -> Said:
        """What came of the request."""
        return self._clocks[serial].said

    def bounds_of(self, serial: TerminalSerial) -> Bounds | None:
        """What is known since it was set last."""
        return self._clocks[serial].watch.bounds if serial in self._clocks else None

    def drift_at(self, serial: TerminalSerial, wall: WallTime) -> int | None:
        """How far it was off when it showed this, by the measure taken closest to it."""
        return self._clocks[serial].drifts.at(wall, self._rules.zone)

    def to_keep(self, serial: TerminalSerial, kept: tuple[Stretch, ...]) -> tuple[Stretch, ...]:
        """What is to be remembered; the same as is kept while it says as much."""
        now = self._clocks[serial].drifts.stretches[-KEPT:]
        same = len(now) == len(kept) and all(
            one.first == other.first and one.last - other.last < KEEP_AGAIN for one, other in zip(now, kept, strict=True)
        )
        return kept if same else now

    def look(self, serial: TerminalSerial, reaction: Reaction, now: datetime) -> None:
        """See what a request says of the clock; before its punches are appended, so that they are told with it."""
        clock = self._clocks[serial]
        new = _news(clock, reaction.told.operations)
        if any(one.sets_clock for one in new):
            clock.watch.was_set()
            new = []
        late = clock.watch.told_late(self._instants([one.wall for one in new], now), now)
        bounds = clock.watch.told(self._shown(serial, reaction, now), now) or late
        if bounds is not None:
            self._measured(clock, bounds, now)
        shown = zone_minutes(reaction.options.get(ZONE, "")) if clock.zone else None
        if shown is not None:
            clock.said.trouble = OTHER_ZONE if shown != zone_minutes(clock.zone) else clock.said.trouble
            clock.zone = ""

    def _measured(self, clock: _Clock, bounds: Bounds, now: datetime) -> None:
        if bounds.prompt or bounds.least_ms:  # else punches would be told with a drift that may be none
            clock.drifts.measured(now, bounds.drift_ms)
        within = bounds.least_ms <= self._rules.clock.tolerance_ms
        clock.said.measured, clock.said.trouble = bounds, "" if within else NO_EFFECT if clock.checks else None
        clock.checks, clock.sure_at = False, time.monotonic()

    def _shown(self, serial: TerminalSerial, reaction: Reaction, now: datetime) -> Sequence[datetime]:
        """Moments that the clock showed at something that nobody has heard of before."""
        walls = [reaction.clock]
        punches = reaction.found.punches
        if reaction.live and 0 < len(punches) <= FRESH_ROWS:
            new = self._outbox.unknown(serial, [key_of(one) for one in punches])
            walls += [punches[place].wall for place in new]
        return self._instants(walls, now)

    def _instants(self, walls: Iterable[WallTime | None], now: datetime) -> Sequence[datetime]:
        found = [shown_instant(wall, self._rules.zone, now) for wall in walls if wall is not None]
        return [one for one in found if one is not None]

    def asked(self, serial: TerminalSerial, now: datetime, *, given: bool) -> None:
        """It asked for commands; given: it was sent some."""
        self._clocks[serial].watch.asked(now, given=given)

    def correct(self, serial: TerminalSerial, dialect: Dialect, house: House) -> None:
        """Have the clock set where the rule says so: it asks for commands, so all that was punched before has come."""
        clock, at = self._clocks[serial], time.monotonic()
        bounds, rule = clock.watch.bounds, self._rules.clock
        if not rule.corrects or not house.trusted or not self._alone(serial):
            return
        can = dialect is Dialect.SECURITY or house.tells_time
        if bounds is not None and clock.discipline.wants_it_set(rule, bounds.least_ms, at):
            clock.discipline.tried(at)
            if can:
                self._set(clock, serial, dialect, house)
            else:
                clock.said.trouble = NO_TIME_TOLD
        elif can and at - clock.sure_at >= UNSEEN_SECONDS and (bounds is None or bounds.least_ms <= rule.most_ms):
            clock.sure_at = at
            self._set(clock, serial, dialect, house)

    def _set(self, clock: _Clock, serial: TerminalSerial, dialect: Dialect, house: House) -> None:
        ask_to_set(self._queue, serial, dialect, house)
        clock.zone = zone_value(house.zone, house.now) if dialect is Dialect.ATTENDANCE else ""

    def ended(self, serial: TerminalSerial, ended: Sequence[Ended]) -> None:
        """Commands came to their end: those that set the clock make what was known of it void."""
        clock = self._clocks[serial]
        about = [one for one in ended if one.purpose == PURPOSE or sets_clock(one.text)]
        failed = [one for one in about if not one.done]
        if any(one.done for one in about):
            clock.watch.was_set()
            clock.checks, clock.said.was_set = any(one.purpose == PURPOSE for one in about), True
            clock.sure_at = time.monotonic()
        if failed:
            clock.said.trouble = failed[0].result.meaning


def _news(clock: _Clock, operations: Iterable[Operation]) -> list[Operation]:
    """Those that have not come before."""
    new = [one for one in dict.fromkeys(operations) if one not in clock.operations]
    clock.operations.update(dict.fromkeys(new))
    while len(clock.operations) > OPERATIONS:
        clock.operations.popitem(last=False)
    return new


def ask_to_set(queue: Queue, serial: TerminalSerial, dialect: Dialect, house: House) -> None:
    """Queue what makes a terminal show the time of its zone: the time itself, or the zone, to which answers add the time."""
    now = int(house.now.timestamp())
    if dialect is Dialect.SECURITY:
        wall = house.now.astimezone(house.zone).replace(tzinfo=None)
        queue.add_once(serial, set_clock(packed_seconds(wall)), now, CLOCK_SECONDS, PURPOSE)
        return
    for text in set_zone(zone_value(house.zone, house.now)):
        queue.add(serial, text, now, ZONE_SECONDS, PURPOSE)
