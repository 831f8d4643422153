"""A workbook or a CSV file as sheets of texts, within limits that nothing a file claims can pass.

A workbook is a zip of XML: its sizes are looked at before anything is unpacked, and the places that its cells claim before anything is
laid out, because one cell at XFD1048576 would take 17 thousand million places.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from server.directory.engine import table_lines
from server.errors import InvalidInputError
from server.hr.imports.model import Table

MOST_MB = 10
MOST_UNPACKED = 200 * 1024 * 1024
MOST_ENTRIES = 2_000
MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 20_001, 400, 30
"""20,000 people below a heading; a year of days beside a person."""
MOST_CELL = 2_000
MOST_DIGITS = 10**15
"""From here on a spreadsheet has lost digits: it keeps fifteen."""
_PLACE = re.compile(rb'<c [^>]*?r="([A-Z]{1,7})(\d{1,9})"')
_ROW = re.compile(rb'<row [^>]*?r="(\d{1,9})"')
BLOCK, OVERLAP = 1024 * 1024, 256


def read_tables(data: bytes, name: str) -> list[Table]:
    """The sheets of a file that have something in them. Raises InvalidInputError, which says what to do."""
    if not data:
        raise InvalidInputError(field="file", reason="choose a file with something in it")
    if len(data) > MOST_MB * 1024 * 1024:
        raise InvalidInputError(field="file", reason="the file is larger than {most} MB: split it", most=MOST_MB)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InvalidInputError(
            field="file", reason="this is a workbook of the old kind or one with a password: save it as .xlsx without one"
        )
    if data.startswith(b"PK\x03\x04"):
        return _workbook(data)
    try:
        lines = table_lines(data)
    except (ValueError, csv.Error):
        raise InvalidInputError(field="file", reason="this is neither a workbook (.xlsx) nor a CSV file") from None
    return [_table(name.rsplit(".", 1)[0][:31] or "CSV", lines)]


def _workbook(data: bytes) -> list[Table]:
    from python_calamine import CalamineError, load_workbook

    _check_sizes(data)
    try:
        book = load_workbook(io.BytesIO(data))
        names = list(book.sheet_names)
        if len(names) > MOST_SHEETS:
            raise InvalidInputError(field="file", reason="the workbook has more than {most} sheets: split it", most=MOST_SHEETS)
        sheets = [_cells(name, book.get_sheet_by_name(name)) for name in names]
    except (CalamineError, ValueError, OSError) as error:
        raise InvalidInputError(field="file", reason="the workbook is damaged: open it, save it again as .xlsx") from error
    return [_table(name, rows, merged) for name, rows, merged in sheets if any(cell not in {"", None} for row in rows for cell in row)]


def _cells(name: str, sheet: Any) -> tuple[str, Sequence[Sequence[object]], tuple[tuple[int, int], ...]]:
    ranges = sheet.merged_cell_ranges or ()
    return name, sheet.to_python(skip_empty_area=False), tuple(sorted(first for first, _ in ranges))


def _check_sizes(data: bytes) -> None:
    """Raises InvalidInputError for what would not fit."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES or sum(one.file_size for one in entries) > MOST_UNPACKED:
                raise InvalidInputError(field="file", reason="unpacked, this workbook is far too large: copy its table into a new one")
            for one in entries:
                if one.filename.startswith("xl/worksheets/") and one.filename.endswith(".xml"):
                    _check_places(archive, one)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as error:
        raise InvalidInputError(field="file", reason="the workbook is damaged: open it, save it again as .xlsx") from error


def _check_places(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    read, tail, known = 0, b"", set[bytes]()
    with archive.open(entry) as file:
        while block := file.read(BLOCK):
            read += len(block)
            if read > MOST_UNPACKED:
                raise InvalidInputError(field="file", reason="unpacked, this workbook is far too large: copy its table into a new one")
            text = tail + block
            known |= {found[1] for found in _PLACE.finditer(text)}
            rows = max((int(found[1]) for found in _ROW.finditer(text)), default=0)
            rows = max(rows, max((int(found[2]) for found in _PLACE.finditer(text)), default=0))
            if rows > MOST_ROWS:
                told = "a sheet has more than {most} rows: split it, or delete the empty rows below the table"
                raise InvalidInputError(field="file", reason=told, most=MOST_ROWS - 1)
            tail = text[-OVERLAP:]
    if any(_column(letters) > MOST_COLUMNS for letters in known):
        told = "a sheet has more than {most} columns: delete the empty ones beside the table"
        raise InvalidInputError(field="file", reason=told, most=MOST_COLUMNS)


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place


def _table(name: str, rows: Sequence[Sequence[object]], merged: tuple[tuple[int, int], ...] = ()) -> Table:
    if len(rows) > MOST_ROWS:
        told = "a sheet has more than {most} rows: split it, or delete the empty rows below the table"
        raise InvalidInputError(field="file", reason=told, most=MOST_ROWS - 1)
    lines = tuple(tuple(map(as_text, row)) for row in rows)
    numeric = frozenset(_numbers(rows))
    return Table(name, lines, numeric, merged)


def _numbers(rows: Sequence[Sequence[object]]) -> Iterator[tuple[int, int]]:
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                yield place, column


def as_text(cell: object) -> str:
    """A cell as somebody would write it: 1001.0 is 1001, a date 2026-01-05; letters and digits of full width become plain ones.

    A number of more than 15 digits comes as 1.1E+17, which the reading of sheets names as lost.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat("seconds")
    if isinstance(cell, timedelta):
        return str(cell)
    text = str(cell)[: MOST_CELL + 1]
    plain = unicodedata.normalize("NFKC", text) if not text.isascii() else text
    return plain if plain.isascii() else text


def _number(cell: float) -> str:
    if abs(cell) >= MOST_DIGITS:
        return f"{cell:.5E}"
    if float(cell).is_integer():
        return str(int(cell))
    return f"{cell:.10f}".rstrip("0")
