"""Checking the days of a calendar, and reading a year out of the holiday-cn format (github.com/NateScarlet/holiday-cn).

    {"year": 2026, "papers": ["https://…"], "days": [{"name": "元旦", "date": "2026-01-01", "isOffDay": true}, …]}

That format names all days off and all make-up days, but not which days off are statutory, moved or swapped. The law says the first; of the
weekdays off that are left in a holiday, as many are moved as statutory days of it lie on a weekend (earliest first, after the day they
stand for), the rest were swapped with make-up days.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

import msgspec

from server.roster.engine.statutory import FIRST_YEAR, LAST_YEAR, name_of, statutory_days
from server.roster.model import CalendarDay, CalendarKind, Finding, Law


class HolidayCnDay(msgspec.Struct):
    """As the file writes it."""

    name: str
    date: date
    isOffDay: bool  # noqa: N815 - the format's word


class HolidayCnYear(msgspec.Struct):
    """A file of one year; what else it holds is not looked at."""

    year: int
    days: list[HolidayCnDay]
    papers: list[str] = msgspec.field(default_factory=list)


class Reading(msgspec.Struct, frozen=True):
    """What a file came to. year 0 where it could not be read; with findings its days are not to be used."""

    year: int
    source: str
    days: tuple[CalendarDay, ...]
    findings: tuple[Finding, ...]


def read_holiday_cn(data: bytes) -> Reading:
    """A year out of a file."""
    try:
        file = msgspec.json.decode(data, type=HolidayCnYear)
    except msgspec.MsgspecError as error:
        problem, mend = "this is no file of holiday-cn ({detail})", "choose a file such as 2027.json, with year and days"
        return Reading(0, "", (), (Finding("file", problem, mend, {"detail": str(error)}),))
    if not FIRST_YEAR <= file.year <= LAST_YEAR:
        facts = {"year": file.year, "first": FIRST_YEAR, "last": LAST_YEAR}
        problem = "which days of {year} are statutory is not known here"
        return Reading(file.year, "", (), (Finding("year", problem, "choose a year from {first} to {last}", facts),))
    if not file.days:
        problem, mend = "the file has no days: the year has not been announced", "take the file again when it has"
        return Reading(file.year, "", (), (Finding("days", problem, mend),))
    findings = [*_twice(one.date for one in file.days), *_statutory_off(file)]
    days = tuple(_days(file)) if not findings else ()
    return Reading(
        file.year, ", ".join(file.papers) or "holiday-cn", days, (*findings, *(check_year(file.year, days, Law.CHINA) if days else ()))
    )


def with_company_days(reading: Reading, company: Iterable[CalendarDay]) -> Reading:
    """The same with the days off that the company gives, where the file does not name them: an announcement does not take them away."""
    named = {one.day for one in reading.days}
    kept = [one for one in company if one.day.year == reading.year and one.day not in named] if not reading.findings else []
    return msgspec.structs.replace(reading, days=tuple(sorted((*reading.days, *kept), key=lambda one: one.day)))


def check_year(year: int, days: Sequence[CalendarDay], law: Law) -> tuple[Finding, ...]:
    """Everything wrong with a year's days; nothing: they can be used."""
    found = [*_twice(one.day for one in days)]
    for place, one in enumerate(days):
        if one.day.year != year:
            found.append(Finding(f"days.{place}.day", "{day} is not in {year}", "leave it out", {"day": one.day, "year": year}))
        found += check_day(one, law, f"days.{place}")
    if law is Law.CHINA and FIRST_YEAR <= year <= LAST_YEAR:
        by_law = statutory_days(year)
        problem = "{day}, {what}, is a statutory day, but it is missing"
        missing = sorted(by_law.keys() - {one.day for one in days})
        found += (Finding("days", problem, "add it", {"day": day, "what": by_law[day]}) for day in missing)
    return tuple(found)


def check_day(one: CalendarDay, law: Law, place: str = "day") -> tuple[Finding, ...]:
    """What is wrong with one day."""
    return (*_check_kind(one, place), *(_check_law(one, place) if law is Law.CHINA else ()))


