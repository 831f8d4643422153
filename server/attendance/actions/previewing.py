"""A grant looked at before it is recorded: what its days would become. Nothing is kept."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server.attendance.actions.days import days_of
from server.attendance.actions.grants import check_new
from server.attendance.actions.rule_sets import find_rule_version
from server.attendance.engine.bulk import as_grant
from server.attendance.engine.comparing import day_changes
from server.attendance.engine.day.dividing import REACH_DAYS
from server.attendance.engine.foreseeing import days_with
from server.attendance.model import NewGrant
from server.attendance.model.days import AttendanceDay
from server.attendance.model.rules import DayRules
from server.storage import UnitOfWork

REACH = timedelta(days=REACH_DAYS)
"""Days around a grant say which day the punch of a correction belongs to."""


@dataclass(frozen=True, slots=True)
class DayPreview:
    """A day that would come out otherwise. rules: those of the day."""

    work_date: date
    zone: str
    rules: DayRules
    before: AttendanceDay
    after: AttendanceDay


@dataclass(frozen=True, slots=True)
class GrantPreview:
    """What a grant would do. days: those that it changes, in order. same: how many it leaves as they are, of those with a result.

    unknown: how many of its dates have no result yet; it counts when they are worked out.
    """

    days: tuple[DayPreview, ...]
    same: int
    unknown: int


def preview_grant(uow: UnitOfWork, new: NewGrant, now: datetime) -> GrantPreview:
    """Look at what a grant would do to the days that have a result. Raises as `record_grant`, for what could not be recorded."""
    first, last = check_new(uow, new, now)
    around = days_of(uow, new.person_id, first - REACH, last + REACH)
    rules = {key: find_rule_version(uow, key).rules.day for key in {one.rules_version_id for one in around}}
    then = days_with([one.inputs for one in around], as_grant(new), rules)
    days = [
        DayPreview(one.work_date, one.plan.zone, rules[one.rules_version_id], one.day, after)
        for one, after in zip(around, then, strict=True)
        if first <= one.work_date <= last
    ]
    changed = tuple(one for one in days if day_changes(one.before, one.after))
    return GrantPreview(changed, len(days) - len(changed), (last - first).days + 1 - len(days))
