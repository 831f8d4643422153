"""Courses as the inbox shows them: everything that an approver needs to see before saying yes, without opening anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from server.directory import actions as directory
from server.hr.approvals import actions
from server.hr.approvals.model import Course, CourseState, Described, Task
from server.hr.approvals.pages.asked import described, kind_names
from server.hr.approvals.pages.wording import COURSE_STATES, Tell, kind_name, told
from server.storage import UnitOfWork
from server.web.asking import now, words


@dataclass(frozen=True, slots=True)
class Card:
    """A course in a list. lines: (label, value) in the reader's language. for_name: whose delegate the reader is here."""

    id: int
    state: tuple[str, str]
    waits: bool
    kind: str
    title: str
    requester_id: int
    who: str
    number: str
    department: str
    lines: Sequence[tuple[str, str]]
    reason: str
    warnings: Sequence[str]
    for_name: str
    submitted_at: datetime
    due_at: datetime | None
    late: bool
    reminded: bool


def cards_of(request: Request, uow: UnitOfWork, tasks: Sequence[Task]) -> list[Card]:
    """Cards in the order given."""
    tell, names = words(request), kind_names(request, uow)
    courses = [one.course for one in tasks]
    known = described(request, uow, courses)
    people = actions.requesters_of(uow, courses)
    others = directory.names_of(uow, [one.for_person for one in tasks if one.for_person is not None])
    found = []
    for task in tasks:
        about = known.get((task.course.subject.kind, task.course.subject.id))
        found.append(_card(task, about, people[task.course.facts.requester_id], others, tell, names, now()))
    return found


def as_tasks(courses: Sequence[Course]) -> list[Task]:
    """Courses of a list that nobody is asked in."""
    return [Task(one, None) for one in courses]


def _card(
    task: Task,
    about: Described | None,
    who: tuple[str, str, str],
    others: Mapping[int, str],
    tell: Tell,
    names: Mapping[str, str],
    at: datetime,
) -> Card:
    course = task.course
    kind, word = COURSE_STATES[course.state]
    name = kind_name(course.facts.kind, tell, names)
    return Card(
        id=course.id,
        state=(kind, tell(word)),
        waits=course.state is CourseState.OPEN,
        kind=name,
        title=told(about.title, tell) if about else name,
        requester_id=course.facts.requester_id,
        who=who[0],
        number=who[1],
        department=who[2],
        lines=[(tell(label), told(value, tell)) for label, value in about.lines] if about else [],
        reason=about.reason if about else "",
        warnings=[told(one, tell) for one in about.warnings] if about else [],
        for_name="" if task.for_person is None else others.get(task.for_person, ""),
        submitted_at=course.submitted_at,
        due_at=course.due_at,
        late=course.due_at is not None and course.due_at < at,
        reminded=course.reminded_at is not None and course.state is CourseState.OPEN,
    )
