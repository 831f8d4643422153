"""Everything about a person that a request may run into, out of the areas that know it, in a few queries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.attendance import actions as attendance
from server.attendance.model import StoredGrant
from server.attendance.model.days import ExceptionKind
from server.errors import NotFoundError
from server.hr.requests import store
from server.hr.requests.actions.leave_facts import leave_facts
from server.hr.requests.engine.surroundings import Granted, LeaveFacts, NewShift, Other, Partner, Surroundings
from server.hr.requests.engine.times import check_content, days_of, midnight
from server.hr.requests.model import (
    Content,
    CorrectionContent,
    CorrectionRules,
    EffectKind,
    LeaveContent,
    NewRequest,
    Purpose,
    Request,
    RequestKind,
    RequestState,
    ShiftChangeContent,
    SwapContent,
    kind_of,
)
from server.roster import actions as roster
from server.roster.engine.versions import version_on
from server.roster.model import PlannedDay
from server.storage import UnitOfWork

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Apart:
    """What is left out of what a request runs into: itself, and the approved request that it changes or cancels."""

    requests: tuple[Request, ...] = ()
    grant_ids: frozenset[int] = frozenset()

    @property
    def ids(self) -> set[int]:
        return {one.id for one in self.requests}


def surroundings_of(
    uow: UnitOfWork, new: NewRequest, now: datetime, *, itself: Request | None = None, attachments: int = 0
) -> Surroundings:
    """Raises InvalidInputError for a content that cannot be, NotFoundError for a person, partner, shift or type that is not there."""
    check_content(new.content)
    zone = zone_of(uow, new.person_id)
    first, last = days_of(new.content, zone)
    people = {new.person_id, *_partners(new.content)}
    plans = planned(uow, people, first, last)
    target = store.request_by_id(uow, new.target_id) if new.target_id is not None else None
    replaced = target.content if target is not None and new.purpose is Purpose.CHANGE else None
    spans = [(first, last), *([days_of(replaced, zone)] if replaced is not None else [])]
    closed = attendance.closed_days(uow, people, min(one[0] for one in spans), max(one[1] for one in spans))
    apart = _apart(uow, target, itself)
    grants = _granted(uow, people, first, last, apart)
    today = now.astimezone(ZoneInfo(zone)).date()
    rules = store.rules_on(uow, kind_of(new.content), today)
    others = store.waiting_between(uow, people, first, last)
    month = _month(first)
    causes = rules.counted if isinstance(rules, CorrectionRules) else ()
    return Surroundings(
        person_id=new.person_id,
        zone=zone,
        today=today,
        now=int(now.timestamp()),
        plans=plans[new.person_id],
        rules=rules,
        grants=grants[new.person_id],
        others=tuple(Other(one.number, one.person_id, one.content) for one in others if one.id not in apart.ids),
        closed=closed[new.person_id],
        late=new.late,
        used=store.corrections_in_month(uow, new.person_id, month, causes, apart.ids) if causes else 0,
        overtime=_overtime(uow, new, month, apart),
        missing=_missing(uow, new),
        rest_minutes=roster.roster_settings_now(uow).minimum_rest_minutes,
        attachments=attachments,
        leave=_leave(uow, new, zone, apart),
        partner=_partner(new.content, plans, grants, closed),
        shift=_shift(uow, new.content, zone),
        replaced=replaced,
    )


def zone_of(uow: UnitOfWork, person_id: int) -> str:
    """Whose clock somebody's times are on; raises NotFoundError."""
    found = attendance.zones_of(uow, [person_id]).get(person_id)
    if found is None:
        raise NotFoundError(what="person", name=person_id)
    return found


def closed_day(uow: UnitOfWork, held: Request) -> date | None:
    """The first day of a request that is in a closed period, its own or that of a swap's partner; None where all are open."""
    people = [one for one in (held.person_id, held.partner_id) if one is not None]
    found = attendance.closed_days(uow, people, *days_of(held.content, zone_of(uow, held.person_id)))
    return min((day for own in found.values() for day in own), default=None)


def planned(uow: UnitOfWork, people: Collection[int], first: date, last: date) -> dict[int, dict[date, PlannedDay]]:
    """Plans by person and date, with a day on each side."""
    found = roster.planned_days(uow, people, first - DAY, last + DAY)
    return {person_id: {plan.work_date: plan for plan in plans} for person_id, plans in found.items()}


def _apart(uow: UnitOfWork, target: Request | None, itself: Request | None) -> Apart:
    if target is None:
        return Apart((itself,) if itself else ())
    grants = frozenset(one.reference for one in store.effects_of(uow, target.id) if one.kind is EffectKind.GRANT)
    return Apart(tuple(one for one in (itself, target) if one), grants)


def _leave(uow: UnitOfWork, new: NewRequest, zone: str, apart: Apart) -> LeaveFacts | None:
    """Minutes that are reserved for it, or taken by what it changes, are free for it."""
    if not isinstance(new.content, LeaveContent):
        return None
    reserved = (RequestState.WAITING, Purpose.NEW)
    freed = [one for one in apart.requests if (one.state, one.purpose) == reserved or one.state is RequestState.APPROVED]
    return leave_facts(uow, new.person_id, new.content, zone, freed)


def _partners(content: Content) -> tuple[int, ...]:
    return (content.partner_id,) if isinstance(content, SwapContent) else ()


def _granted(uow: UnitOfWork, people: Collection[int], first: date, last: date, apart: Apart) -> dict[int, tuple[Granted, ...]]:
    found = attendance.grants_between(uow, people, first - DAY, last + DAY)
    return {person_id: tuple(_as_granted(one) for one in own if one.grant.id not in apart.grant_ids) for person_id, own in found.items()}


def _as_granted(stored: StoredGrant) -> Granted:
    return Granted(stored.grant, stored.origin_reference if stored.origin == "request" else "")


def _month(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - DAY


def _overtime(uow: UnitOfWork, new: NewRequest, month: tuple[date, date], apart: Apart) -> dict[date, int]:
    if kind_of(new.content) is not RequestKind.OVERTIME:
        return {}
    return store.overtime_by_day(uow, new.person_id, month, apart.ids)


def _missing(uow: UnitOfWork, new: NewRequest) -> frozenset[ExceptionKind] | None:
    """What the day lacks; None where it was not assessed."""
    if not isinstance(new.content, CorrectionContent):
        return None
    day = new.content.work_date
    found = attendance.days_of(uow, new.person_id, day, day)
    return frozenset(one.exception.kind for one in found[0].exceptions) if found else None


def _partner(
    content: Content,
    plans: Mapping[int, Mapping[date, PlannedDay]],
    grants: Mapping[int, tuple[Granted, ...]],
    closed: Mapping[int, frozenset[date]],
) -> Partner | None:
    if not isinstance(content, SwapContent):
        return None
    key = content.partner_id
    return Partner(key, plans[key], grants[key], closed[key])


def _shift(uow: UnitOfWork, content: Content, zone: str) -> NewShift | None:
    if not isinstance(content, ShiftChangeContent) or content.shift_id is None:
        return None
    held, versions = roster.see_shift(uow, content.shift_id)
    version = version_on([one for one in versions if not one.withdrawn], content.day)
    if held.archived or version is None or not version.terms.parts:
        raise NotFoundError(what="shift", name=held.name)
    parts, start = version.terms.parts, midnight(content.day, zone)
    return NewShift(held.name, start + min(one.start for one in parts) * 60, start + max(one.end for one in parts) * 60)
