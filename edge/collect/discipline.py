"""When a terminal's clock is set by rule, and when it is an alarm: the same for terminals that are read and terminals that push."""

from edge.health import HealthBook
from protocol.identifiers import TerminalSerial
from protocol.wanted import ClockRule

CLOCK_OFF_MS = 60_000
CLOCK_REST_SECONDS = 600.0
"""A clock that was set and is off again is no clock to set every half minute."""
CLOCK_ALARM_SECONDS = 24 * 3600.0


class Discipline:
    """For one terminal. Instants are seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self._rests_until = float("-inf")

    def wants_it_set(self, rule: ClockRule, drift_ms: int | None, now: float) -> bool:
        """Whether the rule wants a clock set that is off by so much. Beyond the rule's limit a person must."""
        off = drift_ms is not None and rule.tolerance_ms < abs(drift_ms) <= rule.most_ms
        return rule.corrects and off and now >= self._rests_until

    def tried(self, now: float) -> None:
        """It is being set: whatever comes of it, it is left alone for a while."""
        self._rests_until = now + CLOCK_REST_SECONDS


def tell_drift(book: HealthBook, serial: TerminalSerial, drift_ms: int | None) -> None:
    """Raise the alarm or clear it; None: the clock shows no date that exists."""
    code = f"clock-off-{serial}"
    if drift_ms is None or abs(drift_ms) > CLOCK_OFF_MS:
        book.alarm(code, f"drift_ms={drift_ms}")
    else:
        book.clear(code)


def tell_not_set(book: HealthBook, serial: TerminalSerial, reason: str) -> None:
    """The rule wanted it set, and it is not. An empty reason: it is."""
    code = f"clock-not-set-{serial}"
    if reason:
        book.alarm(code, reason, CLOCK_ALARM_SECONDS)
    else:
        book.clear(code)
