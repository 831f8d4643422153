"""The file with everything about somebody: a page in each language and a workbook for people, JSON for programs, documents as they are."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from tempfile import TemporaryFile
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

from server.hr.privacy.store import PART_BYTES
from server.storage import DataSubject, Holding, UnitOfWork
from server.web.export import workbook_of
from server.web.language import translator

Tell = Callable[..., str]
STYLE = (
    "body{font:14px sans-serif;margin:24px}table{border-collapse:collapse;margin:0 0 24px}"
    "th,td{border:1px solid #ccc;padding:4px 8px;text-align:left}"
)
MADE = "Made on {time}. The workbook data.xlsx has the same as sheets, data.json with all details; documents lie in their folder."
MOST_LETTERS = 32_767
"""That a cell of a workbook holds."""
LANGUAGES = {"zh": "中文", "en": "English"}
Found = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows by the table that they are of."""


def packed(
    uow: UnitOfWork,
    subject: DataSubject,
    holdings: Sequence[Holding],
    imports: Iterable[Mapping[str, Any]],
    files: Iterable[tuple[str, Iterator[bytes]]],
    language: str,
    zone: ZoneInfo,
    now: datetime,
) -> list[bytes]:
    """A ZIP in pieces. Every table of `holdings` is in it, also one with nothing about this person. language: of the workbook."""
    found: Found = {one.table.name: list(one.read(uow, subject)) for one in holdings} | {"imports": list(imports)}
    names = {one.table.name: one.name for one in holdings} | {"imports": "Imports"}
    about = {"employee_number": subject.employee_number, "name": subject.name, "made_at": now.isoformat()}
    with TemporaryFile() as file:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            for name, pieces in files:
                with archive.open(f"documents/{name}", "w", force_zip64=True) as entry:
                    entry.writelines(pieces)
            archive.writestr("data.json", json.dumps(about | {"tables": found}, ensure_ascii=False, indent=1, default=str))
            archive.writestr("data.xlsx", workbook_of(_sheets(names, found, translator(language)), zone))
            for one in LANGUAGES:
                archive.writestr(f"index.{one}.html", page_of(subject, names, found, one, now))
        file.seek(0)
        return list(iter(lambda: file.read(PART_BYTES), b""))


def page_of(subject: DataSubject, names: Mapping[str, str], found: Found, language: str, now: datetime) -> str:
    """All that is not nested, as tables, with a list of them on top; what is nested stands in the other files."""
    tell = translator(language)
    title = escape(tell("Everything about {name}", name=f"{subject.name} ({subject.employee_number})"))
    there = [(table, rows) for table, rows in found.items() if rows]
    nothing = [escape(tell(names[table])) for table, rows in found.items() if not rows]
    others = "".join(f'<p><a href="index.{one}.html" lang={one}>{name}</a></p>' for one, name in LANGUAGES.items() if one != language)
    listed = "".join(f'<li><a href="#{table}">{escape(tell(names[table]))}</a> ({len(rows)})</li>' for table, rows in there)
    parts = [
        f"<!doctype html><html lang={language}><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        f"<title>{title}</title><style>{STYLE}</style>{others}<h1>{title}</h1>",
        f"<p>{escape(tell(MADE, time=f'{now:%Y-%m-%d %H:%M} UTC'))}</p><ul>{listed}</ul>",
        *(_table(table, tell(names[table]), rows, tell) for table, rows in there),
        f"<h2>{escape(tell('Nothing is held here'))}</h2><p>{', '.join(nothing)}</p>" if nothing else "",
    ]
    return "\n".join(parts)


def _sheets(names: Mapping[str, str], found: Found, tell: Tell) -> Iterator[tuple[str, list[str], list[list[object]]]]:
    """A sheet for each table with something in it; what is nested is written as JSON."""
    for number, (table, rows) in enumerate(((table, rows) for table, rows in found.items() if rows), 1):
        columns = list(rows[0])
        cells = [[_in_cell(row.get(name)) for name in columns] for row in rows]
        yield f"{number} {tell(names[table])}", [label_of(name, tell) for name in columns], cells


def _in_cell(value: object) -> object:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)[:MOST_LETTERS]
    return value[:MOST_LETTERS] if isinstance(value, str) else value


def _table(table: str, title: str, rows: Sequence[Mapping[str, Any]], tell: Tell) -> str:
    columns = [name for name in rows[0] if not any(isinstance(row.get(name), dict | list) for row in rows)]
    head = "".join(f"<th>{escape(label_of(name, tell))}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(_cell(row.get(name)))}</td>" for name in columns) + "</tr>" for row in rows)
    return f'<h2 id="{table}">{escape(title)}</h2><table><tr>{head}</tr>{body}</table>'


def label_of(column: str, tell: Tell) -> str:
    """A column as people read it: its word in the catalogue, else its name with spaces."""
    key = f"column {column}"
    told = tell(key)
    return tell(column).replace("_", " ") if told == key else told


def _cell(value: object) -> str:
    return "" if value is None else str(value)
