"""The form of a shift: from the terms into fields, and back with a finding for what cannot be read.

Fields: `parts.0.start`, `parts.0.breaks.1.minutes` and alike, the same paths that findings name. A part without times and a break without
anything are not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.roster.engine.checking import MOST_BREAKS, MOST_PARTS, MOST_TIERS, check_shift
from server.roster.engine.times import minutes_of, text_of
from server.roster.model import Finding, LateLeave, RequiredPunches, ShiftBreak, ShiftPart, ShiftTerms

TIME = "write a time such as 09:00; 26:00 is 2:00 of the next day"
NUMBER = "write whole minutes"


@dataclass
class Typed:
    """What somebody typed: the terms as far as they can be read, with what is wrong."""

    terms: ShiftTerms
    findings: list[Finding] = field(default_factory=list)


def fields_of(terms: ShiftTerms) -> dict[str, str]:
    """The form filled with a shift."""
    found: dict[str, str] = {
        "required_punches": terms.required_punches.value,
        "come_late_minutes": str(terms.come_late_minutes or ""),
        "come_early_minutes": str(terms.come_early_minutes or ""),
        "core.start": text_of(terms.core[0]) if terms.core else "",
        "core.end": text_of(terms.core[1]) if terms.core else "",
        "required_minutes": "" if terms.required_minutes is None else str(terms.required_minutes),
    }
    for number, part in enumerate(terms.parts):
        place = f"parts.{number}"
        found |= {f"{place}.name": part.name, f"{place}.start": text_of(part.start), f"{place}.end": text_of(part.end)}
        found |= {f"{place}.opens_before": _number(part.opens_before), f"{place}.closes_after": _number(part.closes_after)}
        for at, one in enumerate(part.breaks):
            found |= _break_fields(f"{place}.breaks.{at}", one)
    for number, tier in enumerate(terms.late_leave):
        place = f"late_leave.{number}"
        found |= {f"{place}.after_minutes": str(tier.after_minutes), f"{place}.later_minutes": str(tier.later_minutes)}
    return found


def read_shift(form: Mapping[str, str]) -> Typed:
    """The shift that the fields say, checked."""
    reader = _Reader(form)
    core = (reader.time("core.start"), reader.time("core.end"))
    terms = ShiftTerms(
        parts=tuple(reader.parts()),
        required_punches=reader.punches(),
        come_late_minutes=reader.number("come_late_minutes") or 0,
        come_early_minutes=reader.number("come_early_minutes") or 0,
        core=(core[0], core[1]) if core[0] is not None and core[1] is not None else None,
        required_minutes=reader.number("required_minutes"),
        late_leave=tuple(reader.late_leave()),
    )
    if (core[0] is None) != (core[1] is None) and not any(one.field.startswith("core") for one in reader.findings):
        reader.findings.append(Finding("core", "one end of core time is missing", "write both, or none"))
    return Typed(terms, reader.findings or list(check_shift(terms)))


def _number(minutes: int | None) -> str:
    return "" if minutes is None else str(minutes)


def _break_fields(place: str, one: ShiftBreak) -> dict[str, str]:
    times = {"start": one.start, "end": one.end}
    found = {f"{place}.{name}": "" if at is None else text_of(at) for name, at in times.items()}
    found[f"{place}.minutes"] = str(one.minutes or "")
    found[f"{place}.how"] = " ".join(word for word, holds in (("punched", one.punched), ("paid", one.paid)) if holds)
    return found


class _Reader:
    """Reads fields one by one and remembers what could not be read."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self.form = form
        self.findings: list[Finding] = []

    def text(self, name: str) -> str:
        return self.form.get(name, "").strip()

    def time(self, name: str) -> int | None:
        text = self.text(name)
        found = minutes_of(text) if text else None
        if text and found is None:
            self.findings.append(Finding(name, "{typed} is no time", TIME, {"typed": text[:20]}))
        return found

    def number(self, name: str) -> int | None:
        text = self.text(name)
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) < 6):
            self.findings.append(Finding(name, "{typed} is no number of minutes", NUMBER, {"typed": text[:20]}))
            return None
        return int(text)

    def punches(self) -> RequiredPunches:
        text = self.text("required_punches") or RequiredPunches.IN_AND_OUT.value
        try:
            return RequiredPunches(text)
        except ValueError:
            self.findings.append(
                Finding("required_punches", "{typed} is not known", "choose one that the list offers", {"typed": text[:20]})
            )
            return RequiredPunches.IN_AND_OUT

    def parts(self) -> list[ShiftPart]:
        found = []
        for number in range(MOST_PARTS):
            place = f"parts.{number}"
            start, end = self.time(f"{place}.start"), self.time(f"{place}.end")
            if start is None or end is None:
                self._half(place, start, end)
                continue
            windows = {name: self.number(f"{place}.{name}") for name in ("opens_before", "closes_after")}
            breaks = tuple(self.breaks(place))
            found.append(ShiftPart(name=self.text(f"{place}.name")[:20], start=start, end=end, breaks=breaks, **windows))
        return found

    def _half(self, place: str, start: int | None, end: int | None) -> None:
        """A part with one of its times, which is not a finding already."""
        for name, at in (("start", start), ("end", end)):
            if at is None and (start, end) != (None, None) and not self.text(f"{place}.{name}"):
                self.findings.append(Finding(f"{place}.{name}", "one time of the part is missing", TIME))

    def breaks(self, part: str) -> list[ShiftBreak]:
        found = []
        for number in range(MOST_BREAKS):
            place = f"{part}.breaks.{number}"
            start, end, minutes = self.time(f"{place}.start"), self.time(f"{place}.end"), self.number(f"{place}.minutes")
            if start is None and end is None and minutes is None:
                continue
            how = self.text(f"{place}.how").split()
            found.append(ShiftBreak(start=start, end=end, minutes=minutes or 0, paid="paid" in how, punched="punched" in how))
        return found

    def late_leave(self) -> list[LateLeave]:
        found = []
        for number in range(MOST_TIERS):
            place = f"late_leave.{number}"
            after, later = self.number(f"{place}.after_minutes"), self.number(f"{place}.later_minutes")
            if after is not None or later is not None:
                found.append(LateLeave(after_minutes=after or 0, later_minutes=later or 0))
        return found
