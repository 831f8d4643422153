"""What the rules of asking may be."""

from server.errors import InvalidInputError
from server.hr.requests.model import (
    RULES,
    CorrectionRules,
    LeaveRules,
    OvertimeRules,
    RequestKind,
    Rules,
    ShiftChangeRules,
    SwapRules,
    TripRules,
)

MOST_DAYS = 366


def check_rules(kind: RequestKind, rules: Rules) -> None:  # noqa: C901 - one case a kind
    """Raises InvalidInputError for numbers that cannot be meant, and for rules of another kind."""
    if type(rules) is not RULES[kind]:
        raise InvalidInputError(field="kind", reason="choose one that the list offers")
    match rules:
        case LeaveRules():
            _days(notice_days=rules.notice_days, back_days=rules.back_days, certificate_days=rules.certificate_days)
        case OvertimeRules():
            _days(afterwards_days=rules.afterwards_days)
            _minutes(longest_minutes=rules.longest_minutes, day_minutes=rules.day_minutes)
            if not 1 <= rules.month_minutes <= 31 * 1440:
                raise InvalidInputError(field="month_minutes", reason="give hours of one month")
            if not rules.settled_by:
                raise InvalidInputError(field="settled_by", reason="choose at least one")
        case CorrectionRules():
            _days(deadline_days=rules.deadline_days)
            if not rules.causes:
                raise InvalidInputError(field="causes", reason="choose at least one")
            if rules.quota is not None and not 0 <= rules.quota <= 100:
                raise InvalidInputError(field="quota", reason="use 0 to 100, or nothing for no limit")
        case TripRules():
            _days(back_days=rules.back_days)
            if not 1 <= rules.longest_days <= MOST_DAYS:
                raise InvalidInputError(field="longest_days", reason="use 1 to {most} days", most=MOST_DAYS)
        case ShiftChangeRules():
            _days(notice_days=rules.notice_days)
        case SwapRules():
            _days(notice_days=rules.notice_days, apart_days=rules.apart_days)


def _days(**fields: int) -> None:
    for field, days in fields.items():
        if not 0 <= days <= MOST_DAYS:
            raise InvalidInputError(field=field, reason="use 0 to {most} days", most=MOST_DAYS)


def _minutes(**fields: int) -> None:
    for field, minutes in fields.items():
        if not 1 <= minutes <= 1440:
            raise InvalidInputError(field=field, reason="use 1 minute to 24 hours")
