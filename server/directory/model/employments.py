"""Values of employments: dated events, and the terms that are their sum on any date."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class HoursSystem(StrEnum):
    """How working time is counted for somebody: day by day, by the sum of a period (综合计算工时), or not at all (不定时)."""

    STANDARD = "standard"
    COMPREHENSIVE = "comprehensive"
    IRREGULAR = "irregular"


class EmploymentKind(StrEnum):
    """What somebody works here as. PART_TIME: 非全日制, at most 4 hours a day. PENSIONER: re-hired after retiring, without a labour
    contract by law. LABOUR_SERVICE: paid for a service.
    """

    REGULAR = "regular"
    PART_TIME = "part-time"
    DISPATCHED = "dispatched"
    INTERN = "intern"
    PENSIONER = "pensioner"
    LABOUR_SERVICE = "labour-service"


class EventKind(StrEnum):
    """What happens to an employment on a day. LEAVING is dated by the last day of work. CONFIRMATION ends the probation before its day;
    a later PROBATION, as long as nobody is confirmed, prolongs or shortens the one that is there.
    """

    HIRE = "hire"
    TRANSFER = "transfer"
    KIND = "kind"
    HOURS = "hours"
    PROTECTION = "protection"
    PROBATION = "probation"
    CONFIRMATION = "confirmation"
    LEAVING = "leaving"


class Protection(StrEnum):
    """Why somebody may be given neither overtime nor night work: pregnancy from the 7th month on, nursing a child under one year."""

    PREGNANCY = "pregnancy"
    NURSING = "nursing"


class LeavingGround(StrEnum):
    """Why an employment ends; what is owed for it depends on the ground (Labour Contract Law, articles 36 to 46)."""

    RESIGNED = "resigned"
    """The employee gives notice: article 37."""
    RESIGNED_FOR_BREACH = "resigned-for-breach"
    """The employee leaves because the employer broke its duties: article 38; compensation is owed."""
    AGREED_EMPLOYER = "agreed-employer"
    """By agreement that the employer proposed: article 36; compensation is owed."""
    AGREED_EMPLOYEE = "agreed-employee"
    """By agreement that the employee proposed: article 36."""
    PROBATION_FAILED = "probation-failed"
    """Proved during the probation not to meet the conditions of employment: article 39 (1)."""
    DISMISSED_FAULT = "dismissed-fault"
    """Dismissed for the employee's own fault: article 39 (2) to (6)."""
    DISMISSED_NO_FAULT = "dismissed-no-fault"
    """Dismissed with notice: illness, not up to the work, changed circumstances: article 40; compensation is owed."""
    REDUNDANCY = "redundancy"
    """Made redundant: article 41; compensation is owed."""
    EXPIRED = "expired"
    """The contract ended and the employer did not offer at least the same terms: article 44 (1), 46 (5); compensation is owed."""
    EXPIRED_DECLINED = "expired-declined"
    """The contract ended and the employee declined at least the same terms: article 46 (5)."""
    TASK_DONE = "task-done"
    """The task that the contract was made for is done: Implementing Regulation, article 22; compensation is owed."""
    RETIRED = "retired"
    """The employee draws a pension: article 44 (2)."""
    DIED = "died"
    """The employee died or was declared dead or missing: article 44 (3)."""
    EMPLOYER_CLOSED = "employer-closed"
    """The employer is bankrupt, closed or dissolved: article 44 (4), (5); compensation is owed."""
    NO_CONTRACT_ENDED = "no-contract-ended"
    """The end of what is no full-time labour contract: part-time (article 71), intern, pensioner, labour service, dispatched."""


@dataclass(frozen=True, slots=True)
class Position:
    """What somebody is hired to do."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class EmploymentEvent:
    """Something that happens to an employment. effective_on: the first day it holds; of a leaving the last day of work.

    until: the last day of a protection, None for until further notice; the last day of a probation. sets: what it makes of the terms, by
    the names of `EmploymentTerms`; an hours system also has `hours_approval` and `hours_approval_until`, a leaving its `ground`
    (`LeavingGround`; without it nobody said why). A cancelled event counts no more but stays.
    """

    id: int
    employment_id: int
    kind: EventKind
    effective_on: date
    until: date | None
    sets: Mapping[str, Any]
    author: str
    reason: str
    recorded_at: datetime
    cancelled_at: datetime | None = None
    cancelled_by: str = ""
    cancel_reason: str = ""

    @property
    def in_force(self) -> bool:
        return self.cancelled_at is None


@dataclass(frozen=True, slots=True)
class Employment:
    """A span of working here, with its events in the order of their days. hired_on_known False: the first day is only when the person
    was first seen here.
    """

    id: int
    person_id: int
    hired_on_known: bool
    events: tuple[EmploymentEvent, ...] = field(default=())

    @property
    def hired_on(self) -> date | None:
        """The first day; None where the hire itself was cancelled."""
        return self._day_of(EventKind.HIRE)

    @property
    def left_on(self) -> date | None:
        """The last day of work; None while it goes on."""
        return self._day_of(EventKind.LEAVING)

    @property
    def confirmed_on(self) -> date | None:
        """The first day as confirmed; None where nobody confirmed it."""
        return self._day_of(EventKind.CONFIRMATION)

    def _day_of(self, kind: EventKind) -> date | None:
        return next((event.effective_on for event in self.events if event.in_force and event.kind is kind), None)


@dataclass(frozen=True, slots=True)
class EmploymentTerms:
    """What holds for an employment on a day. protected: neither overtime nor night work may be given.

    probation_until: the last day of the probation that goes on; None: no probation, over, or confirmed.
    """

    employment_id: int
    department_id: int | None = None
    position_id: int | None = None
    manager_id: int | None = None
    site_id: int | None = None
    kind: EmploymentKind = EmploymentKind.REGULAR
    hours_system: HoursSystem = HoursSystem.STANDARD
    pay_group_id: int | None = None
    protected: bool = False
    legal_entity_id: int | None = None
    probation_until: date | None = None


@dataclass(frozen=True, slots=True)
class TermsSpan:
    """The terms from a first to a last day, both included; None: they go on."""

    first_day: date
    last_day: date | None
    terms: EmploymentTerms
