"""Values of closing attendance periods: what is in the way, what employees said, what was frozen, what came later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from msgspec import Struct

from server.attendance.model.days import AttendanceDay
from server.attendance.model.periods import AttendancePeriod
from server.attendance.model.rules import SettledBy
from server.directory.model import PayGroup


class PeriodState(StrEnum):
    """OPEN: days come in. CONFIRMING: employees were asked whether their days are right. CLOSED: frozen, payroll reads it."""

    OPEN = "open"
    CONFIRMING = "confirming"
    CLOSED = "closed"


class Answer(StrEnum):
    """What an employee said of a period. NONE is written down as such: silence is not consent."""

    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    NONE = "not-confirmed"


@dataclass(frozen=True, slots=True)
class Membership:
    """The days of a period on which somebody is paid with its group.

    spans: first and last day of each stretch, in order, at least one; more than one where somebody left and came again, or was paid with
    another group in between.
    """

    person_id: int
    employee_number: str
    name: str
    spans: tuple[tuple[date, date], ...]

    @property
    def first_day(self) -> date:
        return self.spans[0][0]

    @property
    def last_day(self) -> date:
        return self.spans[-1][1]

    @property
    def days(self) -> int:
        return sum((last - first).days + 1 for first, last in self.spans)

    @property
    def between(self) -> frozenset[date]:
        """The days between the stretches: not of this membership."""
        return frozenset(
            before + timedelta(days=count) for (_, before), (after, _) in pairwise(self.spans) for count in range(1, (after - before).days)
        )

    def holds(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.spans)


@dataclass(frozen=True, slots=True)
class Period:
    """A pay group's period, named by the first day of its month. id: None while nobody has done anything with it.

    confirm_until: the last day to answer; None before employees were asked. job_id: of the last work that was to close it.
    """

    group: PayGroup
    month: date
    first_day: date
    last_day: date
    state: PeriodState = PeriodState.OPEN
    id: int | None = None
    asked_at: datetime | None = None
    confirm_until: date | None = None
    closed_at: datetime | None = None
    closed_by: str = ""
    closing_id: int | None = None
    job_id: int | None = None

    @property
    def name(self) -> str:
        """The group's code and the month: how trails and messages call it."""
        return f"{self.group.code} {self.month:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What somebody said. figures: a mark of the figures that they saw; other figures since then make the answer out of date."""

    person_id: int
    answer: Answer
    comment: str
    answered_at: datetime
    figures: bytes


class IssueKind(StrEnum):
    """What may be in the way of closing, the gravest first."""

    NOT_OVER = "not-over"
    UNANNOUNCED = "unannounced"
    WITHOUT_RULES = "without-rules"
    WAITING = "waiting"
    NOT_ASSESSED = "not-assessed"
    PROVISIONAL = "provisional"
    OPEN_EXCEPTIONS = "open-exceptions"
    OBJECTIONS = "objections"
    UNANSWERED = "unanswered"


ACCEPTABLE = frozenset({IssueKind.PROVISIONAL, IssueKind.OPEN_EXCEPTIONS, IssueKind.OBJECTIONS, IssueKind.UNANSWERED})
"""HR may close in spite of these, with a reason. The others would freeze what is not known or not right."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Something in the way. count: days, exceptions or people, as the kind says; people: by number and name, those it is about."""

    kind: IssueKind
    count: int
    people: tuple[Membership, ...] = ()

    @property
    def acceptable(self) -> bool:
        return self.kind in ACCEPTABLE


class Arrear(Struct, frozen=True, kw_only=True, gc=False):
    """What a closed period owes more (positive) or less (negative) since a late fact was accepted, for the next pay run.

    name: a total of `AttendancePeriod`, or `overtime`, `leave` or `allowance`, whose kind stands in `kind`. amount: minutes, halves of days
    or times, as the total is counted.
    """

    name: str
    amount: int
    kind: str = ""
    rate: int | None = None
    settled_by: SettledBy | None = None


@dataclass(frozen=True, slots=True)
class FrozenPeriod:
    """One employee's period as it was closed. answer: what stood when it was closed."""

    person_id: int
    answer: Answer
    result: AttendancePeriod


@dataclass(frozen=True, slots=True)
class Difference:
    """A day of a closed period, as it counts and as it would be now. state: open, accepted, refused."""

    id: int
    person_id: int
    work_date: date
    state: str
    before: AttendanceDay | None
    after: AttendanceDay
    found_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StoredArrear:
    """Arrears of one employee in one closed period, from one decision. due_month: of the group's period that they are paid with."""

    person_id: int
    items: tuple[Arrear, ...]
    decided_at: datetime
    decided_by: str
    reason: str
    due_month: date | None = None


@dataclass(frozen=True, slots=True)
class DueArrear:
    """Arrears that a period pays. month: of the closed period that they are of."""

    month: date
    employee_number: str
    name: str
    arrear: StoredArrear


@dataclass(frozen=True, slots=True)
class PeriodCheck:
    """A period with the people in it and what is in the way of closing it."""

    period: Period
    members: tuple[Membership, ...]
    issues: tuple[Issue, ...]
    answers: Mapping[int, Confirmation] = field(default_factory=dict)

    @property
    def may_close(self) -> bool:
        return all(issue.acceptable for issue in self.issues)
