"""Values of people, and of what was found in an import."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from pypinyin import lazy_pinyin


class HoursSystem(StrEnum):
    """How working time is counted for somebody: day by day, by the sum of a period (综合计算工时), or not at all (不定时)."""

    STANDARD = "standard"
    COMPREHENSIVE = "comprehensive"
    IRREGULAR = "irregular"


@dataclass(frozen=True, slots=True)
class Department:
    """A unit; `parent_id` is the unit above, None at the top."""

    id: int
    code: str
    name: str
    parent_id: int | None


@dataclass(frozen=True, slots=True)
class Person:
    """An employee as far as punches need to know."""

    id: int
    employee_number: str
    name: str
    department_id: int | None
    site_id: int | None
    active: bool


@dataclass(frozen=True, slots=True)
class PersonOverview:
    """A person in lists; names are None where nothing is set."""

    person: Person
    department: str | None
    site: str | None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The terminal user a person is in a zone, from the first to the last day (both included; None while it goes on)."""

    id: int
    person_id: int
    zone_id: int
    terminal_user: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class ImportFinding:
    """Something wrong with a file. row: as a spreadsheet counts, the header is 1. column: its header as written; "" for the row.

    problem, remedy: English texts and at once keys of the translation, with `{names}` of the facts.
    """

    row: int
    column: str
    problem: str
    remedy: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        place = f"row {self.row}, {self.column}" if self.column else f"row {self.row}"
        return f"{place}: {self.problem.format(**self.facts)}; {self.remedy.format(**self.facts)}"


@dataclass(frozen=True, slots=True)
class ImportChange:
    """What one row of a file comes to. key: the code or number. before: None for something new, else what the change replaces."""

    row: int
    key: str
    before: Mapping[str, object] | None
    after: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or in a dry run would do; with any finding nothing is stored.

    entry: number of its row in the trail once it is stored.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    findings: tuple[ImportFinding, ...] = ()
    changes: tuple[ImportChange, ...] = ()
    stored: bool = False
    entry: int | None = None


def sort_key(name: str) -> str:
    """What a name is sorted by: pinyin in small letters for Chinese, and the name behind it, so that equal sounds keep one order."""
    return f"{' '.join(lazy_pinyin(name)).casefold()} {name}"
