"""Everything that stands in the way of a request or should be known before it is sent, in the order in which a person mends it.

`judge` is asked while somebody types and again when the request is sent; the same facts give the same findings.
Sources: Labour Law, articles 41 (overtime: 3 hours a day, 36 a month), 44 (time off stands for overtime on rest days only), 61 and 63 and
the Special Rules on Labour Protection of Female Employees, articles 6 and 9 (neither overtime nor night work). The law warns here and does
not stop: whether somebody is protected may be known better by the approver than by the record.
"""

from collections.abc import Iterator

from server.hr.requests.engine.clashes import clashes, field_of
from server.hr.requests.engine.corrections import judge_correction
from server.hr.requests.engine.leave import judge_leave
from server.hr.requests.engine.overtime import judge_overtime
from server.hr.requests.engine.shifts import judge_shift_change, judge_swap
from server.hr.requests.engine.surroundings import Surroundings
from server.hr.requests.engine.times import days_of
from server.hr.requests.engine.trips import judge_trip
from server.hr.requests.model import (
    Content,
    CorrectionContent,
    CorrectionRules,
    FieldWorkContent,
    Finding,
    FindingCode,
    LeaveContent,
    LeaveRules,
    OvertimeContent,
    OvertimeRules,
    Severity,
    ShiftChangeContent,
    ShiftChangeRules,
    SwapContent,
    SwapRules,
    TripContent,
    TripRules,
)
from server.roster.model import each_day


def judge(content: Content, around: Surroundings) -> tuple[Finding, ...]:
    """All findings, those that stop first."""
    found = [*_employed(content, around), *_closed(content, around), *clashes(content, around), *_by_kind(content, around)]
    return tuple(sorted(found, key=lambda one: one.severity is not Severity.STOPS))


def judge_cancellation(content: Content, around: Surroundings) -> tuple[Finding, ...]:
    """What stands in the way of taking back what was approved: a closed period."""
    return tuple(_closed(content, around))


def _by_kind(content: Content, around: Surroundings) -> Iterator[Finding]:
    match content, around.rules:
        case LeaveContent(), LeaveRules() as rules:
            yield from judge_leave(content, rules, around)
        case OvertimeContent(), OvertimeRules() as rules:
            yield from judge_overtime(content, rules, around)
        case CorrectionContent(), CorrectionRules() as rules:
            yield from judge_correction(content, rules, around)
        case TripContent() | FieldWorkContent(), TripRules() as rules:
            yield from judge_trip(content, rules, around)
        case ShiftChangeContent(), ShiftChangeRules() as rules:
            yield from judge_shift_change(content, rules, around)
        case SwapContent(), SwapRules() as rules:
            yield from judge_swap(content, rules, around)


def _employed(content: Content, around: Surroundings) -> Iterator[Finding]:
    """Days on which somebody does not work here cannot be asked for."""
    first, last = days_of(content, around.zone)
    gone = next((day for day in each_day(first, last) if day in around.plans and not around.plans[day].employed), None)
    if gone:
        yield Finding(FindingCode.NOT_EMPLOYED, Severity.STOPS, field_of(content), {"day": gone.isoformat()})


def _closed(content: Content, around: Surroundings) -> Iterator[Finding]:
    """A closed period is not changed behind its back: a late fact becomes a difference that HR decides on."""
    closed = around.closed | (around.partner.closed if around.partner else frozenset())
    spans = [days_of(one, around.zone) for one in (content, around.replaced) if one is not None]
    day = min((day for span in spans for day in each_day(*span) if day in closed), default=None)
    if day is None:
        return
    if around.late:
        yield Finding(FindingCode.CLOSED_LATE, Severity.WARNS, "late", {"day": day.isoformat()})
    else:
        yield Finding(FindingCode.CLOSED, Severity.STOPS, field_of(content), {"day": day.isoformat()})
