"""The roster of many people as the grid's script takes it: small, because it may be 500 people and a month."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct, field

from server.roster.engine.marks import REST, mark_of
from server.roster.engine.times import text_of
from server.roster.model import CalendarDay, DayKind, GridDay, Shift, ShiftBreak, ShiftPart, ShiftTerms, ShiftVersion

KINDS = {DayKind.WORKDAY: "w", DayKind.REST_DAY: "r", DayKind.STATUTORY_HOLIDAY: "h", DayKind.COMPANY_HOLIDAY: "h"}
NOT_EMPLOYED = "x"


class SheetVersion(Struct, frozen=True, kw_only=True):
    """What a shift is from a day on. hours: as people write them. minutes: of work."""

    since: date = field(name="from")
    hours: str
    minutes: int


class SheetShift(Struct, frozen=True, kw_only=True):
    """A shift that can be chosen (offered) or is only still rostered."""

    id: int
    sign: str
    name: str
    offered: bool
    versions: list[SheetVersion]


class SheetDay(Struct, frozen=True, kw_only=True):
    """A day in the head. kind: the calendar's, "" for a day of no kind. known False: its year is not announced."""

    date: date
    kind: str
    name: str
    known: bool


class SheetPerson(Struct, frozen=True, kw_only=True):
    """A row. pattern: a mark for each day, None where no pattern holds. entries, drafts: marks by the place of their day.

    kinds: a letter for each day. leave: names of approved leave by the place of its day.
    """

    id: int
    name: str
    number: str
    unit: str
    pattern: list[int | None]
    entries: dict[int, int]
    drafts: dict[int, int]
    kinds: str
    leave: dict[int, str]


def sheet_person(key: int, name: str, number: str, unit: str, days: Sequence[GridDay], leave: Mapping[date, str]) -> SheetPerson:
    """One person's row out of consecutive days."""
    return SheetPerson(
        id=key,
        name=name,
        number=number,
        unit=unit,
        pattern=[None if one.pattern_id is None else one.pattern_shift_id or REST for one in days],
        entries={place: mark_of(entry.kind, entry.shift_id) for place, one in enumerate(days) if (entry := one.published)},
        drafts={place: mark_of(entry.kind, entry.shift_id) for place, one in enumerate(days) if (entry := one.draft)},
        kinds="".join(KINDS[one.wanted.kind] if one.wanted.employed else NOT_EMPLOYED for one in days),
        leave={place: leave[one.wanted.work_date] for place, one in enumerate(days) if one.wanted.work_date in leave},
    )


def sheet_shifts(shifts: Iterable[Shift], versions: Mapping[int, Sequence[ShiftVersion]]) -> list[SheetShift]:
    """All shifts with their versions, in the order given."""
    return [
        SheetShift(
            id=one.id,
            sign=one.sign,
            name=one.name,
            offered=not one.archived,
            versions=[
                SheetVersion(since=version.first_day, hours=hours_of(version.terms), minutes=worked_minutes(version.terms))
                for version in versions.get(one.id, ())
            ],
        )
        for one in shifts
    ]


def sheet_days(dates: Iterable[date], calendar: Mapping[date, CalendarDay], known_years: frozenset[int]) -> list[SheetDay]:
    """The head of a calendar's days."""
    found = ((day, calendar.get(day)) for day in dates)
    return [
        SheetDay(date=day, kind=special.kind.value if special else "", name=special.name if special else "", known=day.year in known_years)
        for day, special in found
    ]


def hours_of(terms: ShiftTerms) -> str:
    """ "08:00–12:00 13:00–17:00"; "" for a shift without fixed hours."""
    return " ".join(f"{text_of(part.start)}–{text_of(part.end)}" for part in terms.parts)


def worked_minutes(terms: ShiftTerms) -> int:
    """Minutes of work of a day with this shift: its parts without their unpaid breaks, or what it asks for without parts."""
    if not terms.parts:
        return terms.required_minutes or 0
    return sum(part.end - part.start - sum(_length(one, part) for one in part.breaks if not one.paid) for part in terms.parts)


def _length(one: ShiftBreak, part: ShiftPart) -> int:
    if one.start is None or one.end is None:
        return one.minutes
    return max(0, min(one.end, part.end) - max(one.start, part.start))
