"""Grants as they are recorded: who approved what for whom, and where it came from."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from server.access.model import EVERYBODY, Scope
from server.attendance.model.grants import DayPart, Grant, GrantKind, Heading, LeaveKind
from server.attendance.model.rules import SettledBy


class GrantOrigin(StrEnum):
    """How a grant came to be. The reference beside it names the request, the file or the bulk it belongs to."""

    BY_HAND = "by-hand"
    BULK = "bulk"
    REQUEST = "request"
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGrant:
    """A grant to record; the fields mean what they do in `Grant`.

    late: the author knows that it touches a closed period, and wants what follows from it as a difference to decide on.
    """

    person_id: int
    kind: GrantKind
    reason: str
    first_day: date | None = None
    last_day: date | None = None
    part: DayPart = DayPart.DAY
    starts_at: int | None = None
    ends_at: int | None = None
    leave: LeaveKind | None = None
    heading: Heading | None = None
    minutes: int | None = None
    settled_by: SettledBy | None = None
    origin: GrantOrigin = GrantOrigin.BY_HAND
    origin_reference: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """A recorded grant. from_day, until_day: the work dates it can matter to. A withdrawn one is no longer obeyed."""

    grant: Grant
    person_id: int
    from_day: date
    until_day: date
    origin: GrantOrigin
    origin_reference: str
    author: str
    reason: str
    recorded_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_reason: str = ""


@dataclass(frozen=True, slots=True)
class GrantFilter:
    """Which grants are wanted; None leaves a question open. since, until: dates they touch. withdrawn: those too.

    scope: of whom grants may be seen, on one of the days that they touch.
    """

    person_id: int | None = None
    department_id: int | None = None
    site_id: int | None = None
    kind: GrantKind | None = None
    origin: GrantOrigin | None = None
    origin_reference: str | None = None
    since: date | None = None
    until: date | None = None
    withdrawn: bool = False
    scope: Scope = EVERYBODY


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A grant in a list, with whose it is."""

    stored: StoredGrant
    employee_number: str
    person_name: str
    department_name: str | None
    time_zone: str
