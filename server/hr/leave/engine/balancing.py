"""Balances on a day: the ledger up to it, with what the rules will have brought by then."""

from collections.abc import Iterable
from datetime import date

from server.hr.leave.engine.calendar import DAY
from server.hr.leave.engine.running import Course, Lot
from server.hr.leave.engine.settling import corrections
from server.hr.leave.model import Balance, Due, Lapse, LeaveType, Movement, MovementKind
from server.hr.leave.model.ledger import USES

NEXT_GRANTS = 3
"""Coming grants that a balance tells of."""


def balance_of(kind: LeaveType, day: date, year: tuple[date, date], recorded: Iterable[Movement], course: Course) -> Balance:
    """The balance of one person and kind. course: run some way beyond the day, so that it shows what lapses and comes next."""
    recorded = list(recorded)
    missing = corrections([due for due in course.dues if due.day <= day], [one for one in recorded if one.day <= day])
    moved = [(one.kind, one.minutes, one.day) for one in recorded if one.day <= day]
    moved += [(one.kind, one.minutes, one.day) for one in missing]
    sums = _Sums(moved, year)
    lots = [lot for lot in course.lots if lot.opens <= day <= lot.last_day]
    return Balance(
        type=kind,
        day=day,
        year=year,
        carried=sums.before + sums.of(MovementKind.CARRIED),
        granted=sums.of(MovementKind.GRANTED),
        adjusted=sums.of(MovementKind.ADJUSTED) + sums.of(MovementKind.FORGIVEN),
        taken=-(sums.of(MovementKind.TAKEN) + sums.of(MovementKind.GIVEN_BACK)),
        pending=-(sums.of(MovementKind.RESERVED) + sums.of(MovementKind.RELEASED)),
        expired=-sums.of(MovementKind.EXPIRED),
        paid_out=-sums.of(MovementKind.PAID_OUT),
        minutes=sums.all,
        available=sum(_usable(lot, day) for lot in lots) if kind.limited else None,
        overdraft=kind.terms.entitlement.overdraft_days * kind.terms.standard_day_minutes,
        ahead=-sum(one.minutes for one in recorded if one.kind in USES and one.day > day),
        lapses=_lapses(lots),
        grants=tuple(_coming(course, day))[:NEXT_GRANTS],
    )


class _Sums:
    """Sums of movements inside a leave year, by kind; and of all before it."""

    def __init__(self, moved: Iterable[tuple[MovementKind, int, date]], year: tuple[date, date]) -> None:
        self.before = self.all = 0
        self._by_kind: dict[MovementKind, int] = {}
        for kind, minutes, day in moved:
            self.all += minutes
            if day < year[0]:
                self.before += minutes
            else:
                self._by_kind[kind] = self._by_kind.get(kind, 0) + minutes

    def of(self, kind: MovementKind) -> int:
        return self._by_kind.get(kind, 0)


def _usable(lot: Lot, day: date) -> int:
    """The least that the lot will hold from the day on: later days of leave have taken from it already."""
    held = sum(minutes for when, minutes in lot.changes if when <= day)
    least = held
    for when, minutes in lot.changes:
        if day < when <= lot.last_day:
            held += minutes
            least = min(least, held)
    return least


def _lapses(lots: Iterable[Lot]) -> tuple[Lapse, ...]:
    found = []
    for lot in lots:
        left = sum(minutes for when, minutes in lot.changes if when <= lot.last_day)
        if left > 0:
            found.append(Lapse(lot.last_day, left, lot.then))
    return tuple(sorted(found, key=lambda one: (one.last_day, one.then is MovementKind.CARRIED)))


def _coming(course: Course, day: date) -> Iterable[Due]:
    horizon = day + 400 * DAY
    return (due for due in course.dues if day < due.day <= horizon and due.kind is MovementKind.GRANTED)
