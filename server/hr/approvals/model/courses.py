"""Courses: what becomes of one thing that was asked for, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from server.hr.approvals.model.facts import Facts, Subject
from server.hr.approvals.model.flows import Does


class CourseState(StrEnum):
    """The last three are ends. SENT_BACK: the requester changes it and hands it in again, or withdraws it."""

    OPEN = "open"
    SENT_BACK = "sent-back"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


ENDED = frozenset({CourseState.APPROVED, CourseState.REFUSED, CourseState.WITHDRAWN})


class Verdict(StrEnum):
    """What an approver can say."""

    APPROVE = "approve"
    REFUSE = "refuse"
    SEND_BACK = "send-back"


class SeatState(StrEnum):
    """OPEN: waits for this person. SPARED: nobody needs the answer any more. PASSED_OVER: agreed at an earlier step, so is not asked again.
    COPIED: told only. HANDED_OVER: somebody else was asked instead."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    SENT_BACK = "sent-back"
    SPARED = "spared"
    PASSED_OVER = "passed-over"
    COPIED = "copied"
    HANDED_OVER = "handed-over"


class Why(StrEnum):
    """Why somebody is asked. NEXT_ABOVE: whom the step means asked themselves, or there is nobody, so the next above is asked. DEPUTY: the
    flow names them for whoever has nobody above. HR: nobody else is there. HANDED_OVER, ESCALATED: came to them later."""

    MANAGER = "manager"
    HEAD = "head"
    ROLE = "role"
    NAMED = "named"
    NEXT_ABOVE = "next-above"
    DEPUTY = "deputy"
    HR = "hr"
    HANDED_OVER = "handed-over"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody whom a step comes to, and why."""

    person_id: int
    why: Why


@dataclass(frozen=True, slots=True)
class Seat:
    """An approver of a step in one round. decided_by: the person who answered, another one where a delegate did."""

    id: int
    course_id: int
    round: int
    step: int
    person_id: int
    why: Why
    state: SeatState
    decided_by: int | None
    decided_at: datetime | None


class EntryKind(StrEnum):
    """What can be in the history of a course."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"
    SENT_BACK = "sent-back"
    WITHDRAWN = "withdrawn"
    RESUBMITTED = "resubmitted"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    HANDED_OVER = "handed-over"
    COMMENTED = "commented"
    TIME_UP = "time-up"
    COULD_NOT = "could-not"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the history; never changed. person_id: None where the server did it by itself. facts: what a sentence needs more."""

    id: int
    kind: EntryKind
    at: datetime
    round: int
    step: int
    person_id: int | None
    actor: str
    comment: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    """A course as it stands. step: index into the branch's steps, where it is or ended. round: 1, and one more each time it comes back.

    first_round: the round in which it was last handed in: what was agreed before that counts no more. version_id and branch: what it goes
    by to its end, whatever is published later. all_must: whether all seats of the step must agree.
    """

    id: int
    subject: Subject
    facts: Facts
    version_id: int
    branch: int
    state: CourseState
    round: int
    first_round: int
    step: int
    all_must: bool
    submitted_at: datetime
    step_since: datetime
    due_at: datetime | None
    reminded_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Task:
    """A course that waits for somebody. for_person: whose seat it is, where they are the delegate of another one; else None."""

    course: Course
    for_person: int | None


@dataclass(frozen=True, slots=True)
class Delegation:
    """Whoever decides in somebody's place, from first_day to last_day (None: until it is ended), besides them.

    kinds: those it is for, with narrower ones; empty: all. only_away: counts on days on which the person is on leave.
    """

    id: int
    person_id: int
    delegate_id: int
    kinds: tuple[str, ...]
    first_day: date
    last_day: date | None
    only_away: bool
    ended_at: datetime | None = None


class Outcome(StrEnum):
    """What will come of a step, as far as it can be foreseen. PASSED_OVER: all whom it would ask agreed before."""

    ASKS = "asks"
    COPIES = "copies"
    PASSED_OVER = "passed-over"


@dataclass(frozen=True, slots=True)
class ForeseenStep:
    """A step as it would be resolved today. number: counts from 1. delegates: who decides in place of whom (person: delegate)."""

    number: int
    does: Does
    outcome: Outcome
    asked: tuple[Asked, ...]
    all_must: bool
    delegates: Mapping[int, int]
