"""What a request of each kind says. Instants are whole seconds since 1970, UTC, as attendance has them."""

from datetime import date
from typing import TypeAlias

from msgspec import Struct

from server.attendance.model.grants import DayPart
from server.attendance.model.rules import SettledBy
from server.hr.requests.model.kinds import CorrectionCause, RequestKind


class Span(Struct, frozen=True, kw_only=True):
    """By days: first_day to last_day, both included, and `part` of each. By time: starts_at to ends_at. One of the two."""

    first_day: date | None = None
    last_day: date | None = None
    part: DayPart = DayPart.DAY
    starts_at: int | None = None
    ends_at: int | None = None


class LeaveContent(Struct, frozen=True, kw_only=True, tag="leave"):
    """leave: the code of a type of leave."""

    leave: str
    span: Span


class OvertimeContent(Struct, frozen=True, kw_only=True, tag="overtime"):
    """minutes: where not all of the span. settled_by None: as the rules of attendance say."""

    starts_at: int
    ends_at: int
    minutes: int | None = None
    settled_by: SettledBy | None = None


class CorrectionContent(Struct, frozen=True, kw_only=True, tag="correction"):
    """at: the missing punch; with a cause in the company the moment of coming (or going). None for TERMINAL_FAULT."""

    cause: CorrectionCause
    work_date: date
    at: int | None = None


class TripContent(Struct, frozen=True, kw_only=True, tag="trip"):
    """place: where to."""

    place: str
    span: Span


class FieldWorkContent(Struct, frozen=True, kw_only=True, tag="field-work"):
    """place: where, or with whom."""

    place: str
    span: Span


class ShiftChangeContent(Struct, frozen=True, kw_only=True, tag="shift-change"):
    """shift_id None: a day of rest."""

    day: date
    shift_id: int | None = None


class SwapContent(Struct, frozen=True, kw_only=True, tag="swap"):
    """On `day` and on `partner_day`, which may be the same, each of the two takes over what is rostered for the other."""

    day: date
    partner_id: int
    partner_day: date


Content: TypeAlias = LeaveContent | OvertimeContent | CorrectionContent | TripContent | FieldWorkContent | ShiftChangeContent | SwapContent

CONTENTS: dict[RequestKind, type[Struct]] = {
    RequestKind.LEAVE: LeaveContent,
    RequestKind.OVERTIME: OvertimeContent,
    RequestKind.CORRECTION: CorrectionContent,
    RequestKind.TRIP: TripContent,
    RequestKind.FIELD_WORK: FieldWorkContent,
    RequestKind.SHIFT_CHANGE: ShiftChangeContent,
    RequestKind.SWAP: SwapContent,
}
_KINDS = {content: kind for kind, content in CONTENTS.items()}


def kind_of(content: Content) -> RequestKind:
    """Which kind of request says this."""
    return _KINDS[type(content)]


def partner_of(content: Content) -> int | None:
    """Who else's roster it changes."""
    return content.partner_id if isinstance(content, SwapContent) else None


def detail_of(content: Content) -> str:
    """What tells requests of one kind apart: the type of leave, the cause of a correction; empty for others."""
    if isinstance(content, LeaveContent):
        return content.leave
    return content.cause.value if isinstance(content, CorrectionContent) else ""
