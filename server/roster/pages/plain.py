"""`/roster/plain`: the grid as a plain table in words, for screen readers and paper; `/roster.xlsx`: as a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.directory import actions as directory
from server.fleet import actions as fleet
from server.roster import actions as roster
from server.roster.engine.sheet import NOT_EMPLOYED, SheetPerson, SheetShift
from server.roster.pages.grid import leave_of, shifts_of
from server.roster.pages.grid_question import GridQuestion, page_question
from server.storage import UnitOfWork
from server.web.asking import database_of, shell_of, whole, words
from server.web.export import xlsx_answer
from server.web.visitor import needs

router = APIRouter()
SEE = [needs(Permission.SEE_ROSTER), needs(Permission.SEE_PEOPLE)]
PAGE = 100


@dataclass(frozen=True, slots=True)
class PlainCell:
    """word: the shift's name, or what else the day is. sign: as the grid shows it. shift: the one that is worked, if any."""

    word: str
    sign: str
    draft: bool
    shift: SheetShift | None


@dataclass(frozen=True, slots=True)
class PlainRow:
    """A person's cells, and their sums as the grid shows them."""

    person: SheetPerson
    cells: list[PlainCell]
    hours: str
    worked: int


@router.get("/roster/plain", dependencies=SEE)
def plain_page(request: Request, page: str = "") -> Response:
    asked, number = page_question(request), whole(page, "page") or 1
    with database_of(request).reading() as uow:
        rows, days = _rows(request, uow, asked)
        shown = rows[(number - 1) * PAGE : number * PAGE]
        return shell_of(request).page(
            request,
            "roster/plain.html",
            asked=asked,
            days=[f"{day:%m-%d}" for day in days],
            rows=shown,
            more=len(rows) > number * PAGE,
            page=number,
            departments=directory.list_departments(uow),
            sites=fleet.list_sites(uow),
        )


@router.get("/roster.xlsx", dependencies=SEE)
def roster_file(request: Request) -> Response:
    asked, tell = page_question(request), words(request)
    with database_of(request).reading() as uow:
        rows, days = _rows(request, uow, asked)
    heading = [
        tell("Employee number"),
        tell("Person"),
        tell("Department"),
        *(f"{day:%Y-%m-%d}" for day in days),
        tell("Hours"),
        tell("Days"),
    ]
    return xlsx_answer(f"roster-{asked.first}-{asked.last}", heading, _lines(rows), shell_of(request).zone)


def _lines(rows: Sequence[PlainRow]) -> Iterator[list[object]]:
    for one in rows:
        yield [one.person.number, one.person.name, one.person.unit, *(cell.sign for cell in one.cells), float(one.hours), one.worked]


def _rows(request: Request, uow: UnitOfWork, asked: GridQuestion) -> tuple[list[PlainRow], list[date]]:
    tell = words(request)
    days = [asked.first + timedelta(days=number) for number in range((asked.last - asked.first).days + 1)]
    shifts = {one.id: one for one in shifts_of(uow)}
    said = {name: tell(name) for name in ("rest", "holiday", "not employed", "nothing rostered")}
    people = roster.see_grid(uow, asked.people(uow), asked.first, asked.last, leave_of(request), tell)
    return [_row(one, days, shifts, said) for one in people], days


def _row(person: SheetPerson, days: Sequence[date], shifts: Mapping[int, SheetShift], said: Mapping[str, str]) -> PlainRow:
    cells = [_cell(person, place, shifts, said) for place in range(len(days))]
    worked = [(cell.shift, day) for cell, day in zip(cells, days, strict=True) if cell.shift]
    minutes = sum(_minutes(shift, day) for shift, day in worked)
    return PlainRow(person, cells, f"{minutes / 60:.1f}".removesuffix(".0"), len(worked))


def _cell(person: SheetPerson, place: int, shifts: Mapping[int, SheetShift], said: Mapping[str, str]) -> PlainCell:
    draft = place in person.drafts
    mark = person.drafts.get(place, person.entries.get(place, -1))
    value = person.pattern[place] if mark < 0 else mark
    if person.kinds[place] == NOT_EMPLOYED and mark < 0:
        return PlainCell(said["not employed"], "", draft, None)
    if value is None:
        return PlainCell(said["nothing rostered"], "", draft, None)
    if value == 0:
        word = said["holiday" if person.kinds[place] == "h" else "rest"]
        return PlainCell(word, word, draft, None)
    shift = shifts[value]
    return PlainCell(shift.name, shift.sign, draft, None if person.kinds[place] == NOT_EMPLOYED else shift)


def _minutes(shift: SheetShift, day: date) -> int:
    held = [one for one in shift.versions if one.since <= day]
    return held[-1].minutes if held else 0
