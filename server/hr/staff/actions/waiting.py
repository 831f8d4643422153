"""The lists of what is waiting: contracts, probation, documents, retirement, birthdays, missing data."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, Select

from server.access.model import Scope
from server.directory import actions as directory
from server.directory.model import EmploymentKind
from server.directory.store import named
from server.directory.tables import employment_span, person
from server.hr.staff import store
from server.hr.staff.engine.contracts import missing_contract, stage_of
from server.hr.staff.engine.months import months_later
from server.hr.staff.model import DocumentAccess, Missing, OwnField, Stage, WaitingFilter, WaitingKind, WaitingRow
from server.hr.staff.store import waiting as lists
from server.storage import UnitOfWork

LOOK_BACK_MONTHS = 24
"""Who should have retired longer ago than this and still works is a re-hired pensioner whose kind somebody has to enter; it stands
among those that are late for two years."""
DAY = timedelta(days=1)


def waiting_rows(
    uow: UnitOfWork,
    kind: WaitingKind,
    wanted: WaitingFilter,
    scope: Scope,
    accesses: Collection[DocumentAccess],
    today: date,
    *,
    behind: int = 0,
    limit: int = 100,
) -> list[WaitingRow]:
    """A list from its row `behind` on, as far as the scope reaches and documents and fields may be seen."""
    needed = [one for one in needed_data(uow, accesses) if wanted.about in {"", key_of(one)}]
    query = _narrowed(_query(uow, kind, accesses, needed, today), wanted, scope, today)
    return [_row(kind, row, needed, today) for row in uow.fetch_all(query.offset(behind).limit(limit))]


def count_waiting(uow: UnitOfWork, scope: Scope, accesses: Collection[DocumentAccess], today: date) -> Mapping[WaitingKind, int]:
    """How many stand in each list."""
    everything, needed = WaitingFilter(), needed_data(uow, accesses)
    return {kind: lists.count(uow, _narrowed(_query(uow, kind, accesses, needed, today), everything, scope, today)) for kind in WaitingKind}


def needed_data(uow: UnitOfWork, accesses: Collection[DocumentAccess]) -> list[Missing | OwnField]:
    """What every record should have: ours, and the needed ones of HR's own fields that may be seen."""
    own = [one for one in store.own_fields(uow) if one.needed and not one.archived and one.access in accesses]
    return [*Missing, *own]


def key_of(one: Missing | OwnField) -> str:
    """What an address calls a thing that can be missing."""
    return f"field-{one.id}" if isinstance(one, OwnField) else one.value


def _query(
    uow: UnitOfWork, kind: WaitingKind, accesses: Collection[DocumentAccess], needed: Sequence[Missing | OwnField], today: date
) -> Select[Any]:
    ahead = store.settings_now(uow)
    match kind:
        case WaitingKind.CONTRACTS:
            return lists.ending_contracts(today, today + ahead.contract_days * DAY)
        case WaitingKind.NO_CONTRACT:
            return lists.without_contract(today)
        case WaitingKind.PROBATION:
            return lists.ending_probation(today, today + ahead.probation_days * DAY)
        case WaitingKind.DOCUMENTS:
            return lists.ending_documents(today, today + ahead.document_days * DAY, accesses)
        case WaitingKind.RETIREMENT:
            query = lists.by_worked_out(uow, store.RETIRES, _months(today, ahead.retirement_days), today)
            return query.where(employment_span.c.kind != EmploymentKind.PENSIONER.value)
        case WaitingKind.BIRTHDAYS:
            days = [(today + number * DAY).strftime("%m-%d") for number in range(ahead.birthday_days + 1)]
            return lists.by_worked_out(uow, store.BIRTHDAY, days, today)
        case WaitingKind.MISSING:
            return lists.missing_data(today, needed)


def _narrowed(query: Select[Any], wanted: WaitingFilter, scope: Scope, today: date) -> Select[Any]:
    reached = directory.people_within(scope, today)
    if reached is not None:
        query = query.where(person.c.id.in_(reached))
    if wanted.text:
        query = query.where(named(wanted.text))
    if wanted.department_id is not None:
        query = query.where(employment_span.c.department_id == wanted.department_id)
    return query


def _row(kind: WaitingKind, row: Row[Any], needed: Sequence[Missing | OwnField], today: date) -> WaitingRow:
    one = WaitingRow(row.id, row.employee_number, row.name, row.department)
    match kind:
        case WaitingKind.CONTRACTS:
            stage = stage_of(row.day, today)
            return replace(one, day=row.day, grave=stage is Stage.EXPIRED, about=(stage.value,))
        case WaitingKind.NO_CONTRACT:
            found = missing_contract(row.day, today)
            return replace(one, day=row.day, grave=found.grave, about=(found.advice.value,))
        case WaitingKind.PROBATION:
            return replace(one, day=row.day)
        case WaitingKind.DOCUMENTS:
            return replace(one, day=row.day, grave=row.day < today, about=(row.about,))
        case WaitingKind.RETIREMENT:
            month = months_later(_first_month(today), row.about)
            return replace(one, day=month, grave=month < today.replace(day=1))
        case WaitingKind.BIRTHDAYS:
            return replace(one, day=today + row.about * DAY)
        case WaitingKind.MISSING:
            lacking = [each for number, each in enumerate(needed) if getattr(row, f"missing_{number}")]
            about = tuple(each.value for each in lacking if isinstance(each, Missing))
            return replace(one, about=about, said=tuple(each.name for each in lacking if isinstance(each, OwnField)))


def _months(today: date, days: int) -> list[str]:
    """The months of retirement that a list looks at, as `2039-07`: two years back, and as many days ahead."""
    first, last = _first_month(today), today + days * DAY
    found = []
    while first <= last:
        found.append(first.strftime("%Y-%m"))
        first = months_later(first, 1)
    return found


def _first_month(today: date) -> date:
    return months_later(today.replace(day=1), -LOOK_BACK_MONTHS)
