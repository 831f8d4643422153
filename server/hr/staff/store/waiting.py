"""Finding what is waiting: people employed today, with what ends, falls due, comes round or is missing.

Each list is one question, sorted and cut by the database; nobody's facts are opened to find who is in one.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select

from server.directory.model import EmploymentKind
from server.directory.tables import department, employment, employment_event, employment_span, person
from server.hr.staff.model import Fact, Missing, OwnField
from server.hr.staff.tables import contract, document, emergency_contact, own_field_value, personal_fact
from server.storage import UnitOfWork

FACTS = {Missing.ID_NUMBER, Missing.MOBILE, Missing.BIRTH_DATE, Missing.RETIREMENT_CATEGORY}
GOES_ON = date.max
span = employment_span.c


def employed(today: date) -> Select[Any]:
    """Who is employed on a day, with number, name and department; rows to narrow down and to order."""
    joined = person.join(employment_span, span.person_id == person.c.id).outerjoin(department, department.c.id == span.department_id)
    columns = (person.c.id, person.c.employee_number, person.c.name, person.c.name_sort, department.c.name.label("department"))
    return select(*columns).select_from(joined).where(span.first_day <= today, span.last_day >= today)


def ending_contracts(today: date, until: date) -> Select[Any]:
    """Whose last contract ends by a day and is followed by none; `day` its last day."""
    last = _in_force().group_by(contract.c.person_id).add_columns(func.max(contract.c.first_day).label("first_day")).subquery()
    of_last = and_(contract.c.person_id == last.c.person_id, contract.c.first_day == last.c.first_day)
    query = employed(today).join(last, last.c.person_id == person.c.id).join(contract, of_last)
    query = query.where(contract.c.withdrawn_at.is_(None), contract.c.last_day <= until, contract.c.first_day <= today)
    return query.add_columns(contract.c.last_day.label("day")).order_by(contract.c.last_day, person.c.id)


def without_contract(today: date) -> Select[Any]:
    """Who needs a written contract and has none since the hire; `day` the hire, the latest last."""
    hire = (
        select(employment_event.c.employment_id, func.min(employment_event.c.effective_on).label("day"))
        .where(employment_event.c.kind == "hire", employment_event.c.cancelled_at.is_(None))
        .group_by(employment_event.c.employment_id)
        .subquery()
    )
    of_this = employment.c.id == span.employment_id
    # the first day of an employment may only be when the person was first seen: then a contract from before it counts, too
    there = exists().where(
        contract.c.person_id == person.c.id,
        contract.c.withdrawn_at.is_(None),
        or_(contract.c.first_day >= hire.c.day, employment.c.hired_on_known.is_(False)),
    )
    query = employed(today).join(hire, hire.c.employment_id == span.employment_id).join(employment, of_this)
    query = query.where(span.kind == EmploymentKind.REGULAR.value, ~there)
    return query.add_columns(hire.c.day).order_by(hire.c.day, person.c.id)


def ending_probation(today: date, until: date) -> Select[Any]:
    """Whose probation ends by a day and nobody has confirmed; `day` its last day."""
    query = employed(today).where(span.probation_until.is_not(None), span.probation_until >= today, span.probation_until <= until)
    return query.add_columns(span.probation_until.label("day")).order_by(span.probation_until, person.c.id)


def ending_documents(today: date, until: date, accesses: Iterable[str]) -> Select[Any]:
    """Documents of these classes that end by a day and no later one of their kind follows; `day` the last day, `about` the kind."""
    later = document.alias()
    newer = exists().where(
        later.c.person_id == document.c.person_id,
        later.c.kind == document.c.kind,
        later.c.removed_at.is_(None),
        or_(later.c.expires_on > document.c.expires_on, and_(later.c.expires_on.is_(None), later.c.id > document.c.id)),
    )
    query = employed(today).join(document, document.c.person_id == person.c.id)
    query = query.where(document.c.expires_on <= until, document.c.removed_at.is_(None), document.c.access.in_(list(accesses)), ~newer)
    columns = (document.c.expires_on.label("day"), document.c.kind.label("about"))
    return query.add_columns(*columns).order_by(document.c.expires_on, person.c.id)


def by_worked_out(uow: UnitOfWork, field: str, texts: Sequence[str], today: date) -> Select[Any]:
    """Whose worked-out fact is one of these texts; `about` the text's place in the list, by which rows are sorted. Without the key of
    personal data nobody's: the pages that only count go on without it.
    """
    indices = {uow.vault.index(text, field): number for number, text in enumerate(texts)} if uow.has_vault else {}
    whens = [(personal_fact.c.search == index, number) for index, number in indices.items()]
    place = case(*whens, else_=literal(-1)) if whens else literal(-1)
    query = employed(today).join(personal_fact, personal_fact.c.person_id == person.c.id)
    query = query.where(personal_fact.c.field == field, personal_fact.c.search.in_(list(indices)))
    return query.add_columns(place.label("about")).order_by(place, person.c.id)


def missing_data(today: date, wanted: Sequence[Missing | OwnField]) -> Select[Any]:
    """Who lacks any of these; `missing_0`, `missing_1`, … say for each whether it is lacking."""
    lacks = [~_has(one) for one in wanted]
    query = employed(today).where(or_(*lacks)) if lacks else employed(today).where(literal(value=False))
    query = query.add_columns(*(lack.label(f"missing_{number}") for number, lack in enumerate(lacks)))
    return query.order_by(person.c.name_sort, person.c.id)


def count(uow: UnitOfWork, query: Select[Any]) -> int:
    """How many rows a list has."""
    return int(uow.scalar(select(func.count()).select_from(query.order_by(None).subquery())))


def _in_force() -> Select[Any]:
    return select(contract.c.person_id).where(contract.c.withdrawn_at.is_(None))


def _has(one: Missing | OwnField) -> ColumnElement[bool]:
    if isinstance(one, OwnField):
        value = own_field_value.c
        return exists().where(value.person_id == person.c.id, value.field_id == one.id)
    if one in FACTS:
        fact = personal_fact.c
        return exists().where(fact.person_id == person.c.id, fact.field == Fact(one.value).value)
    return exists().where(emergency_contact.c.person_id == person.c.id)
