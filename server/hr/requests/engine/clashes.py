"""What is asked for or approved already for the same time."""

from collections.abc import Iterator

from server.attendance.model.grants import Grant, GrantKind, Heading
from server.hr.requests.engine.surroundings import Granted, Other, Surroundings
from server.hr.requests.engine.times import moments_of
from server.hr.requests.model import (
    Content,
    CorrectionCause,
    CorrectionContent,
    Finding,
    FindingCode,
    RequestKind,
    Severity,
    ShiftChangeContent,
    Span,
    SwapContent,
    TripContent,
    kind_of,
)

AWAY = frozenset({RequestKind.LEAVE, RequestKind.TRIP, RequestKind.FIELD_WORK})
"""Somebody on leave is on no trip."""
ROSTER = frozenset({RequestKind.SHIFT_CHANGE, RequestKind.SWAP})
GRANTED_AWAY = frozenset({GrantKind.LEAVE, GrantKind.TRIP, GrantKind.FIELD_WORK})
EXCUSING = frozenset({CorrectionCause.LATE_FOR_COMPANY, CorrectionCause.EARLY_FOR_COMPANY})


def clashes(content: Content, around: Surroundings) -> Iterator[Finding]:
    """Requests that wait, and grants that hold, for the same time."""
    for other in around.others:
        if _both(content, around.person_id, other, around):
            facts = {"number": other.number, "kind": kind_of(other.content).value}
            yield Finding(FindingCode.ASKED_ALREADY, Severity.STOPS, field_of(content), facts)
    for granted in around.grants:
        if _granted(content, granted.grant, around):
            yield _granted_already(content, granted)


def field_of(content: Content) -> str:
    """The first input of a content's form that says when."""
    match content:
        case CorrectionContent():
            return "work_date"
        case ShiftChangeContent() | SwapContent():
            return "day"
        case _:
            span = getattr(content, "span", None)
            return "first_day" if isinstance(span, Span) and span.first_day is not None else "starts_at"


def cells_of(content: Content, person_id: int) -> set[tuple[int, object]]:
    """The cells of the roster that it changes."""
    match content:
        case ShiftChangeContent():
            return {(person_id, content.day)}
        case SwapContent():
            return {(one, day) for one in (person_id, content.partner_id) for day in (content.day, content.partner_day)}
        case _:
            return set()


def _both(content: Content, person_id: int, other: Other, around: Surroundings) -> bool:
    mine, theirs = kind_of(content), kind_of(other.content)
    if mine in ROSTER and theirs in ROSTER:
        return bool(cells_of(content, person_id) & cells_of(other.content, other.person_id))
    if other.person_id != person_id:
        return False
    if isinstance(content, CorrectionContent) and isinstance(other.content, CorrectionContent):
        return content.work_date == other.content.work_date and content.cause is other.content.cause
    if (mine in AWAY and theirs in AWAY) or (mine is theirs and mine is RequestKind.OVERTIME):
        start, end = moments_of(content, around.zone, around.plans)
        other_start, other_end = moments_of(other.content, around.zone, around.plans)
        return start < other_end and other_start < end
    return False


def _granted(content: Content, grant: Grant, around: Surroundings) -> bool:
    match content:
        case CorrectionContent(cause=CorrectionCause.TERMINAL_FAULT):
            return grant.kind is GrantKind.UNPUNCHED and _touches(content, grant, around)
        case CorrectionContent() if content.cause in EXCUSING:
            return grant.kind is GrantKind.EXCUSED and _touches(content, grant, around)
        case CorrectionContent():
            heading = Heading.IN if content.cause is CorrectionCause.MISSING_IN else Heading.OUT
            same = grant.kind is GrantKind.CORRECTION and grant.heading is heading and grant.starts_at is not None
            return same and content.at is not None and grant.starts_at is not None and grant.starts_at // 60 == content.at // 60
        case _ if kind_of(content) in AWAY:
            return grant.kind in GRANTED_AWAY and _touches(content, grant, around)
        case _ if kind_of(content) is RequestKind.OVERTIME:
            return grant.kind is GrantKind.OVERTIME and _touches(content, grant, around)
    return False


def _touches(content: Content, grant: Grant, around: Surroundings) -> bool:
    start, end = moments_of(content, around.zone, around.plans)
    first, last = grant_moments(grant, around)
    return start < last and first < end


def grant_moments(grant: Grant, around: Surroundings) -> tuple[int, int]:
    """From when until when a grant holds."""
    if grant.first_day is None:
        assert grant.starts_at is not None
        return grant.starts_at, grant.ends_at or grant.starts_at + 60
    span = Span(first_day=grant.first_day, last_day=grant.last_day, part=grant.part)
    return moments_of(TripContent(place="", span=span), around.zone, around.plans)


def away_on(granted: Granted, around: Surroundings, start: int, end: int) -> bool:
    """Whether a grant lets somebody be away in this time."""
    first, last = grant_moments(granted.grant, around)
    return granted.grant.kind in GRANTED_AWAY and first < end and start < last


def _granted_already(content: Content, granted: Granted) -> Finding:
    facts = {"kind": granted.grant.kind.value, "number": granted.reference}
    return Finding(FindingCode.GRANTED_ALREADY, Severity.STOPS, field_of(content), facts)
