"""What people are told of a course, an occasion a function."""

from collections.abc import Collection, Mapping
from datetime import datetime

from server.directory import actions as directory
from server.hr.approvals.actions.delegating import delegates_of
from server.hr.approvals.model import CANCEL, KIND_NAMES, Course, CourseState
from server.notify import actions as notify
from server.notify.model import NoticeKind
from server.storage import UnitOfWork

ASKED = "{who} asks for your approval: {what}"
ASKED_TO_CANCEL = "{who} asks to cancel, for your approval: {what}"
COPIED = "{who} has asked for something, and you get a copy: {what}"
REMINDED = "{who} still waits for your approval: {what}"
ENDS: Mapping[CourseState, str] = {
    CourseState.APPROVED: "Your request is approved: {what}",
    CourseState.REFUSED: "Your request is rejected: {what}",
    CourseState.SENT_BACK: "Your request was sent back to be changed: {what}",
}


def tell_asked(uow: UnitOfWork, course: Course, person_ids: Collection[int], now: datetime) -> None:
    """Something waits for these people, and for whoever decides in their place today."""
    text = ASKED_TO_CANCEL if course.facts.kind.endswith(f".{CANCEL}") else ASKED
    _tell(uow, course, _with_delegates(uow, course, person_ids, now), text, now)


def tell_copied(uow: UnitOfWork, course: Course, person_ids: Collection[int], now: datetime) -> None:
    """These people get a copy."""
    _tell(uow, course, person_ids, COPIED, now)


def tell_reminded(uow: UnitOfWork, course: Course, person_ids: Collection[int], now: datetime) -> None:
    """These people, and their delegates, are reminded of what waits for them."""
    _tell(uow, course, _with_delegates(uow, course, person_ids, now), REMINDED, now)


def tell_requester(uow: UnitOfWork, course: Course, now: datetime) -> None:
    """The course ended or came back: whoever asked is told, unless they did it themselves."""
    if course.state in ENDS:
        _tell(uow, course, [course.facts.requester_id], ENDS[course.state], now)


def _with_delegates(uow: UnitOfWork, course: Course, person_ids: Collection[int], now: datetime) -> set[int]:
    on = directory.today_of(uow, now)
    return {*person_ids, *delegates_of(uow, person_ids, course.facts.kind, course.facts.requester_id, on).values()}


def _tell(uow: UnitOfWork, course: Course, person_ids: Collection[int], text: str, now: datetime) -> None:
    if not person_ids:
        return
    who = directory.names_of(uow, [course.facts.requester_id]).get(course.facts.requester_id, "")
    facts = {"who": who, "what": KIND_NAMES.get(course.facts.kind.partition(".")[0], course.facts.kind)}
    notify.notify(uow, person_ids, NoticeKind.APPROVAL, text, now, facts=facts, address=f"/approvals/{course.id}")
