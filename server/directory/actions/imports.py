"""Files of sites, departments and people: the whole file or nothing of it. Repeating an import changes nothing.

Who is not in a file stays as they are: an import never removes anybody.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import bindparam, update

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import store
from server.directory.engine import Column, Sheet, SheetRow, read_sheet
from server.directory.model import Department, Enrolment, ImportFinding, ImportReport, Person, sort_key
from server.directory.tables import department, enrolment, person
from server.errors import ServerError
from server.fleet import actions as fleet
from server.settings import known_zone
from server.storage import UnitOfWork

SITE_COLUMNS = (
    Column("code", ("site code", "站点编码", "编码"), needed=True),
    Column("name", ("site name", "站点名称", "名称"), needed=True),
    Column("time_zone", ("time zone", "时区")),
)
DEPARTMENT_COLUMNS = (
    Column("code", ("department code", "部门编码", "编码"), needed=True),
    Column("name", ("department name", "部门名称", "名称"), needed=True),
    Column("parent", ("parent code", "上级部门编码", "上级部门")),
)
PERSON_COLUMNS = (
    Column("employee_number", ("employee number", "工号", "员工编号"), needed=True),
    Column("name", ("person", "姓名"), needed=True),
    Column("department", ("department", "部门")),
    Column("site", ("site", "站点")),
    Column("active", ("employed", "在职")),
    Column("terminal_user", ("terminal user", "考勤号", "考勤机编号")),
    Column("valid_from", ("valid from", "生效日期")),
)
YES, NO = {"yes", "y", "1", "true", "是", "在职"}, {"no", "n", "0", "false", "否", "离职"}
DEFAULT_ZONE = "Asia/Shanghai"


def import_sites(uow: UnitOfWork, data: bytes, by: Actor, now: datetime, *, dry_run: bool = False) -> ImportReport:
    """Add the sites of a file; a site that is there must be there with the same name and zone."""
    sheet = read_sheet(data, SITE_COLUMNS)
    known = {one.code: one for one in fleet.list_sites(uow)}
    work = _Work(sheet)
    wanted: list[tuple[str, str, str]] = []
    for row in work.rows("code", "name"):
        code, zone = row.cells["code"], row.get("time_zone") or DEFAULT_ZONE
        there = known.get(code)
        if there is None:
            work.try_it(row, "time_zone", partial(known_zone, zone))
            wanted.append((code, row.cells["name"], zone))
        elif (there.name, there.time_zone) == (row.cells["name"], row.get("time_zone") or there.time_zone):
            work.unchanged += 1
        else:
            work.find(row, "code", "this site is there with another name or zone", "leave the row out")
    if work.may_store(dry_run=dry_run):
        for code, name, zone in wanted:
            fleet.add_site(uow, code, name, zone, by, now)
    return work.report(len(wanted), 0, dry_run=dry_run)


def import_departments(uow: UnitOfWork, data: bytes, by: Actor, now: datetime, *, dry_run: bool = False) -> ImportReport:
    """Add departments or give them another name or parent; a parent may stand anywhere in the file."""
    sheet = read_sheet(data, DEPARTMENT_COLUMNS)
    known = {one.code: one for one in store.departments(uow)}
    work = _Work(sheet)
    rows = {row.cells["code"]: row for row in work.rows("code", "name")}
    for code, row in rows.items():
        parent = row.get("parent")
        if parent and parent not in known and parent not in rows:
            work.find(row, "parent", "there is no such department", "write the code of one that is there or in this file")
        elif _is_circle(code, rows, known):
            work.find(row, "parent", "the departments stand above each other in a circle", "leave the parent out")
    new = [code for code in rows if code not in known]
    changed = [code for code in rows if code in known and _differs(rows[code], known[code], known)]
    work.unchanged = len(rows) - len(new) - len(changed)
    if work.may_store(dry_run=dry_run):
        _store_departments(uow, [rows[code] for code in (*new, *changed)], new)
        record(uow, by, "department.import", "department", "file", at=now, after={"new": len(new), "changed": len(changed)})
    return work.report(len(new), len(changed), dry_run=dry_run)


def import_people(uow: UnitOfWork, data: bytes, by: Actor, now: datetime, *, dry_run: bool = False) -> ImportReport:
    """Add people or change what the file says of them, and enrol them in their site's zone where it names a terminal user."""
    fleet.note_provisioning(uow)  # before looking: on PostgreSQL it makes enrolments wait for each other, so none can overlap
    people = _People(uow, read_sheet(data, PERSON_COLUMNS), now.date())
    work = people.work
    if work.may_store(dry_run=dry_run):
        people.store(uow)
        counts = {"new": len(people.new), "changed": len(people.changed), "enrolled": len(people.enrolments)}
        record(uow, by, "person.import", "person", "file", at=now, after=counts)
    return work.report(len(people.new), len(people.changed), dry_run=dry_run)


