"""Days of people, assessed by the engine from punches and stored as the server stores them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from server.attendance.actions import add_rule_set
from server.attendance.engine.day.assessing import assess_day
from server.attendance.model import EXCEPTION_BITS, DayFlag, DayInputs
from server.attendance.model.days import DayState, Horizon, TimedPunch
from server.attendance.model.grants import Grant
from server.attendance.model.rules import Consequence, DayRules, Rules, Tier
from server.attendance.store.days import encode_day
from server.attendance.tables import attendance_day, day_exception
from server.roster.model import DayKind, PlannedBreak, PlannedDay, PlannedPart
from server.storage import UnitOfWork
from tests.support.company import NOW, TESTER

ZONE = "Asia/Shanghai"
HOUSE_RULES = DayRules(grace_in_minutes=3, duplicate_seconds=60, late_tiers=(Tier(beyond_minutes=30, consequence=Consequence.SERIOUS),))


def at(day: date, clock: str) -> int:
    """An instant on the clock of Shanghai; hours may exceed 24."""
    hours, minutes = map(int, clock.split(":"))
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE)).timestamp()) + hours * 3600 + minutes * 60


def office_day(day: date, **changes) -> PlannedDay:
    """09:00 to 18:00 with an hour for lunch; weekends are rest days."""
    facts = {"work_date": day, "zone": ZONE, "begins": at(day, "0:00"), "ends": at(day, "24:00"), "rostered": True, "shift_name": "行政班"}
    if day.weekday() >= 5:
        return PlannedDay(**facts | {"kind": DayKind.REST_DAY, "shift_name": ""} | changes)
    lunch = PlannedBreak(start=at(day, "12:00"), end=at(day, "13:00"))
    part = PlannedPart(start=at(day, "9:00"), end=at(day, "18:00"), opens=at(day, "5:00"), closes=at(day, "23:00"), breaks=(lunch,))
    return PlannedDay(**facts | {"parts": (part,)} | changes)


def punches(day: date, *clocks: str, first_id: int = 1, terminal_id: int = 1) -> list[TimedPunch]:
    return [TimedPunch(id=first_id + place, at=at(day, clock), terminal_id=terminal_id) for place, clock in enumerate(clocks)]


def store_day(
    uow: UnitOfWork,
    person_id: int,
    plan: PlannedDay,
    made: Sequence[TimedPunch] = (),
    grants: Sequence[Grant] = (),
    *,
    version: int = 1,
    rules: DayRules = HOUSE_RULES,
    now: int | None = None,
    reported_until: int | None = None,
):
    """Assess and keep it; settled unless a moment is given."""
    end = plan.ends + 86_400 * 2
    horizon = Horizon(now=now or end, reported_until=reported_until or now or end)
    day = assess_day(plan, made, grants, rules, horizon)
    body, steps = encode_day(day)
    inputs = DayInputs(plan=plan, punches=tuple(made), grants=tuple(grants), horizon=horizon, rules_version_id=version)
    leave = max(day.leave, key=lambda one: one.minutes, default=None)
    flags = DayFlag.CORRECTED if day.corrected else DayFlag(0)
    flags |= DayFlag.TRIP if any(one.kind == "trip" for one in grants) else DayFlag(0)
    flags |= DayFlag.FIELD_WORK if any(one.kind == "field-work" for one in grants) else DayFlag(0)
    settles_at = None if day.state is DayState.FINAL else max([part.closes for part in plan.parts], default=plan.ends)
    values = {
        "person_id": person_id, "work_date": plan.work_date, "state": day.state.value, "status": day.status.value, "kind": day.kind.value,
        "scheduled_minutes": day.scheduled_minutes, "worked_minutes": day.worked_minutes, "late_minutes": day.late_minutes,
        "early_minutes": day.early_minutes, "overtime_minutes": sum(one.minutes for one in day.overtime),
        "absent_halves": day.absent_halves,
        "leave_minutes": sum(one.minutes for one in day.leave), "leave_halves": sum(one.halves for one in day.leave),
        "leave_kind": leave.kind.value if leave else "", "exceptions": sum({EXCEPTION_BITS[one.kind] for one in day.exceptions}),
        "open_exceptions": len(day.exceptions), "flags": int(flags), "arrived_at": day.arrived_at, "left_at": day.left_at,
        "rules_version_id": version, "inputs_hash": b"0" * 16, "assessed_at": NOW, "settles_at": settles_at, "body": body, "steps": steps,
        "inputs": msgspec.json.encode(inputs),
    }  # fmt: skip
    uow.execute(attendance_day.insert().values(**values))
    rows = [
        {"person_id": person_id, "work_date": plan.work_date, "kind": one.kind.value, "part": one.part, "minutes": one.minutes,
         "at": one.at, "punch_id": one.punch_id, "meaning": f"{one.kind}-{place}", "state": "open", "reason": ""}
        for place, one in enumerate(day.exceptions)
    ]  # fmt: skip
    if rows:
        uow.execute(day_exception.insert(), rows)
    return day


def dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def house_rules(uow: UnitOfWork) -> int:
    """The id of a rule set's only version."""
    made = add_rule_set(uow, "办公室", Rules(day=HOUSE_RULES), date(2020, 1, 1), TESTER, NOW, reason="the rules of the house")
    return made.versions[0].id
