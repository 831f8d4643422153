"""The terms of employments by dates, kept beside the events that they are the sum of, and today's in the rows of people."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, or_, select, update

from server.directory import store
from server.directory.engine import differing_days, spans_of, terms_on
from server.directory.model import TermsSpan
from server.directory.tables import employment_span, person
from server.fleet import actions as fleet
from server.storage import Subject, UnitOfWork, leave_changes


def terms_of(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, tuple[TermsSpan, ...]]:
    """Everybody's terms on the days of first..last, cut to them, in the order of days. Days in no span: not employed."""
    return {
        person_id: tuple(_cut(span, first, last) for span in spans)
        for person_id, spans in store.spans(uow, person_ids, first, last).items()
    }


def people_of_department(uow: UnitOfWork, department_id: int, first: date, last: date | None) -> set[int]:
    """Who belongs to a department, or to one below it, on a day of first..last; None: for ever."""
    keys = store.department_with_those_below(uow, department_id)
    return store.people_with_spans(uow, employment_span.c.department_id, keys, first, last)


def people_of_position(uow: UnitOfWork, position_id: int, first: date, last: date | None) -> set[int]:
    """Who has a position on a day of first..last."""
    return store.people_with_spans(uow, employment_span.c.position_id, [position_id], first, last)


def people_of_site(uow: UnitOfWork, site_id: int, first: date, last: date | None) -> set[int]:
    """Who belongs to a site on a day of first..last."""
    return store.people_with_spans(uow, employment_span.c.site_id, [site_id], first, last)


def people_of_pay_group(uow: UnitOfWork, pay_group_id: int, first: date, last: date | None) -> set[int]:
    """Who is paid with a group on a day of first..last."""
    return store.people_with_spans(uow, employment_span.c.pay_group_id, [pay_group_id], first, last)


def people_by_position(uow: UnitOfWork, day: date, within: store.Within = None) -> dict[int, int]:
    """How many people have each position on a day; of those within, where that is a SELECT."""
    return store.people_by(uow, employment_span.c.position_id, day, within)


def people_by_place(uow: UnitOfWork, day: date) -> dict[tuple[int | None, int | None, int | None], int]:
    """How many people have each (department, position, site) on a day."""
    return store.people_by_place(uow, day)


def people_by_legal_entity(uow: UnitOfWork, day: date, within: store.Within = None) -> dict[int, int]:
    """How many people's contracts are with each legal entity on a day; within as above."""
    return store.people_by(uow, employment_span.c.legal_entity_id, day, within)


def people_by_pay_group(uow: UnitOfWork, day: date, within: store.Within = None) -> dict[int, int]:
    """How many people are paid with each group on a day; within as above."""
    return store.people_by(uow, employment_span.c.pay_group_id, day, within)


def bring_up_to(uow: UnitOfWork, today: date) -> int:
    """Let everybody's row say what the events say of this day: some were entered for a day to come. Returns how many rows changed."""
    span = employment_span.c
    joined = person.outerjoin(employment_span, and_(span.person_id == person.c.id, span.first_day <= today, span.last_day >= today))
    other = or_(
        person.c.department_id.is_distinct_from(span.department_id),
        person.c.site_id.is_distinct_from(span.site_id),
        person.c.active.is_(False),
    )
    query = select(person.c.id).select_from(joined)
    query = query.where(or_(and_(span.person_id.is_(None), person.c.active.is_(True)), and_(span.person_id.is_not(None), other)))
    keys = [row.id for row in uow.fetch_all(query)]
    _project(uow, store.spans(uow, keys), today)
    return len(keys)


def follow_events(uow: UnitOfWork, person_ids: Collection[int], today: date) -> set[int]:
    """Bring the terms of these people to what their events say now, and leave for attendance the days that this can change.

    Returns whose terms are others now.
    """
    before = store.spans(uow, person_ids)
    after = {
        person_id: tuple(span for one in several for span in spans_of(one.events))
        for person_id, several in store.employments_of(uow, person_ids).items()
    }
    changed = {person_id: spans for person_id, spans in after.items() if spans != before[person_id]}
    store.write_spans(uow, changed)
    _project(uow, changed, today)
    days = [(person_id, *each) for person_id, spans in changed.items() for each in differing_days(before[person_id], spans)]
    leave_changes(uow, Subject.PERSON, days, "employment")
    return set(changed)


def follow_employments(uow: UnitOfWork, person_ids: Collection[int], now: datetime) -> None:
    """Let terms, spans and attendance follow the events of these people as they are now."""
    follow_events(uow, person_ids, today_of(uow, now))


def forget_terms(uow: UnitOfWork, person_ids: Collection[int]) -> None:
    """Let the terms of these people go; `follow_employments` makes them again for whoever stays."""
    store.write_spans(uow, dict.fromkeys(person_ids, ()))


def today_of(uow: UnitOfWork, now: datetime) -> date:
    """The date that has begun somewhere in the company."""
    zones = {site.time_zone for site in fleet.list_sites(uow)}
    return max((now.astimezone(ZoneInfo(zone)).date() for zone in zones), default=now.astimezone(UTC).date())


def _cut(span: TermsSpan, first: date, last: date) -> TermsSpan:
    if span.first_day >= first and span.last_day is not None and span.last_day <= last:
        return span
    return replace(span, first_day=max(first, span.first_day), last_day=min(last, span.last_day or last))


def _project(uow: UnitOfWork, spans: Mapping[int, Sequence[TermsSpan]], today: date) -> None:
    """Department, site and whether employed, as lists go by them. Who has left keeps the last ones, who is to come has the first."""
    rows: list[dict[str, Any]] = []
    for person_id, each in spans.items():
        begun = [span.terms for span in each if span.first_day <= today]
        nearest = begun[-1] if begun else each[0].terms if each else None
        place = (
            {"new_department": nearest.department_id, "new_site": nearest.site_id}
            if nearest
            else {"new_department": None, "new_site": None}
        )
        rows.append({"key": person_id, "new_active": terms_on(each, today) is not None, **place})
    if rows:
        new: dict[str, Any] = {
            "active": bindparam("new_active"),
            "department_id": bindparam("new_department"),
            "site_id": bindparam("new_site"),
        }
        uow.execute(update(person).where(person.c.id == bindparam("key")).values(new), rows)
