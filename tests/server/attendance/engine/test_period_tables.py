"""The worked tables of docs/explanation/attendance-period.md come out as they are printed."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from server.attendance.engine.period.assessing import assess_period
from server.attendance.engine.period.hours_sums import QUARTER_DAYS, excess_of
from server.attendance.model.periods import AttendancePeriod, FindingKind
from server.attendance.model.rules import Counter, OvertimeTier, PeriodRules, SettledBy
from server.roster.model import DayKind
from tests.support.days import assessed

PAGE = Path(__file__).parents[4] / "docs" / "explanation" / "attendance-period.md"
OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))


def tables(*heading: str) -> list[tuple[str, ...]]:
    """The rows of every table with this heading."""
    found, inside = [], False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if not line.startswith("|"):
            inside = False
        elif cells == heading:
            inside = True
        elif inside and set(line) - set("|-"):
            found.append(cells)
    return found


def read_days(text: str) -> list:
    days = []
    for item in text.split(", "):
        span, amount, *words = item.split()
        first, _, last = span.partition("..")
        day, until = (date.fromisoformat(f"2026-{one}") for one in (first, last or first))
        while day <= until:
            days.append(read_day(day, amount, words))
            day += timedelta(days=1)
    return days


def read_day(day: date, amount: str, words: list[str]):
    worked, _, extra = amount.partition("+")
    late = next((int(word[4:]) for word in words if word.startswith("late")), 0)
    kind = next((DayKind(word) for word in words if word in set(DayKind)), DayKind.WORKDAY)
    settled_by = SettledBy.TIME_OFF if "time-off" in words else SettledBy.PAY
    return assessed(day, int(worked), int(extra or 0), kind=kind, late=late, settled_by=settled_by)


def read_rules(text: str) -> PeriodRules:
    facts: dict = {}
    for name, value in (item.split("=") for item in text.strip("`").split()):
        if name == "weekly":
            facts["weekly_tiers"] = tuple(
                OvertimeTier(after_minutes=int(a), rate=int(r)) for a, r in (t.split(":") for t in value.split(","))
            )
        elif name == "late":
            parts = dict(re.findall(r"([a-z]+)(\d+)", value))
            limit = int(parts["upto"]) if "upto" in parts else None
            counted = {"free": int(parts["free"]), "each": int(parts["each"]), "half_days": int(parts["half"]), "up_to_minutes": limit}
            facts["counters"] = (Counter(kind="late", **counted),)
        else:
            facts[name] = int(value)
    return PeriodRules(**facts)


def overtime_text(overtime) -> str:
    told = [f"{one.name or one.rate}:{one.minutes}{':time-off' if one.settled_by is SettledBy.TIME_OFF else ''}" for one in overtime]
    return " ".join(told) or "none"


def answer(period: AttendancePeriod, asked: str) -> str:
    """What the period says to one part of the column "Comes to"."""
    subject, _, rest = asked.partition(" ")
    if re.fullmatch(r"\d\d-\d\d", subject):
        day = next(one for one in period.days if f"{one.work_date:%m-%d}" == subject)
        return f"{subject} regular {day.regular_minutes}" if rest.startswith("regular") else f"{subject} {overtime_text(day.overtime)}"
    figures = {
        "overtime": overtime_text(period.overtime),
        "late": period.late_times,
        "late-minutes": period.late_minutes,
        "forgiven": period.forgiven_times,
        "counter-halves": period.counter_halves,
    }
    return f"{subject} {figures[subject]}"


@pytest.mark.parametrize(("days", "rules", "expected"), tables("Days", "Rules", "Comes to"))
def test_given_days_and_rules_then_the_period_comes_to_what_is_printed(days, rules, expected):
    period = assess_period(read_days(days), [], read_rules(rules), *OCTOBER)

    assert "; ".join(answer(period, asked) for asked in expected.split("; ")) == expected


@pytest.mark.parametrize(("days", "expected"), tables("Days", "Comes to"))
def test_given_days_alone_then_the_period_comes_to_what_is_printed(days, expected):
    period = assess_period(read_days(days), [], PeriodRules(), *OCTOBER)

    assert answer(period, expected) == expected


@pytest.mark.parametrize(
    ("worked", "statutory", "standard", "leave", "expected"), tables("Worked", "On statutory holidays", "Standard", "Leave", "Comes to")
)
def test_given_a_quarter_then_its_excess_is_what_is_printed(worked, statutory, standard, leave, expected):
    excess = excess_of(int(worked), int(statutory), int(standard) - int(leave))

    assert int(standard) == QUARTER_DAYS * 480
    assert " ".join(f"{rate}:{minutes}" for rate, minutes in ((300, int(statutory)), (150, excess)) if minutes) == expected


@pytest.mark.parametrize(("days", "rules", "expected"), tables("Days", "Rules", "Finds"))
def test_given_days_then_what_a_person_should_know_is_found(days, rules, expected):
    period = assess_period(read_days(days), [], read_rules(rules), *OCTOBER)

    told = [f"{one.kind} {one.minutes}" if one.minutes else one.kind.value for one in period.findings]
    assert (", ".join(told) or "nothing") == expected


def test_every_finding_and_every_table_is_on_the_page():
    assert {row[0].strip("`") for row in tables("Finding", "when")} == set(FindingKind)
    assert len(tables("Days", "Rules", "Comes to")) >= 8
