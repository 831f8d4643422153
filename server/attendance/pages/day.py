"""`/people/{id}/days/{date}`: everything about one person's day; the answer first, then how it came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.attendance import actions as attendance
from server.attendance.engine.telling import tell_day, tell_exception, tell_steps
from server.attendance.engine.wording import Tell, days_of_halves
from server.attendance.model import PunchLine, StoredDay, StoredGrant
from server.attendance.model.days import DayState
from server.attendance.model.silent import SilentTerminal
from server.attendance.pages.asked import today
from server.attendance.pages.drawing import DayLine, draw_day
from server.attendance.pages.people import known_person
from server.attendance.pages.sites import SiteState, silent_sites
from server.attendance.pages.words import STATES, clock, exception_state, hours
from server.audit.model import CONCERNS
from server.directory.model import Enrolment, PersonOverview
from server.errors import InvalidInputError, NotFoundError
from server.fleet import actions as fleet
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, now, shell_of, words
from server.web.visitor import needs

router = APIRouter()
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(9998, 12, 30)


@dataclass(frozen=True, slots=True)
class DaySeen:
    """What a page of a day shows; None for a stored day where nothing was assessed yet. terminals: those that it waits for."""

    person: PersonOverview
    day: date
    stored: StoredDay | None
    answer: str
    line: DayLine | None
    steps: list[str]
    punches: dict[int, PunchLine]
    grants: list[StoredGrant]
    silent: list[SiteState]
    terminals: list[SilentTerminal]


@router.get("/people/{person_id:int}/days/{day}", dependencies=[needs(Permission.SEE_DAYS), needs(Permission.SEE_PEOPLE)])
def day_page(request: Request, person_id: int, day: str, done: str = "") -> Response:
    chosen = asked_day(day)
    with database_of(request).reading() as uow:
        seen = see_day(uow, person_id, chosen, words(request))
    return shell_of(request).page(
        request,
        "attendance/day.html",
        **facts_of(seen, request),
        done=done,
        trail_of=(("person", seen.person.person.employee_number), (CONCERNS, str(seen.person.person.id))),
    )


def asked_day(value: str) -> date:
    """A date of an address; raises InvalidInputError."""
    found = given_day(value, "day")
    if found is None or not FIRST_DAY <= found <= LAST_DAY:
        raise InvalidInputError(field="day", reason="give a date such as 2026-11-23")
    return found


def see_day(uow: UnitOfWork, person_id: int, day: date, tell: Tell) -> DaySeen:
    """Everything about somebody's day; raises NotFoundError for nobody."""
    overview, enrolments = known_person(uow, person_id)
    stored = stored_day(uow, person_id, day)
    if stored is None:
        return DaySeen(overview, day, None, tell("This day has not been worked out yet."), None, [], {}, [], [], [])
    punches = {key: attendance.find_line(uow, key, see_people=True) for key in stored.punch_ids}
    places = {key: line.terminal_name or line.terminal_serial for key, line in punches.items()}
    unsettled = stored.day.state is not DayState.FINAL
    line = draw_day(stored.plan, stored.day, stored.inputs.grants, places, int(now().timestamp()) if unsettled else None)
    steps = tell_steps(stored.day.steps, tell, stored.plan.zone, day)
    grants = [attendance.find_grant(uow, key) for key in stored.grant_ids]
    silent = [one for one in silent_sites(uow, now()) if one.id == overview.person.site_id] if unsettled else []
    terminals = _waited_for(uow, stored, enrolments) if stored.day.state is DayState.PROVISIONAL else []
    return DaySeen(overview, day, stored, tell_day(stored.day, tell, stored.plan.zone), line, steps, punches, grants, silent, terminals)


def stored_day(uow: UnitOfWork, person_id: int, day: date) -> StoredDay | None:
    try:
        return attendance.day_of(uow, person_id, day)
    except NotFoundError:
        return None


def _waited_for(uow: UnitOfWork, stored: StoredDay, enrolments: Sequence[Enrolment]) -> list[SilentTerminal]:
    """Terminals of the person's zones that have not reported past the end of the day."""
    day, ends = stored.work_date, max([part.closes for part in stored.plan.parts], default=stored.plan.ends)
    zones = {one.zone_id for one in enrolments if one.valid_from <= day and (one.valid_until is None or day <= one.valid_until)}
    own = {one.terminal.id for one in fleet.list_terminals(uow) if one.terminal.zone_id in zones}
    silent = attendance.silent_terminals(uow, int(now().timestamp()))
    return [one for one in silent if one.terminal_id in own and (one.reported_until or 0) <= ends]


def facts_of(seen: DaySeen, request: Request) -> dict[str, Any]:
    """For the templates of a day, those of HR and those of the person."""
    tell, zone = words(request), seen.stored.plan.zone if seen.stored else shell_of(request).zone.key
    return {
        "seen": seen,
        "today": today(request),
        "before": seen.day - timedelta(days=1),
        "following": seen.day + timedelta(days=1),
        "site_zone": zone,
        "states": STATES,
        "hours": hours,
        "days": days_of_halves,
        "clock": clock,
        "moment_of": lambda at: datetime.fromtimestamp(at, UTC),
        "exception_state": exception_state,
        "said": lambda one: tell_exception(one, tell, zone, seen.day),
    }
