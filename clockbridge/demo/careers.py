"""What became of the sample company's people: since when they are here, as what, below whom. The same day gives the same careers.

A few are there to be looked at: people on probation, somebody re-hired after the pension, contracts that end soon.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clockbridge.demo.company import Duty, Person
from server.hr.staff.engine.months import months_later

DAY = timedelta(days=1)
LARGE = 30
"""A department of so many people or more that works in shifts has team leaders below its head."""
TEAMS = 3
POSITIONS = {
    "GM": ("GM-1", "总经理"),
    "HR": ("HR-2", "人事专员"),
    "FIN": ("FIN-2", "会计"),
    "SALES": ("SALES-2", "销售代表"),
    "RND": ("RND-2", "研发工程师"),
    "ADM": ("ADM-2", "行政专员"),
    "PROD1": ("PROD-3", "操作工"),
    "PROD2": ("PROD-3", "操作工"),
    "QA": ("QA-2", "质检员"),
    "WH": ("WH-2", "仓管员"),
    "MAINT": ("MAINT-2", "设备技师"),
}
"""By department the code and name of what most of its people do."""
HEAD, TEAM_LEADER, NOBODY = ("HEAD-1", "部门经理"), ("PROD-2", "班组长"), ""
ON_PROBATION = {"CB1008": 12, "CB1044": 30, "CB1073": 50, "CB1074": 80, "CB1161": 20, "CB1162": 84}
"""Days since the hire, by employee number: their three months of probation are not over."""
ENDING = {"CB1018": -1, "CB1040": 20, "CB1062": 27, "CB1120": 41, "CB1170": 56}
"""Days until the first contract of three years ends; one ended yesterday."""
PENSIONER = "CB1191"
"""Retired and was hired again on the next day."""
NEAR_PENSION = "CB1199"
UNSIGNED = "CB1161"
"""Was hired lately, and nothing is signed yet."""
PROBATION_MONTHS, TERM_MONTHS = 3, 36
BACK_DAYS = 430
"""So long ago the pensioner came back."""


@dataclass(frozen=True, slots=True)
class Career:
    """hired_on: the first day of the employment that goes on now. first_hired_on: of the earliest one. manager: an employee number."""

    hired_on: date
    first_hired_on: date
    position: tuple[str, str]
    manager: str
    probation_until: date | None = None


def careers_of(people: Sequence[Person], today: date, seed: int = 1) -> dict[str, Career]:
    """By employee number."""
    chance, managers = random.Random(seed), managers_of(people)
    return {one.employee_number: _career(one, managers, today, chance) for one in people}


def managers_of(people: Sequence[Person]) -> dict[str, str]:
    """Everybody's manager, both by employee numbers; `NOBODY` of whoever leads the company."""
    heads: dict[str, str] = {}
    places: dict[str, int] = {}
    found = {}
    for one in people:
        code = one.department.code
        place = places[code] = places.get(code, -1) + 1
        head = heads.setdefault(code, one.employee_number)
        found[one.employee_number] = _team_leader(int(head[2:]), place) if _in_team(one, place) else head
    top = people[-1].employee_number
    return found | dict.fromkeys(heads.values(), top) | {top: NOBODY}


def _in_team(one: Person, place: int) -> bool:
    return one.department.duty is Duty.THREE_SHIFTS and one.department.heads >= LARGE and place > TEAMS


def _team_leader(head: int, place: int) -> str:
    return f"CB{head + 1 + place % TEAMS}"


def _career(one: Person, managers: Mapping[str, str], today: date, chance: random.Random) -> Career:
    years, days = chance.choices(range(1, 15), (6, 6, 5, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1))[0], chance.randrange(120, 355)
    hired_on, number = _weekday(today - timedelta(days=years * 365 + days)), one.employee_number
    until, first = None, hired_on
    if number in ON_PROBATION:
        hired_on = first = today - timedelta(days=ON_PROBATION[number])
        until = months_later(hired_on, PROBATION_MONTHS) - DAY
    elif number in ENDING:
        hired_on = first = months_later(today + timedelta(days=ENDING[number] + 1), -TERM_MONTHS)
    elif number == PENSIONER:
        hired_on, first = today - timedelta(days=BACK_DAYS), today.replace(year=today.year - 28, month=3, day=1)
    return Career(hired_on, first, _position(one, managers), managers[number], until)


def _position(one: Person, managers: Mapping[str, str]) -> tuple[str, str]:
    manager = managers[one.employee_number]
    if manager == NOBODY:
        return POSITIONS["GM"]
    if managers[manager] == NOBODY:
        return HEAD
    leads = one.employee_number in managers.values()
    return TEAM_LEADER if leads else POSITIONS[one.department.code]


def _weekday(day: date) -> date:
    """The day, or the Monday behind it."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)
