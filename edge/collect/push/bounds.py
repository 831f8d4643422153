"""How far the clock of a terminal that pushes is off, from what it tells of its own accord. Pure: instants are arguments.

    asks for commands: it had nothing else to send        `since`
    tells a punch, or its state, with the time it showed  `at`

What was made between the two was made when the clock showed `shown` (whole seconds), so

    shown - at   <=   drift   <   shown + 1 s - since

Nobody can ask such a terminal for its time, so a measure is a stretch and no point; each contact narrows it. The truth lies near its
lower end, because terminals tell a punch within a second or two. A terminal that has just come back, that is sending what had gathered, or
that answers a command proves nothing: only one that has asked again and again, and was given nothing to do, is measured.

What was done at its keys (`OPLOG`) it may hold back until its next transfer, once a minute. So it was done up to a minute before `since`,
and nobody knows where in the bounds the truth lies.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

QUIET_POLLS = 10
"""So often it must have asked for commands, without a gap, before what it tells counts as new: what had gathered has come by then."""
LONGEST = timedelta(minutes=1)
"""What was told longer after the last question proves too little."""
HELD_BACK = timedelta(minutes=1)
"""So long a terminal may keep to itself what is no punch: `TransInterval` in what it is told."""
SECOND = timedelta(seconds=1)
USUAL_MS = 500
"""A clock that shows whole seconds is half a second ahead of what it shows, on the average."""
WANDERS = 10_000
"""A quartz is off by less than one part in so many: a bound widens so fast while nothing is told."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The drift lies between these, terminal minus true time in milliseconds, as known at this aware instant.

    prompt: something that was told at once is among what shows it.
    """

    low_ms: int
    high_ms: int
    at: datetime
    prompt: bool = True

    @property
    def drift_ms(self) -> int:
        """What it most likely is."""
        middle = (self.low_ms + self.high_ms) // 2
        return min(self.low_ms + USUAL_MS, middle) if self.prompt else middle

    @property
    def within_ms(self) -> int:
        """How much more or less it may be."""
        return max(self.high_ms - self.drift_ms, self.drift_ms - self.low_ms)

    @property
    def least_ms(self) -> int:
        """How far it is off in any case, ahead or behind."""
        return max(self.low_ms, -self.high_ms, 0)


def bounds_of(shown: Sequence[datetime], since: datetime, at: datetime) -> Bounds | None:
    """What moments that a clock showed between these two instants say of it; None where they contradict each other."""
    low, high = max(shown) - at, min(shown) - since + SECOND
    return Bounds(_ms(low), _ms(high), at) if low < high else None


def narrowed(before: Bounds | None, now: Bounds) -> Bounds:
    """Both together; where they exclude each other the clock was set meanwhile, and only the new one holds."""
    if before is None:
        return now
    wandered = abs(_ms(now.at - before.at)) // WANDERS
    low, high = max(before.low_ms - wandered, now.low_ms), min(before.high_ms + wandered, now.high_ms)
    return Bounds(low, high, now.at, before.prompt or now.prompt) if low < high else now


class Watch:
    """What one terminal's contacts say of its clock."""

    def __init__(self, gap: timedelta) -> None:
        """gap: between two questions; after a longer one the terminal was away."""
        self.bounds: Bounds | None = None
        self._gap = gap
        self._since: datetime | None = None
        self._polls = 0

    def asked(self, at: datetime, *, given: bool) -> None:
        """It asked for commands. given: it was sent some, and what it tells next may be their doing."""
        if self._since is None or not timedelta(0) <= at - self._since <= self._gap or given:
            self._polls = 0
        self._polls, self._since = self._polls + (not given), at

    def told(self, shown: Sequence[datetime], at: datetime) -> Bounds | None:
        """It told what its clock showed at something new; gives what is known by that, None where it proves nothing."""
        return self._measured(shown, at, timedelta(0))

    def told_late(self, shown: Sequence[datetime], at: datetime) -> Bounds | None:
        """The same of what it may have held back for a while."""
        return self._measured(shown, at, HELD_BACK)

    def _measured(self, shown: Sequence[datetime], at: datetime, held_back: timedelta) -> Bounds | None:
        if not shown or self._since is None or self._polls < QUIET_POLLS or at - self._since > LONGEST:
            return None
        now = bounds_of(shown, self._since - held_back, at)
        if now is None:  # what had gathered comes now
            self._polls = 0
            return None
        self.bounds = narrowed(self.bounds, replace(now, prompt=not held_back))
        return self.bounds

    def was_set(self) -> None:
        """Its clock was set just now: what was known of it holds no more."""
        self.bounds = None


def _ms(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)
