"""Queries of trials."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Row, Select, and_, delete, func, select, update

from server.access.model import EVERYBODY, Scope
from server.attendance.engine.comparing import figure_changes
from server.attendance.model.days import AttendanceDay
from server.attendance.model.trials import ChangedDay, ChangedPerson, DayPair, Decision, FigureChange, Trial, TrialKind, Who, WhoKind
from server.attendance.store.rule_sets import decode_rules
from server.attendance.tables import trial, trial_day, trial_person
from server.directory.store import limits_of_days
from server.directory.tables import department, employment_span, person
from server.storage import UnitOfWork

_ENCODER = msgspec.json.Encoder()
_DAY = msgspec.json.Decoder(AttendanceDay)
_FIGURES = msgspec.json.Decoder(tuple[FigureChange, ...])


def add_trial(uow: UnitOfWork, values: Mapping[str, Any]) -> int:
    return int(uow.scalar(trial.insert().values(**values).returning(trial.c.id)))


def set_job(uow: UnitOfWork, trial_id: int, job_id: int) -> None:
    uow.execute(update(trial).where(trial.c.id == trial_id).values(job_id=job_id))


def trial_by_id(uow: UnitOfWork, trial_id: int) -> Trial | None:
    row = uow.fetch_one(select(trial).where(trial.c.id == trial_id))
    return None if row is None else _trial(row)


def newest(uow: UnitOfWork, kinds: Sequence[TrialKind], limit: int) -> list[Trial]:
    query = select(trial).where(trial.c.kind.in_([kind.value for kind in kinds])).order_by(trial.c.id.desc()).limit(limit)
    return [_trial(row) for row in uow.fetch_all(query)]


def count_undecided(uow: UnitOfWork) -> int:
    """Recalculations and nightly looks that found a difference and wait for somebody."""
    waits = (trial.c.decision == "open", trial.c.changed_days > 0, trial.c.kind != TrialKind.RULES.value)
    return int(uow.scalar(select(func.count()).select_from(trial).where(*waits)))


def decide(uow: UnitOfWork, trial_id: int, decision: Decision, by: str, now: datetime) -> bool:
    """Whether it was still open."""
    values = {"decision": decision.value, "decided_by": by, "decided_at": now}
    return uow.execute(update(trial).where(trial.c.id == trial_id, trial.c.decision == "open").values(**values)).rowcount == 1


def add_findings(uow: UnitOfWork, people: Sequence[Mapping[str, Any]], days: Sequence[Mapping[str, Any]]) -> None:
    if people:
        uow.execute(trial_person.insert(), list(people))
    if days:
        uow.execute(trial_day.insert(), list(days))


def all_figures(uow: UnitOfWork, trial_id: int) -> list[tuple[dict[str, int], dict[str, int]]]:
    """Everybody's (before, after)."""
    rows = uow.fetch_all(select(trial_person.c.before, trial_person.c.after).where(trial_person.c.trial_id == trial_id))
    return [(row.before, row.after) for row in rows]


def finish(uow: UnitOfWork, trial_id: int, totals: Sequence[FigureChange]) -> int:
    """Write down what it came to; returns the number of changed days."""
    own = trial_day.c.trial_id == trial_id
    days = int(uow.scalar(select(func.count()).where(own)))
    people = int(uow.scalar(select(func.count()).where(trial_person.c.trial_id == trial_id, trial_person.c.changed == 1)))
    values = {"totals": msgspec.to_builtins(totals), "changed_days": days, "changed_people": people}
    uow.execute(update(trial).where(trial.c.id == trial_id).values(**values))
    return days


def changed_people(
    uow: UnitOfWork, trial_id: int, behind: int = 0, limit: int = 100, within: Select[Any] | None = None
) -> list[ChangedPerson]:
    """Who is changed, by id behind `behind`. within: a SELECT of the ids of those who may be seen; None: everybody."""
    query = _with_person(trial_person, trial_person.c.days, trial_person.c.before, trial_person.c.after)
    query = query.where(trial_person.c.trial_id == trial_id, trial_person.c.changed == 1, trial_person.c.person_id > behind)
    if within is not None:
        query = query.where(trial_person.c.person_id.in_(within))
    return [
        ChangedPerson(row.person_id, row.employee_number, row.name, row.department_name, row.days, figure_changes(row.before, row.after))
        for row in uow.fetch_all(query.order_by(trial_person.c.person_id).limit(limit))
    ]


