"""A file of people, and of the terminal users they are."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, update

from server.audit.model import Actor
from server.directory import store
from server.directory.actions.employments import seen_here
from server.directory.actions.enrolments import leave_punch_days
from server.directory.actions.imports.employments import Employments
from server.directory.actions.imports.words import HOURS_SYSTEMS, KINDS, department_words, listed_words, site_words
from server.directory.actions.imports.work import Work
from server.directory.actions.terms import follow_events, today_of
from server.directory.engine import Column, SheetRow, is_yes, read_day
from server.directory.model import ImportReport, sort_key
from server.directory.tables import enrolment, person
from server.fleet import actions as fleet
from server.storage import Subject, UnitOfWork, leave_user_changes

COLUMNS = (
    Column("employee_number", ("employee number", "工号", "员工编号", "员工工号", "人员编号", "employee id"), needed=True),
    Column("name", ("full name", "姓名", "员工姓名", "person"), needed=True, most=100),
    Column("department", ("department", "部门", "部门编码", "部门名称", "所属部门", "department code"), most=1000),
    Column("site", ("site", "站点", "站点编码", "站点名称", "site code"), most=100),
    Column("active", ("employed", "在职", "是否在职")),
    Column("terminal_user", ("terminal user", "考勤号", "考勤机编号", "考勤编号", "考勤号码")),
    Column("valid_from", ("valid from", "生效日期", "开始日期")),
    Column("hire_date", ("hire date", "入职日期", "入职时间")),
    Column("position", ("position", "岗位", "职位", "岗位编码"), most=100),
    Column("manager", ("manager's number", "上级工号", "直属上级工号", "直接上级工号", "manager number")),
    Column("kind", ("kind of employment", "用工形式", "用工类型", "用工性质")),
    Column("hours_system", ("hours system", "工时制度", "工时制")),
    Column("pay_group", ("pay group", "薪资组", "薪资组编码"), most=100),
    Column("leaving_date", ("leaving date", "离职日期", "最后工作日")),
    Column("change_date", ("change date", "异动日期", "变动日期")),
)
LISTED = ("department", "site", "position", "pay_group")
"""Columns that name one of a list. An empty cell of the first two says "none"."""
NOT_THERE = {
    "department": "there is no department {cell}",
    "site": "there is no site {cell}",
    "position": "there is no position {cell}",
    "pay_group": "there is no pay group {cell}",
}
SEVERAL = {
    "department": "several departments have the name {cell}",
    "site": "several sites have the name {cell}",
    "position": "several positions have the name {cell}",
    "pay_group": "several pay groups have the name {cell}",
}
MEANINGS: dict[str, dict[str, str]] = {
    "kind": {word: kind.value for kind, words in KINDS.items() for word in words},
    "hours_system": {word: system.value for system, words in HOURS_SYSTEMS.items() for word in words},
}


def import_people(uow: UnitOfWork, data: bytes, by: Actor, now: datetime, *, dry_run: bool = False) -> ImportReport:
    """Add people or change what the file says of them, and enrol them in their site's zone where it names a terminal user.

    A column that the file lacks says nothing; an empty cell of department or site says "none", any other empty cell says nothing. What
    changes of somebody's terms becomes an event of the change date, or of today.
    """
    if not dry_run:
        fleet.note_provisioning(uow)  # before looking: on PostgreSQL it makes enrolments wait for each other, so none can overlap
    people = _People(uow, Work(data, COLUMNS), now)
    work = people.work
    if not work.may_store(dry_run=dry_run):
        return work.report()
    people.store(uow, by)
    known = store.people_by_number(uow)
    return work.report(work.record(uow, "person.import", "people", by, now, [known[one.key].id for one in work.changes]))


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
        self._renamed: list[dict[str, Any]] = []
        self._enrolments: list[dict[str, Any]] = []
        self._known = store.people_by_number(uow)
        departments, sites = store.departments(uow), fleet.list_sites(uow)
        positions, groups = store.positions(uow), store.pay_groups(uow)
        self._words: dict[str, dict[str, int | None]] = {
            "department": department_words(departments),
            "site": site_words(sites),
            "position": listed_words(positions),
            "pay_group": listed_words(groups),
        }
        self._codes: dict[str, dict[Any, str]] = {
            "department": {one.id: one.code for one in departments},
            "site": {one.id: one.code for one in sites},
            "position": {one.id: one.code for one in positions},
            "pay_group": {one.id: one.code for one in groups},
        }
        self._clocks = {one.id: ZoneInfo(one.time_zone) for one in sites}
        self._zones = {zone.site_id: zone.id for zone in fleet.list_zones(uow) if zone.site_id is not None}
        self._held: dict[tuple[int, str], list[_Span]] = defaultdict(list)
        numbers = {one.id: one.employee_number for one in self._known.values()}
        for held in store.all_enrolments(uow):
            span = _Span(numbers[held.person_id], held.valid_from, held.valid_until)
            self._held[held.zone_id, held.terminal_user].append(span)
        self._employments = Employments(uow, work, self._known, today_of(uow, now))
        rows = list(work.rows("employee_number", "name"))
        self._named = {row.cells["employee_number"] for row in rows} | self._known.keys()
        for row in rows:
            self._take(row)
        self._employments.close()

    def _take(self, row: SheetRow) -> None:
        number, name = row.cells["employee_number"], row.cells["name"]
        there = self._known.get(number)
        terms = self._employments.terms_now(there) if there else {"department_id": None, "site_id": None}
        present: dict[str, Any] = terms | ({"name": there.name, "active": there.active} if there else {"active": True})
        sets, employed = self._sets(row), self._employed(row)
        wanted = present | sets | {"name": name} | ({} if employed is None else {"active": employed})
        enrolled = self._enrol(row, wanted["site_id"])
        seen = enrolled.get("valid_from")
        days = self._employments.take(row, there, sets, employed, seen if isinstance(seen, date) else None)
        other = {key: value for key, value in wanted.items() if value != present.get(key)}
        if there is None:
            self._new.append({"employee_number": number, "name": name})
            self.work.note(row, number, None, self._shown(wanted) | enrolled | days)
        else:
            if "name" in other:
                self._renamed.append({"key": there.id, "new_name": name, "new_sort": sort_key(name)})
            self.work.note(row, number, self._shown({key: present.get(key) for key in other}), self._shown(other) | enrolled | days)

    def _sets(self, row: SheetRow) -> dict[str, Any]:
        """What the file says of the terms."""
        sets: dict[str, Any] = {}
        for column in LISTED:
            word = row.get(column)
            if word or (word is not None and column in {"department", "site"}):
                sets[f"{column}_id"] = self._meant(row, column, word)
        for column, meanings in MEANINGS.items():
            if word := row.get(column):
                sets[column] = meanings.get(word.casefold())
                if sets[column] is None:
                    words = ", ".join(meanings)
                    self.work.find(row, column, "{cell} is none of those that there are", "write one of: {words}", cell=word, words=words)
        if word := row.get("manager"):
            sets["manager_id"] = word
            if word not in self._named or word == row.cells["employee_number"]:
                remedy = "write the employee number of another person who is there or in this file"
                self.work.find(row, "manager", "{cell} cannot be this person's manager", remedy, cell=word)
        return sets

    def _employed(self, row: SheetRow) -> bool | None:
        word = row.get("active")
        if not word:
            return None
        yes = is_yes(word)
        if yes is None:
            self.work.find(row, "active", "{cell} is neither yes nor no", "write yes or no", cell=word)
        return yes

    def _meant(self, row: SheetRow, column: str, word: str) -> int | None:
        words = self._words[column]
        known = word if word in words else "/".join(part.strip() for part in word.replace("\\", "/").split("/")).strip("/")
        if word and known not in words:
            self.work.find(row, column, NOT_THERE[column], "import it first, or write its code", cell=word)
        elif word and words[known] is None:
            self.work.find(row, column, SEVERAL[column], "write its code", cell=word)
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

    def store(self, uow: UnitOfWork, by: Actor) -> None:
        if self._new:  # with their employments, which come next, they get a department, a site, and are employed
            nothing = {"department_id": None, "site_id": None, "active": False}
            uow.execute(person.insert(), [one | nothing | {"name_sort": sort_key(one["name"])} for one in self._new])
        if self._renamed:
            statement = update(person).where(person.c.id == bindparam("key"))
            uow.execute(statement.values(name=bindparam("new_name"), name_sort=bindparam("new_sort")), self._renamed)
            leave_user_changes(uow, Subject.PERSON, [one["key"] for one in self._renamed])
        ids = {number: one.id for number, one in store.people_by_number(uow).items()}
        if self._enrolments:
            uow.execute(enrolment.insert(), [{"person_id": ids[one["number"]], **_without_number(one)} for one in self._enrolments])
        touched = self._employments.store(uow, ids, by, self._now)
        follow_events(uow, touched, today_of(uow, self._now))
        seen_here(uow, {ids[one["number"]]: one["valid_from"] for one in self._enrolments}, self._now)
        leave_punch_days(uow, [(ids[one["number"]], one["valid_from"], None) for one in self._enrolments])


def _without_number(planned: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in planned.items() if name != "number"}
