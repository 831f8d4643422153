"""`/today`: who is here, who is late, who is missing, on leave, off; and which sites do not speak."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Select
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import scope_of_visitor
from server.attendance import actions as attendance
from server.attendance.engine.wording import Tell, spoken
from server.attendance.model import EXCEPTION_BITS, DayFlag, DaySigns
from server.attendance.model.days import DayState, DayStatus, ExceptionKind
from server.attendance.pages.asked import choices, export_address, today
from server.attendance.pages.sites import silent_sites
from server.attendance.pages.words import clock
from server.directory import actions as directory
from server.directory.model import PersonOverview
from server.errors import InvalidInputError
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, now, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs
from server.web.waiting import waiting_for

router = APIRouter()
SEES = [needs(Permission.SEE_DAYS), needs(Permission.SEE_PEOPLE)]
PAGE, PIECE = 200, 2_000
LATE = EXCEPTION_BITS[ExceptionKind.LATE] | EXCEPTION_BITS[ExceptionKind.SERIOUS_LATE]
ELSEWHERE = DayFlag.TRIP | DayFlag.FIELD_WORK


@dataclass(frozen=True, slots=True)
class Today:
    """Somebody's day so far; `signs` is None where nothing has been worked out."""

    overview: PersonOverview
    signs: DaySigns | None


def _is(test: Callable[[DaySigns], bool]) -> Callable[[Today], bool]:
    return lambda one: one.signs is not None and test(one.signs)


def _on_leave(signs: DaySigns) -> bool:
    return signs.status is DayStatus.LEAVE or (signs.arrived_at is None and signs.leave_halves > 0)


def _is_off(signs: DaySigns) -> bool:
    idle = signs.scheduled_minutes == 0 or signs.status in {DayStatus.OFF, DayStatus.HOLIDAY}
    return idle and signs.arrived_at is None and not _on_leave(signs) and not signs.flags & ELSEWHERE


def _is_missing(signs: DaySigns) -> bool:
    return signs.arrived_at is None and not (_on_leave(signs) or _is_off(signs) or signs.flags & ELSEWHERE)


GROUPS: Mapping[str, tuple[str, str, Callable[[Today], bool]]] = {
    "present": ("Present", "ok", _is(lambda one: one.arrived_at is not None)),
    "missing": ("Not here", "attention", _is(_is_missing)),
    "late": ("Late", "attention", _is(lambda one: bool(one.exceptions & LATE))),
    "absent": ("Absent", "wrong", _is(lambda one: one.status is DayStatus.ABSENT)),
    "leave": ("On leave", "leave", _is(_on_leave)),
    "elsewhere": ("Elsewhere", "ok", _is(lambda one: bool(one.flags & ELSEWHERE))),
    "off": ("Off", "off", _is(_is_off)),
    "provisional": ("Provisional", "off", _is(lambda one: one.state is DayState.PROVISIONAL)),
    "unknown": ("Not assessed", "off", lambda one: one.signs is None),
}
"""Code, to heading, state and who belongs to it. Somebody can be in several: late and present."""
FIRST_SHOWN = "missing"


@dataclass(frozen=True, slots=True)
class SiteLine:
    """How a site, or people without one, stand today. counts: by the codes of `GROUPS`."""

    site_id: int | None
    name: str | None
    people: int
    counts: dict[str, int]


@router.get("/today", dependencies=SEES)
def today_page(request: Request) -> Response:
    return shell_of(request).page(request, "attendance/today.html", **_facts(request), waiting=waiting_for(request))


@router.get("/today/figures", dependencies=SEES)
def today_figures(request: Request) -> Response:
    """What changes by itself; the open page asks again from time to time."""
    return shell_of(request).page(request, "attendance/today_figures.html", **_facts(request))


@router.get("/today.csv", dependencies=SEES)
@router.get("/today.xlsx", dependencies=SEES)
def today_file(request: Request) -> Response:
    """The list as seen, whole."""
    tell, facts = words(request), _facts(request)
    names = ("Employee number", "Person", "Department", "Site", "State", "In", "Out", "Late min")
    rows = (_cells(one, tell, facts["zone_of"](one)) for one in facts["everybody"])
    name = f"{tell('Today')} {facts['chosen']} {tell(GROUPS[facts['group']][0])}"
    return table_answer(request, name, [tell(name) for name in names], rows)


