"""Tables as files: CSV for programs, XLSX for people. The ending of the address says which.

A CSV cell that begins with = + - or @ would be run by Excel, so it gets an apostrophe; in a workbook a text is never a formula. There
numbers are numbers, and dates are dates on the clock of the company.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from server.web.asking import shell_of

RISKY = ("=", "+", "-", "@", "\t", "\r")
LINES_AT_ONCE = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_575
"""That a sheet has below its heading."""
NARROWEST, WIDEST = 8, 48
"""Columns, in characters."""
NO_WORDS_OF_SHEETS = str.maketrans("", "", "[]:*?/\\'")
LONGEST_SHEET_NAME = 31


def table_answer(request: Request, name: str, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A table as a download of the kind that the address asks for. name: of the file, in the reader's language, without an ending."""
    if request.url.path.endswith(".xlsx"):
        return xlsx_answer(name, heading, rows, shell_of(request).zone)
    return csv_answer(name, heading, rows)


def csv_answer(name: str, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingResponse:
    """Stream rows as a download; a byte-order mark lets Excel see that it is UTF-8. A wrong question is refused before it begins."""
    return StreamingResponse(_begun(_lines(heading, rows)), media_type="text/csv; charset=utf-8", headers=attachment(f"{name}.csv"))


def xlsx_answer(name: str, heading: Sequence[str], rows: Iterable[Sequence[object]], zone: ZoneInfo) -> Response:
    """One sheet with a heading that stays in sight and can be filtered by. zone: whose clock instants are written in."""
    return Response(workbook(name, heading, rows, zone), media_type=XLSX, headers=attachment(f"{name}.xlsx"))


def workbook(name: str, heading: Sequence[str], rows: Iterable[Sequence[object]], zone: ZoneInfo) -> bytes:
    """The bytes of the file. Numbers, dates and instants keep their kind; everything else is text."""
    return workbook_of([(name, heading, rows)], zone)


def workbook_of(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[object]]]], zone: ZoneInfo) -> bytes:
    """The bytes of a file of several sheets: (name, heading, rows). Names must differ in their first letters."""
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(buffer, options) as book:
        head, day, instant = (
            book.add_format(look)
            for look in ({"bold": True, "bottom": 1}, {"num_format": "yyyy-mm-dd"}, {"num_format": "yyyy-mm-dd hh:mm:ss"})
        )
        for name, heading, rows in sheets:
            sheet = book.add_worksheet(name.translate(NO_WORDS_OF_SHEETS)[:LONGEST_SHEET_NAME] or None)
            sheet.write_row(0, 0, heading, head)
            widths, last = [len(text) for text in heading], 0
            for last, row in zip(range(1, MOST_ROWS + 1), rows, strict=False):
                for place, cell in enumerate(row):
                    _write(sheet, last, place, cell, zone, day, instant)
                    widths[place] = max(widths[place], len(str(cell)))
            sheet.freeze_panes(1, 1)
            sheet.autofilter(0, 0, last, len(heading) - 1)
            for place, width in enumerate(widths):
                sheet.set_column(place, place, min(WIDEST, max(NARROWEST, width * 1.2 + 2)))
    return buffer.getvalue()


def _write(sheet: Any, row: int, place: int, cell: object, zone: ZoneInfo, day: Any, instant: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, datetime):
        sheet.write_datetime(row, place, (cell.astimezone(zone) if cell.tzinfo else cell).replace(tzinfo=None), instant)
    elif isinstance(cell, date):
        sheet.write_datetime(row, place, cell, day)
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        sheet.write_number(row, place, cell)
    else:
        sheet.write_string(row, place, str(cell))


def attachment(file: str) -> dict[str, str]:
    """Every browser of this decade reads the second form, which can be Chinese; the first is for those that do not."""
    plain = file.encode("ascii", "ignore").decode().replace('"', "") or "export"
    return {"content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file, safe='')}"}


def _begun(pieces: Iterator[str]) -> Iterator[str]:
    """The same pieces, the first of them worked out now: behind the head of an answer no refusal can be told any more."""
    return chain([next(pieces)], pieces)


def _lines(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(heading)
    for number, row in enumerate(rows, 1):
        writer.writerow([_harmless(cell) for cell in row])
        if number % LINES_AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _harmless(cell: object) -> object:
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(RISKY) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