@dataclass
class _Work:
    """Findings and counts of one import."""

    sheet: Sheet
    findings: list[ImportFinding] = field(default_factory=list)
    unchanged: int = 0

    def rows(self, key: str, *needed: str) -> Iterable[SheetRow]:
        """Rows with what is needed, each key once; the others become findings."""
        self.findings += self.sheet.findings
        seen: dict[str, int] = {}
        for row in self.sheet.rows:
            empty = [name for name in (key, *needed) if not row.get(name)]
            for name in empty:
                self.find(row, name, "this cell is empty", "fill it in, or delete the row")
            if empty:
                continue
            if row.cells[key] in seen:
                self.find(row, key, f"the same as in row {seen[row.cells[key]]}", "delete one of the rows")
                continue
            seen[row.cells[key]] = row.number
            yield row

    def find(self, row: SheetRow, column: str, problem: str, remedy: str) -> None:
        self.findings.append(ImportFinding(row.number, column, problem, remedy))

    def try_it(self, row: SheetRow, column: str, check: Callable[[], object]) -> None:
        try:
            check()
        except (ServerError, ValueError) as error:
            self.find(row, column, str(error), "correct this cell")

    def may_store(self, *, dry_run: bool) -> bool:
        return not self.findings and not dry_run

    def report(self, new: int, changed: int, *, dry_run: bool) -> ImportReport:
        return ImportReport(new, changed, self.unchanged, tuple(self.findings), stored=self.may_store(dry_run=dry_run))


