"""Assessed days in a database, as the assessing worker leaves them: real plans, punches and rules through the real engine."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

import msgspec

from server.attendance.engine.day.dividing import divide, with_corrections
from server.attendance.model import DayInputs
from server.attendance.model.days import AttendanceDay, Horizon, TimedPunch
from server.attendance.model.grants import Grant
from server.attendance.model.rules import Rules
from server.attendance.store.days import encode_day
from server.attendance.tables import attendance_day
from server.roster.engine.planning import plan_days
from server.roster.model import DayKind, PlannedDay, RosterDay, RosterSource, ShiftBreak, ShiftPart, ShiftTerms
from server.storage import UnitOfWork
from tests.support.company import NOW
from tests.support.days import assess_days

ZONE = "Asia/Shanghai"
OFFICE = ShiftTerms(parts=(ShiftPart(start=540, end=1080, breaks=(ShiftBreak(start=720, end=780),)),))
"""09:00 to 18:00 with an unpaid hour at noon."""


def office_plans(first: date, last: date) -> tuple[PlannedDay, ...]:
    """Monday to Friday in the office, the two other days off."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    worked = {"terms": OFFICE, "shift_id": 1, "shift_name": "Office", "shift_version_id": 1, "source": RosterSource.PATTERN}
    return plan_days(
        [RosterDay(work_date=day, **worked) if day.weekday() < 5 else RosterDay(work_date=day, kind=DayKind.REST_DAY) for day in days], ZONE
    )


def instant(day: date, clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(ZONE)).timestamp())


def store_days(
    uow: UnitOfWork, person_id: int, version_id: int, rules: Rules, punches: Sequence[TimedPunch], span: tuple[date, date],
    grants: Sequence[Grant] = (),
) -> list[AttendanceDay]:  # fmt: skip
    """Assess the person's days of the span by these rules, long after they were over, and keep them."""
    plans = office_plans(*span)
    horizon = Horizon(now=plans[-1].ends + 10 * 86_400, reported_until=plans[-1].ends + 9 * 86_400)
    days = assess_days(plans, punches, grants, rules.day, horizon, *span)
    divided = divide(plans, with_corrections(punches, grants), rules.day)
    for day, plan in zip(days, plans, strict=True):
        own = tuple(grant for grant in grants if _touches(grant, plan))
        inputs = DayInputs(
            plan=plan, punches=divided.get(day.work_date, ()), grants=own, horizon=horizon, rules_version_id=version_id
        )  # fmt: skip
        _keep(uow, person_id, day, inputs)
    return days


def _touches(grant: Grant, plan: PlannedDay) -> bool:
    if grant.first_day is not None:
        return grant.first_day <= plan.work_date <= (grant.last_day or grant.first_day)
    return grant.starts_at is not None and plan.begins <= grant.starts_at < plan.ends


def _keep(uow: UnitOfWork, person_id: int, day: AttendanceDay, inputs: DayInputs) -> None:
    body, steps = encode_day(day)
    said = msgspec.json.encode(inputs)
    facts = dict(_facts(day))
    uow.execute(
        attendance_day.insert().values(
            person_id=person_id,
            work_date=day.work_date,
            rules_version_id=inputs.rules_version_id,
            body=body,
            steps=steps,
            inputs=said,
            inputs_hash=sha256(said).digest()[:16],
            assessed_at=NOW,
            **facts,
        )
    )


def _facts(day: AttendanceDay) -> Iterator[tuple[str, object]]:
    for name in ("state", "status", "kind"):
        yield name, getattr(day, name).value
    for name in ("scheduled_minutes", "worked_minutes", "late_minutes", "early_minutes", "absent_halves", "arrived_at", "left_at"):
        yield name, getattr(day, name)
    yield "overtime_minutes", sum(one.minutes for one in day.overtime)
    for name in ("leave_minutes", "leave_halves", "exceptions", "open_exceptions", "flags"):
        yield name, 0
    yield "leave_kind", ""
