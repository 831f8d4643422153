"""How facts of steps and figures are written for people: by the name of the fact, in the words of the reader's language.

`tell` is the reader's translation (`server.web.language.translator`). A word of ours for programs ("serious-late") is the key of its own
translation; in English it is read without its hyphens.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

Tell = Callable[..., str]


def spoken(tell: Tell, code: str) -> str:
    """A word of ours as a person reads it."""
    told = tell(code)
    return code.replace("-", " ") if told == code else told


def duration(tell: Tell, minutes: int) -> str:
    """Minutes as "1 h 31 min"; below zero with a minus in front."""
    hours, rest = divmod(abs(minutes), 60)
    if hours and rest:
        told = tell("{hours} h {minutes} min", hours=hours, minutes=rest)
    else:
        told = tell("{hours} h", hours=hours) if hours else tell("{minutes} min", minutes=rest)
    return f"-{told}" if minutes < 0 else told


def time_of_day(minutes: int) -> str:
    """Minutes from midnight as a clock shows them; 1560 is "26:00"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def moment(at: int, zone: str, work_date: date | None = None) -> str:
    """An instant on the site's clock, with seconds where it has any, and with its date where it is not on `work_date`."""
    local = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone))
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return clock if work_date is None or local.date() == work_date else f"{local:%m-%d} {clock}"


def joined(tell: Tell, sentences: Iterable[str]) -> str:
    """Sentences in one line."""
    line = ""
    for sentence in sentences:
        line = tell("{before} {after}", before=line, after=sentence) if line else sentence
    return line


def rate(percent: int) -> str:
    return f"{percent} %"


def days_of_halves(halves: int) -> str:
    """Half days as days: 3 is "1.5"."""
    return f"{halves / 2:g}"


def worded(tell: Tell, facts: Mapping[str, Any], zone: str, work_date: date | None = None) -> dict[str, str]:
    """Every fact as a person reads it, by what its name says: `…_at`, `…_minutes`, `…_seconds`, `…_time`, `…_halves`, `rate`; words of
    ours by their translation; the rest as it is."""
    return {name: _worded(tell, name, value, zone, work_date) for name, value in facts.items()}


def _worded(tell: Tell, name: str, value: Any, zone: str, work_date: date | None) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return tell("yes") if value else tell("no")
    if isinstance(value, list | tuple):
        return tell(", ").join(_worded(tell, name, one, zone, work_date) for one in value)
    if isinstance(value, int):
        return _number(tell, name, value, zone, work_date)
    return spoken(tell, value) if isinstance(value, str) and value and not name.endswith(("_date", "_code")) else str(value)


def _number(tell: Tell, name: str, value: int, zone: str, work_date: date | None) -> str:
    match name.rpartition("_")[2]:
        case "at":
            return moment(value, zone, work_date)
        case "minutes":
            return duration(tell, value)
        case "seconds":
            return tell("{seconds} s", seconds=value)
        case "time":
            return time_of_day(value)
        case "halves":
            return days_of_halves(value)
        case "rate":
            return rate(value)
    return str(value)
