"""What approvals hold about somebody: what they asked for, and what they decided. A decision on somebody else's matter stays with that."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select, update

from server.audit.actions import erase_contents
from server.hr.approvals.tables import (
    approval_bulk,
    approval_bulk_item,
    approval_course,
    approval_delegation,
    approval_entry,
    approval_seat,
)
from server.storage import DataSubject, Holding, UnitOfWork

KEEP = "requests"


def _own(one: DataSubject) -> ColumnElement[bool]:
    return approval_course.c.requester_id == one.person_id


def _own_courses(one: DataSubject) -> Select[tuple[int]]:
    return select(approval_course.c.id).where(_own(one))


def _bulks(one: DataSubject) -> Select[tuple[int]]:
    return select(approval_bulk.c.id).where(approval_bulk.c.person_id == one.person_id)


def _seats(one: DataSubject) -> ColumnElement[bool]:
    seat = approval_seat.c
    return or_(seat.course_id.in_(_own_courses(one)), seat.person_id == one.person_id, seat.decided_by == one.person_id)


def _entries(one: DataSubject) -> ColumnElement[bool]:
    return approval_entry.c.course_id.in_(_own_courses(one))


def _erase_entries(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    """They are evidence: the database lets go of a row only when it says nothing any more."""
    uow.execute(update(approval_entry).where(_entries(one)).values(comment="", actor="", facts={}))
    return uow.execute(approval_entry.delete().where(_entries(one))).rowcount


def _erase_courses(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    """With what the trail says of them."""
    keys = [str(row.id) for row in uow.fetch_all(_own_courses(one))]
    erase_contents(uow, "course", keys)
    return uow.execute(approval_course.delete().where(_own(one))).rowcount


HOLDINGS = (
    Holding(
        approval_bulk_item,
        "Decided many at once, one by one",
        lambda one: approval_bulk_item.c.bulk_id.in_(_bulks(one)),
        keep=KEEP,
        goes=lambda one: or_(approval_bulk_item.c.bulk_id.in_(_bulks(one)), approval_bulk_item.c.course_id.in_(_own_courses(one))),
    ),
    Holding(approval_bulk, "Decided many at once", lambda one: approval_bulk.c.person_id == one.person_id, keep=KEEP),
    Holding(
        approval_entry,
        "What was said and decided",
        lambda one: or_(_entries(one), approval_entry.c.person_id == one.person_id),
        keep=KEEP,
        goes=_entries,
        erased=_erase_entries,
    ),
    Holding(approval_seat, "Who decides", _seats, keep=KEEP, goes=lambda one: approval_seat.c.course_id.in_(_own_courses(one))),
    Holding(approval_course, "Asked for", _own, keep=KEEP, erased=_erase_courses),
    Holding(
        approval_delegation,
        "Decides for somebody",
        lambda one: or_(approval_delegation.c.person_id == one.person_id, approval_delegation.c.delegate_id == one.person_id),
        keep=KEEP,
    ),
)
