"""A flow read in plain language, branch by branch, in the words of a reader."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from server.hr.approvals.model import (
    LIST_TESTS,
    Agreement,
    Branch,
    Comparison,
    Condition,
    Does,
    Flow,
    On,
    Step,
    TimeLimit,
    TimeUp,
    Unit,
    Who,
)

Tell = Callable[..., str]

MEASURES: Mapping[On, str] = {
    On.KIND: "the kind",
    On.DAYS: "the length in days",
    On.MINUTES: "the length in minutes",
    On.DEPARTMENT: "the department (with those below it)",
    On.LEVEL: "the number of managers above",
    On.SITE: "the site",
    On.LEGAL_ENTITY: "the legal entity",
    On.MONEY: "the amount in yuan",
}
TESTS: Mapping[Comparison, str] = {
    Comparison.ONE_OF: "{measure} is {what}",
    Comparison.NONE_OF: "{measure} is not {what}",
    Comparison.AT_LEAST: "{measure} is at least {n}",
    Comparison.MORE_THAN: "{measure} is more than {n}",
    Comparison.AT_MOST: "{measure} is at most {n}",
    Comparison.LESS_THAN: "{measure} is less than {n}",
}
ROLES: Mapping[str, str] = {
    "administrator": "Administrators",
    "hr": "HR",
    "hr-pay": "HR for pay",
    "supervisor": "Supervisors",
    "it": "IT",
    "auditor": "Auditors",
    "employee": "Employees",
}
TIMES_UP: Mapping[TimeUp, str] = {
    TimeUp.REMIND: "After {time} they are reminded.",
    TimeUp.ESCALATE: "After {time} it goes to the next above.",
    TimeUp.APPROVE: "After {time} it counts as approved.",
    TimeUp.REFUSE: "After {time} it counts as rejected.",
}
TIMES: Mapping[Unit, str] = {
    Unit.WORK_HOURS: "{n} {n:office hour|office hours}",
    Unit.WORK_DAYS: "{n} {n:work day|work days}",
}
FEN = 100


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called, in the reader's language where it is ours."""

    people: Mapping[int, str] = field(default_factory=dict)
    departments: Mapping[int, str] = field(default_factory=dict)
    sites: Mapping[int, str] = field(default_factory=dict)
    entities: Mapping[int, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)

    def of(self, on: On, value: str | int) -> str:
        if isinstance(value, str):
            return self.kinds.get(value, value)
        listed = {On.DEPARTMENT: self.departments, On.SITE: self.sites, On.LEGAL_ENTITY: self.entities}
        return listed.get(on, {}).get(value, f"#{value}")


@dataclass(frozen=True, slots=True)
class ReadBranch:
    """A branch in words: when it is for, and its steps in their order."""

    when: str
    steps: tuple[str, ...]


def read_flow(flow: Flow, names: Names, tell: Tell) -> tuple[ReadBranch, ...]:
    """Every branch in words."""
    return tuple(
        ReadBranch(_when(branch, number, names, tell), tuple(_steps(branch, names, tell))) for number, branch in enumerate(flow.branches)
    )


def read_rest(flow: Flow, names: Names, tell: Tell) -> tuple[str, ...]:
    """What holds for the whole flow, in words."""
    who = tell(", ").join(names.people.get(one, f"#{one}") for one in flow.deputies)
    top = tell("For somebody who has nobody above: {who}.", who=who or tell("HR"))
    again = "Who agreed at an earlier step is asked again." if flow.asks_again else "Who agreed at an earlier step is not asked again."
    return (top, tell(again))


def read_lines(flow: Flow, names: Names, tell: Tell) -> list[str]:
    """The whole flow, a line a sentence, for comparing two versions."""
    lines = [line for branch in read_flow(flow, names, tell) for line in (branch.when, *branch.steps)]
    return [*lines, *read_rest(flow, names, tell), _hours(flow, tell)]


def _hours(flow: Flow, tell: Tell) -> str:
    opens, closes = (f"{minute // 60:02}:{minute % 60:02}" for minute in (flow.opens, flow.closes))
    return tell("Office hours from {opens} to {closes}.", opens=opens, closes=closes)


def _when(branch: Branch, number: int, names: Names, tell: Tell) -> str:
    if not branch.conditions:
        return tell("Otherwise:") if number else tell("Always:")
    return tell("If {conditions}:", conditions=tell(" and ").join(_condition(one, names, tell) for one in branch.conditions))


def _condition(condition: Condition, names: Names, tell: Tell) -> str:
    measure = tell(MEASURES[condition.on])
    if condition.test in LIST_TESTS:
        what = tell(" or ").join(names.of(condition.on, one) for one in condition.values)
        return tell(TESTS[condition.test], measure=measure, what=what)
    limit = condition.limit
    if limit is not None and condition.on is On.MONEY:
        limit /= FEN
    return tell(TESTS[condition.test], measure=measure, n="?" if limit is None else f"{limit.normalize():f}")


def _steps(branch: Branch, names: Names, tell: Tell) -> list[str]:
    if branch.at_once:
        return [tell("It is approved at once."), *(_step(step, names, tell) for step in branch.steps)]
    return [f"{number}. {_step(step, names, tell)}" for number, step in enumerate(branch.steps, 1)]


def _step(step: Step, names: Names, tell: Tell) -> str:
    who = who_is(step, names, tell)
    if step.does is Does.COPY:
        return tell("Copy to: {who}.", who=who)
    text = "To decide: {who}."
    if step.who in {Who.ROLE, Who.PEOPLE} and (step.who is Who.ROLE or len(step.people) > 1):
        text = "To decide, all of them: {who}." if step.agreement is Agreement.ALL else "To decide, one of them: {who}."
    return f"{tell(text, who=who)}{_limit(step.limit, tell)}"


def who_is(step: Step, names: Names, tell: Tell) -> str:
    """Whom a step means, in words."""
    if step.who is Who.MANAGER:
        return tell("the manager") if step.nth == 1 else tell("manager no. {n} above", n=step.nth)
    if step.who is Who.DEPARTMENT_HEAD:
        return tell("the head of the department") if step.nth == 0 else tell("the head of the department {n} above", n=step.nth)
    if step.who is Who.ROLE:
        return tell("everybody with the role {role}", role=tell(ROLES.get(step.role, step.role)))
    return tell(", ").join(names.people.get(one, f"#{one}") for one in step.people) or tell("nobody at all")


def _limit(limit: TimeLimit | None, tell: Tell) -> str:
    if limit is None:
        return ""
    return " " + tell(TIMES_UP[limit.then], time=tell(TIMES[limit.unit], n=limit.amount))
