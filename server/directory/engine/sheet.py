"""A table that people made in a spreadsheet: decoded, its columns found by English or Chinese names, its cells cleaned. Pure.

No cell is passed over in silence: one that stands under no known heading, or that the spreadsheet itself damaged, becomes a finding.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from string import ascii_uppercase

from server.directory.model import ImportFinding

DELIMITERS = (",", "\t", ";")
MOST_ROWS = 20_000
"""More than any company of ours has people; a file beyond it is the wrong file."""

# every space there is, and what chats and web pages leave around copied text: zero-width signs, marks of direction, byte-order marks
_AROUND = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_SHORTENED = re.compile(r"-?\d([.,]\d+)?E\+\d+", re.ASCII)
_FAILED = re.compile(r"#(N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|#+)", re.ASCII)
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SEPARATOR = re.compile(r"\"?sep=([,;\t|])\"?(?:\r\n?|\n)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a file may have, and the headings it is known by beside its name, the first one English and the second Chinese.

    most: characters that a cell of it may have.
    """

    name: str
    headings: tuple[str, ...]
    needed: bool = False
    most: int = 64

    @property
    def label(self) -> str:
        """How it is called where nobody wrote its heading."""
        return " / ".join(self.headings[:2])


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number as a spreadsheet counts, and its cells by column; a column that the file lacks is not in it."""

    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str | None:
        return self.cells.get(column)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows that are not blank, what is wrong with the table as such, and each column's heading as it is written."""

    rows: Sequence[SheetRow] = ()
    findings: Sequence[ImportFinding] = ()
    headings: Mapping[str, str] = field(default_factory=dict)


def read_sheet(data: bytes, columns: Sequence[Column]) -> Sheet:
    """Read a CSV file: UTF-8 with or without mark, UTF-16 with one, or GB18030; comma, tab or semicolon."""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _unread("this is a workbook, not a CSV file", "open it in the spreadsheet and save it as CSV (UTF-8)")
    try:
        text = _decoded(data)
    except UnicodeDecodeError:
        return _unread("the file is no text", "save it as CSV (UTF-8)")
    try:
        lines = list(islice(_lines(text), MOST_ROWS + 2))
    except csv.Error:
        return _unread("the file cannot be read as CSV", "save it as CSV (UTF-8) again; a quotation mark may be left open")
    if not lines:
        return _unread("the file is empty", "put the names of the columns into its first row")
    if len(lines) > MOST_ROWS + 1:
        return _unread("the file has more than {most} rows", "split it", most=MOST_ROWS)
    return _sheet(lines, columns)


def table_lines(data: bytes) -> list[list[str]]:
    """All lines of a CSV file up to the most that there may be and one more, blank ones empty. Raises ValueError, csv.Error."""
    lines: list[list[str]] = []
    for number, line in islice(_lines(_decoded(data)), MOST_ROWS + 2):
        lines += [[]] * (number - 1 - len(lines))
        lines.append(line)
    return lines


def clean(cell: str) -> str:
    """A cell without what spreadsheets put around a number to keep its zeros: `="0012"`, `'0012`."""
    if cell.isalnum():
        return cell  # most are so, and nothing stands around them
    cell = cell.strip(_AROUND)
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2:
        cell = cell[2:-1]
    return cell.removeprefix("'").strip(_AROUND)


def _unread(problem: str, remedy: str, **facts: object) -> Sheet:
    return Sheet(findings=(ImportFinding(1, "", problem, remedy, facts),))


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    if "\0" in text:
        raise UnicodeDecodeError("utf-8", data[:1], 0, 1, "a NUL")
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that are not blank, with their numbers; the first one is the heading."""
    told = _SEPARATOR.match(text)  # Excel's own first line, which it does not count as a row
    if told:
        text = text[told.end() :]
    heading = text.lstrip("\r\n").partition("\n")[0].partition("\r")[0]
    delimiter = told.group(1) if told else max(DELIMITERS, key=heading.count)
    for number, line in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
        if any(map(clean, line)):
            yield number, line


def _sheet(lines: Sequence[tuple[int, list[str]]], columns: Sequence[Column]) -> Sheet:
    number, heading = lines[0]
    places, findings = _places(number, heading, columns)
    headings = {columns[which].name: clean(heading[place]) for place, which in places.items()}
    if findings:
        return Sheet(findings=tuple(findings), headings=headings)
    rows = []
    for number, line in lines[1:]:
        cells = {columns[which].name: clean(line[place]) if place < len(line) else "" for place, which in places.items()}
        rows.append(SheetRow(number, cells))
        for place, cell in enumerate(line):
            if place in places:
                findings += _damage(number, headings[columns[places[place]].name], clean(cell), columns[places[place]].most)
            elif clean(cell):
                findings.append(
                    ImportFinding(number, _letter(place), "no heading stands above this cell", "empty it, or write the heading")
                )
    return Sheet(tuple(rows), tuple(findings), headings)


def _places(number: int, heading: Sequence[str], columns: Sequence[Column]) -> tuple[dict[int, int], list[ImportFinding]]:
    """Place in the line to place in `columns`."""
    known = {heading_key(word): which for which, column in enumerate(columns) for word in (column.name, *column.headings)}
    places: dict[int, int] = {}
    findings = []
    for place, written in enumerate(heading):
        word = clean(written)
        which = known.get(heading_key(word))
        if not word:
            continue
        if which is None:
            wanted = ", ".join(one.label for one in columns)
            remedy = "leave the column out, or name it one of: {wanted}"
            findings.append(ImportFinding(number, word, "no such column is known", remedy, {"wanted": wanted}))
        elif which in places.values():
            findings.append(ImportFinding(number, word, "this column is there twice", "leave one of them out"))
        else:
            places[place] = which
    missing = [column for which, column in enumerate(columns) if column.needed and which not in places.values()]
    findings += [ImportFinding(number, column.label, "this column is missing", "add it") for column in missing]
    return places, findings


def _damage(number: int, heading: str, cell: str, most: int) -> Iterator[ImportFinding]:
    if _SHORTENED.fullmatch(cell):
        remedy = "give the column the format Text in the spreadsheet and write the number again"
        yield ImportFinding(number, heading, "the spreadsheet has shortened this number to {cell}", remedy, {"cell": cell})
    elif _FAILED.fullmatch(cell):
        yield ImportFinding(number, heading, "the spreadsheet could not work this cell out: {cell}", "write its value", {"cell": cell})
    elif _UNSHOWN.search(cell):
        yield ImportFinding(number, heading, "there is a line break or a sign that cannot be shown in this cell", "write it on one line")
    elif "\ufffd" in cell:
        yield ImportFinding(number, heading, "a letter of this cell was lost when the file was saved", "save the file as CSV (UTF-8)")
    elif len(cell) > most:
        yield ImportFinding(number, heading, "it is longer than {most} characters", "write a shorter one", {"most": most})


def heading_key(word: str) -> str:
    """A heading as it is compared: without case, width, underscores and the star of what is needed."""
    return unicodedata.normalize("NFKC", clean(word)).casefold().replace("_", " ").replace("*", "").strip()


def _letter(place: int) -> str:
    """What a spreadsheet calls the column at this place: A, B, … Z, AA, …"""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = ascii_uppercase[rest] + letters
    return letters
