"""Who stands where on a day, read for one requester: what `engine.resolving` works on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from server.access import actions as access
from server.access.model import Role
from server.directory import actions as directory
from server.errors import RefusedError
from server.fleet import actions as fleet
from server.hr.approvals.engine.resolving import HR, Chart
from server.hr.approvals.model import Facts, Flow, Who
from server.hr.approvals.store import people
from server.roster import actions as roster
from server.roster.model import CalendarKind
from server.storage import UnitOfWork

LOOK_AHEAD = timedelta(days=120)
"""How far a calendar is read for a time limit: the longest one, with holidays between."""


def chart_of(uow: UnitOfWork, requester_id: int, day: date, flow: Flow) -> Chart:
    """The chart of a requester on a day, with the roles that the flow asks."""
    steps = [step for branch in flow.branches for step in branch.steps]
    roles = {HR, *(step.role for step in steps if step.who is Who.ROLE)}
    managers, by_department = directory.manager_chain(uow, requester_id, day), directory.heads_on(uow, day)
    heads = tuple(by_department.get(one) for one in departments_of(uow, requester_id, day))
    holders = {role: tuple(access.people_with_role(uow, Role(role))) for role in roles if role in set(Role)}
    everybody = {*managers, *flow.deputies, *(one for step in steps for one in step.people)}
    everybody |= {one for one in heads if one is not None} | {one for each in holders.values() for one in each}
    return Chart(requester_id, tuple(managers), heads, holders, people.employed(uow, everybody, day))


def departments_of(uow: UnitOfWork, person_id: int, day: date) -> Sequence[int]:
    """The person's department on a day and those above it, the nearest first."""
    spans = directory.terms_of(uow, [person_id], day, day)[person_id]
    own = spans[0].terms.department_id if spans else None
    return () if own is None else directory.department_chain(uow, own)


def facts_for(
    uow: UnitOfWork,
    kind: str,
    requester_id: int,
    first_day: date,
    *,
    on: date,
    days: Decimal | None = None,
    minutes: int | None = None,
    money_fen: int | None = None,
) -> Facts:
    """The facts of a request, with where the requester stands filled in. on: the day on which that is looked up.

    Raises RefusedError for somebody who is not employed then.
    """
    spans = directory.terms_of(uow, [requester_id], on, on)[requester_id]
    if not spans:
        raise RefusedError(reason="Nobody can ask for anything who is not employed on {day}.", day=on)
    terms = spans[0].terms
    return Facts(
        kind,
        requester_id,
        first_day,
        minutes=minutes,
        days=days,
        department_id=terms.department_id,
        site_id=terms.site_id,
        legal_entity_id=terms.legal_entity_id,
        level=len(directory.manager_chain(uow, requester_id, on)),
        money_fen=money_fen,
    )


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked at a site, and its clock."""

    zone: ZoneInfo
    rests: frozenset[date]
    made_up: frozenset[date]

    def is_workday(self, day: date) -> bool:
        return day in self.made_up or (day.weekday() < 5 and day not in self.rests)


def calendar_of(uow: UnitOfWork, site_id: int | None, first: date) -> WorkCalendar:
    """The calendar of a site from a day on, far enough for any time limit; without a site that of the first one."""
    sites = fleet.list_sites(uow)
    site = next((one for one in sites if one.id == site_id), sites[0] if sites else None)
    days, _ = roster.days_at_site(uow, site.id if site else None, first, first + LOOK_AHEAD)
    made_up = _dates(day for day, one in days.items() if one.kind is CalendarKind.MAKE_UP)
    return WorkCalendar(ZoneInfo(site.time_zone if site else "UTC"), _dates(days) - made_up, made_up)


def _dates(days: Iterable[date]) -> frozenset[date]:
    return frozenset(days)
