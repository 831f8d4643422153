"""What stands in the way of a request, or should be known before it is sent. Values; `engine.telling` says them."""

import dataclasses
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """STOPS: it cannot be sent like this. WARNS: it can, and the approvers see the warning, too."""

    STOPS = "stops"
    WARNS = "warns"


class FindingCode(StrEnum):
    """What was found; each has a sentence and what to do."""

    NOT_EMPLOYED = "not-employed"
    CLOSED = "closed"
    CLOSED_LATE = "closed-late"
    ASKED_ALREADY = "asked-already"
    GRANTED_ALREADY = "granted-already"
    NO_WORK = "no-work"
    PARTLY_NO_WORK = "partly-no-work"
    NO_ROSTER = "no-roster"
    OVER_BALANCE = "over-balance"
    NOT_FOR_PERSON = "not-for-person"
    NOTICE = "notice"
    TOO_FAR_BACK = "too-far-back"
    TOO_LONG = "too-long"
    CERTIFICATE_LATER = "certificate-later"
    ATTACHMENT = "attachment"
    CAUSE_NOT_OFFERED = "cause-not-offered"
    QUOTA = "quota"
    IN_THE_FUTURE = "in-the-future"
    NOTHING_MISSING = "nothing-missing"
    AFTERWARDS = "afterwards"
    SETTLEMENT = "settlement"
    INSIDE_THE_PLAN = "inside-the-plan"
    PROTECTED_OVERTIME = "protected-overtime"
    DAY_OVERTIME = "day-overtime"
    MONTH_OVERTIME = "month-overtime"
    SAME_SHIFT = "same-shift"
    ON_LEAVE = "on-leave"
    SHORT_REST = "short-rest"
    SHIFTS_OVERLAP = "shifts-overlap"
    PROTECTED_NIGHT = "protected-night"
    OTHER_ZONE = "other-zone"


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """field: the input it is about. facts: what its sentence names; plain values, so that it can be kept beside the request."""

    code: FindingCode
    severity: Severity
    field: str
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def stops(findings: Iterable[Finding]) -> bool:
    """Whether one of them stops the request."""
    return any(one.severity is Severity.STOPS for one in findings)
