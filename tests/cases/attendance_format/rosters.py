"""Shift, calendar and employment of a case as roster days, and these as plans through the product's own planning."""

import json
import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import server.roster
from server.directory.model import HoursSystem
from server.roster.engine.checking import overlapping_parts
from server.roster.engine.planning import plan_days
from server.roster.model import (
    DayKind,
    LateLeave,
    PlannedDay,
    RosterDay,
    RosterSource,
    ShiftBreak,
    ShiftPart,
    ShiftTerms,
)
from tests.cases.attendance_format import CaseError
from tests.cases.attendance_format.moments import Clock, minutes_of

KINDS = {
    "workday": DayKind.WORKDAY,
    "rest_day": DayKind.REST_DAY,
    "public_holiday": DayKind.COMPANY_HOLIDAY,
    "statutory_holiday": DayKind.STATUTORY_HOLIDAY,
}
CHINA = ("Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin")
AROUND = 6
"""Days that are planned on both sides of those the case names."""

_DAY = re.compile(r"D-?\d+")


class Roster:
    """The plans of one case, by day."""

    def __init__(self, case: dict, clock: Clock) -> None:
        self.case, self.clock, self.context = case, clock, case.get("context", {})
        self.days = named_days(case)
        numbers = [int(day[1:]) for day in self.days]
        first, last = min(numbers) - AROUND, max(numbers) + AROUND
        self.roster_days = [self._roster_day(f"D{number}") for number in range(first, last + 1)]
        self.plans: tuple[PlannedDay, ...] = plan_days(self.roster_days, clock.zone)

    def plan(self, day: str) -> PlannedDay:
        return next(plan for plan in self.plans if plan.work_date == self.clock.date(day))

    def refused(self) -> bool:
        """Whether rostering would refuse the shift: parts that share time."""
        return any(day.terms is not None and overlapping_parts(day.terms) for day in self.roster_days)

    def _roster_day(self, day: str) -> RosterDay:
        kind, known = self._kind(day)
        employed = self._number("joined", -1 << 30) <= int(day[1:]) <= self._number("left", 1 << 30)
        terms = self._terms(day)
        if terms is None and kind is DayKind.WORKDAY and not self._rest_by_weeks(day):
            source = RosterSource.PATTERN if self.case["shift"].get("start") is None and self._assigned(day) else RosterSource.NOTHING
        else:
            source = RosterSource.ENTRY if terms is not None else RosterSource.PATTERN
        return RosterDay(
            work_date=self.clock.date(day),
            kind=DayKind.REST_DAY if self._rest_by_weeks(day) and kind is DayKind.WORKDAY else kind,
            calendar_known=known,
            employed=employed,
            hours_system=HoursSystem.COMPREHENSIVE if "period" in self.context else HoursSystem.STANDARD,
            terms=terms,
            source=source,
        )

    def _number(self, key: str, otherwise: int) -> int:
        return int(self.context[key][1:]) if key in self.context else otherwise

    def _kind(self, day: str) -> tuple[DayKind, bool]:
        """The kind of the day, and whether the year's arrangement is known."""
        given = self.context.get("day_type")
        if isinstance(given, str):
            if day == "D0":
                return KINDS[given], True
        elif given is not None and day in given:
            return KINDS[given[day]], True
        elif given is not None:
            return DayKind.WORKDAY, True
        if given is None and self.clock.dated and self.clock.zone in CHINA:
            return by_calendar(self.clock.date(day))
        return DayKind.WORKDAY, True

    def _assigned(self, day: str) -> bool:
        spans = list(self.context.get("assignments", ()))
        if "assignment" in self.context:
            spans.append(self.context["assignment"])
        number = int(day[1:])
        return not spans or any(
            int(span["from"][1:]) <= number and (span.get("to") is None or number <= int(span["to"][1:])) for span in spans
        )

    def _rest_by_weeks(self, day: str) -> bool:
        """Alternating weeks (大小周): Sundays are off, and every other Saturday."""
        if "biweekly" not in self.context:
            return False
        worked, when = self.clock.date(self.context["biweekly"]["work_on"]), self.clock.date(day)
        if when.weekday() == 6:
            return True
        return when.weekday() == 5 and (when - worked).days % 14 != 0

    def _terms(self, day: str) -> ShiftTerms | None:
        if day not in self.days or self._rest_by_weeks(day):
            return None
        shift = self.case["shift"]
        if self._assigned(day):
            terms = terms_of(shift, self.case.get("rules", {}), day)
            if terms is not None:
                return terms
        usual = self.context.get("default_shift")
        return terms_of(usual, self.case.get("rules", {}), day) if usual else None


