"""Rows of the month grid: what each day comes to as one small number, and what the days add up to."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from server.access.model import EVERYBODY, Scope
from server.attendance import actions as attendance
from server.attendance.model import EXCEPTION_BITS, DayFlag, DaySigns
from server.attendance.model.days import DayState, DayStatus, ExceptionKind
from server.attendance.model.grants import LeaveKind
from server.attendance.pages.words import MISSING, PLACE_OF, SIGNS, sign_code
from server.directory import actions as directory
from server.directory.model import PersonOverview
from server.storage import UnitOfWork

OVERTIME, UNSETTLED, CORRECTED, SIGN = 32, 64, 128, 31
"""A cell is the place of its sign in `SIGNS` plus these bits; static/month.js takes it apart."""
NOTHING = -1
"""A date that has not been assessed."""
PIECE = 500
LATE = EXCEPTION_BITS[ExceptionKind.LATE] | EXCEPTION_BITS[ExceptionKind.SERIOUS_LATE]
EARLY = EXCEPTION_BITS[ExceptionKind.EARLY_LEAVE] | EXCEPTION_BITS[ExceptionKind.SERIOUS_EARLY_LEAVE]
FLAG_CORRECTED = int(DayFlag.CORRECTED)
"""As a plain number: an operation on a flag costs ten times as much, and a grid has 15,000 of them."""
LACKS = sum(EXCEPTION_BITS[kind] for kind in MISSING)
ATTENDED = {DayStatus.PRESENT, DayStatus.HALF_DAY, DayStatus.INCOMPLETE}
GONE = {DayStatus.NOT_EMPLOYED}


@dataclass(frozen=True, slots=True)
class Totals:
    """What the days of a row add up to. Overtime is that of single days; weeks and sums of a period are the period's own business."""

    attended: int = 0
    worked_minutes: int = 0
    late: int = 0
    late_minutes: int = 0
    early: int = 0
    missing: int = 0
    absent_halves: int = 0
    leave_halves: int = 0
    overtime_minutes: int = 0
    unsettled: int = 0


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One person's dates. cells: one for each date, as numbers. open: exceptions that nobody has settled."""

    overview: PersonOverview
    cells: tuple[int, ...]
    totals: Totals
    open: int


STATES: dict[str, str] = {
    "open": "with something to look at",
    "late": "late",
    "early": "early leave",
    "missing": "missing punch",
    "absent": "absent",
    "leave": "on leave",
    "overtime": "with overtime",
    "unsettled": "provisional or pending",
}
"""What the list can be narrowed to, with the words for it."""


def fits(row: MonthRow, state: str) -> bool:
    """Whether a row has what `state` of `STATES` asks for; everything fits ""."""
    totals = row.totals
    return bool(
        {
            "": True,
            "open": row.open,
            "late": totals.late,
            "early": totals.early,
            "missing": totals.missing,
            "absent": totals.absent_halves,
            "leave": totals.leave_halves,
            "overtime": totals.overtime_minutes,
            "unsettled": totals.unsettled,
        }[state]
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows. first, last: dates, both included. people: only these, None for all. state: a key of `STATES` or "".

    scope: whose days the reader may see; days on which somebody is out of it are left empty.
    """

    first: date
    last: date
    text: str = ""
    department_id: int | None = None
    site_id: int | None = None
    people: frozenset[int] | None = None
    state: str = ""
    scope: Scope = EVERYBODY

    @property
    def dates(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


Key = tuple[str, int]


def month_page(uow: UnitOfWork, wanted: Wanted, after: Key | None, limit: int) -> tuple[list[MonthRow], Key | None]:
    """At most `limit` rows by the sound of names, and where the next page begins; None at the end."""
    found: list[MonthRow] = []
    for row, key in _rows(uow, wanted, after, PIECE if wanted.state or wanted.people is not None else limit):
        found.append(row)
        if len(found) == limit:
            return found, key
    return found, None


def _rows(uow: UnitOfWork, wanted: Wanted, after: Key | None, piece: int) -> Iterator[tuple[MonthRow, Key]]:
    dates = wanted.dates
    within = directory.people_within(wanted.scope, wanted.first, wanted.last)
    seen = directory.days_within(uow, wanted.scope, wanted.first, wanted.last)
    while True:
        chosen = {"text": wanted.text, "department_id": wanted.department_id, "site_id": wanted.site_id, "active": None}
        people = directory.list_people(uow, **chosen, after=after, limit=piece, within=within)  # type: ignore[arg-type]  # by name
        shown = [(one, key) for one, key in people if wanted.people is None or one.person.id in wanted.people]
        signs = attendance.month_rows(uow, [one.person.id for one, _ in shown], wanted.first, wanted.last)
        for overview, key in shown:
            own = signs.get(overview.person.id, ())
            row = month_row(overview, own if within is None else [one for one in own if seen(one.person_id, one.work_date)], dates)
            if _belongs(row) and fits(row, wanted.state):
                yield row, key
        if len(people) < piece:
            return
        after = people[-1][1]


def _belongs(row: MonthRow) -> bool:
    """Whether somebody worked here in that time, or does now and has not been assessed yet."""
    return row.overview.person.active or any(cell not in {NOTHING, PLACE_OF["not-employed"]} for cell in row.cells)


def month_row(overview: PersonOverview, signs: Sequence[DaySigns], dates: Iterable[date]) -> MonthRow:
    by_date = {one.work_date: one for one in signs}
    cells = tuple(cell_of(by_date[day]) if day in by_date else NOTHING for day in dates)
    return MonthRow(overview, cells, _totals(signs), sum(one.open for one in signs))


def cell_of(signs: DaySigns) -> int:
    place = _place(signs.status, signs.exceptions, signs.leave_kind, signs.flags)
    unsettled = signs.state is not DayState.FINAL and signs.status is not DayStatus.NOT_EMPLOYED
    return (
        place
        | (OVERTIME if signs.overtime_minutes else 0)
        | (UNSETTLED if unsettled else 0)
        | (CORRECTED if signs.flags & FLAG_CORRECTED else 0)
    )


@cache
def _place(status: DayStatus, exceptions: int, leave: LeaveKind | None, flags: int) -> int:
    kinds = [kind for kind, bit in EXCEPTION_BITS.items() if exceptions & bit]
    duties = {DayFlag.TRIP: "trip", DayFlag.FIELD_WORK: "field-work", DayFlag.EXCUSED: "excused"}
    duty = next((word for flag, word in duties.items() if flags & flag), "")
    return PLACE_OF[sign_code(status, kinds, leave, duty)]


def sign_of(cell: int, language: str) -> str:
    """The sign as it is written; overtime is a plus behind it."""
    if cell == NOTHING:
        return ""
    sign = SIGNS[cell & SIGN]
    return (sign.zh if language == "zh" else sign.en) + ("+" if cell & OVERTIME else "")


def _totals(signs: Sequence[DaySigns]) -> Totals:
    return Totals(
        attended=sum(one.status in ATTENDED for one in signs),
        worked_minutes=sum(one.worked_minutes for one in signs),
        late=sum(bool(one.exceptions & LATE) for one in signs),
        late_minutes=sum(one.late_minutes for one in signs),
        early=sum(bool(one.exceptions & EARLY) for one in signs),
        missing=sum(bool(one.exceptions & LACKS) for one in signs),
        absent_halves=sum(one.absent_halves for one in signs),
        leave_halves=sum(one.leave_halves for one in signs),
        overtime_minutes=sum(one.overtime_minutes for one in signs),
        unsettled=sum(one.state is not DayState.FINAL for one in signs if one.status is not DayStatus.NOT_EMPLOYED),
    )
