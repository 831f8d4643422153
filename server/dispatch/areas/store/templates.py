"""Templates that the server keeps, sealed by the vault: their key lies beside the database, never in it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, true

from protocol.wanted import Kind, Template
from server.dispatch.areas.tables import user_template
from server.storage import UnitOfWork, portions, upsert

_c = user_template.c
KEY = ("person_id", "kind", "place", "algorithm")


def keep(uow: UnitOfWork, person_id: int, found: Sequence[Template], terminal_id: int, at: datetime) -> bool:
    """Keep what was read of somebody; returns whether anything of it is new or another one."""
    there = {row.fingerprint for row in _of(uow, person_id)}
    marks = {_mark(uow, person_id, one): one for one in found}
    rows = [
        {
            "person_id": person_id,
            "kind": one.kind.value,
            "place": one.place,
            "algorithm": one.algorithm,
            "sealed": uow.vault.seal_bytes(one.data, _place(person_id, one.kind.value, one.place, one.algorithm)),
            "fingerprint": mark,
            "terminal_id": terminal_id,
            "taken_at": at,
        }
        for mark, one in marks.items()
        if mark not in there
    ]
    upsert(uow, user_template, rows, KEY)
    return bool(rows)


def opened(uow: UnitOfWork, marks: Collection[str]) -> dict[str, Template]:
    """Content by fingerprint; for whoever seals it for a terminal, and nobody else."""
    rows = [row for keys in portions(marks) for row in uow.fetch_all(select(user_template).where(_c.fingerprint.in_(keys)))]
    return {row.fingerprint: _template(uow, row) for row in rows}


def erase(uow: UnitOfWork, people: Collection[int], kind: Kind | None = None) -> dict[int, int]:
    """Erase all of these people, or all of a kind; returns how many each had."""
    counted: dict[int, int] = {}
    for keys in portions(people):
        where = and_(_c.person_id.in_(keys), true() if kind is None else _c.kind == kind.value)
        query = select(_c.person_id, func.count().label("n")).where(where).group_by(_c.person_id)
        counted |= {row.person_id: row.n for row in uow.fetch_all(query)}
        uow.execute(delete(user_template).where(where))
    return counted


def counts_of(uow: UnitOfWork, people: Collection[int]) -> dict[int, int]:
    """How many the server keeps, by person."""
    query = select(_c.person_id, func.count().label("n")).group_by(_c.person_id)
    return {row.person_id: row.n for keys in portions(people) for row in uow.fetch_all(query.where(_c.person_id.in_(keys)))}


def people_with_faces(uow: UnitOfWork) -> set[int]:
    """Whose face the server keeps."""
    query = select(_c.person_id).where(_c.kind == Kind.FACE.value).distinct()
    return {row.person_id for row in uow.fetch_all(query)}


def _of(uow: UnitOfWork, person_id: int) -> Sequence[Any]:
    return uow.fetch_all(select(_c.fingerprint).where(_c.person_id == person_id))


def _template(uow: UnitOfWork, row: Any) -> Template:
    data = uow.vault.open_bytes(row.sealed, _place(row.person_id, row.kind, row.place, row.algorithm))
    return Template(Kind(row.kind), row.place, row.algorithm, data)


def _mark(uow: UnitOfWork, person_id: int, one: Template) -> str:
    place = _place(person_id, one.kind.value, one.place, one.algorithm)
    return uow.vault.index(f"{place}/{one.data.hex()}", "template").hex()


def _place(person_id: int, kind: str, place: int, algorithm: str) -> str:
    return f"template/{person_id}/{kind}/{place}/{algorithm}"
