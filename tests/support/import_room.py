"""The import room with a runner beside it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from server.access.model import Permission
from server.directory import actions as directory
from server.hr.imports import actions as imports, jobs
from server.hr.imports.model import Import, ImportState, Outcome
from server.storage import Database
from tests.support.company import TESTER
from tests.support.jobs import do_all
from tests.support.workbooks import workbook

EVERYTHING = frozenset(str(one) for one in Permission)


class Room:
    """Files are handed in, looked at and stored as by hand."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def receive(self, sheets, *, permissions=EVERYTHING, kind="", name="人员.xlsx") -> int:
        """Hand a workbook in, as rows by sheet or as bytes; it is looked at when this returns."""
        data = sheets if isinstance(sheets, bytes) else workbook(sheets)
        with self.database.writing() as uow:
            key = imports.receive(uow, name, data, kind, permissions, TESTER, datetime.now(UTC))
        self.work()
        return key

    def work(self) -> None:
        do_all(self.database, jobs.kinds(self.database, imports.nothing_enrolled))

    def ask_to_store(self, key: int) -> None:
        with self.database.writing() as uow:
            imports.ask_to_store(uow, key, TESTER, datetime.now(UTC))

    def store(self, key: int) -> None:
        self.ask_to_store(key)
        self.work()

    def see(self, key: int) -> tuple[Import, Outcome]:
        with self.database.reading() as uow:
            outcome = imports.outcome_of(uow, key)
            assert outcome is not None
            return imports.find_import(uow, key), outcome

    def look(self, sheets, **more) -> Outcome:
        """What a file comes to."""
        return self.see(self.receive(sheets, **more))[1]

    def take(self, sheets, **more) -> int:
        """Look and store; fails where there is something to find."""
        key = self.receive(sheets, **more)
        assert said(self.see(key)[1]) == []
        self.store(key)
        assert self.see(key)[0].state is ImportState.STORED
        return key

    def undo(self, key: int) -> None:
        with self.database.writing() as uow:
            imports.undo(uow, key, "wrong file", TESTER, datetime.now(UTC))

    def people(self):
        with self.database.reading() as uow:
            return directory.people_by_number(uow)


def said(outcome: Outcome) -> Sequence[str]:
    """Findings as the command line says them."""
    return [f"{sheet.sheet}: {one}" for sheet in outcome.sheets for one in sheet.findings]
