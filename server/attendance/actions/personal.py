"""What attendance holds about somebody, and how it is erased: a punch stays to be counted, a period with its totals."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, update

from server.attendance.actions.erasing import erase_days, erase_punches, erase_results, punches_left, results_left
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
from server.storage import DataSubject, Holding, UnitOfWork

KEEP = "attendance"


def _comments(one: DataSubject) -> ColumnElement[bool]:
    return and_(period_answer.c.person_id == one.person_id, period_answer.c.comment != "")


def _erase_comments(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    return uow.execute(update(period_answer).where(_comments(one)).values(comment="")).rowcount


def _reasons(one: DataSubject) -> ColumnElement[bool]:
    return and_(period_arrear.c.person_id == one.person_id, period_arrear.c.reason != "")


def _erase_reasons(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    return uow.execute(update(period_arrear).where(_reasons(one)).values(reason="")).rowcount


HOLDINGS = (
    Holding(punch, "Punches", punches_left, keep=KEEP, erased=erase_punches),
    Holding(
        period_answer,
        "Confirmed periods",
        lambda one: period_answer.c.person_id == one.person_id,
        keep=KEEP,
        goes=_comments,
        erased=_erase_comments,
    ),
    Holding(
        period_result,
        "Results of periods",
        lambda one: period_result.c.person_id == one.person_id,
        keep=KEEP,
        goes=results_left,
        erased=erase_results,
    ),
    Holding(
        period_arrear, "Arrears", lambda one: period_arrear.c.person_id == one.person_id, keep=KEEP, goes=_reasons, erased=_erase_reasons
    ),
    Holding(
        attendance_day,
        "Attendance days",
        lambda one: attendance_day.c.person_id == one.person_id,
        secret=("inputs_hash",),
        keep=KEEP,
        erased=erase_days,
    ),
    Holding(day_exception, "Exceptions", lambda one: day_exception.c.person_id == one.person_id, keep=KEEP),
    Holding(attendance_grant, "Grants", lambda one: attendance_grant.c.person_id == one.person_id, keep=KEEP),
    Holding(
        day_difference,
        "Differences after closing",
        lambda one: day_difference.c.person_id == one.person_id,
        secret=("inputs_hash",),
        keep=KEEP,
    ),
    Holding(locked_span, "Closed days", lambda one: locked_span.c.person_id == one.person_id),
    Holding(
        rule_assignment,
        "Rules of one's own",
        lambda one: and_(rule_assignment.c.subject == "person", rule_assignment.c.subject_id == one.person_id),
        keep=KEEP,
    ),
)