def named_days(case: dict) -> list[str]:
    """Days that have punches or that `expected` names, and D0: on these the roster applies."""
    found = {"D0"}
    for punch in case["punches"]:
        found.update(_DAY.findall(punch["at"]) or ["D0"])
    expected = case["expected"]
    found.update(expected.get("by_day", {}))
    for key in ("attendance_day", "matched_day"):
        if expected.get(key):
            found.add(expected[key])
    found.update(value for value in expected.get("matched", {}).values() if value and _DAY.fullmatch(value))
    context = case.get("context", {})
    for key in ("approved_correction", "correction_request"):
        found.update(_DAY.findall(context.get(key, "")))
    if "edited" in context:
        found.update(_DAY.findall(context["edited"]["was"]))
    for part in case["shift"].get("segments", ()):
        found.update([part["day"]] if "day" in part else [])
    return sorted(found, key=lambda day: int(day[1:]))


def terms_of(shift: dict, rules: dict, day: str) -> ShiftTerms | None:
    """The shift on that day; None where nothing is rostered."""
    parts = _parts(shift, day)
    if not parts:
        owed = shift.get("required_min")
        return ShiftTerms(required_minutes=owed) if owed is not None and "segments" not in shift else None
    parts = _with_breaks(parts, shift)
    tiers = tuple(
        LateLeave(after_minutes=one["after_min"], later_minutes=one["next_start_plus_min"]) for one in rules.get("late_leave", ())
    )
    return ShiftTerms(parts=tuple(parts), come_late_minutes=shift.get("flex_late_min", 0), late_leave=tiers)


def _parts(shift: dict, day: str) -> list[ShiftPart]:
    given = shift.get("segments")
    if given is None:
        if (shift.get("start") is None) != (shift.get("end") is None):
            raise CaseError("shift: start and end belong together")
        given = [shift] if shift.get("start") is not None else []
    found: list[ShiftPart] = []
    for one in given:
        if one.get("day", day) != day:
            continue
        start, end = minutes_of(one["start"]), minutes_of(one["end"])
        if found and start < found[-1].start:
            start, end = start + 1440, end + 1440
        end = end + 1440 if end <= start else end
        windows = {"opens_before": shift.get("window_before_min"), "closes_after": shift.get("window_after_min")}
        found.append(ShiftPart(name=one.get("name", ""), start=start, end=end, **windows))
    return found


def _with_breaks(parts: list[ShiftPart], shift: dict) -> list[ShiftPart]:
    """Each break goes to the part it lies in; the break without a time of day to the longest part."""
    breaks: list[list[ShiftBreak]] = [[] for _ in parts]
    for one in shift.get("breaks", ()):
        start, end = minutes_of(one["start"]), minutes_of(one["end"])
        end = end + 1440 if end <= start else end
        for place, part in enumerate(parts):
            shift_by = next((moved for moved in (0, 1440) if part.start <= start + moved < part.end), None)
            if shift_by is not None:
                breaks[place].append(ShiftBreak(start=start + shift_by, end=end + shift_by, paid=one.get("paid", False)))
                break
    if shift.get("auto_deduct_break_min"):
        longest = max(range(len(parts)), key=lambda place: parts[place].end - parts[place].start)
        breaks[longest].append(ShiftBreak(minutes=shift["auto_deduct_break_min"]))
    return [
        ShiftPart(
            name=part.name,
            start=part.start,
            end=part.end,
            opens_before=part.opens_before,
            closes_after=part.closes_after,
            breaks=tuple(own),
        )
        for part, own in zip(parts, breaks, strict=True)
    ]


def by_calendar(when: date) -> tuple[DayKind, bool]:
    """The kind of a date by the calendar the product is seeded with; Saturdays and Sundays it does not name are rest days."""
    years = _years()
    known = years.get(str(when.year), {}).get("state") == "announced" or str(when.year) not in years
    named = {one["day"]: one["kind"] for one in years.get(str(when.year), {}).get("days", ())}
    kind = named.get(when.isoformat())
    if kind == "statutory":
        return DayKind.STATUTORY_HOLIDAY, known
    if kind == "make-up":
        return DayKind.WORKDAY, known
    if kind is not None or when.weekday() >= 5:
        return DayKind.REST_DAY, known
    return DayKind.WORKDAY, known


@lru_cache(maxsize=1)
def _years() -> dict:
    (seed,) = (Path(server.roster.__path__[0]) / "data").glob("china-*.json")
    return json.loads(seed.read_text(encoding="utf-8"))["years"]


def dates_between(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
