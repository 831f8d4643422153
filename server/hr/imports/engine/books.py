"""Workbooks that the import room hands out: templates to fill in, and a file with its wrong cells marked. Pure."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.directory.engine import Column, clean
from server.hr.imports.model import SheetOutcome, Table

Say = Callable[..., str]
ROWS_FORMATTED = 20_000
LONGEST_NAME = 31
NO_WORDS_OF_SHEETS = str.maketrans("", "", "[]:*?/\\'")
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True, slots=True)
class TemplateSheet:
    """A sheet of a template. headings: in the reader's language, as long as the columns. sample: one filled row."""

    title: str
    columns: Sequence[Column]
    headings: Sequence[str]
    days: frozenset[str]
    sample: Sequence[str]
    note: str = ""


def template(sheets: Sequence[TemplateSheet], say: Say) -> bytes:
    """Empty sheets with their headings, and a first one that explains every column. What is a number for people is formatted as text."""
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    with Workbook(buffer, OPTIONS) as book:
        head, needed = book.add_format({"bold": True, "bottom": 1}), book.add_format({"bold": True, "bottom": 1, "bg_color": "#FFE8B3"})
        text, day, wrap = (
            book.add_format({"num_format": "@"}),
            book.add_format({"num_format": "yyyy-mm-dd"}),
            book.add_format({"text_wrap": True}),
        )
        guide = book.add_worksheet(say("Guide"))
        guide.write_row(0, 0, [say(word) for word in ("Sheet", "Column", "Needed", "Sample")], head)
        guide.set_column(0, 3, 26, wrap)
        guide.freeze_panes(1, 0)
        at = 1
        for one in sheets:
            sheet = book.add_worksheet(sheet_name(one.title))
            for place, (column, heading) in enumerate(zip(one.columns, one.headings, strict=True)):
                sheet.set_column(place, place, 16, day if column.name in one.days else text)
                sheet.write_string(0, place, heading, needed if column.needed else head)
                sample = one.sample[place] if place < len(one.sample) else ""
                guide.write_row(at, 0, [one.title, heading, say("needed") if column.needed else "", sample])
                at += 1
            if one.note:
                guide.write_row(at, 0, [one.title, "", "", one.note])
                at += 1
            sheet.freeze_panes(1, 0)
    return buffer.getvalue()


def marked(tables: Iterable[Table], outcomes: Mapping[str, SheetOutcome], say: Say) -> bytes:
    """The file as it was read, each wrong cell coloured and with a note of what is wrong; a last sheet lists all findings."""
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    with Workbook(buffer, OPTIONS) as book:
        wrong, head = book.add_format({"bg_color": "#F8C9BD", "border": 1}), book.add_format({"bold": True, "bottom": 1})
        listed: list[tuple[object, ...]] = []
        for table in tables:
            outcome = outcomes.get(table.name)
            sheet = book.add_worksheet(sheet_name(table.name))
            told: dict[tuple[int, int], list[str]] = {}
            for one in outcome.findings if outcome else ():
                problem, remedy = say(one.problem, **one.facts), say(one.remedy, **one.facts)
                told.setdefault((one.row - 1, place_of(table, one.column)), []).append(f"{problem}: {remedy}")
                listed.append((table.name, one.row, one.column, problem, remedy))
            _fill(sheet, table, told, wrong)
        summary = book.add_worksheet(sheet_name(say("Findings")))
        summary.write_row(0, 0, [say(word) for word in ("Sheet", "Row number", "Column", "What is wrong", "What to do")], head)
        for number, row in enumerate(listed, 1):
            summary.write_row(number, 0, row)
        summary.set_column(0, 2, 14)
        summary.set_column(3, 4, 60)
    return buffer.getvalue()


def place_of(table: Table, column: str) -> int:
    """Where the column of a finding stands: by its heading, else by its letters; the first for none."""
    heading = next((line for line in table.lines if any(cell.strip() for cell in line)), ())
    for place, word in enumerate(heading):
        if clean(word) == column:
            return place
    if column.isascii() and column.isalpha() and column.isupper() and len(column) <= 2:
        place = 0
        for letter in column:
            place = place * 26 + ord(letter) - 64
        return place - 1
    return 0


def sheet_name(name: str) -> str:
    """A name that a spreadsheet takes."""
    return name.translate(NO_WORDS_OF_SHEETS)[:LONGEST_NAME] or "Sheet"


def _fill(sheet: Any, table: Table, told: Mapping[tuple[int, int], Sequence[str]], wrong: Any) -> None:
    for row, line in enumerate(table.lines):
        for place, cell in enumerate(line):
            look = wrong if (row, place) in told else None
            if (row, place) in table.numeric and look is None and len(cell) < 16 and "E" not in cell:
                sheet.write_number(row, place, float(cell))
            elif cell or look:
                sheet.write_string(row, place, cell, look)
    for (row, place), texts in told.items():
        if row >= len(table.lines) or place >= len(table.lines[row]):
            sheet.write_blank(row, place, None, wrong)
        sheet.write_comment(row, place, "\n".join(texts)[:2000], {"x_scale": 2})
    sheet.freeze_panes(1, 0)
