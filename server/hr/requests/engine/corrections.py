"""What stands in the way of a correction, and what is likely missing on a day."""

from collections.abc import Iterator

from server.attendance.model.days import ExceptionKind
from server.hr.requests.engine.surroundings import Surroundings
from server.hr.requests.model import CorrectionCause, CorrectionContent, CorrectionRules, Finding, FindingCode, Severity
from server.roster.model import PlannedDay

MENDS = {
    CorrectionCause.MISSING_IN: frozenset({ExceptionKind.MISSING_IN, ExceptionKind.ABSENCE, ExceptionKind.LEADING_OUT}),
    CorrectionCause.MISSING_OUT: frozenset(
        {ExceptionKind.MISSING_OUT, ExceptionKind.ABSENCE, ExceptionKind.ASSUMED_OUT, ExceptionKind.EARLY_LEAVE, ExceptionKind.OVERLONG}
    ),
    CorrectionCause.LATE_FOR_COMPANY: frozenset({ExceptionKind.LATE, ExceptionKind.SERIOUS_LATE}),
    CorrectionCause.EARLY_FOR_COMPANY: frozenset({ExceptionKind.EARLY_LEAVE, ExceptionKind.SERIOUS_EARLY_LEAVE}),
    CorrectionCause.TERMINAL_FAULT: frozenset({ExceptionKind.MISSING_IN, ExceptionKind.MISSING_OUT, ExceptionKind.ABSENCE}),
}
"""Which exceptions of a day each cause can do away with, the likeliest cause first."""
PUNCHED = frozenset({CorrectionCause.MISSING_IN, CorrectionCause.MISSING_OUT})
"""Causes for which a punch is added."""


def judge_correction(content: CorrectionContent, rules: CorrectionRules, around: Surroundings) -> Iterator[Finding]:
    """Whether the cause is offered, the deadline, the quota, and whether there is anything to correct."""
    if content.cause not in rules.causes:
        yield Finding(FindingCode.CAUSE_NOT_OFFERED, Severity.STOPS, "cause", {"cause": content.cause.value})
    if content.work_date > around.today or (content.at is not None and content.at > around.now):
        yield Finding(FindingCode.IN_THE_FUTURE, Severity.STOPS, "at" if content.at is not None else "work_date")
    if (around.today - content.work_date).days > rules.deadline_days:
        yield Finding(FindingCode.TOO_FAR_BACK, Severity.STOPS, "work_date", {"days": rules.deadline_days})
    if rules.quota is not None and content.cause in rules.counted and around.used >= rules.quota:
        facts = {"used": around.used, "quota": rules.quota, "month": f"{content.work_date:%Y-%m}"}
        yield Finding(FindingCode.QUOTA, Severity.STOPS, "cause", facts)
    if content.cause in rules.attachment and not around.attachments:
        yield Finding(FindingCode.ATTACHMENT, Severity.STOPS, "attachment")
    if around.missing is not None and not around.missing & MENDS[content.cause]:
        yield Finding(FindingCode.NOTHING_MISSING, Severity.WARNS, "work_date", {"cause": content.cause.value})
    plan = around.plans.get(content.work_date)
    if plan and content.cause not in PUNCHED and not _inside(content.at, plan):
        yield Finding(FindingCode.NO_WORK, Severity.STOPS, "work_date" if content.at is None else "at")


def _inside(at: int | None, plan: PlannedDay) -> bool:
    """Whether work is planned at a moment; None: at any moment of the day."""
    return bool(plan.parts) and (at is None or plan.parts[0].start < at < plan.parts[-1].end)


def likely_cause(missing: frozenset[ExceptionKind]) -> CorrectionCause | None:
    """The cause that mends what a day lacks; None where nothing is missing."""
    return next((cause for cause, kinds in MENDS.items() if missing & kinds), None)


def likely_moment(cause: CorrectionCause, plan: PlannedDay | None) -> int | None:
    """When the punch that is missing should have been, by the roster."""
    if plan is None or not plan.parts or cause is CorrectionCause.TERMINAL_FAULT:
        return None
    coming = cause in {CorrectionCause.MISSING_IN, CorrectionCause.LATE_FOR_COMPANY}
    return plan.parts[0].start if coming else plan.parts[-1].end
