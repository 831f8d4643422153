"""What stands in the way of overtime."""

from collections.abc import Iterator

from server.attendance.model.rules import SettledBy
from server.hr.requests.engine.clashes import away_on
from server.hr.requests.engine.surroundings import Surroundings
from server.hr.requests.engine.times import date_at
from server.hr.requests.model import Finding, FindingCode, OvertimeContent, OvertimeRules, Severity
from server.roster.model import DayKind


def minutes_of(content: OvertimeContent) -> int:
    """How much is asked for."""
    return content.minutes if content.minutes is not None else (content.ends_at - content.starts_at) // 60


def judge_overtime(content: OvertimeContent, rules: OvertimeRules, around: Surroundings) -> Iterator[Finding]:
    """When it is asked for, how long it is, how it is settled, and what the law says of it."""
    day = date_at(content.starts_at, around.zone)
    plan = around.plans.get(day)
    minutes = minutes_of(content)
    if content.starts_at <= around.now:
        if not rules.afterwards_days:
            yield Finding(FindingCode.AFTERWARDS, Severity.STOPS, "starts_at")
        elif (around.today - day).days > rules.afterwards_days:
            yield Finding(FindingCode.TOO_FAR_BACK, Severity.STOPS, "starts_at", {"days": rules.afterwards_days})
    if minutes > rules.longest_minutes:
        yield Finding(FindingCode.TOO_LONG, Severity.STOPS, "ends_at", {"minutes": rules.longest_minutes})
    if content.settled_by is not None and content.settled_by not in rules.settled_by:
        yield Finding(FindingCode.SETTLEMENT, Severity.STOPS, "settled_by", {"settled_by": content.settled_by.value})
    if plan and content.settled_by is SettledBy.TIME_OFF and plan.kind in {DayKind.WORKDAY, DayKind.STATUTORY_HOLIDAY}:
        yield Finding(FindingCode.SETTLEMENT, Severity.STOPS, "settled_by", {"settled_by": "law"})
    if plan and any(part.start < content.ends_at and content.starts_at < part.end for part in plan.parts):
        yield Finding(FindingCode.INSIDE_THE_PLAN, Severity.WARNS, "starts_at")
    if any(away_on(one, around, content.starts_at, content.ends_at) for one in around.grants):
        yield Finding(FindingCode.ON_LEAVE, Severity.WARNS, "starts_at", {"day": day.isoformat()})
    yield from _law(content, rules, around)


def _law(content: OvertimeContent, rules: OvertimeRules, around: Surroundings) -> Iterator[Finding]:
    day = date_at(content.starts_at, around.zone)
    plan, minutes = around.plans.get(day), minutes_of(content)
    if plan and plan.protected:
        yield Finding(FindingCode.PROTECTED_OVERTIME, Severity.WARNS, "starts_at")
    that_day = around.overtime.get(day, 0) + minutes
    if plan and plan.kind is DayKind.WORKDAY and that_day > rules.day_minutes:
        yield Finding(FindingCode.DAY_OVERTIME, Severity.WARNS, "ends_at", {"minutes": that_day, "most_minutes": rules.day_minutes})
    month = sum(amount for other, amount in around.overtime.items() if (other.year, other.month) == (day.year, day.month)) + minutes
    if month > rules.month_minutes:
        facts = {"minutes": month, "most_minutes": rules.month_minutes, "month": f"{day:%Y-%m}"}
        yield Finding(FindingCode.MONTH_OVERTIME, Severity.WARNS, "ends_at", facts)
