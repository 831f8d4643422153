"""The form of a pattern: from the terms into fields, and back.

Fields: `length` (days of the cycle), `days.0`, `days.1` … (the number of a shift, "" for rest), `anchor`, `starts_on`, `holidays`,
`make_up_shift`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from server.roster.engine.checking import LONGEST_CYCLE, check_pattern
from server.roster.model import Anchor, Finding, HolidayChoice, PatternTerms

Word = TypeVar("Word", Anchor, HolidayChoice)
OFFERED = "choose one that the list offers"


@dataclass
class Typed:
    """What somebody typed: the terms as far as they can be read, with what is wrong."""

    terms: PatternTerms
    findings: list[Finding] = field(default_factory=list)


def fields_of(terms: PatternTerms) -> dict[str, str]:
    """The form filled with a pattern."""
    return {
        "length": str(len(terms.days)),
        "anchor": terms.anchor.value,
        "starts_on": terms.starts_on.isoformat(),
        "holidays": terms.holidays.value,
        "make_up_shift": str(terms.make_up_shift or ""),
    } | {f"days.{number}": str(one or "") for number, one in enumerate(terms.days)}


def length_of(form: Mapping[str, str]) -> int:
    """How many days the form shows; 7 where that cannot be read."""
    text = form.get("length", "").strip()
    return min(int(text), LONGEST_CYCLE) if text.isascii() and text.isdecimal() and int(text[:6]) > 0 else 7


def read_pattern(form: Mapping[str, str], known_shifts: Sequence[int]) -> Typed:
    """The pattern that the fields say, checked."""
    findings: list[Finding] = []
    text = form.get("length", "").strip()
    if text != str(length_of(form)):
        mend = "write 1 to {most} days"
        findings.append(Finding("length", "{typed} is no length of a cycle", mend, {"typed": text[:20], "most": LONGEST_CYCLE}))
    try:
        starts_on = date.fromisoformat(form.get("starts_on", ""))
    except ValueError:
        starts_on = date(2024, 1, 1)
        findings.append(Finding("starts_on", "the first day is missing", "give a date such as 2026-11-23"))
    terms = PatternTerms(
        days=tuple(_shift(form, f"days.{number}", findings) for number in range(length_of(form))),
        anchor=_word(form, "anchor", Anchor, Anchor.WEEK, findings),
        starts_on=starts_on,
        holidays=_word(form, "holidays", HolidayChoice, HolidayChoice.OFF, findings),
        make_up_shift=_shift(form, "make_up_shift", findings),
    )
    return Typed(terms, findings or list(check_pattern(terms, known_shifts)))


def _shift(form: Mapping[str, str], name: str, findings: list[Finding]) -> int | None:
    text = form.get(name, "").strip()
    if text and not (text.isascii() and text.isdecimal() and len(text) < 19):
        findings.append(Finding(name, "{typed} is not known", OFFERED, {"typed": text[:20]}))
        return None
    return int(text) if text else None


def _word(form: Mapping[str, str], name: str, kind: type[Word], otherwise: Word, findings: list[Finding]) -> Word:
    text = form.get(name, "").strip()
    try:
        return kind(text)
    except ValueError:
        findings.append(Finding(name, "{typed} is not known", OFFERED, {"typed": text[:20]}))
        return otherwise
