"""The company's rules of asking, by kind, each dated. Every default is what a company begins with."""

from datetime import date
from typing import TypeAlias

from msgspec import Struct

from server.attendance.model.rules import SettledBy
from server.hr.requests.model.kinds import CorrectionCause, RequestKind


class LeaveRules(Struct, frozen=True, kw_only=True):
    """notice_days: how long before the first day it must be asked for; sick leave and others of `without_notice` never.

    back_days: how far back it may still be asked for. certificate_days: a certificate may follow until so many days after the last day;
    0: it has to be there when it is asked for.
    """

    notice_days: int = 0
    without_notice: tuple[str, ...] = ("sick", "bereavement", "work-injury", "maternity")
    back_days: int = 31
    certificate_days: int = 7


class OvertimeRules(Struct, frozen=True, kw_only=True):
    """afterwards_days: until so many days later it may be asked for; 0: before only. longest_minutes: of one request.

    settled_by: the ways that may be chosen. day_minutes, month_minutes: warned beyond (Labour Law, article 41: 3 hours a day, 36 a month).
    """

    afterwards_days: int = 3
    longest_minutes: int = 720
    settled_by: tuple[SettledBy, ...] = (SettledBy.PAY, SettledBy.TIME_OFF)
    day_minutes: int = 180
    month_minutes: int = 36 * 60


class CorrectionRules(Struct, frozen=True, kw_only=True):
    """causes: which are offered. quota: how many of the `counted` causes in a calendar month; None: no limit. deadline_days: until so many
    days after the day. attachment: causes that need one.
    """

    causes: tuple[CorrectionCause, ...] = tuple(CorrectionCause)
    quota: int | None = 3
    counted: tuple[CorrectionCause, ...] = (CorrectionCause.MISSING_IN, CorrectionCause.MISSING_OUT)
    deadline_days: int = 31
    attachment: tuple[CorrectionCause, ...] = ()


class TripRules(Struct, frozen=True, kw_only=True):
    """longest_days: of one request. back_days: how far back it may still be asked for. attachment: whether one is needed."""

    longest_days: int = 90
    back_days: int = 31
    attachment: bool = False


class FieldWorkRules(TripRules, frozen=True, kw_only=True):
    """As those of trips."""

    longest_days: int = 31


class ShiftChangeRules(Struct, frozen=True, kw_only=True):
    """notice_days: how long before the day it must be asked for."""

    notice_days: int = 1


class SwapRules(Struct, frozen=True, kw_only=True):
    """notice_days: as of a shift change. apart_days: so far apart the two days may be at most."""

    notice_days: int = 1
    apart_days: int = 31


Rules: TypeAlias = LeaveRules | OvertimeRules | CorrectionRules | TripRules | FieldWorkRules | ShiftChangeRules | SwapRules

RULES: dict[RequestKind, type[Struct]] = {
    RequestKind.LEAVE: LeaveRules,
    RequestKind.OVERTIME: OvertimeRules,
    RequestKind.CORRECTION: CorrectionRules,
    RequestKind.TRIP: TripRules,
    RequestKind.FIELD_WORK: FieldWorkRules,
    RequestKind.SHIFT_CHANGE: ShiftChangeRules,
    RequestKind.SWAP: SwapRules,
}


class RulesVersion(Struct, frozen=True, kw_only=True):
    """Rules of a kind from a day on; of two from one day the later made counts. id 0: what a company begins with."""

    id: int
    kind: RequestKind
    first_day: date
    rules: Rules
    author: str = ""
    reason: str = ""
