"""Rows that are taken in one by one, each by an action that may refuse it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from server.directory import actions as directory
from server.directory.actions.imports import Column, SheetRow, Work, read_day
from server.directory.model import Person
from server.errors import ServerError
from server.hr.imports.engine.sheets import Lines, to_csv
from server.storage import UnitOfWork

T = TypeVar("T")


class Rows:
    """A sheet about people who are here. Every finding names the cell; what a row does is undone with it."""

    def __init__(self, uow: UnitOfWork, lines: Lines, columns: Sequence[Column]) -> None:
        self.uow, self.work = uow, Work(to_csv(lines), columns)
        self._known = directory.people_by_number(uow)

    def people(self, *needed: str) -> Iterator[tuple[SheetRow, Person]]:
        """Rows whose person is here and that have what is needed."""
        for row in self.work.lines("employee_number", *needed):
            who = self._known.get(row.cells["employee_number"])
            if who is None:
                remedy = "write the number of somebody who is here or in the sheet of staff"
                self.work.find(
                    row, "employee_number", "there is nobody with the employee number {cell}", remedy, cell=row.cells["employee_number"]
                )
            else:
                yield row, who

    def day(self, row: SheetRow, column: str) -> date | None:
        """The day in a cell; None for an empty one, and for none with a finding."""
        word = row.get(column)
        found = read_day(word) if word else None
        if word and found is None:
            self.work.find(row, column, "{cell} is no date", "write it as 2026-11-23", cell=word)
        return found

    def one_of(self, row: SheetRow, column: str, words: Mapping[str, T]) -> T | None:
        """What a word means; None for an empty cell, and for an unknown word with a finding."""
        word = row.get(column)
        found = words.get(word.casefold()) if word else None
        if word and found is None:
            listed = ", ".join(dict.fromkeys(words))
            self.work.find(row, column, "{cell} is none of those that there are", "write one of: {words}", cell=word, words=listed)
        return found

    def number(self, row: SheetRow, column: str) -> Decimal | None:
        """A number, with a point or without."""
        word = (row.get(column) or "").replace(",", "")
        if not word:
            return None
        try:
            found = Decimal(word)
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            self.work.find(row, column, "{cell} is no number", "write it as 12 or 12.5", cell=word)
            return None
        return found

    def attempt(self, row: SheetRow, column: str, do: Callable[[], object]) -> bool:
        """Do something; a refusal becomes a finding of the column that it names, or of this one, and nothing is left of it."""
        with self.uow.connection.begin_nested() as inner:
            try:
                do()
            except ServerError as error:
                inner.rollback()
                facts = dict(error.facts)
                named = str(facts.pop("field", column))
                remedy = "correct it here, or change what is there first"
                self.work.find(row, named if self.work.has(named) else column, str(facts.pop("reason", error.message)), remedy, **facts)
                return False
        return True
