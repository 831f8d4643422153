"""What HR should decide on: a year's days that are lost by law, balances that are too low, days that end soon."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from server.access.model import Scope
from server.attendance import actions as attendance
from server.attendance.model.grants import GrantKind, LeaveKind
from server.directory import actions as directory
from server.hr.leave.actions.balances import balances_on
from server.hr.leave.actions.types import leave_types
from server.hr.leave.engine.losing import lost_by
from server.hr.leave.engine.running import carries
from server.hr.leave.model import Balance, Finding, FindingKind, MovementKind, Pay
from server.hr.leave.store import ledger
from server.hr.staff import actions as staff
from server.storage import UnitOfWork

SOON = timedelta(days=60)


def lost_days(uow: UnitOfWork, scope: Scope, day: date) -> list[Finding]:
    """Who would lose a year's days by law through the leave of that year: nothing is taken away by itself.

    Long sick leave by years of service, and personal leave that the company pays; days of the calendar of whole days of leave.
    """
    kinds = [kind for kind in leave_types(uow, day) if kind.terms.entitlement.lost_by_sick or kind.terms.entitlement.lost_by_personal_days]
    if not kinds:
        return []
    year = (date(day.year, 1, 1), date(day.year, 12, 31))
    paid = any(one.kind is LeaveKind.PERSONAL and one.terms.pay is not Pay.NONE for one in leave_types(uow, day))
    days = _days_of_leave(uow, scope, *year)
    service = staff.service_counted_from(uow, list(days), day)
    found = []
    for person_id, each in sorted(days.items()):
        for kind in kinds:
            found += lost_by(
                kind, person_id, service.get(person_id), day, len(each[LeaveKind.SICK]), len(each[LeaveKind.PERSONAL]) if paid else 0
            )
    return found


def lapsing_soon(uow: UnitOfWork, person_ids: Collection[int], day: date) -> list[tuple[int, Balance]]:
    """(person, balance) of those whose days end within `SOON` without being carried over."""
    kinds = [kind for kind in leave_types(uow, day) if kind.limited]
    found = []
    for person_id, balances in balances_on(uow, person_ids, kinds, day).items():
        found += [(person_id, balance) for balance in balances.values() if _ends_by(balance, day + SOON)]
    return found


def _ends_by(balance: Balance, day: date) -> bool:
    return any(one.then is not MovementKind.CARRIED and one.last_day <= day for one in balance.lapses)


def people_with_ends(uow: UnitOfWork, scope: Scope, day: date) -> Select[Any]:
    """A SELECT of the people within a scope of whom something that was given ends within `SOON`, without being carried over; some of them
    may have taken it already."""
    kinds = [kind for kind in leave_types(uow, day, archived=True) if kind.limited]
    carrying = {kind.id for kind in kinds if carries(kind.terms.entitlement)}
    return ledger.people_with_ends({kind.id for kind in kinds} - carrying, carrying, day, day + SOON, directory.people_within(scope, day))


def count_ending(uow: UnitOfWork, scope: Scope, day: date) -> int:
    """How many they are."""
    return int(uow.scalar(select(func.count()).select_from(people_with_ends(uow, scope, day).subquery())))


def overtaken(person_id: int, balance: Balance) -> Finding | None:
    """A balance that is below what may be."""
    if balance.available is None or balance.available + balance.overdraft >= 0:
        return None
    return Finding(FindingKind.OVERTAKEN, person_id, balance.type.code, balance.year[0].isoformat(), {"minutes": -balance.available})


def _days_of_leave(uow: UnitOfWork, scope: Scope, first: date, last: date) -> dict[int, dict[LeaveKind, set[date]]]:
    people = directory.people_within(scope, first, last)
    found: dict[int, dict[LeaveKind, set[date]]] = defaultdict(lambda: defaultdict(set))
    for line in attendance.absences(uow, (GrantKind.LEAVE,), first, last, people):
        grant = line.stored.grant
        if grant.leave in {LeaveKind.SICK, LeaveKind.PERSONAL} and grant.first_day is not None and grant.last_day is not None:
            since, until = max(first, grant.first_day), min(last, grant.last_day)
            span = {since + timedelta(days=count) for count in range((until - since).days + 1)}
            found[line.stored.person_id][grant.leave] |= span
    return found
