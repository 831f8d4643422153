"""The worked tables of docs/explanation/attendance-day.md come out as they are printed."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from server.attendance.model.days import AttendanceDay, Horizon, TimedPunch
from server.attendance.model.grants import Heading
from server.attendance.model.rules import (
    BreakMode,
    BreakRule,
    Consequence,
    DayOf,
    DayRules,
    OvertimeTier,
    Pairing,
    Rounding,
    RoundingMode,
    Tier,
)
from server.roster.engine.planning import plan_days
from server.roster.model import DayKind, PlannedDay, RosterDay, RosterSource, ShiftBreak, ShiftPart, ShiftTerms
from tests.support.days import assess_days

PAGE = Path(__file__).parents[4] / "docs" / "explanation" / "attendance-day.md"
TODAY = 5
FIRST = date(2026, 1, 12)
LONG_AFTER = 10**10
AMOUNTS = {
    "worked": "worked_minutes",
    "late": "late_minutes",
    "early": "early_minutes",
    "undertime": "undertime_minutes",
    "shifts": "shifts",
}


def rows() -> list[list[str]]:
    """Every row of a table whose last column says what it comes to, the name of the third column in front."""
    found, third = [], ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 4 or set(line) <= set("|-"):
            continue
        if cells[3] == "Comes to":
            third = cells[2]
        else:
            found.append([third, *cells])
    return found


def minutes(text: str) -> int:
    hours, rest = text.split(":")[:2]
    return int(hours) * 60 + int(rest)


def terms(roster: str) -> tuple[ShiftTerms | None, DayKind]:
    found = re.fullmatch(r"(?:(rest-day|statutory-holiday) )?([\d:]+)–([\d:]+)(?: break ([\d:]+)–([\d:]+))?(?: flex (\d+))?", roster)
    if not found:
        assert roster == "none", roster
        return None, DayKind.WORKDAY
    kind, start, end, out, back, flex = found.groups()
    breaks = (ShiftBreak(start=minutes(out), end=minutes(back)),) if out else ()
    part = ShiftPart(start=minutes(start), end=minutes(end), breaks=breaks)
    return ShiftTerms(parts=(part,), come_late_minutes=int(flex or 0)), DayKind(kind or "workday")


def plans(roster: str) -> tuple[PlannedDay, ...]:
    shift, kind = terms(roster)
    days = [
        RosterDay(
            work_date=FIRST + timedelta(number),
            terms=shift if number == TODAY else None,
            kind=kind if number == TODAY else DayKind.WORKDAY,
            source=RosterSource.PATTERN,
        )
        for number in range(2 * TODAY + 1)
    ]
    return plan_days(days, "Asia/Shanghai")


def punches(text: str, begins: int) -> list[TimedPunch]:
    found = []
    for number, one in enumerate(filter(None, text.split(", ")), 1):
        *label, clock = one.split()
        seconds = int(clock.split(":")[2]) if clock.count(":") == 2 else 0
        found.append(TimedPunch(id=number, at=begins + minutes(clock) * 60 + seconds, label=Heading(label[0]) if label else None))
    return found


def value(name: str, text: str):
    match name:
        case "day_of":
            return DayOf(text)
        case "pairing":
            return Pairing(text)
        case "count_before_start":
            return text == "yes"
        case "late_tiers":
            return tuple(Tier(beyond_minutes=int(one), consequence=Consequence(what)) for one, what in pairs(text))
        case "daily_tiers":
            return tuple(OvertimeTier(after_minutes=int(one), rate=int(rate)) for one, rate in pairs(text))
        case "breaks":
            mode, length, *punched = text.split(":")
            return BreakRule(mode=BreakMode(mode), minutes=int(length), punched_counts=bool(punched))
        case "round_total":
            mode, step, grace = text.split(":")
            return Rounding(mode=RoundingMode(mode), step_minutes=int(step), grace_minutes=int(grace))
    return int(text)


def pairs(text: str) -> list[list[str]]:
    return [one.split(":") for one in text.split(",")]


def said(days: list[AttendanceDay], wanted: str) -> str:
    """What the days come to, in the words of the table."""
    number, *rest = [int(one) for one in re.findall(r"day (\d)", wanted)] or [0]
    assert not rest
    day = days[number]
    told = []
    for one in wanted.split("; "):
        word, _, what = one.partition(" ")
        if word == "day":
            told.append(f"day {next((place for place, found in enumerate(days) if found.uses), None)}")
        elif word in AMOUNTS:
            told.append(f"{word} {getattr(day, AMOUNTS[word])}")
        elif word == "overtime":
            told.append("overtime " + (" ".join(f"{part.rate}:{part.minutes}" for part in day.overtime) or "none"))
        elif any(exception.kind.value == one for exception in day.exceptions):
            told.append(one)
        else:
            told.append(day.status.value)
        assert what or word == one
    return "; ".join(told)


@pytest.mark.parametrize("row", rows(), ids=lambda row: " / ".join(filter(None, row[1:])))
def test_row_comes_to_what_is_printed(row):
    third, roster, given_punches, setting, wanted = row
    planned = plans(roster)
    begins, horizon, rules = planned[TODAY].begins, Horizon(now=LONG_AFTER, reported_until=LONG_AFTER), DayRules()
    if third == "Now":
        clock, *unreported = setting.split()
        now = begins + minutes(clock) * 60
        horizon = Horizon(now=now, reported_until=None if unreported else now)
    elif setting:
        rules = DayRules(**{name: value(name, text) for name, text in (one.split("=") for one in setting.strip("`").split())})

    first = planned[TODAY].work_date
    days = assess_days(planned, punches(given_punches, begins), (), rules, horizon, first, first + timedelta(1))

    assert said(days, wanted) == wanted


def test_every_table_of_the_page_is_run():
    assert len(rows()) == 36
