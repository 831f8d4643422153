"""The calendar of a place: which dates are special, and whether a year's arrangement has been announced."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class CalendarKind(StrEnum):
    """What a place's calendar says of a date. Dates that it does not name are what the roster makes of them.

    STATUTORY: one of the 13 days paid threefold, on its own date. MOVED: a rest day that stands for a statutory day on a weekend.
    SWAPPED_REST: a rest day bought with a make-up work day. WEEKEND: a weekend day inside a holiday, off also for those who would work on
    it by their pattern. MAKE_UP: a weekend day that is worked. COMPANY: a day off the company gives.
    """

    STATUTORY = "statutory"
    MOVED = "moved"
    SWAPPED_REST = "swapped-rest"
    WEEKEND = "weekend"
    MAKE_UP = "make-up"
    COMPANY = "company"


class YearState(StrEnum):
    """STATUTORY_ONLY: what the law says by itself; moved days and make-up days are not announced, so days of the year may still change."""

    ANNOUNCED = "announced"
    STATUTORY_ONLY = "statutory-only"


class Law(StrEnum):
    """Whose statutory days a calendar has. CHINA: the thirteen national ones and no others, which is checked. OTHER: a place with days of
    its own (the Zhuang third of the third month, Eid in Xinjiang, Hong Kong): what is entered is taken."""

    CHINA = "china"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar by its name. Sites that name none go by the company's (`RosterSettings.calendar_id`)."""

    id: int
    name: str
    law: Law


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """name: an English word of ours where it is one (`engine.statutory.NAMES`), which pages translate; else as somebody wrote it.

    stands_for: the statutory day on a weekend that a MOVED one stands for.
    """

    day: date
    kind: CalendarKind
    name: str
    stands_for: date | None = None


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """source: where its days are from, for people."""

    year: int
    state: YearState
    source: str


@dataclass(frozen=True, slots=True)
class SiteCalendar:
    """Which calendar a site goes by from a day on."""

    site_id: int
    first_day: date
    calendar_id: int
