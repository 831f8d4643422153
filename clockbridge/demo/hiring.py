"""The sample company hires: legal entities, a tree of departments, positions, everybody with manager and terms, and what happened since.

`now` is the demo's clock; every other day is told by it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from clockbridge.demo import company
from clockbridge.demo.careers import DAY, PENSIONER, Career
from clockbridge.demo.company import Person
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EmploymentKind, EventKind, LeavingGround
from server.fleet import actions as fleet
from server.storage import UnitOfWork

PLANT, PLANT_NAME = "PLANT", "苏州制造中心"
ENTITIES = {"hq": ("SH", "云桥科技（上海）有限公司"), "plant": ("SZ", "云桥智造（苏州）有限公司")}
WORKS_FROM = date(2020, 1, 1)
"""Terminals, shifts and rosters are there since then."""
UNENROLLED = "CB1161"
"""Was hired and punches, but nobody has said yet whose number that is."""


@dataclass(frozen=True, slots=True)
class Staff:
    """What was hired. people: by their ids. keys: ids by employee number. units: ids of departments by code."""

    people: Mapping[int, Person]
    keys: Mapping[str, int]
    units: Mapping[str, int]
    careers: Mapping[str, Career]

    def since(self, person_id: int) -> date:
        """From which day on there can be punches, plans and grants of somebody."""
        return max(WORKS_FROM, self.careers[self.people[person_id].employee_number].first_hired_on)


def hire_everybody(
    uow: UnitOfWork, people: Sequence[Person], careers: Mapping[str, Career], pay_group_id: int, by: Actor, now: datetime
) -> Staff:
    """Whoever manages comes first, so that everybody's manager is there."""
    sites = {site.code: site for site in fleet.list_sites(uow)}
    zones = {code: fleet.own_zone(uow, site) for code, site in sites.items()}
    units, positions = _departments(uow, by, now), _positions(uow, careers, by, now)
    entities = {site: fleet.add_legal_entity(uow, code, name, by, now).id for site, (code, name) in ENTITIES.items()}
    keys: dict[str, int] = {}
    for one in sorted(people, key=lambda one: _depth(one.employee_number, careers)):
        career = careers[one.employee_number]
        sets: dict[str, Any] = {
            "department_id": units[one.department.code], "position_id": positions[career.position[0]], "site_id": sites[one.site].id,
            "legal_entity_id": entities[one.site], "pay_group_id": pay_group_id,
        }  # fmt: skip
        if career.manager:
            sets["manager_id"] = keys[career.manager]
        keys[one.employee_number] = _hire(uow, one, career, sets, by, now)
        if one.employee_number != UNENROLLED:
            since = max(WORKS_FROM, career.first_hired_on)
            directory.enrol(uow, keys[one.employee_number], zones[one.site].id, one.user, since, by, now)
    _heads(uow, people, keys, units, careers, by, now)
    for number, event in _happened(keys, units, positions, directory.today_of(uow, now)):
        directory.add_event(uow, keys[number], event, by, now)
    return Staff({keys[one.employee_number]: one for one in people}, keys, units, careers)


def _hire(uow: UnitOfWork, one: Person, career: Career, sets: Mapping[str, Any], by: Actor, now: datetime) -> int:
    if one.employee_number != PENSIONER:
        hire = NewEvent(EventKind.HIRE, career.hired_on, sets)
        return directory.hire_person(uow, one.employee_number, one.name, hire, by, now, probation_until=career.probation_until).id
    first = {name: value for name, value in sets.items() if name != "manager_id"}
    made = directory.hire_person(uow, one.employee_number, one.name, NewEvent(EventKind.HIRE, career.first_hired_on, first), by, now)
    leaving = NewEvent(EventKind.LEAVING, career.hired_on - DAY, {"ground": LeavingGround.RETIRED}, reason="到龄退休")
    directory.add_event(uow, made.id, leaving, by, now)
    again = {**sets, "kind": EmploymentKind.PENSIONER}
    directory.add_event(uow, made.id, NewEvent(EventKind.HIRE, career.hired_on, again, reason="退休返聘"), by, now)
    return made.id


def _depth(number: str, careers: Mapping[str, Career]) -> int:
    """How many managers stand above somebody."""
    manager = careers[number].manager
    return 1 + _depth(manager, careers) if manager else 0


def _departments(uow: UnitOfWork, by: Actor, now: datetime) -> dict[str, int]:
    """The general manager's office at the top, the plant's departments below a centre of their own."""
    top = next(one for one in company.DEPARTMENTS if one.heads == 1)
    units = {top.code: directory.add_department(uow, top.code, top.name, by, now).id}
    units[PLANT] = directory.add_department(uow, PLANT, PLANT_NAME, by, now, parent_id=units[top.code]).id
    for one in company.DEPARTMENTS:
        if one is not top:
            above = units[PLANT] if one.site == "plant" else units[top.code]
            units[one.code] = directory.add_department(uow, one.code, one.name, by, now, parent_id=above).id
    return units


def _positions(uow: UnitOfWork, careers: Mapping[str, Career], by: Actor, now: datetime) -> dict[str, int]:
    named = dict(sorted({career.position for career in careers.values()}))
    return {code: directory.add_position(uow, code, name, by, now).id for code, name in named.items()}


def _heads(
    uow: UnitOfWork,
    people: Sequence[Person],
    keys: Mapping[str, int],
    units: Mapping[str, int],
    careers: Mapping[str, Career],
    by: Actor,
    now: datetime,
) -> None:
    first: dict[str, str] = {}
    for one in people:
        first.setdefault(one.department.code, one.employee_number)
    for code, number in first.items():
        directory.set_head(uow, units[code], keys[number], careers[number].hired_on, by, now)
    plant = first["PROD1"]
    directory.set_head(uow, units[PLANT], keys[plant], careers[plant].hired_on, by, now)


def _happened(
    keys: Mapping[str, int], units: Mapping[str, int], positions: Mapping[str, int], today: date
) -> Iterator[tuple[str, NewEvent]]:
    """What happened, and what is entered already for days to come; ids by number and code."""

    def day(offset: int) -> date:
        return today + timedelta(days=offset)

    to_quality = {"department_id": units["QA"], "manager_id": keys["CB1164"], "position_id": positions["QA-2"]}
    yield "CB1112", NewEvent(EventKind.TRANSFER, day(-40), to_quality, reason="质检缺人，本人申请")
    yield "CB1113", NewEvent(EventKind.TRANSFER, day(-40), to_quality, reason="质检缺人")
    to_sales = {"department_id": units["SALES"], "manager_id": keys["CB1019"], "position_id": positions["SALES-2"]}
    yield "CB1070", NewEvent(EventKind.TRANSFER, day(10), to_sales, reason="转售前支持")
    yield "CB1150", NewEvent(EventKind.TRANSFER, day(-120), {"manager_id": keys["CB1128"]}, reason="换班组")
    yield "CB1039", NewEvent(EventKind.LEAVING, day(12), {"ground": LeavingGround.RESIGNED}, reason="个人发展")
    yield "CB1122", NewEvent(EventKind.LEAVING, day(30), {"ground": LeavingGround.EXPIRED_DECLINED}, reason="合同到期不续签")
