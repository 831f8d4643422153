"""The preview of the editor: what the rules say in words, what changes, what is doubtful, and a day worked out by them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from server.attendance.engine.rules.changes import RuleChange, compare_rules
from server.attendance.engine.rules.checks import RuleProblem, check_rules
from server.attendance.engine.rules.examples import DAY, ZONE, Example, assess_example
from server.attendance.engine.rules.fields import field_label
from server.attendance.engine.rules.forms import Filled, read_time, rules_of_form
from server.attendance.engine.rules.words import Section, describe_rules
from server.attendance.engine.telling import tell_day, tell_steps
from server.attendance.engine.wording import time_of_day
from server.attendance.model.rules import DayRules, Rules
from server.roster.model import DayKind

MOST_APPROVED = 1440


@dataclass(frozen=True, slots=True)
class ExampleView:
    """The made-up day: what was asked, the answer, and its steps."""

    kind: str
    came: str
    left: str
    approved: str
    answer: str
    steps: Sequence[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """faults: (path, label, sentence) of what stops; doubts: of what does not. sections empty: the form means no rules yet."""

    faults: Sequence[tuple[str, str, str]]
    doubts: Sequence[tuple[str, str, str]]
    sections: Sequence[Section]
    changes: Sequence[RuleChange]
    example: ExampleView


def look_at(form: Mapping[str, str], base: Rules | None, tell: Callable[..., str]) -> tuple[Filled, Preview]:
    """Read a form and say what it means. base: the rules that it would take the place of.

    By rules that cannot be, no day can be worked out: the example goes by none.
    """
    filled = rules_of_form(form)
    if filled.rules is None:
        return filled, Preview(_told(filled.problems, tell), (), (), (), example_of(form, DayRules(), tell))
    found = check_rules(filled.rules)
    stops = tuple(one for one in found if one.stops)
    preview = Preview(
        _told(stops, tell),
        _told([one for one in found if not one.stops], tell),
        describe_rules(filled.rules, tell),
        compare_rules(base, filled.rules, tell) if base is not None else (),
        example_of(form, DayRules() if stops else filled.rules.day, tell),
    )
    return Filled(None if stops else filled.rules, found), preview


def example_of(form: Mapping[str, str], rules: DayRules, tell: Callable[..., str]) -> ExampleView:
    """The day of the fields `example.…`; those that are missing or cannot be read are as they were meant first."""
    plain = Example()
    kind = form.get("example.kind", "")
    approved = form.get("example.approved", str(plain.approved_minutes))
    example = Example(
        kind=DayKind(kind) if kind in set(DayKind) else plain.kind,
        came=_time(form.get("example.came", time_of_day(plain.came or 0))),
        left=_time(form.get("example.left", time_of_day(plain.left or 0))),
        approved_minutes=min(int(approved), MOST_APPROVED) if approved.isascii() and approved.isdecimal() and len(approved) < 6 else 0,
    )
    day = assess_example(example, rules)
    return ExampleView(
        kind=example.kind.value,
        came="" if example.came is None else time_of_day(example.came),
        left="" if example.left is None else time_of_day(example.left),
        approved=str(example.approved_minutes),
        answer=tell_day(day, tell, ZONE, rules),
        steps=tell_steps(day.steps, tell, ZONE, DAY),
    )


def _time(text: str) -> int | None:
    return read_time(text.strip())


def _told(problems: Sequence[RuleProblem], tell: Callable[..., str]) -> tuple[tuple[str, str, str], ...]:
    return tuple((one.path, field_label(one.path, tell), one.told(tell)) for one in problems)
