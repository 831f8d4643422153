"""A shift as a line: where its parts, breaks and windows lie. Places are thousandths of the line."""

from collections.abc import Iterator
from dataclasses import dataclass

from server.roster.engine.times import text_of
from server.roster.model import ShiftTerms

DAY = 1440


@dataclass(frozen=True, slots=True)
class Box:
    """A stretch of the line. kind: window, band, part, break, core. words: for a reader who cannot see it."""

    kind: str
    left: int
    width: int
    words: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the axis. words: "" where there is none beside it."""

    left: int
    words: str
    midnight: bool


@dataclass(frozen=True, slots=True)
class Line:
    boxes: tuple[Box, ...]
    ticks: tuple[Tick, ...]


def shift_line(terms: ShiftTerms) -> Line | None:
    """The drawing; None for a shift without hours. The line is one day, or as long as the shift reaches into the next."""
    if not terms.parts:
        return None
    first = min(0, *(part.start - (part.opens_before or 0) for part in terms.parts))
    last = max(DAY, *(part.end + max(part.closes_after or 0, terms.come_late_minutes) for part in terms.parts))
    first, last = first // 60 * 60, -(-last // 60) * 60

    def place(minutes: int) -> int:
        return (minutes - first) * 1000 // (last - first)

    boxes = tuple(Box(kind, place(start), max(2, place(end) - place(start)), words) for kind, start, end, words in _stretches(terms))
    hours = range(first // 60, last // 60 + 1)
    ticks = tuple(Tick(place(hour * 60), _label(hour), hour % 24 == 0) for hour in hours if hour % 3 == 0)
    return Line(boxes, ticks)


def _label(hour: int) -> str:
    """Each sixth hour; those of the day before as its clock shows them."""
    return "" if hour % 6 else text_of(hour * 60 if hour >= 0 else hour * 60 + DAY)


def _stretches(terms: ShiftTerms) -> Iterator[tuple[str, int, int, str]]:
    """Behind first: what comes later is drawn over it."""
    for part in terms.parts:
        if part.opens_before is not None or part.closes_after is not None:
            yield "window", part.start - (part.opens_before or 0), part.end + (part.closes_after or 0), ""
    if terms.come_late_minutes or terms.come_early_minutes:
        for at in (terms.parts[0].start, terms.parts[-1].end):
            yield "band", at - terms.come_early_minutes, at + terms.come_late_minutes, ""
    for part in terms.parts:
        yield "part", part.start, part.end, f"{text_of(part.start)}–{text_of(part.end)}"
    if terms.core:
        yield "core", *terms.core, f"{text_of(terms.core[0])}–{text_of(terms.core[1])}"
    for part in terms.parts:
        for one in part.breaks:
            if one.start is not None and one.end is not None:
                yield "break", one.start, one.end, f"{text_of(one.start)}–{text_of(one.end)}"
