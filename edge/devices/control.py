"""What the person behind a simulated terminal can say of any family: a rate of punches, a drift of the clock, a fault mode. Pure."""

from edge.devices.faults import Switches

MAX_DRIFT = 10 * 366 * 86_400
"""Seconds."""

Facts = dict[str, object]


class ControlError(ValueError):
    """A command that cannot be obeyed; the message says how it is written."""


def rate_of(arguments: list[str], most: int) -> float:
    """Punches per second, `most` at the most; raises ControlError."""
    rate = _number(arguments, "rate PUNCHES_PER_SECOND")
    if not 0 <= rate <= most:
        raise ControlError(f"a rate is 0 to {most} punches per second")
    return rate


def drift_of(arguments: list[str]) -> float:
    """How many seconds a clock is ahead; raises ControlError."""
    seconds = _number(arguments, "drift SECONDS")
    if not abs(seconds) <= MAX_DRIFT:
        raise ControlError("a clock drifts by ten years at most")
    return seconds


def switch(faults: Switches, arguments: list[str]) -> None:
    """Switch a mode on or off; raises ControlError, and FaultError for one that does not exist."""
    match arguments:
        case [text] | [text, "on"]:
            faults.switch_on(text)
        case [text, "off"]:
            faults.switch_off(text)
        case _:
            raise ControlError("write: fault NAME[=VALUE] on|off")


def _number(arguments: list[str], form: str) -> float:
    try:
        (text,) = arguments
        return float(text)
    except ValueError:
        raise ControlError(f"write: {form}") from None
