"""What is doubtful in one person's roster: short rest, too many days in a row, leave, night work of protected staff.

Warnings are for people to weigh and block no draft. `blocks` tells those that may not be published: they would be a mistake, not a choice.
Sources: Labour Law art. 38 (a day of rest a week); Special Rules on Labour Protection of Female Employees art. 6 and 9 and Minor Workers'
Protection rules (no work from 22:00 to 06:00). A rest between shifts is no statute in China: it is the company's setting.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from server.roster.engine.times import length_text
from server.roster.model import RosterDay, RosterSource, ShiftTerms, instant_of

NIGHTS = tuple((start, start + 8 * 60) for start in (-2 * 60, 22 * 60, 46 * 60))
"""22:00 to 06:00 in minutes from midnight of a work date, as far as a shift can reach."""


class WarningKind(StrEnum):
    """What is doubtful about a day."""

    NOT_EMPLOYED = "not-employed"
    NO_VERSION = "no-version"
    OVERLAP = "overlap"
    SHORT_REST = "short-rest"
    TOO_MANY_DAYS = "too-many-days"
    LEAVE = "leave"
    NIGHT_WORK = "night-work"


class RosterLimits(Struct, frozen=True, kw_only=True):
    """The company's settings; None: not looked at. rest_minutes: wanted between the end of one day's shift and the start of the next's."""

    rest_minutes: int | None
    days_in_a_row: int | None


class ApprovedLeave(Struct, frozen=True, kw_only=True):
    """Approved leave on a date. name: an English text of ours, such as "sick leave". whole: of the day, which is then no day of work."""

    name: str
    whole: bool = True


class RosterWarning(Struct, frozen=True, kw_only=True):
    """About one work date. minutes: of rest, of overlap or of night work; count: of days; other: the earlier date it is about."""

    kind: WarningKind
    work_date: date
    minutes: int = 0
    limit: int = 0
    count: int = 0
    other: date | None = None
    name: str = ""

    @property
    def blocks(self) -> bool:
        """Whether a roster with it may not be published."""
        return self.kind in {WarningKind.NOT_EMPLOYED, WarningKind.NO_VERSION}


def watch(days: Sequence[RosterDay], leave: Mapping[date, ApprovedLeave], limits: RosterLimits, zone: str) -> tuple[RosterWarning, ...]:
    """Everything doubtful in days of one person that follow each other.

    What reaches over an edge is only seen when it is there: give as many days before as may be worked in a row, and one behind.
    """
    found = [*_impossible(days), *_rests(days, limits, zone), *_rows(days, leave, limits)]
    found += (_on_leave(day, leave[day.work_date]) for day in days if day.terms and day.work_date in leave)
    found += (one for day in days if day.protected and day.terms and (one := _night(day, day.terms)))
    return tuple(sorted(found, key=lambda one: (one.work_date, list(WarningKind).index(one.kind))))


def _impossible(days: Sequence[RosterDay]) -> Iterator[RosterWarning]:
    for day in days:
        if day.source is not RosterSource.ENTRY or day.shift_id is None:
            continue
        if not day.employed:
            yield RosterWarning(kind=WarningKind.NOT_EMPLOYED, work_date=day.work_date)
        elif day.terms is None:
            yield RosterWarning(kind=WarningKind.NO_VERSION, work_date=day.work_date, name=day.shift_name)


def _rests(days: Sequence[RosterDay], limits: RosterLimits, zone: str) -> Iterator[RosterWarning]:
    """Between each day with hours and the one with hours before it."""
    ended: tuple[date, int] | None = None
    for day in days:
        if not (day.terms and day.terms.parts and day.employed):
            continue
        starts = instant_of(day.work_date, min(part.start for part in day.terms.parts), zone)
        ends = instant_of(day.work_date, max(part.end for part in day.terms.parts), zone)
        if ended:
            rest = (starts - ended[1]) // 60
            if rest < 0:
                yield RosterWarning(kind=WarningKind.OVERLAP, work_date=day.work_date, minutes=-rest, other=ended[0])
            elif limits.rest_minutes is not None and rest < limits.rest_minutes:
                kind = WarningKind.SHORT_REST
                yield RosterWarning(kind=kind, work_date=day.work_date, minutes=rest, limit=limits.rest_minutes, other=ended[0])
        ended = (day.work_date, ends)


def _rows(days: Sequence[RosterDay], leave: Mapping[date, ApprovedLeave], limits: RosterLimits) -> Iterator[RosterWarning]:
    """Each day behind the last one that may follow in a row; whole days of leave and free days end a row."""
    count = 0
    if limits.days_in_a_row is None:
        return
    for day in days:
        off = day.work_date in leave and leave[day.work_date].whole
        count = count + 1 if day.terms and day.employed and not off else 0
        if count > limits.days_in_a_row:
            kind = WarningKind.TOO_MANY_DAYS
            yield RosterWarning(kind=kind, work_date=day.work_date, count=count, limit=limits.days_in_a_row)


def _on_leave(day: RosterDay, leave: ApprovedLeave) -> RosterWarning:
    return RosterWarning(kind=WarningKind.LEAVE, work_date=day.work_date, name=leave.name)


def _night(day: RosterDay, terms: ShiftTerms) -> RosterWarning | None:
    spans = ((part.start, part.end) for part in terms.parts)
    minutes = sum(max(0, min(end, until) - max(start, since)) for start, end in spans for since, until in NIGHTS)
    return RosterWarning(kind=WarningKind.NIGHT_WORK, work_date=day.work_date, minutes=minutes) if minutes else None


def told(warning: RosterWarning, tell: Callable[..., str]) -> str:
    """The sentence, without the person and the date, which stand beside it."""
    match warning.kind:
        case WarningKind.NOT_EMPLOYED:
            return tell("Not employed on this day: take the shift away, or enter the employment first.")
        case WarningKind.NO_VERSION:
            return tell(
                "The shift {shift} has no hours on this day yet: choose another, or give it an earlier version.", shift=warning.name
            )
        case WarningKind.OVERLAP:
            return tell("Begins before the shift of {day} has ended ({time}).", day=warning.other, time=length_text(warning.minutes))
        case WarningKind.SHORT_REST:
            facts = {"time": length_text(warning.minutes), "day": warning.other, "limit": length_text(warning.limit)}
            return tell("Only {time} of rest since the shift of {day}; the company wants {limit}.", **facts)
        case WarningKind.TOO_MANY_DAYS:
            return tell("Day {count} of work in a row; {limit} may follow each other.", count=warning.count, limit=warning.limit)
        case WarningKind.LEAVE:
            return tell("Approved leave on this day ({leave}).", leave=tell(warning.name))
        case WarningKind.NIGHT_WORK:
            return tell(
                "Night work ({time} between 22:00 and 06:00) of somebody the law protects from it.", time=length_text(warning.minutes)
            )
