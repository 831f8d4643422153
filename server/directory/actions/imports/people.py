"""A file of people, and of the terminal users they are."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, update

from server.audit.model import Actor
from server.directory import store
from server.directory.actions.imports.words import department_words, site_words
from server.directory.actions.imports.work import Work
from server.directory.engine import Column, SheetRow, is_yes, read_day
from server.directory.model import ImportReport, sort_key
from server.directory.tables import enrolment, person
from server.fleet import actions as fleet
from server.storage import UnitOfWork

COLUMNS = (
    Column("employee_number", ("employee number", "工号", "员工编号", "员工工号", "人员编号", "employee id"), needed=True),
    Column("name", ("full name", "姓名", "员工姓名", "person"), needed=True, most=100),
    Column("department", ("department", "部门", "部门编码", "部门名称", "所属部门", "department code"), most=1000),
    Column("site", ("site", "站点", "站点编码", "站点名称", "site code"), most=100),
    Column("active", ("employed", "在职", "是否在职")),
    Column("terminal_user", ("terminal user", "考勤号", "考勤机编号", "考勤编号", "考勤号码")),
    Column("valid_from", ("valid from", "生效日期", "开始日期")),
)
FIELDS = ("name", "department_id", "site_id", "active")


def import_people(uow: UnitOfWork, data: bytes, by: Actor, now: datetime, *, dry_run: bool = False) -> ImportReport:
    """Add people or change what the file says of them, and enrol them in their site's zone where it names a terminal user.

    A column that the file lacks says nothing; an empty cell of department or site says "none", any other empty cell says nothing.
    """
    if not dry_run:
        fleet.note_provisioning(uow)  # before looking: on PostgreSQL it makes enrolments wait for each other, so none can overlap
    people = _People(uow, Work(data, COLUMNS), now)
    work = people.work
    if not work.may_store(dry_run=dry_run):
        return work.report()
    people.store(uow)
    return work.report(work.record(uow, "person.import", "people", by, now))


@dataclass(frozen=True, slots=True)
class _Span:
    """Who a terminal user is, from a day to the last one; None while it goes on."""

    employee_number: str
    first: date
    last: date | None


class _People:
    """What a file of people comes to, worked out before anything is written."""

    def __init__(self, uow: UnitOfWork, work: Work, now: datetime) -> None:
        self.work = work
        self._now = now
        self._new: list[dict[str, Any]] = []
        self._changed: list[dict[str, Any]] = []
        self._enrolments: list[dict[str, Any]] = []
        self._known = store.people_by_number(uow)
        departments, sites = store.departments(uow), fleet.list_sites(uow)
        self._words = {"department": department_words(departments), "site": site_words(sites)}
        self._codes = {"department": {one.id: one.code for one in departments}, "site": {one.id: one.code for one in sites}}
        self._clocks = {one.id: ZoneInfo(one.time_zone) for one in sites}
        self._zones = {zone.site_id: zone.id for zone in fleet.list_zones(uow) if zone.site_id is not None}
        self._held: dict[tuple[int, str], list[_Span]] = defaultdict(list)
        numbers = {one.id: one.employee_number for one in self._known.values()}
        for held in store.all_enrolments(uow):
            span = _Span(numbers[held.person_id], held.valid_from, held.valid_until)
            self._held[held.zone_id, held.terminal_user].append(span)
        for row in work.rows("employee_number", "name"):
            self._take(row)

    def _take(self, row: SheetRow) -> None:
        number = row.cells["employee_number"]
        there = self._known.get(number)
        present = {name: getattr(there, name) for name in FIELDS} if there else {"department_id": None, "site_id": None, "active": True}
        wanted = present | self._values(row)
        enrolled = self._enrol(row, wanted["site_id"])
        other = [name for name in FIELDS if wanted[name] != present.get(name)]
        if there is None:
            self._new.append({"employee_number": number, **wanted})
            self.work.note(row, number, None, self._shown(wanted) | enrolled)
        else:
            if other:
                self._changed.append({"key": there.id, **wanted})
            before = self._shown({name: present[name] for name in other})
            self.work.note(row, number, before, self._shown({name: wanted[name] for name in other}) | enrolled)

    def _values(self, row: SheetRow) -> dict[str, Any]:
        """What the file says of the person."""
        values: dict[str, Any] = {"name": row.cells["name"]}
        for column in ("department", "site"):
            word = row.get(column)
            if word is not None:
                values[f"{column}_id"] = self._meant(row, column, word)
        if word := row.get("active"):
            yes = is_yes(word)
            if yes is None:
                self.work.find(row, "active", "{cell} is neither yes nor no", "write yes or no", cell=word)
            else:
                values["active"] = yes
        return values

    def _meant(self, row: SheetRow, column: str, word: str) -> int | None:
        words = self._words[column]
        known = word if word in words else "/".join(part.strip() for part in word.replace("\\", "/").split("/")).strip("/")
        if word and known not in words:
            problem = "there is no department {cell}" if column == "department" else "there is no site {cell}"
            self.work.find(row, column, problem, "import it first, or write its code", cell=word)
        elif word and words[known] is None:
            problem = "several departments have the name {cell}" if column == "department" else "several sites have the name {cell}"
            self.work.find(row, column, problem, "write its code", cell=word)
        return words.get(known) if word else None

    def _enrol(self, row: SheetRow, site_id: int | None) -> dict[str, object]:
        """Plan an enrolment, and tell it for the trail; nothing when there is nothing new."""
        user, day = row.get("terminal_user"), row.get("valid_from")
        since = read_day(day) if day else None
        if day and since is None:
            self.work.find(row, "valid_from", "{cell} is no date", "write it as 2026-11-23", cell=day)
        elif day and not user:
            self.work.find(row, "valid_from", "a day is there, but no terminal user", "write the terminal user, or empty this cell")
        elif user and site_id is None:
            if not row.get("site"):  # else the finding about the site says it
                self.work.find(row, "terminal_user", "a terminal user needs a site", "write the person's site")
        elif user and site_id is not None:
            return self._plan(row, site_id, user, since)
        return {}

    def _plan(self, row: SheetRow, site_id: int, user: str, since: date | None) -> dict[str, object]:
        number, zone_id = row.cells["employee_number"], self._zones[site_id]
        first = since or self._now.astimezone(self._clocks[site_id]).date()
        held = [one for one in self._held[zone_id, user] if one.last is None or one.last >= first]
        own = [one for one in held if one.employee_number == number]
        if own and (since is None or any(one.first == since for one in own)):
            return {}
        if own:
            problem, remedy = "this person is the terminal user {user} from {first} on already", "write that day, or empty this cell"
            self.work.find(row, "valid_from", problem, remedy, user=user, first=own[0].first)
        elif held:
            problem, remedy = "the terminal user {user} is employee {number} then", "end that enrolment first"
            self.work.find(row, "terminal_user", problem, remedy, user=user, number=held[0].employee_number)
        else:
            self._held[zone_id, user].append(_Span(number, first, None))
            values = {"zone_id": zone_id, "terminal_user": user, "valid_from": first, "valid_until": None}
            self._enrolments.append({"number": number, **values})
            return {"terminal_user": user, "valid_from": first}
        return {}

    def _shown(self, values: dict[str, Any]) -> dict[str, object]:
        """Values of a person as the trail and the page tell them."""
        shown: dict[str, object] = {}
        for name, value in values.items():
            column = name.removesuffix("_id")
            if column in self._codes:
                shown[column] = self._codes[column].get(value)
            else:
                shown["employed" if name == "active" else name] = value
        return shown

    def store(self, uow: UnitOfWork) -> None:
        if self._new:
            uow.execute(person.insert(), [one | {"name_sort": sort_key(one["name"])} for one in self._new])
        if self._changed:
            names = (*FIELDS, "name_sort")
            statement = update(person).where(person.c.id == bindparam("key")).values({name: bindparam(f"new_{name}") for name in names})
            values = [one | {"name_sort": sort_key(one["name"])} for one in self._changed]
            uow.execute(statement, [{"key": one["key"]} | {f"new_{name}": one[name] for name in names} for one in values])
        if self._enrolments:
            ids = {number: one.id for number, one in store.people_by_number(uow).items()}
            uow.execute(enrolment.insert(), [{"person_id": ids[one["number"]], **_without_number(one)} for one in self._enrolments])


def _without_number(planned: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in planned.items() if name != "number"}
