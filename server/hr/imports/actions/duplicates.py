"""Who of a sheet of staff may be somebody who is here already, under another number."""

from collections.abc import Mapping, Sequence
from datetime import date

from server.directory import actions as directory
from server.directory.actions.imports import read_day
from server.directory.model import sound_of
from server.errors import InvalidInputError
from server.hr.imports.actions.kinds.staff import COLUMNS
from server.hr.imports.engine.pairs import Known, pairs_of
from server.hr.imports.engine.sheets import Lines, places_of, with_cells, without_rows
from server.hr.imports.model import Choice, Pair
from server.hr.staff import actions as staff
from server.hr.staff.engine.identity import birth_in
from server.hr.staff.model import Fact
from server.storage import UnitOfWork


def likely_duplicates(uow: UnitOfWork, lines: Lines) -> tuple[Pair, ...]:
    """New people of the sheet beside those who may be the same."""
    places = places_of(lines, COLUMNS)
    if not {"employee_number", "name"} <= places.keys():
        return ()
    known = directory.people_by_number(uow)
    new = [one for number, line in enumerate(lines[1:], 2) if (one := _said(line, places, number)) and one.number not in known]
    sounds = {one.sound for one in new}
    alike = [one for one in known.values() if sound_of(one.name) in sounds]
    births = staff.birth_and_sex(uow, [one.id for one in alike])
    numbers = {one.id: number for number, one in known.items()}
    by_fact: dict[tuple[str, str], list[str]] = {}
    for fact in (Fact.ID_NUMBER, Fact.MOBILE):
        texts = {text for one in new if (text := getattr(one, fact.value))}
        for text, people in staff.people_with_fact(uow, fact, texts).items():
            by_fact[fact.value, text] = [numbers[person_id] for person_id in people]
    found = {number for several in by_fact.values() for number in several}
    there = {
        one.employee_number: Known(one.employee_number, one.name, sound_of(one.name), _iso(births[one.id].birth_date)) for one in alike
    }
    there |= {number: Known(number, known[number].name, sound_of(known[number].name)) for number in found - there.keys()}
    return pairs_of(new, list(there.values()), by_fact)


def with_choices(lines: Lines, pairs: tuple[Pair, ...], choices: Mapping[str, str]) -> Lines:
    """The sheet as what somebody said of its pairs makes it."""
    place = places_of(lines, COLUMNS).get("employee_number", 0)
    out, cells = set(), {}
    for one in pairs:
        choice = choices.get(key_of(one))
        if choice == Choice.LEAVE_OUT or (choice == Choice.SAME and one.other_row):
            out.add(one.row)
        elif choice == Choice.SAME:
            cells[one.row, place] = one.other
    return without_rows(with_cells(lines, cells), out)


def key_of(pair: Pair) -> str:
    """How a choice is kept: by the row and the other one."""
    return f"{pair.row}:{pair.other_row or pair.other}"


def open_pairs(pairs: tuple[Pair, ...], choices: Mapping[str, str]) -> int:
    """How many wait for a word; a row that is left out or taken as somebody has none open."""
    settled = {one.row for one in pairs if choices.get(key_of(one)) in {Choice.SAME, Choice.LEAVE_OUT}}
    return sum(one.strong and one.row not in settled and key_of(one) not in choices for one in pairs)


def _said(line: Sequence[str], places: Mapping[str, int], row: int) -> Known | None:
    def cell(name: str) -> str:
        place = places.get(name)
        return line[place].strip() if place is not None and place < len(line) else ""

    number, name = cell("employee_number"), cell("name")
    if not number or not name:
        return None
    id_number = "".join(cell("id_number").split()).upper()
    born = read_day(cell("birth_date")) if cell("birth_date") else None
    if born is None and len(id_number) == 18:
        try:
            born = birth_in(id_number)
        except InvalidInputError:
            born = None
    return Known(number, name, sound_of(name), _iso(born), id_number, cell("mobile"), row)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
