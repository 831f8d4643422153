"""The editor's form: what was typed, as it was typed; adding, moving and taking away; and the flow that it means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from starlette.datastructures import FormData

from server.hr.approvals.engine.checking import FlowFinding
from server.hr.approvals.model import (
    LIST_TESTS,
    LISTED,
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

FEN = 100
MOST = 20
TRIED = ("person", "kind", "days", "minutes", "money", "day")
NOBODY_CALLED = "there is nobody, or more than one, called {name}: write the employee number"
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class ConditionForm:
    on: str = On.DAYS.value
    test: str = Comparison.MORE_THAN.value
    values: tuple[str, ...] = ()
    limit: str = ""

    @property
    def listed(self) -> bool:
        return self.on in set(LISTED)


@dataclass(frozen=True, slots=True)
class StepForm:
    """people: employee numbers or names with commas or spaces between them."""

    who: str = Who.MANAGER.value
    does: str = Does.DECIDE.value
    nth: str = "1"
    role: str = "hr"
    people: str = ""
    agreement: str = Agreement.ONE.value
    amount: str = ""
    unit: str = Unit.WORK_HOURS.value
    then: str = TimeUp.REMIND.value


@dataclass(frozen=True, slots=True)
class BranchForm:
    conditions: tuple[ConditionForm, ...] = ()
    steps: tuple[StepForm, ...] = ()
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class FlowForm:
    """based_on: the number of the version that is edited."""

    kind: str
    branches: tuple[BranchForm, ...] = ()
    deputies: str = ""
    asks_again: bool = False
    opens: str = "09:00"
    closes: str = "18:00"
    reason: str = ""
    based_on: int = 0


Finder = Callable[[str], int | None]
"""A person by employee number or name; None where nobody, or more than one, is called so."""


def form_of(kind: str, flow: Flow, number: int, people: Mapping[int, str]) -> FlowForm:
    """The form of a flow; people: employee numbers by id."""

    def numbers(keys: Sequence[int]) -> str:
        return ", ".join(people.get(one, "") for one in keys)

    branches = tuple(
        BranchForm(
            tuple(_condition_form(one) for one in branch.conditions),
            tuple(_step_form(one, numbers(one.people)) for one in branch.steps),
            branch.at_once,
        )
        for branch in flow.branches
    )
    return FlowForm(kind, branches, numbers(flow.deputies), flow.asks_again, _clock(flow.opens), _clock(flow.closes), "", number)


def read_form(data: FormData) -> FlowForm:
    """What was typed. Places that are not there are left out; nothing fails."""

    def text(name: str, otherwise: str = "") -> str:
        return str(data.get(name, otherwise)).replace("\0", "").strip()

    branches = []
    for b in range(_count(text("branches"))):
        conditions = tuple(
            ConditionForm(
                text(f"b{b}.c{c}.on"),
                text(f"b{b}.c{c}.test"),
                tuple(str(one) for one in data.getlist(f"b{b}.c{c}.values")),
                text(f"b{b}.c{c}.limit"),
            )
            for c in range(_count(text(f"b{b}.conditions")))
        )
        steps = tuple(
            StepForm(**{name: text(f"b{b}.s{s}.{name}", str(getattr(StepForm(), name))) for name in StepForm.__dataclass_fields__})
            for s in range(_count(text(f"b{b}.steps")))
        )
        branches.append(BranchForm(conditions, steps, bool(text(f"b{b}.at_once"))))
    return FlowForm(
        text("kind"),
        tuple(branches),
        text("deputies"),
        bool(text("asks_again")),
        text("opens", "09:00"),
        text("closes", "18:00"),
        text("reason"),
        _count(text("based_on"), 10**6),
    )


def read_trial(data: Mapping[str, Any]) -> dict[str, str]:
    """What is to be tried with the flow: the fields of a dry run."""
    return {name: str(data.get(f"try.{name}", "")).replace("\0", "").strip() for name in TRIED}


def changed(form: FlowForm, deed: str) -> FlowForm:
    """The form after a button such as "add-step:0", "up-step:0:2", "move-step:0:2:0" or "remove-condition:1:0"; others change nothing."""
    what, *places = deed.split(":")
    if not all(one.isascii() and one.isdecimal() for one in places):
        return form
    numbers = [int(one[:4]) for one in places]
    verb, _, noun = what.partition("-")
    if noun == "branch":
        return replace(form, branches=_done(form.branches, verb, numbers, BranchForm(steps=(StepForm(),))))
    if not numbers or numbers[0] >= len(form.branches):
        return form
    branch = form.branches[numbers[0]]
    if noun == "step":
        branch = replace(branch, steps=_done(branch.steps, verb, numbers[1:], StepForm()))
    elif noun == "condition":
        branch = replace(branch, conditions=_done(branch.conditions, verb, numbers[1:], ConditionForm()))
    return replace(form, branches=(*form.branches[: numbers[0]], branch, *form.branches[numbers[0] + 1 :]))


def flow_of(form: FlowForm, find: Finder) -> tuple[Flow, tuple[FlowFinding, ...]]:
    """The flow that the form means, and what in it cannot be read."""
    unread: list[FlowFinding] = []

    def people(text: str, place: str) -> tuple[int, ...]:
        found = []
        for one in text.replace("，", ",").replace("、", ",").replace(";", ",").split(","):
            if one.strip() and (key := find(one.strip())) is None:
                unread.append(FlowFinding(place, NOBODY_CALLED, {"name": one.strip()}))
            elif one.strip() and key is not None:
                found.append(key)
        return tuple(dict.fromkeys(found))

    branches = []
    for b, branch in enumerate(form.branches):
        conditions = tuple(_condition(one, f"branches.{b}.conditions.{c}", unread) for c, one in enumerate(branch.conditions))
        steps = tuple(
            _step(one, people(one.people, f"branches.{b}.steps.{s}.people") if one.who == Who.PEOPLE.value else ())
            for s, one in enumerate(branch.steps)
        )
        branches.append(Branch(steps, conditions, branch.at_once))
    hours = [_minute(text) for text in (form.opens, form.closes)]
    flow = Flow(tuple(branches), people(form.deputies, "deputies"), form.asks_again, hours[0], hours[1])
    return flow, tuple(unread)


def _done(items: tuple[Item, ...], verb: str, places: Sequence[int], new: Item) -> tuple[Item, ...]:
    listed = list(items)
    if verb == "add" and len(listed) < MOST:
        return (*listed, new)
    if not places or places[0] >= len(listed):
        return items
    here = places[0]
    if verb == "remove":
        del listed[here]
        return tuple(listed)
    to = {"up": here - 1, "down": here + 1, "move": places[1] if len(places) > 1 else here}.get(verb, here)
    listed.insert(max(0, min(to, len(listed) - 1)), listed.pop(here))
    return tuple(listed)


def _condition(one: ConditionForm, place: str, unread: list[FlowFinding]) -> Condition:
    on = On(one.on) if one.on in set(On) else On.DAYS
    test = Comparison(one.test) if one.test in set(Comparison) else Comparison.MORE_THAN
    if (on in LISTED) != (test in LIST_TESTS):  # the thing was changed, and the comparison has not followed yet
        test = Comparison.ONE_OF if on in LISTED else Comparison.MORE_THAN
    if on in LISTED:
        keys = tuple(value if on is On.KIND else int(value) for value in one.values if on is On.KIND or value.isdecimal())
        return Condition(on, test, keys)
    limit = None
    try:
        limit = Decimal(one.limit) if one.limit else None
    except InvalidOperation:
        unread.append(FlowFinding(f"{place}.limit", "give a number that is not negative"))
    if limit is not None and limit.is_finite() and on is On.MONEY:
        limit *= FEN
    return Condition(on, test, limit=limit)


def _step(one: StepForm, people: tuple[int, ...]) -> Step:
    who = Who(one.who) if one.who in set(Who) else Who.MANAGER
    does = Does(one.does) if one.does in set(Does) else Does.DECIDE
    agreement = Agreement(one.agreement) if one.agreement in set(Agreement) else Agreement.ONE
    nth = int(one.nth[:3]) if one.nth.isascii() and one.nth.isdecimal() else -1
    limit = None
    if one.amount and does is Does.DECIDE:
        amount = int(one.amount[:6]) if one.amount.isascii() and one.amount.isdecimal() else 0
        unit = Unit(one.unit) if one.unit in set(Unit) else Unit.WORK_HOURS
        then = TimeUp(one.then) if one.then in set(TimeUp) else TimeUp.REMIND
        limit = TimeLimit(amount, unit, then)
    return Step(who, does, nth, one.role if who is Who.ROLE else "", people, agreement, limit)


def _condition_form(one: Condition) -> ConditionForm:
    limit = one.limit / FEN if one.limit is not None and one.on is On.MONEY else one.limit
    shown = "" if limit is None else f"{limit.normalize():f}"
    return ConditionForm(one.on.value, one.test.value, tuple(str(value) for value in one.values), shown)


def _step_form(one: Step, people: str) -> StepForm:
    limit = one.limit
    form = StepForm(one.who.value, one.does.value, str(one.nth), one.role or "hr", people, one.agreement.value)
    return form if limit is None else replace(form, amount=str(limit.amount), unit=limit.unit.value, then=limit.then.value)


def _count(text: str, most: int = MOST) -> int:
    return min(int(text[:7]), most) if text.isascii() and text.isdecimal() else 0


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute) if hour.isdecimal() and minute.isdecimal() and len(text) <= 5 else -1
