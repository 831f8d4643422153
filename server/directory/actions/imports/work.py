"""What every import does: rows that can be worked with, findings, changes, and the row of the trail."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from server.audit.actions import record
from server.audit.model import Actor
from server.directory.engine import Column, SheetRow, read_sheet
from server.directory.model import ImportChange, ImportFinding, ImportReport
from server.storage import UnitOfWork


class Work:
    """One file on its way in: everything is worked out before anything is written."""

    def __init__(self, data: bytes, columns: Sequence[Column]) -> None:
        self._file = sha256(data).hexdigest()
        self._sheet = read_sheet(data, columns)
        self._headings = {column.name: column.label for column in columns} | dict(self._sheet.headings)
        self.findings: list[ImportFinding] = list(self._sheet.findings)
        self._damaged = {(one.row, one.column) for one in self._sheet.findings}
        self.changes: list[ImportChange] = []
        self.unchanged = 0

    def rows(self, key: str, *needed: str) -> Iterator[SheetRow]:
        """Rows that have what is needed, each key once; the others become findings."""
        seen: dict[str, int] = {}
        for row in self.lines(key, *needed):
            if row.cells[key] in seen:
                self.find(row, key, "the same is in row {other}", "delete one of the rows", other=seen[row.cells[key]])
                continue
            seen[row.cells[key]] = row.number
            yield row

    def lines(self, *needed: str) -> Iterator[SheetRow]:
        """Rows that have what is needed, however many are about the same; the others become findings."""
        for row in self._sheet.rows:
            empty = [name for name in needed if not row.get(name)]
            for name in empty:
                self.find(row, name, "this cell is empty", "fill it in, or delete the row")
            if not empty:
                yield row

    def has(self, column: str) -> bool:
        """Whether there is a column of this name."""
        return column in self._headings

    def find(self, row: SheetRow, column: str, problem: str, remedy: str, **facts: object) -> None:
        """Something is wrong with a cell; `column` is the column's name, the finding has its heading.

        Of a cell that the spreadsheet damaged nothing more is said: what it means is not known.
        """
        if (row.number, self._headings[column]) not in self._damaged:
            self.findings.append(ImportFinding(row.number, self._headings[column], problem, remedy, facts))

    def find_in_sheet(self, problem: str, remedy: str, **facts: object) -> None:
        """Something is wrong with the sheet as such."""
        self.findings.append(ImportFinding(1, "", problem, remedy, facts))

    def note(self, row: SheetRow, key: str, before: Mapping[str, object] | None, after: Mapping[str, object]) -> None:
        """What a row comes to. before: None for something new; nothing in `after` means that it is there already."""
        if before is None or after:
            self.changes.append(ImportChange(row.number, key, before, after))
        else:
            self.unchanged += 1

    def may_store(self, *, dry_run: bool) -> bool:
        return not self.findings and not dry_run

    def report(self, entry: int | None = None) -> ImportReport:
        """entry: the row of the trail, when it was stored."""
        new = sum(one.before is None for one in self.changes)
        findings = tuple(sorted(self.findings, key=lambda one: one.row))
        changes = tuple(self.changes)
        return ImportReport(new, len(changes) - new, self.unchanged, findings, changes, stored=entry is not None, entry=entry)

    def record(self, uow: UnitOfWork, action: str, kind: str, by: Actor, now: datetime, people: Iterable[int] = ()) -> int:
        """One row of the trail for the file: which file it was, how many, and of each row what was before and is after."""
        report = self.report()
        counts = {"new": report.new, "changed": report.changed, "unchanged": report.unchanged}
        before = {one.key: one.before for one in self.changes if one.before}
        after = {"sha256": self._file, **counts, "rows": {one.key: one.after for one in self.changes}}
        return record(uow, by, action, "import", kind, at=now, before=before or None, after=after, people=people)