def asked_today(request: Request) -> tuple[date, list[Today], tuple[int | None, int | None]]:
    """(the day, everybody employed that the address asks for, the site and department it asks for); raises InvalidInputError."""
    asked = request.query_params
    chosen = given_day(asked.get("day", ""), "day") or today(request)
    site, department = (whole(asked.get(name, ""), name) for name in ("site", "department"))
    with database_of(request).reading() as uow:
        within = directory.people_within(scope_of_visitor(request, Permission.SEE_DAYS), chosen)
        return chosen, list(_people(uow, chosen, site, department, within)), (site, department)


def _facts(request: Request) -> dict[str, Any]:
    group, start = request.query_params.get("group", "") or FIRST_SHOWN, whole(request.query_params.get("after", ""), "after")
    if group not in GROUPS:
        raise InvalidInputError(field="group", reason="choose one that the list offers")
    chosen, people, (site, department) = asked_today(request)
    with database_of(request).reading() as uow:
        offered, silent, zones = choices(uow), silent_sites(uow, now()), _zones(uow, shell_of(request).zone.key)
    members = sorted(filter(GROUPS[group][2], people), key=_by_lateness)
    start = start or 0
    return {
        "chosen": chosen,
        "today": today(request),
        "group": group,
        "groups": GROUPS,
        "counts": {code: sum(map(test, people)) for code, (_, _, test) in GROUPS.items()},
        "total": len(people),
        "members": members[start : start + PAGE],
        "everybody": members,
        "following": str(start + PAGE) if len(members) > start + PAGE else "",
        "paged": start > 0,
        "lines": _site_lines(people),
        "offered": offered,
        "site": offered.site(site),
        "department": offered.department(department),
        "silent": [one for one in silent if site in {None, one.id}],
        "clock": clock,
        "zone_of": lambda one: zones.get(one.overview.person.site_id, shell_of(request).zone.key),
        "export": export_address(request, "/today.csv"),
    }


def _people(uow: UnitOfWork, day: date, site: int | None, department: int | None, within: Select[Any] | None) -> Iterator[Today]:
    key: tuple[str, int] | None = None
    while True:
        found = directory.list_people(uow, site_id=site, department_id=department, after=key, limit=PIECE, within=within)
        signs = attendance.month_rows(uow, [one.person.id for one, _ in found], day, day)
        for overview, key in found:  # noqa: B007 - the last one is where the next piece begins
            own = signs.get(overview.person.id)
            yield Today(overview, own[0] if own else None)
        if len(found) < PIECE:
            return


def _by_lateness(one: Today) -> tuple[int, int]:
    """Who is latest first, then who came first."""
    return (-one.signs.late_minutes, one.signs.arrived_at or 0) if one.signs else (0, 0)


def _site_lines(people: list[Today]) -> list[SiteLine]:
    by_site: dict[tuple[int | None, str | None], list[Today]] = {}
    for one in people:
        by_site.setdefault((one.overview.person.site_id, one.overview.site), []).append(one)
    return [
        SiteLine(key, name, len(own), {code: sum(map(test, own)) for code, (_, _, test) in GROUPS.items()})
        for (key, name), own in sorted(by_site.items(), key=lambda item: item[0][1] or "")
    ]


def _zones(uow: UnitOfWork, company: str) -> dict[int | None, str]:
    from server.fleet import actions as fleet

    return {None: company} | {site.id: site.time_zone for site in fleet.list_sites(uow)}


def _cells(one: Today, tell: Tell, zone: str) -> list[object]:
    person, signs = one.overview.person, one.signs
    place = [person.employee_number, person.name, one.overview.department, one.overview.site]
    if signs is None:
        return [*place, tell("not assessed yet"), None, None, None]
    times = [None if at is None else clock(at, zone) for at in (signs.arrived_at, signs.left_at)]
    return [*place, spoken(tell, signs.status), *times, signs.late_minutes or None]