def changed_days(
    uow: UnitOfWork,
    trial_id: int,
    *,
    name: str = "",
    person_id: int | None = None,
    behind: tuple[int, date] | None = None,
    limit: int = 100,
    scope: Scope = EVERYBODY,
) -> list[ChangedDay]:
    """Days that are changed, by person and date, behind `behind`. name: of a figure that must have changed. scope: whose may be seen."""
    query = _with_person(trial_day, trial_day.c.work_date, trial_day.c.figures).where(trial_day.c.trial_id == trial_id)
    if name:
        query = query.where(trial_day.c.names.contains(f",{name},", autoescape=True))
    if person_id is not None:
        query = query.where(trial_day.c.person_id == person_id)
    query = query.where(*limits_of_days(scope, trial_day.c.person_id, trial_day.c.work_date, trial_day.c.work_date))
    if behind is not None:
        same = and_(trial_day.c.person_id == behind[0], trial_day.c.work_date > behind[1])
        query = query.where((trial_day.c.person_id > behind[0]) | same)
    return [_changed(row) for row in uow.fetch_all(query.order_by(trial_day.c.person_id, trial_day.c.work_date).limit(limit))]


def names_of(uow: UnitOfWork, trial_id: int) -> list[str]:
    """Names of all figures of days that changed, in order of the alphabet."""
    rows = uow.fetch_all(select(trial_day.c.names).where(trial_day.c.trial_id == trial_id).distinct())
    return sorted({name for row in rows for name in row.names.split(",") if name})


def day_pair(uow: UnitOfWork, trial_id: int, person_id: int, day: date) -> DayPair | None:
    own = (trial_day.c.trial_id == trial_id, trial_day.c.person_id == person_id, trial_day.c.work_date == day)
    columns = (trial_day.c.work_date, trial_day.c.figures, trial_day.c.before, trial_day.c.after, trial_day.c.zone)
    row = uow.fetch_one(_with_person(trial_day, *columns).where(*own))
    return None if row is None else DayPair(_changed(row), _decoded(row.before), _decoded(row.after), row.zone)


def changed_dates(uow: UnitOfWork, trial_id: int, people: Sequence[int] | None = None) -> list[tuple[int, date]]:
    """(person, date) of every changed day, in order; of these people where they are given."""
    query = select(trial_day.c.person_id, trial_day.c.work_date).where(trial_day.c.trial_id == trial_id)
    if people is not None:
        query = query.where(trial_day.c.person_id.in_(list(people)))
    return [(row.person_id, row.work_date) for row in uow.fetch_all(query.order_by(trial_day.c.person_id, trial_day.c.work_date))]


def employed_between(uow: UnitOfWork, first: date, last: date) -> set[int]:
    """Everybody who is employed on a day of first..last."""
    touches = (employment_span.c.first_day <= last, employment_span.c.last_day >= first)
    return {row.person_id for row in uow.fetch_all(select(employment_span.c.person_id).where(*touches).distinct())}


def forget(uow: UnitOfWork, before: datetime) -> None:
    uow.execute(delete(trial).where(trial.c.asked_at < before))


def encode_whole(day: AttendanceDay | None) -> bytes | None:
    return None if day is None else _ENCODER.encode(day)


def encode_figures(figures: Sequence[FigureChange]) -> bytes:
    return _ENCODER.encode(figures)


def _decoded(body: bytes | None) -> AttendanceDay | None:
    return None if body is None else _DAY.decode(body)


def _with_person(table: Any, *columns: Any) -> Select[Any]:
    joined = table.join(person, person.c.id == table.c.person_id).outerjoin(department, department.c.id == person.c.department_id)
    shown = (person.c.employee_number, person.c.name, department.c.name.label("department_name"))
    return select(table.c.person_id, *columns, *shown).select_from(joined)


def _changed(row: Row[Any]) -> ChangedDay:
    return ChangedDay(row.person_id, row.employee_number, row.name, row.work_date, _FIGURES.decode(row.figures))


def _trial(row: Row[Any]) -> Trial:
    totals = None if row.totals is None else tuple(FigureChange(*one) for one in row.totals)
    return Trial(
        id=row.id,
        kind=TrialKind(row.kind),
        who=Who(WhoKind(row.who_kind), row.who_id, row.who_name),
        first_day=row.first_day,
        last_day=row.last_day,
        rules=None if row.rules is None else decode_rules(bytes(row.rules)),
        rules_name=row.rules_name,
        rules_version_id=row.rules_version_id,
        job_id=row.job_id,
        decision=Decision(row.decision),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        totals=totals,
        changed_days=row.changed_days,
        changed_people=row.changed_people,
    )
