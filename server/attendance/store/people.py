"""What attendance must know of people beside their terms."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import or_, select

from server.attendance.engine.rules.resolving import Place
from server.directory import actions as directory
from server.directory.model import TermsSpan
from server.directory.tables import department, employment_span, enrolment, person
from server.fleet.tables import site
from server.storage import UnitOfWork

NO_SITE = "Asia/Shanghai"
"""Zone of people who belong to no site in a company that has none."""

AT_ONCE = 5_000


def zones_of(uow: UnitOfWork, person_ids: Collection[int]) -> dict[int, str]:
    """The time zone of each person's site; of somebody without a site the zone of the first one. Who is not there is left out."""
    fallback = uow.scalar(select(site.c.time_zone).order_by(site.c.id).limit(1)) or NO_SITE
    query = select(person.c.id, site.c.time_zone).select_from(person.outerjoin(site, site.c.id == person.c.site_id))
    found: dict[int, str] = {}
    ordered = sorted(person_ids)
    for start in range(0, len(ordered), AT_ONCE):
        rows = uow.fetch_all(query.where(person.c.id.in_(ordered[start : start + AT_ONCE])))
        found |= {row.id: row.time_zone or fallback for row in rows}
    return found


def numbers_of(uow: UnitOfWork, person_ids: Collection[int]) -> dict[int, str]:
    """Employee numbers by person."""
    rows = uow.fetch_all(select(person.c.id, person.c.employee_number).where(person.c.id.in_(list(person_ids))))
    return {row.id: row.employee_number for row in rows}


def places_of(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, tuple[Place, ...]]:
    """Where each person is on the days of first..last that they are employed, in order; nobody is left out."""
    above = _departments_above(uow)
    terms = directory.terms_of(uow, person_ids, first, last)
    return {person_id: tuple(_place(span, above, last) for span in terms.get(person_id, ())) for person_id in person_ids}


def _place(span: TermsSpan, above: Mapping[int, tuple[int, ...]], last: date) -> Place:
    terms = span.terms
    departments = above[terms.department_id] if terms.department_id is not None else ()
    return Place(span.first_day, span.last_day or last, departments, terms.position_id, terms.site_id)


def _departments_above(uow: UnitOfWork) -> dict[int, tuple[int, ...]]:
    """Each department with those above it, the nearest first."""
    parents = {row.id: row.parent_id for row in uow.fetch_all(select(department.c.id, department.c.parent_id))}
    found: dict[int, tuple[int, ...]] = {}
    for key in parents:
        chain = [key]
        while (above := parents.get(chain[-1])) is not None and above not in chain:
            chain.append(above)
        found[key] = tuple(chain)
    return found


def everybody(uow: UnitOfWork, first: date, last: date) -> list[int]:
    """Everybody who is employed on a day of first..last."""
    span = employment_span.c
    query = select(span.person_id).where(span.first_day <= last, span.last_day >= first).distinct()
    return [row.person_id for row in uow.fetch_all(query.order_by(span.person_id))]


def people_of_zone(uow: UnitOfWork, zone_id: int, first: date, last: date) -> list[int]:
    """Everybody who is enrolled in a zone on a day of first..last."""
    span = enrolment.c
    still = or_(span.valid_until.is_(None), span.valid_until >= first)
    query = select(span.person_id).where(span.zone_id == zone_id, span.valid_from <= last, still).distinct()
    return [row.person_id for row in uow.fetch_all(query.order_by(span.person_id))]
