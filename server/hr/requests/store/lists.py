"""Lists of requests, as supervisors and HR filter them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from server.directory.store import department_with_those_below
from server.directory.tables import department, person
from server.fleet.tables import site
from server.hr.requests.model import RequestFilter, RequestLine, RequestState
from server.hr.requests.store.requests import as_request
from server.hr.requests.tables import hr_request
from server.storage import UnitOfWork

_c = hr_request.c


def list_requests(
    uow: UnitOfWork, wanted: RequestFilter, within: Select[Any] | None, *, behind: int | None = None, limit: int = 50
) -> list[RequestLine]:
    """The newest first, at most `limit`, from behind the request `behind` on. within: a SELECT of person ids; None: everybody's."""
    conditions = [*_conditions(uow, wanted, within), *([_c.id < behind] if behind is not None else [])]
    return lines_of(uow, conditions, limit)


def lines_of(uow: UnitOfWork, conditions: Sequence[ColumnElement[bool]], limit: int | None = None) -> list[RequestLine]:
    """Requests with whose they are, the newest first."""
    joined = hr_request.join(person, person.c.id == _c.person_id)
    joined = joined.outerjoin(department, department.c.id == person.c.department_id).outerjoin(site, site.c.id == person.c.site_id)
    shown = (person.c.employee_number, person.c.name.label("person_name"), department.c.name.label("department_name"), site.c.time_zone)
    rows = uow.fetch_all(select(hr_request, *shown).select_from(joined).where(*conditions).order_by(_c.id.desc()).limit(limit))
    return [RequestLine(as_request(row), row.employee_number, row.person_name, row.department_name, row.time_zone) for row in rows]


def count_requests(uow: UnitOfWork, wanted: RequestFilter, within: Select[Any] | None) -> dict[RequestState, int]:
    """How many there are in each state, whatever state the filter asks for."""
    conditions = _conditions(uow, RequestFilter(**{**_fields(wanted), "state": None}), within)
    query = select(_c.state, func.count().label("requests")).join(person, person.c.id == _c.person_id).where(*conditions)
    return {RequestState(row.state): int(row.requests) for row in uow.fetch_all(query.group_by(_c.state))}


def _fields(wanted: RequestFilter) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in RequestFilter.__dataclass_fields__}


def _conditions(uow: UnitOfWork, wanted: RequestFilter, within: Select[Any] | None) -> Sequence[ColumnElement[bool]]:
    exact = {
        _c.person_id: wanted.person_id,
        _c.kind: wanted.kind,
        _c.detail: wanted.detail,
        _c.state: wanted.state,
        person.c.site_id: wanted.site_id,
    }
    conditions: list[ColumnElement[bool]] = [column == value for column, value in exact.items() if value is not None]
    if within is not None:
        conditions.append(_c.person_id.in_(within))
    if not wanted.drafts:  # what somebody has not sent is nobody else's business
        conditions.append(_c.state != RequestState.DRAFT.value)
    if wanted.department_id is not None:
        conditions.append(person.c.department_id.in_(department_with_those_below(uow, wanted.department_id)))
    if wanted.since is not None:
        conditions.append(_c.last_day >= wanted.since)
    if wanted.until is not None:
        conditions.append(_c.first_day <= wanted.until)
    if wanted.text:
        part = f"%{_escaped(wanted.text)}%"
        found = (_c.number.ilike(part, escape="\\"), person.c.name.ilike(part, escape="\\"))
        conditions.append(or_(*found, person.c.employee_number.ilike(part, escape="\\")))
    return conditions


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
