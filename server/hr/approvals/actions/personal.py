"""What approvals hold about somebody: what they asked for, and what they decided."""

from sqlalchemy import ColumnElement, Select, or_, select

from server.hr.approvals.tables import (
    approval_bulk,
    approval_bulk_item,
    approval_course,
    approval_delegation,
    approval_entry,
    approval_seat,
)
from server.storage import DataSubject, Holding


def _own_courses(one: DataSubject) -> Select[tuple[int]]:
    return select(approval_course.c.id).where(approval_course.c.requester_id == one.person_id)


def _seats(one: DataSubject) -> ColumnElement[bool]:
    seat = approval_seat.c
    return or_(seat.course_id.in_(_own_courses(one)), seat.person_id == one.person_id, seat.decided_by == one.person_id)


HOLDINGS = (
    Holding(approval_course, "Asked for", lambda one: approval_course.c.requester_id == one.person_id),
    Holding(approval_seat, "Who decides", _seats),
    Holding(
        approval_entry,
        "What was said and decided",
        lambda one: or_(approval_entry.c.course_id.in_(_own_courses(one)), approval_entry.c.person_id == one.person_id),
    ),
    Holding(
        approval_delegation,
        "Decides for somebody",
        lambda one: or_(approval_delegation.c.person_id == one.person_id, approval_delegation.c.delegate_id == one.person_id),
    ),
    Holding(approval_bulk, "Decided many at once", lambda one: approval_bulk.c.person_id == one.person_id),
    Holding(
        approval_bulk_item,
        "Decided many at once, one by one",
        lambda one: approval_bulk_item.c.bulk_id.in_(select(approval_bulk.c.id).where(approval_bulk.c.person_id == one.person_id)),
    ),
)
