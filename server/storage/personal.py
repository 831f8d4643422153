"""Where data about people lies: each area names its tables here, so that all of it can be handed out and what is due can be erased.

`wiring` puts the areas' holdings together. A test walks over all tables and finds one with people in it that no area named.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, delete, func, select

from server.storage.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class DataSubject:
    """Somebody whose data is asked for. logins: of the accounts that are theirs."""

    person_id: int
    employee_number: str
    name: str
    logins: tuple[str, ...] = ()


Opened = Callable[[UnitOfWork, Row[Any]], Mapping[str, Any]]
Erased = Callable[[UnitOfWork, DataSubject, datetime], int]


@dataclass(frozen=True, slots=True)
class Holding:
    """Rows of a table that are about somebody.

    name: an English text. rows: which of them. opened: what sealed columns say, by name. secret: columns that protect the data and say
    nothing of anybody, never handed out. keep: the kind of keep time that it goes by (server.hr.privacy); None: it names nobody once
    the person is erased, and stays. goes: which rows there are to erase, where that is not all of them: those that belong to somebody
    else's record stay, and those that were erased already have nothing left. erased: erases the content and returns how many rows lost
    some; None: the rows are deleted.
    """

    table: Table
    name: str
    rows: Callable[[DataSubject], ColumnElement[bool]]
    opened: Opened | None = None
    secret: tuple[str, ...] = ()
    keep: str | None = None
    goes: Callable[[DataSubject], ColumnElement[bool]] | None = None
    erased: Erased | None = None

    def read(self, uow: UnitOfWork, subject: DataSubject) -> Iterator[dict[str, Any]]:
        """Each row as values that JSON can hold, in the order of the key."""
        query = select(self.table).where(self.rows(subject)).order_by(*self.table.primary_key.columns)
        for row in uow.fetch_all(query):
            yield self._plain(uow, row)

    def count(self, uow: UnitOfWork, subject: DataSubject) -> int:
        """How many rows there are to erase."""
        return int(uow.scalar(select(func.count()).select_from(self.table).where(self._going(subject))))

    def erase(self, uow: UnitOfWork, subject: DataSubject, now: datetime) -> int:
        """Erase the content for good; returns of how many rows."""
        if self.erased is not None:
            return self.erased(uow, subject, now)
        return uow.execute(delete(self.table).where(self._going(subject))).rowcount

    def _going(self, subject: DataSubject) -> ColumnElement[bool]:
        return (self.goes or self.rows)(subject)

    def _plain(self, uow: UnitOfWork, row: Row[Any]) -> dict[str, Any]:
        told = dict(self.opened(uow, row)) if self.opened else {}
        values = {name: value for name, value in row._mapping.items() if name not in self.secret}  # noqa: SLF001 - SQLAlchemy's name
        return {name: _plain(value) for name, value in values.items() if not isinstance(value, bytes) or _is_json(value)} | told


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return json.loads(value)
    return value.isoformat() if isinstance(value, date) else value


def _is_json(value: bytes) -> bool:
    """Bodies are JSON; digests and sealed values are not, and say nothing as they are."""
    try:
        json.loads(value)
    except ValueError:
        return False
    return True
