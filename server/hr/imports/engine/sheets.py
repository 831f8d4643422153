"""Lines of a sheet: which column is where, days out of serial numbers, the same lines as CSV for whoever reads them further."""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

from server.directory.engine import Column, heading_key, read_day

Lines = Sequence[Sequence[str]]
FIRST_SERIAL, LAST_SERIAL = 18_264, 109_575
"""1950 to 2199 as a spreadsheet counts days: a number in a column of days is one, the format was lost."""
EPOCH = date(1899, 12, 30)


def places_of(lines: Lines, columns: Sequence[Column]) -> dict[str, int]:
    """Where each column stands, by its name; the first place counts."""
    known = {heading_key(word): one.name for one in columns for word in (one.name, *one.headings)}
    found: dict[str, int] = {}
    for place, heading in enumerate(lines[begin_at_heading(lines)] if lines else ()):
        name = known.get(heading_key(heading))
        if name is not None:
            found.setdefault(name, place)
    return found


def begin_at_heading(lines: Lines) -> int:
    """How many blank lines stand above the heading."""
    return next((number for number, line in enumerate(lines) if any(cell.strip() for cell in line)), 0)


def with_days(lines: Lines, columns: Sequence[Column], days: Collection[str]) -> list[list[str]]:
    """The same lines, serial numbers in columns of days written as days."""
    places = {place for name, place in places_of(lines, columns).items() if name in days}
    return [
        [day_text(cell) if number and place in places else cell for place, cell in enumerate(line)] for number, line in enumerate(lines)
    ]


def day_text(cell: str) -> str:
    """A serial number of a spreadsheet as the day that it means, and a day with a time as the day; anything else as it is."""
    word = cell.strip()
    if word.isascii() and word.isdecimal() and len(word) in {5, 6} and FIRST_SERIAL <= int(word) <= LAST_SERIAL:
        return (EPOCH + timedelta(days=int(word))).isoformat()
    day, _, rest = word.partition(" ")
    return day if rest and ":" in rest and read_day(day) else cell


def to_csv(lines: Lines) -> bytes:
    """As the reading of sheets takes it; row numbers stay."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(lines)
    return buffer.getvalue().encode()


def only_columns(lines: Lines, columns: Sequence[Column]) -> list[list[str]]:
    """The same lines with these columns alone."""
    places = sorted(places_of(lines, columns).values())
    return [[line[place] if place < len(line) else "" for place in places] for line in lines]


def without_rows(lines: Lines, rows: Collection[int]) -> list[Sequence[str]]:
    """The same lines, these rows (as a spreadsheet counts, the heading is 1) blank."""
    return [() if number in rows else line for number, line in enumerate(lines, 1)]


def with_cells(lines: Lines, cells: Mapping[tuple[int, int], str]) -> list[list[str]]:
    """The same lines, some cells (row as a spreadsheet counts, place from 0) written otherwise."""
    return [[cells.get((number, place), cell) for place, cell in enumerate(line)] for number, line in enumerate(lines, 1)]


def lost_zeros(numbers: Iterable[tuple[int, str]], known: Iterable[str]) -> dict[int, str]:
    """Rows whose number a spreadsheet may have robbed of its zeros, with the number that is known: 7 where 0007 is there.

    numbers: (row, number) of cells that hold a bare number.
    """
    listed = set(known)
    longer = {one.lstrip("0"): one for one in listed if one.startswith("0") and one.strip("0")}
    return {row: longer[number] for row, number in numbers if number in longer and number not in listed}