def _check_kind(one: CalendarDay, place: str) -> Iterator[Finding]:
    facts = {"day": one.day, "name": one.name}
    if not one.name.strip():
        yield Finding(f"{place}.name", "{day} has no name", "write what it is called", facts)
    weekend = one.day.weekday() >= 5
    if one.kind is CalendarKind.MAKE_UP and not weekend:
        yield Finding(f"{place}.kind", "{day} is no weekend day, so it cannot be a make-up work day", "choose another kind", facts)
    if one.kind in {CalendarKind.MOVED, CalendarKind.SWAPPED_REST} and weekend:
        mend = "use the kind of a weekend day in a holiday, or leave it out"
        yield Finding(f"{place}.kind", "{day} is a weekend day, which is neither moved nor swapped", mend, facts)
    if one.kind is CalendarKind.WEEKEND and not weekend:
        yield Finding(f"{place}.kind", "{day} is no weekend day", "choose another kind", facts)
    if one.stands_for is not None and one.kind is not CalendarKind.MOVED:
        yield Finding(f"{place}.stands_for", "only a moved day stands for another", "leave it empty", facts)


def _check_law(one: CalendarDay, place: str) -> Iterator[Finding]:
    if not FIRST_YEAR <= one.day.year <= LAST_YEAR:
        return
    by_law = statutory_days(one.day.year)
    if one.day in by_law and one.kind is not CalendarKind.STATUTORY:
        problem, mend = "{day} is {what} by law, paid threefold, and can be of no other kind", "make it a statutory day"
        yield Finding(f"{place}.kind", problem, mend, {"day": one.day, "what": by_law[one.day]})
    if one.day not in by_law and one.kind is CalendarKind.STATUTORY:
        problem, mend = "{day} is no statutory day by law", "choose another kind; a day off that the company gives is a company day"
        yield Finding(f"{place}.kind", problem, mend, {"day": one.day})


def _twice(days: Iterable[date]) -> Iterator[Finding]:
    for day, same in groupby(sorted(days)):
        if len(list(same)) > 1:
            mend = "a date has one kind; leave one of the two out"
            yield Finding("days", "{day} is there twice", mend, {"day": day})


def _statutory_off(file: HolidayCnYear) -> Iterator[Finding]:
    off = {one.date for one in file.days if one.isOffDay}
    for day, name in statutory_days(file.year).items():
        if day not in off:
            problem = "{day}, {what}, is a statutory day, but no day off in the file"
            yield Finding("days", problem, "look at the notice and correct the file", {"day": day, "what": name})


def _days(file: HolidayCnYear) -> Iterator[CalendarDay]:
    """In order; the kinds by the rule in this module's head."""
    by_law = statutory_days(file.year)
    found = [CalendarDay(one.date, CalendarKind.MAKE_UP, name_of(one.name)) for one in file.days if not one.isOffDay]
    for block in _blocks(sorted((one for one in file.days if one.isOffDay), key=lambda one: one.date)):
        waiting = [one.date for one in block if one.date in by_law and one.date.weekday() >= 5]
        for one in block:
            name = by_law.get(one.date) or name_of(one.name)
            if one.date in by_law:
                found.append(CalendarDay(one.date, CalendarKind.STATUTORY, name))
            elif one.date.weekday() >= 5:
                found.append(CalendarDay(one.date, CalendarKind.WEEKEND, name))
            elif waiting and waiting[0] < one.date:
                found.append(CalendarDay(one.date, CalendarKind.MOVED, name, waiting.pop(0)))
            else:
                found.append(CalendarDay(one.date, CalendarKind.SWAPPED_REST, name))
    yield from sorted(found, key=lambda one: one.day)


def _blocks(days: Sequence[HolidayCnDay]) -> list[list[HolidayCnDay]]:
    """Days off that follow each other without a gap."""
    numbered = groupby(enumerate(days), key=lambda one: one[1].date - timedelta(days=one[0]))
    return [[day for _, day in group] for _, group in numbered]