class _People:
    """What a file of people comes to, worked out before anything is written."""

    def __init__(self, uow: UnitOfWork, sheet: Sheet, today: date) -> None:
        self.work = _Work(sheet)
        self.today = today
        self.new: list[dict[str, Any]] = []
        self.changed: list[dict[str, Any]] = []
        self.enrolments: list[dict[str, Any]] = []
        self._known = store.people_by_number(uow)
        self._departments = _by_code_or_name((one.code, one.name, one.id) for one in store.departments(uow))
        sites = fleet.list_sites(uow)
        self._sites = _by_code_or_name((one.code, one.name, one.id) for one in sites)
        self._zones = {zone.site_id: zone.id for zone in fleet.list_zones(uow) if zone.site_id is not None}
        self._held: dict[tuple[int, str], list[Enrolment]] = defaultdict(list)
        for one in store.all_enrolments(uow):
            self._held[one.zone_id, one.terminal_user].append(one)
        for row in self.work.rows("employee_number", "name"):
            self._take(row)

    def _take(self, row: SheetRow) -> None:
        number = row.cells["employee_number"]
        there = self._known.get(number)
        values = self._values(row)
        enrolled = self._enrol(row, there, values)
        if there is None:
            self.new.append({"employee_number": number, "active": True, "department_id": None, "site_id": None} | values)
        elif enrolled or any(getattr(there, name) != value for name, value in values.items() if name != "name_sort"):
            self.changed.append({"key": there.id, **_whole(there), **values})
        else:
            self.work.unchanged += 1

    def _values(self, row: SheetRow) -> dict[str, Any]:
        """What the file says; a column it lacks says nothing, an empty cell says "none"."""
        values: dict[str, Any] = {"name": row.cells["name"], "name_sort": sort_key(row.cells["name"])}
        for column, known in (("department", self._departments), ("site", self._sites)):
            word = row.get(column)
            if word is not None:
                values[f"{column}_id"] = known.get(word) if word else None
                if word and word not in known:
                    self.work.find(row, column, f"there is no {column} {word}", "import it first, or write its code")
        word = row.get("active")
        if word:
            if word.casefold() not in YES | NO:
                self.work.find(row, "active", f"{word} is neither yes nor no", "write yes or no")
            values["active"] = word.casefold() in YES
        if len(row.cells["employee_number"]) > 64:
            self.work.find(row, "employee_number", "it is longer than 64 characters", "write a shorter one")
        return values

    def _enrol(self, row: SheetRow, there: Person | None, values: dict[str, Any]) -> bool:
        """Plan an enrolment; False when there is nothing new to enrol."""
        user = row.get("terminal_user")
        if not user:
            return False
        site_id = values.get("site_id", there.site_id if there else None)
        zone_id = self._zones.get(site_id) if site_id is not None else None
        if zone_id is None:
            self.work.find(row, "site", "a terminal user needs a site", "write the person's site")
            return False
        since = self._since(row)
        held = [one for one in self._held[zone_id, user] if one.valid_until is None or one.valid_until >= since]
        if there and any(one.person_id == there.id for one in held):
            return False
        if held:
            self.work.find(row, "terminal_user", f"the terminal user {user} is somebody else then", "end that enrolment first")
            return False
        number = row.cells["employee_number"]
        self._held[zone_id, user].append(Enrolment(0, -row.number, zone_id, user, since, None))
        self.enrolments.append({"number": number, "zone_id": zone_id, "terminal_user": user, "valid_from": since, "valid_until": None})
        return True

    def _since(self, row: SheetRow) -> date:
        text = row.get("valid_from")
        if not text:
            return self.today
        try:
            return date.fromisoformat(text.replace("/", "-") if text.count("/") == 2 else text)
        except ValueError:
            self.work.find(row, "valid_from", f"{text} is no date", "write it as 2026-11-23")
            return self.today

    def store(self, uow: UnitOfWork) -> None:
        if self.new:
            uow.execute(person.insert(), self.new)
        if self.changed:
            names = ("name", "name_sort", "department_id", "site_id", "active")
            statement = update(person).where(person.c.id == bindparam("key")).values({name: bindparam(f"new_{name}") for name in names})
            uow.execute(statement, [{"key": one["key"]} | {f"new_{name}": one[name] for name in names} for one in self.changed])
        if self.enrolments:
            ids = {number: one.id for number, one in store.people_by_number(uow).items()}
            uow.execute(enrolment.insert(), [{"person_id": ids[one.pop("number")], **one} for one in self.enrolments])


def _whole(there: Person) -> dict[str, Any]:
    return {"name": there.name, "department_id": there.department_id, "site_id": there.site_id, "active": there.active}


def _by_code_or_name(rows: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    """Ids by code, and by name where only one has it."""
    listed = list(rows)
    names = [name for _, name, _ in listed]
    return {name: key for _, name, key in listed if names.count(name) == 1} | {code: key for code, _, key in listed}


def _is_circle(code: str, rows: dict[str, SheetRow], known: dict[str, Department]) -> bool:
    codes = {one.id: one.code for one in known.values()}
    seen: set[str] = set()
    at: str | None = code
    while at and at not in seen:
        seen.add(at)
        if at in rows and rows[at].get("parent") is not None:
            at = rows[at].get("parent")
        else:
            at = codes.get(known[at].parent_id or 0) if at in known else None
    return bool(at)


def _differs(row: SheetRow, there: Department, known: dict[str, Department]) -> bool:
    parent = row.get("parent")
    codes = {one.id: one.code for one in known.values()}
    return row.cells["name"] != there.name or (parent is not None and parent != codes.get(there.parent_id or 0, ""))


def _store_departments(uow: UnitOfWork, rows: Sequence[SheetRow], new: Sequence[str]) -> None:
    """Names first, parents when all are there."""
    if new:
        uow.execute(department.insert(), [{"code": code, "name": code, "parent_id": None} for code in new])
    ids = {one.code: one.id for one in store.departments(uow)}
    for row in rows:
        values: dict[str, Any] = {"name": row.cells["name"]}
        parent = row.get("parent")
        if parent is not None:
            values["parent_id"] = ids.get(parent)
        uow.execute(update(department).where(department.c.id == ids[row.cells["code"]]).values(**values))
