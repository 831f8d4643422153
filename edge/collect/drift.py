"""How far a terminal's clock was off, and when: each punch is told with the measure that was taken closest to it. No clock of its own."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from protocol.instants import WallTime, wall_moment

SAME_MS = 1500
"""Two measures that differ by less are one: clocks of terminals show whole seconds."""
KEPT = 50
OLDEST = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The clock was off by this much, terminal minus true time in milliseconds, from the first measure to the last one. Aware instants."""

    first: datetime
    last: datetime
    drift_ms: int


class DriftHistory:
    """Measures of one terminal. Others may ask from any thread while the owner measures."""

    def __init__(self, stretches: tuple[Stretch, ...] = ()) -> None:
        self._stretches = stretches

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """All that is remembered, oldest first."""
        return self._stretches

    def measured(self, at: datetime, drift_ms: int) -> None:
        """Note a measure that was taken at this instant."""
        *before, last = self._stretches or (None,)
        if last is not None and abs(last.drift_ms - drift_ms) < SAME_MS:
            now = (*before, replace(last, last=at, drift_ms=drift_ms))
        else:
            now = (*self._stretches, Stretch(at, at, drift_ms))
        self._stretches = tuple(one for one in now if one is not None and at - one.last < OLDEST)[-KEPT:]

    @property
    def latest_ms(self) -> int | None:
        """As it was measured last; None before that."""
        return self._stretches[-1].drift_ms if self._stretches else None

    def at(self, wall: WallTime, zone: ZoneInfo) -> int | None:
        """As it was measured closest to the moment at which the clock showed this; the latest where the clock showed no moment."""
        stretches = self._stretches
        if len(stretches) < 2:
            return stretches[0].drift_ms if stretches else None
        moment = wall_moment(wall)
        if moment is None:
            return stretches[-1].drift_ms
        shown = moment.replace(tzinfo=zone)
        try:
            return min(reversed(stretches), key=lambda one: _distance(one, shown)).drift_ms
        except OverflowError:  # the first or the last day of all
            return stretches[-1].drift_ms

    def forget(self) -> None:
        """Another terminal stands there."""
        self._stretches = ()


def _distance(stretch: Stretch, shown: datetime) -> timedelta:
    """How far from these measures the punch was made, if the clock was off by so much then."""
    true = shown - timedelta(milliseconds=stretch.drift_ms)
    return max(stretch.first - true, true - stretch.last, timedelta(0))
