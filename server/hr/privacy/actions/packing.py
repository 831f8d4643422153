"""The file with everything about somebody: a page for people, JSON for programs, and the documents as they are."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from tempfile import TemporaryFile
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from server.hr.privacy.store import PART_BYTES
from server.storage import DataSubject, Holding, UnitOfWork

Tell = Callable[..., str]
STYLE = (
    "body{font:14px sans-serif;margin:24px}table{border-collapse:collapse;margin:0 0 24px}"
    "th,td{border:1px solid #ccc;padding:4px 8px;text-align:left}"
)
MADE = "Made on {time}. The file data.json has the same with all details; documents lie in their folder."


def packed(
    uow: UnitOfWork,
    subject: DataSubject,
    holdings: Sequence[Holding],
    files: Iterable[tuple[str, Iterator[bytes]]],
    tell: Tell,
    now: datetime,
) -> list[bytes]:
    """A ZIP in pieces. Every table of `holdings` is in it, also one with nothing about this person."""
    found = {one.table.name: list(one.read(uow, subject)) for one in holdings}
    names = {one.table.name: one.name for one in holdings}
    about = {"employee_number": subject.employee_number, "name": subject.name, "made_at": now.isoformat()}
    with TemporaryFile() as file:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            for name, pieces in files:
                with archive.open(f"documents/{name}", "w", force_zip64=True) as entry:
                    entry.writelines(pieces)
            archive.writestr("data.json", json.dumps(about | {"tables": found}, ensure_ascii=False, indent=1, default=str))
            archive.writestr("index.html", page_of(subject, names, found, tell, now))
        file.seek(0)
        return list(iter(lambda: file.read(PART_BYTES), b""))


def page_of(
    subject: DataSubject, names: Mapping[str, str], found: Mapping[str, Sequence[Mapping[str, Any]]], tell: Tell, now: datetime
) -> str:
    """All that is not nested, as tables; what is nested stands in the JSON file."""
    title = escape(tell("Everything about {name}", name=f"{subject.name} ({subject.employee_number})"))
    nothing = [escape(tell(names[table])) for table, rows in found.items() if not rows]
    parts = [
        f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{STYLE}</style><h1>{title}</h1>",
        f"<p>{escape(tell(MADE, time=f'{now:%Y-%m-%d %H:%M} UTC'))}</p>",
        *(_table(tell(names[table]), rows, tell) for table, rows in found.items() if rows),
        f"<h2>{escape(tell('Nothing is held here'))}</h2><p>{', '.join(nothing)}</p>" if nothing else "",
    ]
    return "\n".join(parts)


def _table(title: str, rows: Sequence[Mapping[str, Any]], tell: Tell) -> str:
    columns = [name for name in rows[0] if not any(isinstance(row.get(name), dict | list) for row in rows)]
    head = "".join(f"<th>{escape(label_of(name, tell))}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(_cell(row.get(name)))}</td>" for name in columns) + "</tr>" for row in rows)
    return f"<h2>{escape(title)}</h2><table><tr>{head}</tr>{body}</table>"


def label_of(column: str, tell: Tell) -> str:
    """A column as people read it: its word in the catalogue, else its name with spaces."""
    key = f"column {column}"
    told = tell(key)
    return tell(column).replace("_", " ") if told == key else told


def _cell(value: object) -> str:
    return "" if value is None else str(value)
