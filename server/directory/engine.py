"""A table that people made in a spreadsheet: decoded, its columns found by English or Chinese names, its cells cleaned. Pure."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.directory.model import ImportFinding

DELIMITERS = (",", "\t", ";")
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a file may have, and the headings it is known by, the first one English and the second Chinese."""

    name: str
    headings: tuple[str, ...]
    needed: bool = False


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number as a spreadsheet counts, and its cells by column; a column that the file lacks is not in it."""

    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str | None:
        return self.cells.get(column)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows that are not blank, and what is wrong with the table as a whole."""

    rows: Sequence[SheetRow]
    findings: tuple[ImportFinding, ...]


def read_sheet(data: bytes, columns: Sequence[Column]) -> Sheet:
    """Read a CSV file: UTF-8 with or without mark, or GB18030; comma, tab or semicolon."""
    try:
        text = _decoded(data)
    except UnicodeDecodeError:
        return Sheet((), (ImportFinding(1, "", "the file is no text", "save it as CSV (UTF-8)"),))
    lines = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text)))
    if not lines or not any(cell.strip() for cell in lines[0]):
        return Sheet((), (ImportFinding(1, "", "the file is empty", "put the names of the columns into its first row"),))
    places, findings = _places(lines[0], columns)
    if findings:
        return Sheet((), tuple(findings))
    rows = [
        SheetRow(number, {name: clean(line[place]) if place < len(line) else "" for name, place in places.items()})
        for number, line in enumerate(lines[1:], 2)
        if any(cell.strip() for cell in line)
    ]
    if len(rows) > MOST_ROWS:
        return Sheet((), (ImportFinding(1, "", "the file has more than 20,000 rows", "split it"),))
    return Sheet(rows, ())


def clean(cell: str) -> str:
    """A cell without what spreadsheets put around a number to keep its zeros: `="0012"`, `'0012`."""
    cell = cell.strip().strip("\u3000").replace("\u00a0", " ")
    if cell.startswith('="') and cell.endswith('"'):
        cell = cell[2:-1]
    return cell.removeprefix("'").strip()


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    if "\0" in text:
        raise UnicodeDecodeError("utf-8", data[:1], 0, 1, "a NUL")
    return text


def _delimiter(text: str) -> str:
    heading = text.partition("\n")[0]
    return max(DELIMITERS, key=heading.count)


def _places(heading: Sequence[str], columns: Sequence[Column]) -> tuple[dict[str, int], list[ImportFinding]]:
    known = {_folded(word): column for column in columns for word in (column.name, *column.headings)}
    places: dict[str, int] = {}
    findings = []
    for place, word in enumerate(heading):
        column = known.get(_folded(word))
        if column is None:
            if word.strip():
                wanted = ", ".join(one.headings[0] for one in columns)
                findings.append(ImportFinding(1, word.strip(), "no such column is known", f"leave it out, or name it one of: {wanted}"))
        elif column.name in places:
            findings.append(ImportFinding(1, word.strip(), "this column is there twice", "leave one of them out"))
        else:
            places[column.name] = place
    missing = [column for column in columns if column.needed and column.name not in places]
    findings += [ImportFinding(1, column.headings[0], "this column is missing", "add it") for column in missing]
    return places, findings


def _folded(word: str) -> str:
    return clean(word).casefold().replace("_", " ").replace("*", "").strip()
