"""What attendance holds about somebody. A punch is evidence with a chain over it: it is handed out, and never erased here."""

from sqlalchemy import ColumnElement, and_

from server.attendance.store.lists import of_person
from server.attendance.tables import (
    attendance_day,
    attendance_grant,
    day_difference,
    day_exception,
    locked_span,
    period_answer,
    period_arrear,
    period_result,
    punch,
    rule_assignment,
)
from server.storage import DataSubject, Holding


def _punches(one: DataSubject) -> ColumnElement[bool]:
    return punch.c.id.in_(of_person(one.person_id).with_only_columns(punch.c.id))


HOLDINGS = (
    Holding(punch, "Punches", _punches),
    Holding(attendance_day, "Attendance days", lambda one: attendance_day.c.person_id == one.person_id, secret=("inputs_hash",)),
    Holding(day_exception, "Exceptions", lambda one: day_exception.c.person_id == one.person_id),
    Holding(attendance_grant, "Grants", lambda one: attendance_grant.c.person_id == one.person_id),
    Holding(day_difference, "Differences after closing", lambda one: day_difference.c.person_id == one.person_id, secret=("inputs_hash",)),
    Holding(locked_span, "Closed days", lambda one: locked_span.c.person_id == one.person_id),
    Holding(period_answer, "Confirmed periods", lambda one: period_answer.c.person_id == one.person_id),
    Holding(period_result, "Results of periods", lambda one: period_result.c.person_id == one.person_id),
    Holding(period_arrear, "Arrears", lambda one: period_arrear.c.person_id == one.person_id),
    Holding(
        rule_assignment,
        "Rules of one's own",
        lambda one: and_(rule_assignment.c.subject == "person", rule_assignment.c.subject_id == one.person_id),
    ),
)
