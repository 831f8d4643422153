"""What a list of the staff asks for, and a line of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from server.directory.model.employments import EmploymentKind


class StaffState(StrEnum):
    """How somebody stands on a day. LEAVING: employed, and the last day of work is known."""

    EMPLOYED = "employed"
    PROBATION = "probation"
    LEAVING = "leaving"
    TO_COME = "to-come"
    LEFT = "left"
    ALL = "all"


class StaffOrder(StrEnum):
    """What a list is sorted by; each is an indexed column."""

    NAME = "name"
    NUMBER = "number"
    HIRED = "hired"
    HIRED_LAST = "hired-last"


@dataclass(frozen=True, slots=True)
class StaffQuestion:
    """Whom a list shows, as things stand on a day; None and "" leave a question open.

    department_id: with those below. text: a part of the name or of its sound, its initials, or the beginning of the employee number.
    within: a SELECT of the people whom the reader may see, None for everybody.
    """

    day: date
    person_id: int | None = None
    text: str = ""
    department_id: int | None = None
    position_id: int | None = None
    site_id: int | None = None
    legal_entity_id: int | None = None
    manager_id: int | None = None
    kind: EmploymentKind | None = None
    state: StaffState = StaffState.EMPLOYED
    hired_from: date | None = None
    hired_to: date | None = None
    order: StaffOrder = StaffOrder.NAME
    within: Any = None


@dataclass(frozen=True, slots=True)
class StaffLine:
    """Somebody in a list, as they stand on the day: who has left as they last did, who is to come as they first will.

    state: EMPLOYED, PROBATION, LEAVING, TO_COME or LEFT; None of somebody whose every hire was cancelled. left_on: the last day of work.
    """

    person_id: int
    employee_number: str
    name: str
    department: str | None
    position: str | None
    site: str | None
    legal_entity: str | None
    manager: str | None
    kind: EmploymentKind | None
    hired_on: date | None
    hired_on_known: bool
    left_on: date | None
    probation_until: date | None
    state: StaffState | None


@dataclass(frozen=True, slots=True)
class StaffPage:
    """A part of a list. following: where the next part begins, None at the end."""

    lines: Sequence[StaffLine]
    following: tuple[str | date, int] | None
