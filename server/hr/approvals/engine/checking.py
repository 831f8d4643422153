"""What is wrong with a flow, told at the place where it is to be mended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from server.hr.approvals.engine.limits import MOST_DAYS, MOST_HOURS
from server.hr.approvals.engine.reaching import contradict, covers
from server.hr.approvals.model import LIST_TESTS, LISTED, Branch, Condition, Does, Flow, Step, Unit, Who

MOST_BRANCHES, MOST_STEPS, MOST_CONDITIONS, HIGHEST = 20, 20, 10, 9
LARGEST = Decimal(10**12)


@dataclass(frozen=True, slots=True)
class FlowFinding:
    """grave: it cannot be published so. place: "branches.0.steps.1.people" or alike; text: what is wrong and what would be right."""

    place: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    grave: bool = True


def check_flow(kind: str, flow: Flow) -> tuple[FlowFinding, ...]:
    """All findings, in the order of the places."""
    return tuple(_check(kind, flow))


def _check(kind: str, flow: Flow) -> Iterator[FlowFinding]:
    if not flow.branches:
        yield FlowFinding("branches", "nobody would approve anything: add a branch with a step")
    if len(flow.branches) > MOST_BRANCHES:
        yield FlowFinding("branches", "use at most {most} branches", {"most": MOST_BRANCHES})
    if not 0 <= flow.opens < flow.closes <= 24 * 60 - 1:
        yield FlowFinding("opens", "office hours begin before they end, on one day")
    for number, branch in enumerate(flow.branches):
        place = f"branches.{number}"
        yield from _check_steps(branch, place)
        for index, condition in enumerate(branch.conditions):
            yield from _check_condition(condition, f"{place}.conditions.{index}")
        yield from _check_reach(kind, flow.branches, number)
    if flow.branches and all(branch.conditions for branch in flow.branches):
        yield FlowFinding("branches", _REST_OF_ANY if not kind else _REST, grave=not kind)


_REST = "whoever fits no branch goes by the flow of the wider kind; add a branch without conditions to decide about everybody here"
_REST_OF_ANY = "somebody might fit no branch, and nobody could decide: add a branch without conditions at the end"


def _check_steps(branch: Branch, place: str) -> Iterator[FlowFinding]:
    decides = any(step.does is Does.DECIDE for step in branch.steps)
    if not decides and not branch.at_once:
        yield FlowFinding(f"{place}.steps", "nobody would approve this: add a step that decides, or let it be approved at once")
    if decides and branch.at_once:
        yield FlowFinding(
            f"{place}.steps", "what is approved at once has nobody who decides: take the deciding steps away, or this setting"
        )
    if len(branch.steps) > MOST_STEPS or len(branch.conditions) > MOST_CONDITIONS:
        facts = {"steps": MOST_STEPS, "conditions": MOST_CONDITIONS}
        yield FlowFinding(place, "use at most {steps} steps and {conditions} conditions", facts)
    for number, step in enumerate(branch.steps):
        yield from _check_step(step, f"{place}.steps.{number}")


def _check_step(step: Step, place: str) -> Iterator[FlowFinding]:
    if step.who is Who.PEOPLE and not step.people:
        yield FlowFinding(f"{place}.people", "nobody is named: choose at least one person")
    if step.who is Who.ROLE and not step.role:
        yield FlowFinding(f"{place}.role", "choose a role")
    lowest = 1 if step.who is Who.MANAGER else 0
    if step.who in {Who.MANAGER, Who.DEPARTMENT_HEAD} and not lowest <= step.nth <= HIGHEST:
        yield FlowFinding(f"{place}.nth", "give a number from {lowest} to {highest}", {"lowest": lowest, "highest": HIGHEST})
    if step.limit is not None:
        most = MOST_DAYS if step.limit.unit is Unit.WORK_DAYS else MOST_HOURS
        if not 1 <= step.limit.amount <= most:
            yield FlowFinding(f"{place}.limit", "give a time from 1 to {most}", {"most": most})


def _check_condition(condition: Condition, place: str) -> Iterator[FlowFinding]:
    listed = condition.on in LISTED
    if listed != (condition.test in LIST_TESTS):
        yield FlowFinding(f"{place}.test", "this comparison does not go with what is compared; choose another")
    elif listed and not condition.values:
        yield FlowFinding(f"{place}.values", "choose at least one")
    elif not listed and (condition.limit is None or not condition.limit.is_finite() or not 0 <= condition.limit <= LARGEST):
        yield FlowFinding(f"{place}.limit", "give a number that is not negative")


def _check_reach(kind: str, branches: Sequence[Branch], number: int) -> Iterator[FlowFinding]:
    branch, place = branches[number], f"branches.{number}.conditions"
    if contradict(kind, branch.conditions):
        yield FlowFinding(place, "nothing can fit all these conditions at once: change one of them")
        return
    for earlier in range(number):
        if covers(branches[earlier].conditions, branch.conditions):
            text = "this branch is never reached: branch {earlier} takes everything that fits here; move this one before it"
            yield FlowFinding(place, text, {"earlier": earlier + 1})
            return
