"""Requests as approvers and lists read them: with the names of what is in them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from server.attendance import actions as attendance
from server.directory import actions as directory
from server.hr.approvals.model import Described, Told
from server.hr.leave import actions as leave
from server.hr.leave.model import DayLength
from server.hr.requests import store
from server.hr.requests.engine.describing import TITLES, Names, lines_of
from server.hr.requests.engine.telling import told
from server.hr.requests.engine.words import word_of
from server.hr.requests.model import LeaveContent, Request, ShiftChangeContent
from server.roster import actions as roster
from server.storage import UnitOfWork


def describe_requests(uow: UnitOfWork, request_ids: Collection[int]) -> Mapping[int, Described]:
    """By id, in a few queries whatever their number."""
    found = store.requests_by_id(uow, request_ids)
    targets = store.requests_by_id(uow, {one.target_id for one in found.values() if one.target_id is not None})
    names = names_for(uow, found.values())
    zones = attendance.zones_of(uow, {one.person_id for one in found.values()})
    return {key: _described(one, targets.get(one.target_id or 0), zones[one.person_id], names) for key, one in found.items()}


def names_for(uow: UnitOfWork, requests: Iterable[Request]) -> Names:
    """What things in these requests are called."""
    requests = list(requests)
    partners = {one.partner_id for one in requests if one.partner_id is not None}
    shifts = any(isinstance(one.content, ShiftChangeContent) for one in requests)
    day = max((one.first_day for one in requests if isinstance(one.content, LeaveContent)), default=None)
    kinds = leave.leave_types(uow, day, archived=True) if day is not None else []
    return Names(
        people=directory.names_of(uow, partners) if partners else {},
        shifts={one.id: one.name for one in roster.list_shifts(uow)} if shifts else {},
        leave={one.code: (one.terms.name_en, one.terms.name_zh) for one in kinds},
        leave_days={one.code: one.terms.standard_day_minutes for one in kinds if one.terms.day_length is DayLength.STANDARD},
    )


def leave_names(uow: UnitOfWork, day: date) -> dict[str, tuple[str, str]]:
    """(English, Chinese) of all types, by code."""
    return {one.code: (one.terms.name_en, one.terms.name_zh) for one in leave.leave_types(uow, day, archived=True)}


def _described(held: Request, target: Request | None, zone: str, names: Names) -> Described:
    facts = {"number": held.number, "kind": Told(word_of(held.kind)), "target": target.number if target else ""}
    return Described(
        title=Told(TITLES[held.purpose], facts),
        lines=lines_of(held, zone, names),
        reason=held.reason,
        person_id=held.person_id,
        address=f"/requests/{held.id}",
        warnings=tuple(Told("{what} {remedy}", dict(zip(("what", "remedy"), told(one), strict=True))) for one in held.findings),
    )
