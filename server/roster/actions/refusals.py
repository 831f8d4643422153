"""Findings of `engine.checking` as one error, told in the reader's words."""

from collections.abc import Callable, Sequence
from typing import Any

from server.errors import InvalidInputError
from server.roster.model import Finding

FIELDS = {
    "parts": "part",
    "breaks": "break",
    "start": "starts at",
    "end": "ends at",
    "minutes": "minutes",
    "punched": "punched",
    "opens_before": "punches from",
    "closes_after": "punches until",
    "come_late_minutes": "may come later",
    "come_early_minutes": "may come earlier",
    "core": "core time",
    "required_minutes": "owed minutes",
    "required_punches": "punches asked for",
    "late_leave": "leave late, come late",
    "after_minutes": "leaves later by",
    "days": "cycle",
    "starts_on": "begins on",
    "make_up_shift": "shift on make-up days",
    "name": "name",
    "day": "day",
    "kind": "kind",
    "stands_for": "stands for",
}
"""Words for the steps of a finding's path; each has a translation."""


class UnusableError(InvalidInputError):
    """What was entered cannot be used, for each of the `findings`."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(field=findings[0].field, reason=f"{findings[0].problem}; {findings[0].remedy}")

    def told(self, tell: Callable[..., str]) -> str:
        return " ".join(sentence_of(one, tell) for one in self.findings)


def require(findings: Sequence[Finding]) -> None:
    """Raises UnusableError when there are any."""
    if findings:
        raise UnusableError(findings)


def sentence_of(finding: Finding, tell: Callable[..., str]) -> str:
    """ "Part 1, ends at: the end 08:00 is not after the start 09:00; write an end after midnight as 32:00." """
    facts: dict[str, Any] = {name: tell(value) if name == "what" else value for name, value in finding.facts.items()}
    told = {"problem": tell(finding.problem, **facts), "remedy": tell(finding.remedy, **facts)}
    return tell("{place}: {problem}; {remedy}.", place=place_of(finding.field, tell), **told)


def place_of(field: str, tell: Callable[..., str]) -> str:
    """A path such as `parts.0.breaks.1.end` in words: "part 1, break 2, ends at"."""
    words: list[str] = []
    for step in field.split("."):
        if step.isdecimal() and words:
            words[-1] = f"{words[-1]} {int(step) + 1}"
        else:
            words.append(tell(FIELDS.get(step, step)))
    return tell("{first}, {then}", first=words[0], then=", ".join(words[1:])) if len(words) > 1 else words[0]
