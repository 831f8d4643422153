"""The sheet of a roster: a row for each person, a column for each day, in the cells shifts by name or sign. It comes in as drafts."""

from collections.abc import Sequence
from datetime import date, datetime

from server.access.model import Permission
from server.audit.model import Actor
from server.directory.actions.imports import Column, SheetRow, read_day
from server.directory.model import ImportReport
from server.hr.imports.actions.kinds.kind import Kind, Parts
from server.hr.imports.actions.kinds.rows import Rows
from server.hr.imports.engine.sheets import Lines, day_text
from server.roster import actions as roster
from server.roster.model import EntryKind, Wish
from server.storage import UnitOfWork

COLUMNS = (
    Column("employee_number", ("employee number", "工号", "员工编号"), needed=True),
    Column("name", ("full name", "姓名", "员工姓名"), most=100),
)
REST = ("rest", "休", "休息", "off", "r")


def take_roster(uow: UnitOfWork, lines: Lines, by: Actor, now: datetime) -> ImportReport:
    """Draft what the cells say; an empty cell says nothing. Nothing counts before somebody has looked at the grid and published it."""
    days = _days(lines[0] if lines else ())
    rows = Rows(uow, lines, (*COLUMNS, *(Column(day.isoformat(), (heading, heading)) for heading, day in days.items())))
    shifts = [one for one in roster.list_shifts(uow) if not one.archived]
    words: dict[str, int | None] = {word.casefold(): one.id for one in shifts for word in (one.sign, one.name)} | dict.fromkeys(REST)
    wishes: list[Wish] = []
    seen: dict[int, int] = {}
    for row, who in rows.people():
        if who.id in seen:
            rows.work.find(row, "employee_number", "the same is in row {other}", "delete one of the rows", other=seen[who.id])
            continue
        seen[who.id] = row.number
        own = [wish for day in days.values() if (wish := _wish(rows, row, who.id, day, words))]
        rows.work.note(row, who.employee_number, {}, {"drafts": len(own)} if own else {})
        wishes += own
    if not days and seen:
        rows.work.find_in_sheet("a roster needs days", "write days such as 2026-12-01 into the first row, beside the employee number")
    if not rows.work.findings:
        roster.set_entries(uow, wishes, by, now)
    return rows.work.report()


def _wish(rows: Rows, row: SheetRow, person_id: int, day: date, words: dict[str, int | None]) -> Wish | None:
    word = row.get(day.isoformat())
    if not word:
        return None
    if word.casefold() not in words:
        listed = ", ".join(dict.fromkeys(words))
        rows.work.find(row, day.isoformat(), "{cell} is none of those that there are", "write one of: {words}", cell=word, words=listed)
        return None
    shift_id = words[word.casefold()]
    return Wish(person_id, day, EntryKind.REST if shift_id is None else EntryKind.SHIFT, shift_id)


def _days_of(lines: Lines) -> Parts:
    days = _days(lines[0] if lines else ()).values()
    return {"roster_entry": lambda table: table.c.day.between(min(days), max(days))} if days else {}


def _days(heading: Sequence[str]) -> dict[str, date]:
    """Headings that are days; the first of two that mean one day."""
    found: dict[str, date] = {}
    for word in heading:
        day = read_day(day_text(word).strip())
        if day is not None and day not in found.values():
            found[word] = day
    return found


KIND = Kind(
    "rosters",
    "Rosters",
    ("Rosters", "排班", "排班表", "Roster"),
    COLUMNS,
    take_roster,
    {"en": (("0001", "Wang Wei"), ("0002", "Li Na")), "zh": (("0001", "王伟"), ("0002", "李娜"))},
    permissions=frozenset({Permission.CHANGE_ROSTER}),
    tables=("roster_entry",),
    parts=_days_of,
)
