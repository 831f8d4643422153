"""What pages of periods say: issues with what to do about them, and arrears, as texts to translate."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from server.attendance import actions as attendance
from server.attendance.engine.period.grouping import Total, by_total
from server.attendance.engine.telling import tell_finding, tell_period, tell_steps
from server.attendance.engine.wording import duration
from server.attendance.model import Arrear, Issue, IssueKind, Period
from server.attendance.model.periods import AttendancePeriod
from server.attendance.pages.people import month_asked
from server.directory import actions as directory
from server.errors import NotFoundError
from server.storage import UnitOfWork

NAMES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class IssueLine:
    """An issue for people. more: how many more people than are named. address: where something can be done about it."""

    issue: Issue
    said: str
    remedy: str
    names: str
    more: int
    address: str


@dataclass(frozen=True, slots=True)
class TotalExplained:
    """One total of a period with the steps that lead to it. steps: (work date or None, sentence), in their order."""

    name: str
    comes_to: str
    steps: list[tuple[str | None, str]]


SENTENCES: dict[IssueKind, tuple[str, str, str]] = {
    IssueKind.NOT_OVER: ("The period still goes on for {n} {n:day|days}.", "Close it when it is over.", ""),
    IssueKind.UNANNOUNCED: (
        "For {n} {n:day|days} the year's holiday calendar is not announced.",
        "Import the announcement, or enter the days and mark the year as announced.",
        "/calendar",
    ),
    IssueKind.WITHOUT_RULES: ("{n} {n:person has|people have} no rules on some of their days.", "Say which rules are for them.", "/rules"),
    IssueKind.WAITING: ("{n} {n:day is|days are} just being worked out.", "Wait a moment and look again.", ""),
    IssueKind.NOT_ASSESSED: (
        "{n} {n:day has|days have} no result yet.",
        "Wait for the worker, or see whether it runs.",
        "/attendance/month",
    ),
    IssueKind.PROVISIONAL: (
        "{n} {n:day is|days are} provisional: a terminal has not reported past {n:its|their} end.",
        "Bring the terminal back, note from when until when it was out of service, or accept its silence.",
        "/terminals",
    ),
    IssueKind.OPEN_EXCEPTIONS: ("{n} {n:exception is|exceptions are} open.", "Settle them, or let them stand.", "/attendance/exceptions"),
    IssueKind.OBJECTIONS: ("{n} {n:person objects|people object}.", "Read what they say below, and put right what is not.", ""),
    IssueKind.UNANSWERED: ("{n} {n:person|people} can still answer.", "Wait for the last day to answer, or remind them.", ""),
}
TOTALS = {
    Total.WORKED: "Worked time",
    Total.OVERTIME: "Overtime",
    Total.LATENESS: "Late and early",
    Total.ABSENCE: "Absence",
    Total.LEAVE: "Leave",
    Total.ALLOWANCES: "Allowances",
    Total.LIMITS: "Limits",
}
ARREARS = {
    "worked_minutes": "worked {n:minute|minutes}",
    "regular_minutes": "regular {n:minute|minutes}",
    "undertime_minutes": "{n:minute|minutes} short of what was owed",
    "late_times": "{n:time|times} late",
    "late_minutes": "{n:minute|minutes} late",
    "serious_late_times": "{n:time|times} seriously late",
    "early_times": "{n:time|times} left early",
    "early_minutes": "{n:minute|minutes} left early",
    "missing_punches": "missing {n:punch|punches}",
    "absent_halves": "half {n:day|days} absent",
    "counter_halves": "half {n:day|days} absent by counting",
    "night_minutes": "night {n:minute|minutes}",
    "banked_minutes": "banked {n:minute|minutes}",
    "attended_days": "{n:day|days} present",
    "overtime": "overtime {n:minute|minutes}",
    "leave": "leave {n:minute|minutes}",
    "allowance": "allowance {n:minute|minutes}",
}


def issue_lines(tell: Callable[..., str], issues: tuple[Issue, ...], period: Period) -> list[IssueLine]:
    found = []
    for issue in issues:
        said, remedy, address = SENTENCES[issue.kind]
        names = ", ".join(f"{one.name} {one.employee_number}" for one in issue.people[:NAMES_SHOWN])
        if issue.kind is IssueKind.OPEN_EXCEPTIONS:
            address += f"?since={period.first_day}&until={period.last_day}"
        more = max(0, len(issue.people) - NAMES_SHOWN)
        found.append(IssueLine(issue, tell(said, n=issue.count), tell(remedy), names, more, address))
    return found


def arrear_said(tell: Callable[..., str], one: Arrear) -> str:
    """An arrear in words, signed: "+30 overtime minutes (rest day, 200 %)"."""
    parts = [tell(one.kind) if one.kind else "", f"{one.rate} %" if one.rate else "", tell(one.settled_by.value) if one.settled_by else ""]
    beside = ", ".join(part for part in parts if part)
    return f"{one.amount:+} {tell(ARREARS[one.name], n=abs(one.amount))}" + (f" ({beside})" if beside else "")


def result_said(result: AttendancePeriod | None, tell: Callable[..., str], zone: str) -> dict[str, Any]:
    """A period in words: `sentence`, its answer; `findings`; `explained`, how each total came about. All empty where there is no result."""
    if result is None:
        return {"sentence": "", "findings": [], "explained": []}
    findings = [tell_finding(one, tell) for one in result.findings]
    return {"sentence": tell_period(result, tell), "findings": findings, "explained": list(_explained(result, tell, zone))}


def _explained(result: AttendancePeriod, tell: Callable[..., str], zone: str) -> Iterator[TotalExplained]:
    for total, steps in by_total(result.steps):
        dates = (step.facts.get("work_date") for step in steps)
        said = list(zip(dates, tell_steps(steps, tell, zone), strict=True))
        yield TotalExplained(tell(TOTALS[total]), _comes_to(total, result, tell), said)


def _comes_to(total: Total, result: AttendancePeriod, tell: Callable[..., str]) -> str:
    match total:
        case Total.WORKED:
            return duration(tell, result.worked_minutes)
        case Total.OVERTIME:
            return duration(tell, sum(one.minutes for one in result.overtime))
        case Total.LATENESS:
            return duration(tell, result.late_minutes + result.early_minutes)
        case Total.ABSENCE:
            days = f"{(result.absent_halves + result.counter_halves) / 2:g}"
            return tell("{n} {n:day|days}", n=days)
        case Total.LEAVE:
            return duration(tell, sum(one.minutes for one in result.leave))
        case Total.ALLOWANCES:
            return duration(tell, sum(minutes for _, minutes in result.allowances))
    return ""


def period_of(uow: UnitOfWork, group_id: int, month: str) -> Period:
    """The period that an address names; raises NotFoundError, InvalidInputError."""
    group = next((one for one in directory.pay_groups(uow) if one.id == group_id), None)
    if group is None:
        raise NotFoundError(what="pay group", name=group_id)
    return attendance.find_period(uow, group.code, month_asked(month) or date.min)


def address_of(period: Period) -> str:
    return f"/periods/{period.group.id}/{period.month:%Y-%m}"
