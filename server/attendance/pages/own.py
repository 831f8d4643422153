"""`/me`, `/me/month`, `/me/days/{date}`: what somebody sees of themselves, made for a phone. Whose days these are comes from the
account and never from the address.
"""

from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.attendance import actions as attendance
from server.attendance.engine.telling import tell_day, tell_exception
from server.attendance.model import StoredDay
from server.attendance.model.days import AttendanceDay, ExceptionKind, PunchUse
from server.attendance.pages.asked import today
from server.attendance.pages.day import asked_day, facts_of, see_day
from server.attendance.pages.month_rows import SIGN, cell_of, month_row
from server.attendance.pages.people import month_asked
from server.attendance.pages.sites import silent_sites
from server.attendance.pages.words import MISSING, SIGNS, STATES, clock, hours
from server.directory import actions as directory
from server.roster import actions as roster
from server.roster.model import PlannedDay
from server.storage import UnitOfWork
from server.web.asking import database_of, now, shell_of, words
from server.web.own import OwnEntry, own_entries
from server.web.visitor import needs

router = APIRouter()
OWN = [needs(Permission.SEE_OWN)]
LOOK_BACK = timedelta(days=45)
"""How far back what is missing is asked for: a period and a bit."""
OWN_KINDS = MISSING | {ExceptionKind.ABSENCE, ExceptionKind.ASSUMED_OUT, ExceptionKind.AWAY, ExceptionKind.OVERTIME_NOT_APPROVED}
"""Exceptions that the person can do something about; lateness can only be regretted."""


@router.get("/me", dependencies=OWN)
def my_day(request: Request) -> Response:
    key, chosen, tell = own_id(request), today(request), words(request)
    if key is None:
        return _nobody(request)
    with database_of(request).reading() as uow:
        person = directory.see_person(uow, key)[0].person
        found = attendance.days_of(uow, key, chosen - LOOK_BACK, chosen)
        stored = next((one for one in found if one.work_date == chosen), None)
        use = last_use(stored.day) if stored else None
        place = _place(uow, use)
        plans = roster.planned_days(uow, [key], chosen, chosen + timedelta(days=1)).get(key, ())
        silent = [one for one in silent_sites(uow, now()) if one.id == person.site_id]
        entries = own_entries(request, uow)
    return shell_of(request).page(
        request,
        "attendance/me.html",
        person=person,
        chosen=chosen,
        stored=stored,
        use=use,
        place=place,
        answer=tell_day(stored.day, tell, stored.plan.zone) if stored else "",
        plans={plan.work_date: plan for plan in plans},
        tomorrow=chosen + timedelta(days=1),
        open=[one for one in found if one.work_date < chosen and _is_open(one)],
        silent=silent,
        entries=entries,
        site_zone=_zone(plans, shell_of(request).zone.key),
        clock=clock,
        said=lambda one: tell_exception(one, tell, _zone(plans, shell_of(request).zone.key)),
    )


@router.get("/me/month", dependencies=OWN)
def my_month(request: Request, month: str = "") -> Response:
    key, tell = own_id(request), words(request)
    if key is None:
        return _nobody(request)
    first = month_asked(month) or today(request).replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    last = following - timedelta(days=1)
    with database_of(request).reading() as uow:
        overview, _ = directory.see_person(uow, key)
        found = attendance.days_of(uow, key, first, last)
        signs = attendance.month_rows(uow, [key], first, last).get(key, [])
    dates = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return shell_of(request).page(
        request,
        "attendance/my_month.html",
        overview=overview,
        month=first,
        before=(first - timedelta(days=1)).replace(day=1),
        following=following,
        today=today(request),
        lines=[(one, tell_day(one.day, tell, one.plan.zone), SIGNS[cell_of(sign) & SIGN]) for one, sign in zip(found, signs, strict=True)],
        totals=month_row(overview, signs, dates).totals,
        states=STATES,
        hours=hours,
        clock=clock,
        open=_is_open,
    )


@router.get("/me/days/{day}", dependencies=OWN)
def my_explained_day(request: Request, day: str) -> Response:
    key = own_id(request)
    if key is None:
        return _nobody(request)
    with database_of(request).reading() as uow:
        seen = see_day(uow, key, asked_day(day), words(request))
    return shell_of(request).page(request, "attendance/my_day.html", **facts_of(seen, request))


def entries(request: Request, _uow: UnitOfWork) -> list[OwnEntry]:
    """What attendance has of somebody themselves, beside their day."""
    tell = words(request)
    return [OwnEntry("/me/month", tell("My month")), OwnEntry("/me/periods", tell("Confirm months"))]


def own_id(request: Request) -> int | None:
    """The person that the visitor's account belongs to."""
    found: int | None = request.state.visitor.person_id
    return found


def last_use(day: AttendanceDay) -> PunchUse | None:
    """The last punch that says whether somebody is in or out."""
    return max((use for use in day.uses if use.heading is not None), key=lambda use: use.at, default=None)


def _place(uow: UnitOfWork, use: PunchUse | None) -> str:
    if use is None or not use.punch_id:
        return ""
    line = attendance.find_line(uow, use.punch_id, see_people=True)
    return line.terminal_name or str(line.terminal_serial)


def _is_open(stored: StoredDay) -> bool:
    return any(one.state == "open" and one.exception.kind in OWN_KINDS for one in stored.exceptions)


def _zone(plans: Sequence[PlannedDay], company: str) -> str:
    return plans[0].zone if plans else company


def _nobody(request: Request) -> Response:
    return shell_of(request).page(request, "attendance/no_person.html")
