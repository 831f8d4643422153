"""What people are told of a request beside its approval, an occasion a function. Who asked, and what was asked: never the reason."""

from collections.abc import Collection
from datetime import datetime

from server.directory import actions as directory
from server.hr.approvals import actions as approvals
from server.hr.requests.actions.coursing import course_of
from server.hr.requests.engine.words import KINDS
from server.hr.requests.model import Purpose, Request
from server.notify import actions as notify
from server.notify.model import NoticeKind
from server.storage import UnitOfWork

SWAP_ASKED = "{who} wants to swap shifts with you: say yes or no."
SWAP_AGREED = "{who} agrees to swap shifts with you; now it goes to its approvers."
SWAP_DECLINED = "{who} does not want to swap shifts with you."
SWAP_APPROVED = "The shift swap with {who} is approved."
SWAP_OVER = "The shift swap with {who} came to nothing."
SWAP_CANCELLED = "The shift swap with {who} was cancelled: what was rostered before holds again."
WITHDRAWN = "{who} took a request back: {what}"
CANCELLED = "An approved request of {who} was cancelled: {what}"
CHANGED = "An approved request of {who} was changed: {what}"


def tell_partner_asked(uow: UnitOfWork, held: Request, now: datetime) -> None:
    """The partner of a swap is asked."""
    _tell_partner(uow, held, SWAP_ASKED, now, "/me/requests")


def tell_asker_answered(uow: UnitOfWork, held: Request, now: datetime, *, agrees: bool) -> None:
    """Whoever wants to swap is told what the partner said."""
    if held.partner_id is not None:
        _tell(uow, held, [held.person_id], SWAP_AGREED if agrees else SWAP_DECLINED, now, f"/me/requests/{held.id}", of=held.partner_id)


def tell_partner_approved(uow: UnitOfWork, held: Request, now: datetime) -> None:
    """The partner's own roster has changed."""
    _tell_partner(uow, held, SWAP_APPROVED, now, "/me/month")


def tell_partner_over(uow: UnitOfWork, held: Request, now: datetime) -> None:
    """It was refused, or withdrawn."""
    _tell_partner(uow, held, SWAP_OVER, now, "/me/month")


def tell_withdrawn(uow: UnitOfWork, held: Request, now: datetime) -> None:
    """Whoever was asked, or got a copy, need not look at it any more; and the partner."""
    course = course_of(uow, held.id)
    if course is not None:
        _tell(uow, held, approvals.told_of(uow, course.id) - {held.person_id}, WITHDRAWN, now, f"/approvals/{course.id}")
    tell_partner_over(uow, held, now)


def tell_taken_back(uow: UnitOfWork, target: Request, because: Request, now: datetime) -> None:
    """An approved request was cancelled or changed: everybody who was told of it then, but those who decided about that just now."""
    course, new = course_of(uow, target.id), course_of(uow, because.id)
    if course is not None:
        decided = approvals.told_of(uow, new.id) if new is not None else set()
        text = CANCELLED if because.purpose is Purpose.CANCEL else CHANGED
        _tell(uow, target, approvals.told_of(uow, course.id) - decided - {target.person_id}, text, now, f"/approvals/{course.id}")
    _tell_partner(uow, target, SWAP_CANCELLED, now, "/me/month")


def _tell_partner(uow: UnitOfWork, held: Request, text: str, now: datetime, address: str) -> None:
    if held.partner_id is not None:
        _tell(uow, held, [held.partner_id], text, now, address)


def _tell(
    uow: UnitOfWork, held: Request, people: Collection[int], text: str, now: datetime, address: str, *, of: int | None = None
) -> None:
    """of: whose name stands in it; None: whoever asked."""
    if people:
        whose = of if of is not None else held.person_id
        facts = {"who": directory.names_of(uow, [whose]).get(whose, ""), "what": KINDS[held.kind]}
        notify.notify(uow, people, NoticeKind.REQUEST, text, now, facts=facts, address=address)
