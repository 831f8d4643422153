"""Workbooks as people send them."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from xlsxwriter import Workbook


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """Numbers stay numbers and days become days of the spreadsheet."""
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy/m/d"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, date | datetime):
                        sheet.write_datetime(place, column, cell, day)
                    elif isinstance(cell, int | float):
                        sheet.write_number(place, column, cell)
                    else:
                        sheet.write_string(place, column, str(cell))
    return buffer.getvalue()
