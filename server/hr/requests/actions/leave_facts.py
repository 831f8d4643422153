"""What the ledger of leave says of a request: how long it is, and whether enough is left on the days it is taken."""

from collections.abc import Collection
from datetime import date

from server.errors import InvalidInputError, NotFoundError
from server.hr.leave import actions as leave
from server.hr.leave.model import LeaveLength, LeaveType
from server.hr.requests.engine.surroundings import LeaveFacts, LeaveShort
from server.hr.requests.engine.times import days_of
from server.hr.requests.model import LeaveContent, Request
from server.storage import UnitOfWork


def leave_facts(uow: UnitOfWork, person_id: int, content: LeaveContent, zone: str, freed: Collection[Request]) -> LeaveFacts:
    """freed: requests whose minutes do not count beside this one: itself as it waits, and the approved one that it changes.

    Raises InvalidInputError for a type that is not offered, or a span that it cannot be taken in.
    """
    first, last = days_of(content, zone)
    kind = offered_type(uow, content.leave, first)
    measured = length_of(uow, person_id, content, kind)
    balance = leave.balance_on(uow, person_id, kind.code, first)
    back = sum(one.minutes or 0 for one in freed if isinstance(one.content, LeaveContent) and one.content.leave == content.leave)
    left = None if balance.available is None else balance.available + back
    enough = left is None or measured.minutes <= left + balance.overdraft
    return LeaveFacts(
        names=(kind.terms.name_en, kind.terms.name_zh),
        minutes=measured.minutes,
        per_day={one.day: one.minutes for one in measured.days if first <= one.day <= last},
        assumed=frozenset(one.day for one in measured.days if one.assumed),
        certificate=kind.needs_certificate(float(measured.in_days)),
        day_minutes=measured.standard_day_minutes,
        left_after=None if left is None else left - measured.minutes,
        short=None if enough else LeaveShort(first, measured.minutes, max(0, left or 0)),
        not_for=leave.hindrances(uow, person_id, [kind], first).get(kind.code),
        granted_from=None if enough else leave.granted_from(uow, person_id, kind, first),
    )


def offered_types(uow: UnitOfWork, person_id: int, day: date) -> list[LeaveType]:
    """What somebody may ask for on a day."""
    kinds = leave.leave_types(uow, day)
    not_for = leave.hindrances(uow, person_id, kinds, day)
    return [kind for kind in kinds if kind.code not in not_for]


def offered_type(uow: UnitOfWork, code: str, day: date) -> LeaveType:
    """Raises InvalidInputError for one that is not offered on the day."""
    found = next((one for one in leave.leave_types(uow, day) if one.code == code), None)
    if found is None:
        raise InvalidInputError(field="leave", reason="choose one that the list offers")
    return found


def length_of(uow: UnitOfWork, person_id: int, content: LeaveContent, kind: LeaveType) -> LeaveLength:
    """Day by day, by the roster."""
    span = content.span
    last = (span.last_day or span.first_day) if span.first_day is not None else None
    return leave.minutes_of(uow, person_id, kind, span.first_day, last, span.part, span.starts_at, span.ends_at)


def kind_named(uow: UnitOfWork, code: str, day: date) -> LeaveType | None:
    """A type as it is on a day, also one that is no longer offered; None where it never was."""
    try:
        return leave.find_type(uow, code, day)
    except NotFoundError:
        return None
