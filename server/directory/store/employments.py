"""Reading and writing employments: their events, the spans that these add up to, positions and pay groups."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Column, Row, Select, bindparam, delete, func, select, update

from server.directory.model import (
    Employment,
    EmploymentEvent,
    EmploymentKind,
    EmploymentTerms,
    EventKind,
    HoursSystem,
    PayGroup,
    Position,
    StartDay,
    TermsSpan,
)
from server.directory.tables import department, employment, employment_event, employment_span, pay_group, pay_group_start, position
from server.storage import UnitOfWork, portions

GOES_ON = date.max
Within = Select[Any] | None
"""A SELECT of person ids that a question is limited to; None: no limit."""


def employments_of(uow: UnitOfWork, person_ids: Collection[int]) -> dict[int, list[Employment]]:
    """Everybody's employments in the order of their days, with cancelled events, too."""
    joined = employment.outerjoin(employment_event, employment_event.c.employment_id == employment.c.id)
    query = select(employment.c.person_id, employment.c.hired_on_known, employment.c.id.label("of"), employment_event).select_from(joined)
    events: dict[tuple[int, int, bool], list[EmploymentEvent]] = defaultdict(list)
    for keys in portions(person_ids):
        for row in uow.fetch_all(query.where(employment.c.person_id.in_(keys))):
            held = events[row.person_id, row.of, row.hired_on_known]
            if row.id is not None:
                held.append(_event(row))
    found: dict[int, list[Employment]] = {person_id: [] for person_id in person_ids}
    for (person_id, key, known), each in events.items():
        each.sort(key=lambda event: (event.effective_on, event.id))
        found[person_id].append(Employment(key, person_id, known, tuple(each)))
    for several in found.values():
        several.sort(key=lambda one: (one.events[0].effective_on if one.events else GOES_ON, one.id))
    return found


def event_with_person(uow: UnitOfWork, event_id: int) -> tuple[EmploymentEvent, int] | None:
    """An event and whose it is."""
    joined = employment_event.join(employment, employment_event.c.employment_id == employment.c.id)
    query = select(employment_event, employment.c.person_id).select_from(joined)
    row = uow.fetch_one(query.where(employment_event.c.id == event_id))
    return None if row is None else (_event(row), row.person_id)


def hired_on(uow: UnitOfWork, person_ids: Collection[int], day: date) -> dict[int, date]:
    """The first day of the employment that holds on a day, by person."""
    query = select(employment.c.person_id, employment.c.first_day)
    query = query.where(employment.c.first_day <= day, employment.c.last_day >= day)
    found: dict[int, date] = {}
    for keys in portions(person_ids):
        found |= {row.person_id: row.first_day for row in uow.fetch_all(query.where(employment.c.person_id.in_(keys)))}
    return found


def add_employments(uow: UnitOfWork, hired_on_known: Mapping[int, bool]) -> dict[int, int]:
    """Begin one more employment for each of these people; returns its id by person."""
    rows = [{"person_id": person_id, "hired_on_known": known} for person_id, known in hired_on_known.items()]
    found: dict[int, int] = {}
    if rows:
        uow.execute(employment.insert(), rows)
    latest = select(employment.c.person_id, func.max(employment.c.id).label("id")).group_by(employment.c.person_id)
    for keys in portions(hired_on_known):
        found |= {row.person_id: row.id for row in uow.fetch_all(latest.where(employment.c.person_id.in_(keys)))}
    return found


def spans(uow: UnitOfWork, person_ids: Collection[int], first: date = date.min, last: date = GOES_ON) -> dict[int, tuple[TermsSpan, ...]]:
    """Everybody's spans that share a day with first..last, in the order of their days and as long as they are."""
    query = select(employment_span).where(employment_span.c.first_day <= last, employment_span.c.last_day >= first)
    found: dict[int, list[TermsSpan]] = defaultdict(list)
    for keys in portions(person_ids):
        for row in uow.fetch_all(query.where(employment_span.c.person_id.in_(keys)).order_by(employment_span.c.first_day)):
            found[row.person_id].append(_span(row))
    return {person_id: tuple(found.get(person_id, ())) for person_id in person_ids}


def people_with_spans(uow: UnitOfWork, column: Column[Any], keys: Collection[int], first: date, last: date | None) -> set[int]:
    """People in whose spans the column has one of these keys on a day of first..last."""
    span = employment_span.c
    query = select(span.person_id).where(column.in_(list(keys)), span.first_day <= (last or GOES_ON), span.last_day >= first)
    return {row.person_id for row in uow.fetch_all(query.distinct())}


def people_by(uow: UnitOfWork, column: Column[Any], day: date, within: Within = None) -> dict[int, int]:
    """How many people have each value of a span's column on a day; of those within, where that is a SELECT."""
    span = employment_span.c
    query = select(column.label("key"), func.count().label("people")).where(
        span.first_day <= day, span.last_day >= day, column.is_not(None)
    )
    if within is not None:
        query = query.where(span.person_id.in_(within))
    return {row.key: row.people for row in uow.fetch_all(query.group_by(column))}


