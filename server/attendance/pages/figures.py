"""Figures that come out otherwise, as people read them: their names, and their values with units."""

from collections.abc import Mapping

from server.attendance.engine.wording import Tell, days_of_halves, duration, rate, spoken
from server.attendance.model.trials import FigureChange

NAMES: Mapping[str, str] = {
    "status": "Result",
    "state": "Standing",
    "kind": "Kind of day",
    "exceptions": "Exceptions",
    "details": "How punches were read",
    "scheduled-minutes": "Planned",
    "worked-minutes": "Worked",
    "late-minutes": "Minutes late",
    "early-minutes": "Minutes early",
    "undertime-minutes": "Too little work",
    "night-minutes": "Night work",
    "trip-minutes": "On a trip",
    "banked-minutes": "To the time bank",
    "excused-minutes": "Excused",
    "absent-halves": "Absent (days)",
    "late-times": "Times late",
    "serious-late-times": "Times seriously late",
    "early-times": "Times left early",
    "missing-times": "Missing punches",
}
"""English names of figures that are always the same."""


def name_of(name: str, tell: Tell) -> str:
    """What people call a figure."""
    first, _, rest = name.partition("-")
    middle = rest.removesuffix("-minutes")
    if first == "overtime":
        return tell("Overtime at {rate}", rate=rate(int(middle)))
    if first == "leave":
        return tell("Leave: {kind}", kind=spoken(tell, middle))
    return tell(NAMES[name])


def value_of(name: str, value: object, tell: Tell) -> str:
    """A figure's value with its unit; a dash for none."""
    if value is None or value == "":
        return "–"
    if isinstance(value, int):
        if name.endswith("-minutes"):
            return duration(tell, value)
        return days_of_halves(value) if name.endswith("-halves") else str(value)
    return tell(", ").join(spoken(tell, one) for one in str(value).split(", "))


def difference_of(change: FigureChange, tell: Tell) -> str:
    """By how much, with its sign; empty for words."""
    if not isinstance(change.before or 0, int) or not isinstance(change.after or 0, int):
        return ""
    by = (change.after or 0) - (change.before or 0)
    return ("+" if by > 0 else "") + value_of(change.name, by, tell)


def number_of(name: str, value: object, tell: Tell) -> object:
    """For a table to go on counting with: minutes and times as numbers, half days as days, words as words."""
    if isinstance(value, int):
        return value / 2 if name.endswith("-halves") else value
    return "" if value is None else value_of(name, value, tell)
