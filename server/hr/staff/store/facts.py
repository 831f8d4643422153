"""Reading and writing personal facts: sealed one by one, found by blind indices."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from server.hr.staff.model import FOUND_BY, Fact, Facts
from server.hr.staff.tables import personal_fact
from server.storage import UnitOfWork, portions

BIRTHDAY, RETIRES = "birthday", "retires"
WORKED_OUT = (BIRTHDAY, RETIRES)
"""`11-23` and `2039-07`, indexed so that a list of the next weeks opens nobody's birth date who is not in it."""


def facts_of(uow: UnitOfWork, person_ids: Collection[int], wanted: Collection[Fact] = tuple(Fact)) -> dict[int, dict[Fact, str]]:
    """What is known of each person, opened."""
    found: dict[int, dict[Fact, str]] = {person_id: {} for person_id in person_ids}
    table = personal_fact.c
    query = select(table.person_id, table.field, table.sealed).where(table.field.in_([str(one) for one in wanted]))
    for keys in portions(person_ids):
        for row in uow.fetch_all(query.where(table.person_id.in_(keys))):
            found[row.person_id][Fact(row.field)] = _opened(uow, row)
    return {person_id: {fact: facts[fact] for fact in Fact if fact in facts} for person_id, facts in found.items()}


def write_facts(uow: UnitOfWork, wanted: Mapping[int, Facts], worked_out: Mapping[int, Mapping[str, str]], now: datetime) -> None:
    """Let these people have exactly these facts, and of the worked-out ones what `worked_out` says."""
    for keys in portions(wanted):
        uow.execute(delete(personal_fact).where(personal_fact.c.person_id.in_(keys)))
    rows = []
    for person_id, facts in wanted.items():
        told = {str(fact): text for fact, text in facts.items()} | dict(worked_out[person_id])
        rows += [_row(uow, person_id, field, text, now) for field, text in told.items()]
    if rows:
        uow.execute(personal_fact.insert(), rows)


def people_with(uow: UnitOfWork, field: str, texts: Iterable[str]) -> dict[str, set[int]]:
    """Whose fact is exactly one of these texts, each in its written form."""
    indices = {uow.vault.index(text, field): text for text in texts}
    found: dict[str, set[int]] = defaultdict(set)
    table = personal_fact.c
    query = select(table.person_id, table.search).where(table.field == field)
    for keys in portions(indices):
        for row in uow.fetch_all(query.where(table.search.in_(keys))):
            found[indices[bytes(row.search)]].add(row.person_id)
    return dict(found)


def index_facts(uow: UnitOfWork) -> int:
    """Give an index to each fact that people are found by and that has none, as one stored by an earlier version; returns how many."""
    table = personal_fact.c
    query = select(table.person_id, table.field, table.sealed)
    rows = uow.fetch_all(query.where(table.field.in_([str(fact) for fact in FOUND_BY]), table.search.is_(None)))
    statement = update(personal_fact).where(table.person_id == bindparam("person"), table.field == bindparam("of_field"))
    found = [{"person": row.person_id, "of_field": row.field, "search": uow.vault.index(_opened(uow, row), row.field)} for row in rows]
    if found:
        uow.execute(statement.values(search=bindparam("search")), found)
    return len(found)


def place(person_id: int, field: str) -> str:
    """Where a fact stands for good."""
    return f"identity/{person_id}/{field}"


def _opened(uow: UnitOfWork, row: Row[Any]) -> str:
    return uow.vault.open(bytes(row.sealed), place(row.person_id, row.field))


def _row(uow: UnitOfWork, person_id: int, field: str, text: str, now: datetime) -> dict[str, Any]:
    search = uow.vault.index(text, field) if field in FOUND_BY or field in WORKED_OUT else None
    sealed = uow.vault.seal(text, place(person_id, field))
    return {"person_id": person_id, "field": field, "sealed": sealed, "search": search, "changed_at": now}
