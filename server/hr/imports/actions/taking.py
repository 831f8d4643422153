"""Taking a file in, sheet by sheet, in one transaction; a look at it is the same, taken back.

So what was looked at is what is stored. With a finding nothing stays; the look goes on with the rows that are right, so that a sheet that
builds on them is not blamed for what is wrong above it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.actions.imports import heading_key
from server.directory.model import ImportFinding, ImportReport
from server.hr.imports.actions.duplicates import likely_duplicates, with_choices
from server.hr.imports.actions.kinds import KINDS, Kind
from server.hr.imports.engine.sheets import Lines, begin_at_heading, lost_zeros, places_of, with_days, without_rows
from server.hr.imports.model import Outcome, Pair, SheetOutcome, Table
from server.storage import UnitOfWork

GUIDES = frozenset({"guide", "填写说明", "说明"})
MOST_LISTED = 20_000
"""Findings of a sheet that are kept: one for each row that there can be. Who mends so many hands the file in again anyway."""
Told = Callable[[str, int], None]
"""Told what is done now, a text of ours, and how many rows are behind it."""
TELLING_APART = "people who may be here already"


def sheets_of(tables: Sequence[Table], kind: str = "") -> list[tuple[Table, Kind | None]]:
    """The sheets with what they are, in the order in which they are taken in; None where nobody can tell. kind: of a file's only sheet."""
    read = [one for one in tables if one.name.strip().casefold() not in GUIDES]
    if kind and len(read) == 1:
        return [(read[0], KINDS[kind])]
    order = list(KINDS)
    found = [(one, recognised(one)) for one in read]
    return sorted(found, key=lambda each: order.index(each[1].name) if each[1] else -1)


def recognised(table: Table) -> Kind | None:
    """What a sheet is: by its name, else the kind that knows the most of its headings and has all that it needs."""
    name = heading_key(table.name)
    for kind in KINDS.values():
        if name in {heading_key(word) for word in (kind.name, *kind.sheets)}:
            return kind
    fitting = []
    for kind in KINDS.values():
        places = places_of(table.lines, kind.columns)
        if all(column.name in places for column in kind.columns if column.needed):
            fitting.append((len(places), kind))
    return max(fitting, key=lambda each: each[0])[1] if fitting else None


def take(
    uow: UnitOfWork,
    sheets: Iterable[tuple[Table, Kind | None]],
    permissions: frozenset[str],
    choices: Mapping[str, str],
    by: Actor,
    now: datetime,
    told: Told,
) -> Outcome:
    """Take the sheets in. What is written stays in the transaction: the caller takes it back when there are findings, or for a look."""
    outcomes: list[SheetOutcome] = []
    pairs: tuple[Pair, ...] = ()
    behind = 0
    for table, kind in sheets:
        begun, behind = behind, behind + len(table.lines)
        if kind is None:
            outcomes.append(SheetOutcome(table.name, "", findings=(_unknown_sheet(),)))
            continue
        found = _needs(table, kind, permissions)
        if found:
            outcomes.append(SheetOutcome(table.name, kind.name, findings=found))
            continue
        lines: Lines = with_days(table.lines, kind.columns, kind.days)
        if kind.name == "people":
            told(TELLING_APART, begun)
            own = likely_duplicates(uow, lines)
            lines, pairs = with_choices(lines, own, choices), (*pairs, *own)
        doubts = (*_merged(table), *_doubtful_numbers(uow, table, kind))
        told(kind.title, begun)
        outcomes.append(_taken(uow, table, kind, lines, doubts, by, now))
    return Outcome(tuple(outcomes), pairs)


