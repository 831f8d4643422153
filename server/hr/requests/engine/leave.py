"""What stands in the way of leave."""

from collections.abc import Iterator

from server.hr.requests.engine.clashes import field_of
from server.hr.requests.engine.surroundings import LeaveFacts, Surroundings
from server.hr.requests.engine.times import days_of
from server.hr.requests.model import Finding, FindingCode, LeaveContent, LeaveRules, Severity


def judge_leave(content: LeaveContent, rules: LeaveRules, around: Surroundings) -> Iterator[Finding]:
    """Its type, its balance, what is planned then, and when it is asked for."""
    yield from _asked_in_time(content, rules, around)
    if around.leave is None:
        return
    yield from _length(content, around.leave)
    yield from _balance(around.leave)
    if around.leave.not_for is not None:
        yield Finding(FindingCode.NOT_FOR_PERSON, Severity.STOPS, "leave", {"why": around.leave.not_for.value, **_names(around.leave)})
    if around.leave.certificate and not around.attachments:
        severity = Severity.WARNS if rules.certificate_days else Severity.STOPS
        facts = {"days": rules.certificate_days, **_names(around.leave)}
        code = FindingCode.CERTIFICATE_LATER if rules.certificate_days else FindingCode.ATTACHMENT
        yield Finding(code, severity, "attachment", facts)


def _asked_in_time(content: LeaveContent, rules: LeaveRules, around: Surroundings) -> Iterator[Finding]:
    first, _ = days_of(content, around.zone)
    ahead = (first - around.today).days
    if -ahead > rules.back_days:
        yield Finding(FindingCode.TOO_FAR_BACK, Severity.STOPS, field_of(content), {"days": rules.back_days})
    elif content.leave not in rules.without_notice and 0 <= ahead < rules.notice_days:
        yield Finding(FindingCode.NOTICE, Severity.STOPS, field_of(content), {"days": rules.notice_days})


def _length(content: LeaveContent, leave: LeaveFacts) -> Iterator[Finding]:
    free = [day for day, minutes in leave.per_day.items() if not minutes]
    if not leave.minutes:
        yield Finding(FindingCode.NO_WORK, Severity.STOPS, field_of(content))
    elif free:
        yield Finding(FindingCode.PARTLY_NO_WORK, Severity.WARNS, field_of(content), {"days": len(free)})
    if leave.assumed:
        yield Finding(FindingCode.NO_ROSTER, Severity.WARNS, field_of(content), {"day": min(leave.assumed).isoformat()})


def _balance(leave: LeaveFacts) -> Iterator[Finding]:
    if leave.short is not None:
        facts = {
            "day": leave.short.day.isoformat(),
            "wanted_minutes": leave.short.wanted,
            "left_minutes": leave.short.left,
            "day_minutes": leave.day_minutes,
            **_names(leave),
        }
        if leave.granted_from is not None:
            facts["from_day"] = leave.granted_from.isoformat()
        yield Finding(FindingCode.OVER_BALANCE, Severity.STOPS, "leave", facts)


def _names(leave: LeaveFacts) -> dict[str, str]:
    return {"name_en": leave.names[0], "name_zh": leave.names[1]}
