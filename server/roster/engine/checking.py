"""What is wrong with a shift or a pattern before it is stored. Each finding names the field and the mend."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from server.roster.engine.times import text_of
from server.roster.model import Anchor, Finding, PatternTerms, RequiredPunches, ShiftBreak, ShiftPart, ShiftTerms

LONGEST_MINUTES = 24 * 60
"""From the first start to the last end: a longer duty would lie on top of the same duty of the next day."""
LATEST_END = 48 * 60
MOST_PARTS, MOST_BREAKS, MOST_TIERS, LONGEST_CYCLE = 4, 8, 5, 366
WIDEST_WINDOW = 24 * 60
PUNCHES_OF_BREAKS = "people punch for this break, but the shift does not ask for such punches"


def check_shift(terms: ShiftTerms) -> tuple[Finding, ...]:
    """Everything wrong with a shift; nothing: it can be used."""
    found = [*_times(terms)]
    if not found:  # what follows compares times, so they must be some
        found += [*_together(terms), *_windows(terms), *_band(terms)]
        for number, part in enumerate(terms.parts):
            found += _breaks(number, part, terms.required_punches)
        found += _asked(terms)
    return (*found, *_owed(terms), *_late_leave(terms))


def overlapping_parts(terms: ShiftTerms) -> tuple[tuple[int, int], ...]:
    """Pairs of parts (by their positions) that share a minute, whatever their order."""
    numbered = sorted(enumerate(terms.parts), key=lambda one: (one[1].start, one[1].end))
    return tuple(
        (min(first, second), max(first, second))
        for place, (first, earlier) in enumerate(numbered)
        for second, later in numbered[place + 1 :]
        if later.start < earlier.end
    )


def check_pattern(terms: PatternTerms, known_shifts: Sequence[int]) -> tuple[Finding, ...]:
    """Everything wrong with a pattern. known_shifts: those that may be used."""
    return tuple(_cycle(terms, frozenset(known_shifts)))


def _times(terms: ShiftTerms) -> Iterator[Finding]:
    if len(terms.parts) > MOST_PARTS:
        yield Finding("parts", "a shift has at most {most} parts", "leave some out", {"most": MOST_PARTS})
    for number, part in enumerate(terms.parts):
        place = f"parts.{number}"
        if not 0 <= part.start < LATEST_END:
            yield Finding(f"{place}.start", "this is no time of a shift", "use 00:00 to 47:59; 26:00 is 2:00 of the next day")
        elif not 0 < part.end <= LATEST_END:
            yield Finding(f"{place}.end", "this is no time of a shift", "use 00:01 to 48:00; 26:00 is 2:00 of the next day")
        elif part.end <= part.start:
            mend = "write an end after midnight as {time}" if part.end + 1440 <= LATEST_END else "write a later end"
            facts = {"start": text_of(part.start), "end": text_of(part.end), "time": text_of(part.end + 1440)}
            yield Finding(f"{place}.end", "the end {end} is not after the start {start}", mend, facts)
        elif part.end - part.start > LONGEST_MINUTES:
            span: dict[str, object] = {"hours": text_of(part.end - part.start), "most": LONGEST_MINUTES // 60}
            yield Finding(f"{place}.end", "it lasts {hours} hours", "a shift may last {most} hours; divide it into two days", span)
        elif part.start >= 1440 and number == 0:
            mend = "write {time} and roster it on the day after"
            yield Finding(f"{place}.start", "the shift begins on the next day", mend, {"time": text_of(part.start - 1440)})


def _together(terms: ShiftTerms) -> Iterator[Finding]:
    """How the parts lie to each other."""
    for first, second in overlapping_parts(terms):
        earlier, later = sorted((terms.parts[first], terms.parts[second]), key=lambda part: part.start)
        facts = {"part": first + 1, "start": text_of(later.start), "end": text_of(earlier.end)}
        yield Finding(f"parts.{second}.start", "it overlaps part {part} from {start} to {end}", "let it begin at {end} or later", facts)
    if terms.parts and not overlapping_parts(terms):
        if list(terms.parts) != sorted(terms.parts, key=lambda part: part.start):
            yield Finding("parts", "the parts are not in the order of time", "put the earliest first")
        elif terms.parts[-1].end - terms.parts[0].start > LONGEST_MINUTES:
            facts = {"hours": text_of(terms.parts[-1].end - terms.parts[0].start), "most": LONGEST_MINUTES // 60}
            mend = "a shift may last {most} hours; divide it into two days"
            yield Finding(f"parts.{len(terms.parts) - 1}.end", "the shift lasts {hours} hours", mend, facts)


def _windows(terms: ShiftTerms) -> Iterator[Finding]:
    """When punches belong to a part: not negative, not over the neighbours."""
    parts = terms.parts
    for number, part in enumerate(parts):
        for name, minutes in (("opens_before", part.opens_before), ("closes_after", part.closes_after)):
            if minutes is not None and not 0 <= minutes <= WIDEST_WINDOW:
                yield Finding(f"parts.{number}.{name}", "this is no number of minutes", "use 0 to {most}", {"most": WIDEST_WINDOW})
    for number, (part, follower) in enumerate(pairwise(parts)):
        gap = follower.start - part.end
        wanted = (part.closes_after or 0) + (follower.opens_before or 0)
        if gap >= 0 and wanted > gap:
            facts = {"part": number + 2, "gap": gap, "wanted": wanted}
            mend = "let both together take at most {gap} minutes, or leave one of them empty"
            yield Finding(f"parts.{number}.closes_after", "with part {part} it claims {wanted} minutes of a gap of {gap}", mend, facts)


def _breaks(number: int, part: ShiftPart, required: RequiredPunches) -> Iterator[Finding]:
    if len(part.breaks) > MOST_BREAKS:
        yield Finding(f"parts.{number}.breaks", "a part has at most {most} breaks", "leave some out", {"most": MOST_BREAKS})
    for place, one in enumerate(part.breaks):
        yield from _break(f"parts.{number}.breaks.{place}", one, part)
        if one.punched and required in {RequiredPunches.NONE, RequiredPunches.ANY_ONE, RequiredPunches.IN_ONLY, RequiredPunches.OUT_ONLY}:
            mend = "ask for punches in and out, or take the break off by itself"
            yield Finding(f"parts.{number}.breaks.{place}.punched", PUNCHES_OF_BREAKS, mend)
    fixed = sorted((one.start, one.end, place) for place, one in enumerate(part.breaks) if one.start is not None and one.end is not None)
    for (_, end, _), (start, _, place) in pairwise(fixed):
        if start < end:
            field = f"parts.{number}.breaks.{place}.start"
            yield Finding(field, "it overlaps another break", "let it begin at {end} or later", {"end": text_of(end)})
    floating = sum(one.minutes for one in part.breaks if one.start is None)
    if floating >= part.end - part.start:
        yield Finding(f"parts.{number}.breaks", "the breaks leave no time to work", "make them shorter")


def _asked(terms: ShiftTerms) -> Iterator[Finding]:
    if terms.required_punches is RequiredPunches.WITH_BREAKS and not any(one.punched for part in terms.parts for one in part.breaks):
        mend = "mark a break as punched, or ask for punches in and out only"
        yield Finding("required_punches", "punches for breaks are asked for, but no break is punched", mend)


def _break(place: str, one: ShiftBreak, part: ShiftPart) -> Iterator[Finding]:
    if (one.start is None) != (one.end is None):
        missing = "start" if one.start is None else "end"
        yield Finding(f"{place}.{missing}", "one end of the break is missing", "give both times, or none for a break at any time")
    elif one.start is None or one.end is None:
        if one.minutes <= 0:
            yield Finding(f"{place}.minutes", "the break has no length", "give its minutes, or its times from and to")
    elif one.end <= one.start:
        facts = {"start": text_of(one.start), "end": text_of(one.end)}
        yield Finding(f"{place}.end", "the end {end} is not after the start {start}", "write a later end", facts)
    elif one.minutes:
        yield Finding(f"{place}.minutes", "the break is both fixed and floating", "give its times or its minutes, not both")
    elif one.start < part.start or one.end > part.end:
        facts = {"start": text_of(part.start), "end": text_of(part.end)}
        yield Finding(f"{place}.start", "the break is not inside its part", "use times from {start} to {end}", facts)


def _band(terms: ShiftTerms) -> Iterator[Finding]:
    """The flexible band and the core time."""
    for name in ("come_late_minutes", "come_early_minutes"):
        if getattr(terms, name) < 0:
            yield Finding(name, "this is no number of minutes", "use 0 for none")
    span = terms.parts[-1].end - terms.parts[0].start if terms.parts else 0
    band = terms.come_late_minutes + terms.come_early_minutes
    if terms.parts and band > span:
        facts = {"band": band, "span": span}
        yield Finding("come_late_minutes", "the band of {band} minutes is longer than the shift", "use less than {span}", facts)
    if band and len(terms.parts) > 1:
        yield Finding("come_late_minutes", "a shift in parts has no flexible band", "use one part with a break, or no band")
    if terms.core is not None:
        yield from _core(terms, terms.core)


def _core(terms: ShiftTerms, core: tuple[int, int]) -> Iterator[Finding]:
    if not terms.parts:
        yield Finding("core", "core time needs the hours of the shift", "give the shift a part, or leave core time out")
    elif core[1] <= core[0]:
        yield Finding("core", "core time ends before it begins", "write a later end")
    elif core[0] < terms.parts[0].start + terms.come_late_minutes or core[1] > terms.parts[-1].end - terms.come_early_minutes:
        first = terms.parts[0].start + terms.come_late_minutes
        facts = {"start": text_of(first), "end": text_of(terms.parts[-1].end - terms.come_early_minutes)}
        yield Finding("core", "somebody who uses the band would not be there in core time", "use times from {start} to {end}", facts)


def _owed(terms: ShiftTerms) -> Iterator[Finding]:
    if terms.required_minutes is not None and not 0 < terms.required_minutes <= LONGEST_MINUTES:
        yield Finding("required_minutes", "this is no amount of work for a day", "use 1 to {most} minutes", {"most": LONGEST_MINUTES})
    elif terms.required_minutes is not None and terms.parts:
        yield Finding("required_minutes", "a shift with hours owes those hours", "leave one of the two out")
    elif terms.required_minutes is None and not terms.parts:
        yield Finding("parts", "the shift has no hours", "give it a part, or the minutes that are owed at any time")


def _late_leave(terms: ShiftTerms) -> Iterator[Finding]:
    if len(terms.late_leave) > MOST_TIERS:
        yield Finding("late_leave", "there are more than {most} lines", "leave some out", {"most": MOST_TIERS})
    reached = (0, 0)
    for number, tier in enumerate(terms.late_leave):
        place = f"late_leave.{number}"
        if tier.after_minutes <= 0 or tier.later_minutes <= 0:
            yield Finding(f"{place}.after_minutes", "this is no number of minutes", "use 1 or more")
        elif tier.after_minutes <= reached[0] or tier.later_minutes < reached[1]:
            mend = "order them by how late somebody leaves; who leaves later may not have to come earlier"
            yield Finding(f"{place}.after_minutes", "it contradicts the line before", mend)
        reached = (tier.after_minutes, tier.later_minutes)


def _cycle(terms: PatternTerms, known: frozenset[int]) -> Iterator[Finding]:
    if not terms.days:
        yield Finding("days", "the pattern has no days", "give it at least one")
    elif len(terms.days) > LONGEST_CYCLE:
        yield Finding("days", "the cycle is longer than a year", "use at most {most} days", {"most": LONGEST_CYCLE})
    elif not any(terms.days):
        yield Finding("days", "nobody would ever work", "choose a shift on at least one day")
    for number, one in enumerate(terms.days):
        if one is not None and one not in known:
            yield Finding(f"days.{number}", "there is no such shift, or it is archived", "choose one that the list offers")
    if terms.make_up_shift is not None and terms.make_up_shift not in known:
        yield Finding("make_up_shift", "there is no such shift, or it is archived", "choose one that the list offers")
    if terms.anchor is Anchor.WEEK:
        if len(terms.days) % 7:
            mend = "use 7 days for each week, or let it rotate from a date"
            yield Finding("days", "a pattern by weeks has whole weeks", mend)
        if terms.starts_on.weekday():
            yield Finding("starts_on", "a pattern by weeks begins on a Monday", "choose the Monday of its first week")
