"""Flows: which steps a kind of request goes through, by conditions, in versions that are never changed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class On(StrEnum):
    """What a condition looks at. KIND: the kind and all narrower ones. DEPARTMENT: with those below it. LEVEL: how many managers stand
    above the requester, 0 at the top. MONEY: in fen."""

    KIND = "kind"
    DAYS = "days"
    MINUTES = "minutes"
    DEPARTMENT = "department"
    LEVEL = "level"
    SITE = "site"
    LEGAL_ENTITY = "legal-entity"
    MONEY = "money"


class Comparison(StrEnum):
    """How it is looked at. The first two are for things out of a list, the others for numbers."""

    ONE_OF = "one-of"
    NONE_OF = "none-of"
    AT_LEAST = "at-least"
    MORE_THAN = "more-than"
    AT_MOST = "at-most"
    LESS_THAN = "less-than"


LISTED = frozenset({On.KIND, On.DEPARTMENT, On.SITE, On.LEGAL_ENTITY})
LIST_TESTS = frozenset({Comparison.ONE_OF, Comparison.NONE_OF})


@dataclass(frozen=True, slots=True)
class Condition:
    """values: what to choose from (LIST_TESTS), kinds or ids. limit: what numbers are held against. A fact that is not known never fits."""

    on: On
    test: Comparison
    values: tuple[str | int, ...] = ()
    limit: Decimal | None = None


class Who(StrEnum):
    """Who decides at a step. MANAGER: the `nth` of the requester's managers, 1 is the nearest. DEPARTMENT_HEAD: of the requester's
    department, or of the `nth` above it. ROLE: whoever has it. PEOPLE: those named."""

    MANAGER = "manager"
    DEPARTMENT_HEAD = "department-head"
    ROLE = "role"
    PEOPLE = "people"


class Does(StrEnum):
    """DECIDE: the course waits for them. COPY (抄送): they are told, the course goes on."""

    DECIDE = "decide"
    COPY = "copy"


class Agreement(StrEnum):
    """ALL must agree (会签), or ONE is enough (或签)."""

    ALL = "all"
    ONE = "one"


class Unit(StrEnum):
    """WORK_HOURS: office hours of work days. WORK_DAYS: work days, to the same time of day."""

    WORK_HOURS = "work-hours"
    WORK_DAYS = "work-days"


class TimeUp(StrEnum):
    """What happens when nobody has decided in time. ESCALATE: it goes to the next above whoever was asked."""

    REMIND = "remind"
    ESCALATE = "escalate"
    APPROVE = "approve"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How long a step may wait. amount: at least 1."""

    amount: int
    unit: Unit
    then: TimeUp


@dataclass(frozen=True, slots=True)
class Step:
    """One stop. nth: see `Who`; role: a word of access; people: person ids."""

    who: Who
    does: Does = Does.DECIDE
    nth: int = 1
    role: str = ""
    people: tuple[int, ...] = ()
    agreement: Agreement = Agreement.ONE
    limit: TimeLimit | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """Steps for those whom all conditions fit; without a condition, for everybody. Without a step it is approved at once (`at_once`)."""

    steps: tuple[Step, ...]
    conditions: tuple[Condition, ...] = ()
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """What a version holds. The first branch that fits is taken.

    deputies: who decides in place of those above for somebody who has nobody above; empty: HR does. asks_again: somebody who agreed at an
    earlier step is asked again at a later one, instead of being passed over. opens, closes: office hours that time limits count in,
    minutes since midnight on the clock of the requester's site.
    """

    branches: tuple[Branch, ...]
    deputies: tuple[int, ...] = ()
    asks_again: bool = False
    opens: int = 9 * 60
    closes: int = 18 * 60


@dataclass(frozen=True, slots=True)
class FlowVersion:
    """A flow as it was published, from then until the next one. kind: "" is any kind. flow: None where the kind has no flow of its own from
    then on. number counts from 1 within the kind."""

    id: int
    kind: str
    number: int
    flow: Flow | None
    author: str
    reason: str
    published_at: datetime


HOUSE_FLOW = Flow((Branch((Step(Who.MANAGER),)),))
"""What holds where nobody has set up anything: the manager; who has none, is decided about by the head of the department, else by HR."""