def people_behind(uow: UnitOfWork, department_id: int, day: date) -> int:
    """How many people belong to a department after a day."""
    span = employment_span.c
    query = select(func.count(span.person_id.distinct()))
    return int(uow.scalar(query.where(span.department_id == department_id, span.last_day > day)))


def people_by_place(uow: UnitOfWork, day: date) -> dict[tuple[int | None, int | None, int | None], int]:
    """How many people have each department, position and site on a day."""
    span = employment_span.c
    place = (span.department_id, span.position_id, span.site_id)
    query = select(*place, func.count()).where(span.first_day <= day, span.last_day >= day).group_by(*place)
    return {(department, position_, site): people for department, position_, site, people in map(tuple, uow.fetch_all(query))}


def behind_closing(uow: UnitOfWork, person_id: int) -> tuple[str, date] | None:
    """(name, closing day) of a department that somebody belongs to after it is closed."""
    joined = employment_span.join(department, department.c.id == employment_span.c.department_id)
    query = select(department.c.name, department.c.closed_on).select_from(joined)
    query = query.where(employment_span.c.person_id == person_id, employment_span.c.last_day > department.c.closed_on)
    row = uow.fetch_one(query.limit(1))
    return None if row is None else (row.name, row.closed_on)


def write_spans(uow: UnitOfWork, wanted: Mapping[int, Sequence[TermsSpan]]) -> None:
    """Let everybody have exactly these spans."""
    for keys in portions(list(wanted)):
        uow.execute(delete(employment_span).where(employment_span.c.person_id.in_(keys)))
        uow.execute(update(employment).where(employment.c.person_id.in_(keys)).values(first_day=None, last_day=None))
    rows = [_span_row(person_id, span) for person_id, each in wanted.items() for span in each]
    if rows:
        uow.execute(employment_span.insert(), rows)
    _write_days(uow, [span for each in wanted.values() for span in each])


def _write_days(uow: UnitOfWork, spans_in_order: Sequence[TermsSpan]) -> None:
    """Let the employments of these spans say from when to when they are."""
    days: dict[int, dict[str, Any]] = {}
    for span in spans_in_order:
        held = days.setdefault(span.terms.employment_id, {"key": span.terms.employment_id, "first": span.first_day})
        held["last"] = span.last_day or GOES_ON
    if days:
        new: dict[str, Any] = {"first_day": bindparam("first"), "last_day": bindparam("last")}
        uow.execute(update(employment).where(employment.c.id == bindparam("key")).values(new), list(days.values()))


def positions(uow: UnitOfWork) -> list[Position]:
    """All positions, by code."""
    return [Position(**row._mapping) for row in uow.fetch_all(select(position).order_by(position.c.code))]  # noqa: SLF001 - a documented name


def pay_groups(uow: UnitOfWork) -> list[PayGroup]:
    """All pay groups, by code."""
    starts: dict[int, list[StartDay]] = defaultdict(list)
    for row in uow.fetch_all(select(pay_group_start).order_by(pay_group_start.c.from_month)):
        starts[row.pay_group_id].append(StartDay(row.from_month, row.day))
    rows = uow.fetch_all(select(pay_group).order_by(pay_group.c.code))
    return [PayGroup(row.id, row.code, row.name, tuple(starts[row.id])) for row in rows]


def _event(row: Row[Any]) -> EmploymentEvent:
    return EmploymentEvent(
        id=row.id,
        employment_id=row.employment_id,
        kind=EventKind(row.kind),
        effective_on=row.effective_on,
        until=row.until,
        sets=row.sets,
        author=row.author,
        reason=row.reason,
        recorded_at=row.recorded_at,
        cancelled_at=row.cancelled_at,
        cancelled_by=row.cancelled_by,
        cancel_reason=row.cancel_reason,
    )


def _span(row: Row[Any]) -> TermsSpan:
    terms = EmploymentTerms(
        row.employment_id,
        row.department_id,
        row.position_id,
        row.manager_id,
        row.site_id,
        EmploymentKind(row.kind),
        HoursSystem(row.hours_system),
        row.pay_group_id,
        row.protected,
        row.legal_entity_id,
        row.probation_until,
    )
    return TermsSpan(row.first_day, None if row.last_day == GOES_ON else row.last_day, terms)


def _span_row(person_id: int, span: TermsSpan) -> dict[str, Any]:
    terms = span.terms
    return {
        "person_id": person_id,
        "first_day": span.first_day,
        "last_day": span.last_day or GOES_ON,
        "employment_id": terms.employment_id,
        "department_id": terms.department_id,
        "position_id": terms.position_id,
        "manager_id": terms.manager_id,
        "site_id": terms.site_id,
        "kind": terms.kind.value,
        "hours_system": terms.hours_system.value,
        "pay_group_id": terms.pay_group_id,
        "protected": terms.protected,
        "legal_entity_id": terms.legal_entity_id,
        "probation_until": terms.probation_until,
    }
