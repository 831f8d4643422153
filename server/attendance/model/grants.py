"""Grants: approved facts that assessing obeys. How they were approved is not known here."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from server.attendance.model.rules import SettledBy


class GrantKind(StrEnum):
    """EXCUSED: no work is owed and the time is paid (a typhoon, a half-day for everybody). UNPUNCHED: no punch is asked for and the plan
    counts as worked (a terminal out of order). NURSING: minutes a day by which somebody may come later or leave earlier.
    """

    LEAVE = "leave"
    OVERTIME = "overtime"
    TRIP = "trip"
    FIELD_WORK = "field-work"
    CORRECTION = "correction"
    EXCUSED = "excused"
    UNPUNCHED = "unpunched"
    NURSING = "nursing"


class LeaveKind(StrEnum):
    """Kinds of leave that attendance tells apart; entitlements are none of its business."""

    ANNUAL = "annual"
    SICK = "sick"
    PERSONAL = "personal"
    MARRIAGE = "marriage"
    MATERNITY = "maternity"
    PATERNITY = "paternity"
    BEREAVEMENT = "bereavement"
    CHILD_CARE = "child-care"
    WORK_INJURY = "work-injury"
    TIME_OFF = "time-off"
    OTHER = "other"


class DayPart(StrEnum):
    """Of a whole-day grant: all of it, or the half before or after the roster's break (else its middle)."""

    DAY = "day"
    MORNING = "morning"
    AFTERNOON = "afternoon"


class Heading(StrEnum):
    """Which way somebody went at a punch."""

    IN = "in"
    OUT = "out"


class Grant(Struct, frozen=True, kw_only=True, gc=False):
    """One grant as assessing reads it. By days: first_day to last_day, both included, and `part` of each. By time: starts_at to ends_at
    (instants).

    CORRECTION: starts_at is the moment of the punch that is added, `heading` its direction. OVERTIME: minutes, where not all of the span
    is approved. NURSING: by days, `minutes` a day.
    """

    id: int
    kind: GrantKind
    first_day: date | None = None
    last_day: date | None = None
    part: DayPart = DayPart.DAY
    starts_at: int | None = None
    ends_at: int | None = None
    leave: LeaveKind | None = None
    heading: Heading | None = None
    minutes: int | None = None
    settled_by: SettledBy | None = None
