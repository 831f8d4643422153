"""Values of departments, people and enrolments."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Department:
    """A unit; `parent_id` is the unit above, None at the top. closed_on: the last day on which somebody may belong to it."""

    id: int
    code: str
    name: str
    parent_id: int | None
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class HeadSpan:
    """Who is the head of a department, from the first to the last day (both included; None while it goes on)."""

    first_day: date
    last_day: date | None
    person_id: int


@dataclass(frozen=True, slots=True)
class Person:
    """An employee as far as punches need to know."""

    id: int
    employee_number: str
    name: str
    department_id: int | None
    site_id: int | None
    active: bool
    erased_at: datetime | None = None
    """When name and number went, their keep time being over."""


@dataclass(frozen=True, slots=True)
class PersonOverview:
    """A person in lists; names are None where nothing is set."""

    person: Person
    department: str | None
    site: str | None


class TemplateKind(StrEnum):
    """What a terminal knows somebody by. Only that it is there is kept here, never the template itself."""

    FINGER = "finger"
    FACE = "face"
    PALM = "palm"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The terminal user a person is in a zone, from the first to the last day (both included; None while it goes on).

    card: the number of their card as the reader shows it, "" for none. templates: kinds that the terminals hold; None: not known.
    """

    id: int
    person_id: int
    zone_id: int
    terminal_user: str
    valid_from: date
    valid_until: date | None
    card: str = ""
    templates: tuple[TemplateKind, ...] | None = None


@dataclass(frozen=True, slots=True)
class TerminalUser:
    """A line of the list of users that terminals of a zone hold. Kept while nobody is that user, so that a person can tell who it is."""

    zone_id: int
    terminal_user: str
    name: str
    card: str = ""
    templates: tuple[TemplateKind, ...] | None = None


@lru_cache(maxsize=50_000)
def sound_of(name: str) -> str:
    """Pinyin in small letters for Chinese, without tones; other letters as they are."""
    from pypinyin import lazy_pinyin  # its dictionary takes a tenth of the time that a process needs to start

    return " ".join(lazy_pinyin(name)).casefold()


def sort_key(name: str) -> str:
    """What a name is sorted by: its sound, and the name behind it, so that equal sounds keep one order."""
    return f"{sound_of(name)} {name}"
