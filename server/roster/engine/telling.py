"""A shift in words, and what a new version changes about it."""

from collections.abc import Callable, Iterator
from itertools import zip_longest

from server.roster.engine.times import length_text, text_of
from server.roster.model import RequiredPunches, ShiftBreak, ShiftPart, ShiftTerms

Tell = Callable[..., str]

PUNCHES = {
    RequiredPunches.NONE: "no punches",
    RequiredPunches.ANY_ONE: "one punch at any time",
    RequiredPunches.IN_ONLY: "a punch in only",
    RequiredPunches.OUT_ONLY: "a punch out only",
    RequiredPunches.IN_AND_OUT: "punches in and out of each part",
    RequiredPunches.WITH_BREAKS: "punches in and out, and for breaks",
}
"""What a shift asks for; each has a translation."""


def hours_in_words(terms: ShiftTerms, tell: Tell) -> str:
    """ "09:00–12:00, 14:00–18:00": the hours alone, for lists."""
    if not terms.parts:
        return tell("{n} {n:minute|minutes} at any time", n=terms.required_minutes)
    return tell(", ").join(span(part.start, part.end) for part in terms.parts)


def shift_in_words(terms: ShiftTerms, tell: Tell) -> list[str]:
    """Sentences that say all of a shift."""
    return [words for _, words in _facts(terms, tell)]


def shift_changes(before: ShiftTerms, after: ShiftTerms, tell: Tell) -> list[str]:
    """What is different, a sentence for each difference; empty for the same."""
    earlier, later = dict(_facts(before, tell)), dict(_facts(after, tell))
    found = []
    for key in [*later, *(one for one in earlier if one not in later)]:
        old, new = earlier.get(key), later.get(key)
        if old == new:
            continue
        if old is None:
            found.append(tell("new: {new}", new=new))
        elif new is None:
            found.append(tell("gone: {old}", old=old))
        else:
            found.append(tell("{new} (was: {old})", new=new, old=old))
    return found


def worked_minutes(terms: ShiftTerms) -> int:
    """Minutes that the shift counts for: its parts without unpaid breaks, or what is owed."""
    if not terms.parts:
        return terms.required_minutes or 0
    return sum(part.end - part.start - sum(_length(one) for one in part.breaks if not one.paid) for part in terms.parts)


def span(start: int, end: int) -> str:
    return f"{text_of(start)}–{text_of(end)}"


def _length(one: ShiftBreak) -> int:
    return one.end - one.start if one.start is not None and one.end is not None else one.minutes


def _facts(terms: ShiftTerms, tell: Tell) -> Iterator[tuple[str, str]]:
    """(what it is about, sentence): equal keys of two versions are compared."""
    for number, part in enumerate(terms.parts, 1):
        yield f"part {number}", _part(part, number, len(terms.parts), tell)
        for place, one in enumerate(part.breaks, 1):
            yield f"part {number} break {place}", _break(one, tell)
        yield f"part {number} windows", _windows(part, tell)
    if terms.required_minutes is not None:
        yield "owed", tell("{n} {n:minute of work is|minutes of work are} owed, at any time of the day", n=terms.required_minutes)
    yield "counts", tell("the shift counts for {hours}", hours=length_text(worked_minutes(terms)))
    yield "punches", tell("asked for: {punches}", punches=tell(PUNCHES[terms.required_punches]))
    if terms.come_late_minutes:
        yield "late", tell("people may come up to {n} {n:minute|minutes} later and go as much later", n=terms.come_late_minutes)
    if terms.come_early_minutes:
        yield "early", tell("people may come up to {n} {n:minute|minutes} earlier and go as much earlier", n=terms.come_early_minutes)
    if terms.core:
        yield "core", tell("core time {span}", span=span(*terms.core))
    for number, tier in enumerate(terms.late_leave, 1):
        words = "who leaves {after} minutes late may come {later} minutes later the next day"
        yield f"late leave {number}", tell(words, after=tier.after_minutes, later=tier.later_minutes)


def _part(part: ShiftPart, number: int, parts: int, tell: Tell) -> str:
    hours = span(part.start, part.end)
    name = part.name or (tell("part {n}", n=number) if parts > 1 else tell("work"))
    return f"{name} {hours}"


def _break(one: ShiftBreak, tell: Tell) -> str:
    paid = tell("paid") if one.paid else tell("punched") if one.punched else tell("taken off by itself")
    if one.start is not None and one.end is not None:
        return tell("break {span}, {paid}", span=span(one.start, one.end), paid=paid)
    return tell("break of {n} {n:minute|minutes} at any time, {paid}", n=one.minutes, paid=paid)


def _windows(part: ShiftPart, tell: Tell) -> str:
    if part.opens_before is None and part.closes_after is None:
        return tell("punches belong to it up to the middle of the gap to the next shift")
    half = tell("the middle of the gap")
    since = half if part.opens_before is None else tell("{n} {n:minute|minutes} before", n=part.opens_before)
    until = half if part.closes_after is None else tell("{n} {n:minute|minutes} after", n=part.closes_after)
    return tell("punches belong to it from {since} to {until}", since=since, until=until)


def cycle_changes(before: tuple[str, ...], after: tuple[str, ...], tell: Tell) -> list[str]:
    """Days of a cycle (names of shifts, "" for rest) that are others."""
    rest = tell("rest")

    def word(name: str | None) -> str:
        return "–" if name is None else name or rest

    return [
        tell("day {n}: {new} (was: {old})", n=number, new=word(new), old=word(old))
        for number, (old, new) in enumerate(zip_longest(before, after), 1)
        if old != new
    ]