def _taken(
    uow: UnitOfWork, table: Table, kind: Kind, lines: Lines, doubts: tuple[ImportFinding, ...], by: Actor, now: datetime
) -> SheetOutcome:
    report = _attempt(uow, kind, lines, by, now)
    findings = [*report.findings, *doubts]
    if report.findings:
        report = _rest(uow, kind, lines, report, findings, by, now)
    findings.sort(key=lambda one: one.row)
    listed, unlisted = tuple(findings[:MOST_LISTED]), max(0, len(findings) - MOST_LISTED)
    return SheetOutcome(table.name, kind.name, report.new, report.changed, report.unchanged, listed, report.changes, unlisted)


def _rest(
    uow: UnitOfWork, kind: Kind, lines: Lines, report: ImportReport, findings: list[ImportFinding], by: Actor, now: datetime
) -> ImportReport:
    """The same sheet without the rows that are wrong, as far as it can be had."""
    rows = {one.row for one in report.findings}
    if 1 in rows:
        return report
    again = _attempt(uow, kind, without_rows(lines, rows), by, now)
    known = {(one.row, one.column) for one in findings}
    fresh = [one for one in again.findings if one.row > 1 and (one.row, one.column) not in known and not _about_rows(one)]
    findings += fresh
    return replace(report, changes=again.changes)


def _about_rows(one: ImportFinding) -> bool:
    """Whether it only says that a row which was just left out is missing."""
    return one.column != "" and one.problem in {"{cell} cannot be this person's manager", "there is no department {cell}"}


def _attempt(uow: UnitOfWork, kind: Kind, lines: Lines, by: Actor, now: datetime) -> ImportReport:
    with uow.connection.begin_nested() as inner:
        report = kind.take(uow, lines, by, now)
        if report.findings:
            inner.rollback()
    return report


def _needs(table: Table, kind: Kind, permissions: frozenset[str]) -> tuple[ImportFinding, ...]:
    """What the account lacks for this sheet or for columns of it."""
    if kind.permissions - permissions:
        return (ImportFinding(1, "", "your account may not import such a sheet", "ask an administrator, or delete the sheet"),)
    places = places_of(table.lines, kind.columns)
    found = []
    for name, need in kind.column_needs.items():
        place = places.get(name)
        filled = place is not None and any(place < len(line) and line[place].strip() for line in table.lines[1:])
        if filled and place is not None and need not in permissions:
            told = "your account may not change what stands in this column"
            found.append(ImportFinding(1, _heading(table, place), told, "ask an administrator, or delete the column"))
    return tuple(found)


def _doubtful_numbers(uow: UnitOfWork, table: Table, kind: Kind) -> Iterable[ImportFinding]:
    """Employee numbers that stand as bare numbers, where one with zeros before it is here."""
    place = places_of(table.lines, kind.columns).get("employee_number")
    if place is None:
        return
    bare = [(row + 1, table.lines[row][place]) for row, column in table.numeric if column == place and row]
    for row, known in sorted(lost_zeros(bare, directory.people_by_number(uow)).items()):
        heading, cell = _heading(table, place), table.lines[row - 1][place]
        facts = {"cell": cell, "known": known}
        remedy = "give the column the format Text and write {known}; or write {cell} as text where it is another person"
        yield ImportFinding(row, heading, "{cell} may have lost its zeros: {known} is here", remedy, facts)


def _merged(table: Table) -> Iterable[ImportFinding]:
    """Only the first of merged cells has what all of them show: the rows below it would be read as empty."""
    top = begin_at_heading(table.lines)
    for row, place in table.merged:
        if row > top:
            heading = _heading(table, place) if place < len(table.lines[top]) else ""
            yield ImportFinding(row + 1, heading, "this cell is merged with others", "unmerge the cells and fill in each one")


def _heading(table: Table, place: int) -> str:
    return table.lines[begin_at_heading(table.lines)][place]


def _unknown_sheet() -> ImportFinding:
    names = ", ".join(f"{one.sheets[0]} / {one.sheets[1]}" for one in KINDS.values())
    return ImportFinding(1, "", "nobody can tell what this sheet holds", "name it one of: {names}; or delete it", {"names": names})
