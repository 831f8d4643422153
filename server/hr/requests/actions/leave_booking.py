"""What a request for leave moves in the ledger: reserved while it waits, taken when it is approved, given back when that is taken back."""

from datetime import date, datetime

from server.attendance.model.grants import LeaveKind
from server.audit.model import Actor
from server.hr.leave import actions as leave
from server.hr.requests.actions.leave_facts import length_of
from server.hr.requests.model import LeaveContent, Purpose, Request
from server.storage import UnitOfWork


def reserve_leave(uow: UnitOfWork, held: Request, by: Actor, now: datetime) -> None:
    """Keep the minutes of a request that waits. A change keeps those of the approved request until it is approved itself."""
    if isinstance(held.content, LeaveContent) and held.purpose is Purpose.NEW:
        kind = leave.find_type(uow, held.content.leave, held.first_day)
        measured = length_of(uow, held.person_id, held.content, kind)
        leave.reserve(uow, held.person_id, kind.code, measured.minutes, min(measured.by_day), held.number, by, now, by_day=measured.by_day)


def release_leave(uow: UnitOfWork, held: Request, by: Actor, now: datetime) -> None:
    """Let them go: it was refused, sent back, withdrawn, or waits in another form."""
    if isinstance(held.content, LeaveContent) and held.purpose is Purpose.NEW:
        leave.release(uow, held.person_id, held.content.leave, held.number, by, now)


def book_leave(uow: UnitOfWork, held: Request, by: Actor, now: datetime) -> None:
    """Take them: it is approved. Measured anew, by the roster as it is now."""
    assert isinstance(held.content, LeaveContent), "only leave is booked"
    kind = leave.find_type(uow, held.content.leave, held.first_day)
    measured = length_of(uow, held.person_id, held.content, kind)
    leave.book(uow, held.person_id, kind.code, measured.minutes, min(measured.by_day), held.number, by, now, by_day=measured.by_day)


def give_leave_back(uow: UnitOfWork, target: Request, by: Actor, now: datetime) -> None:
    """Give back what an approved request took."""
    if isinstance(target.content, LeaveContent):
        leave.give_back(uow, target.person_id, target.content.leave, target.number, by, now)


def leave_kind_of(uow: UnitOfWork, content: LeaveContent, day: date) -> LeaveKind:
    """What attendance knows the type as."""
    return leave.find_type(uow, content.leave, day).kind
