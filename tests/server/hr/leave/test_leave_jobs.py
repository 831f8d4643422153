"""The clock: everybody is settled in shards, once, also after days of standstill; and time off that overtime earned."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from server.attendance import actions as attendance
from server.attendance.model.days import Overtime, TimedPunch
from server.attendance.model.rules import Rules, SettledBy
from server.attendance.store.days import encode_day
from server.attendance.tables import attendance_day
from server.hr.leave import actions as leave, jobs
from server.hr.leave.model import MovementKind
from server.jobs import store as job_store
from server.roster.model import DayKind
from tests.support.company import NOW, TESTER
from tests.support.jobs import do_all
from tests.support.stored_days import instant, store_days

DAY = 480


@pytest.fixture
def dialect():
    return "sqlite"


def test_given_a_night_and_a_standstill_when_the_clock_asks_then_everybody_is_brought_to_the_day_once(database, company):
    (schedule,) = jobs.schedules("Asia/Shanghai")
    first, later = datetime(2026, 11, 22, 16, 15, tzinfo=UTC), datetime(2027, 1, 3, 16, 15, tzinfo=UTC)

    for moment in (first, first, later):
        with database.writing() as uow:
            schedule.do(uow, moment)
        do_all(database, jobs.KINDS)

    with database.reading() as uow:
        own = [(one.day, one.kind, one.minutes) for one in leave.movements_of(uow, company.people["A1"], "annual", date(2027, 1, 4))]
        assert job_store.not_ended(uow) == []
    assert sorted(own) == sorted(
        [
            (date(2026, 1, 1), MovementKind.GRANTED, 10 * DAY),
            (date(2027, 1, 1), MovementKind.CARRIED, -10 * DAY),
            (date(2027, 1, 1), MovementKind.CARRIED, 10 * DAY),
            (date(2027, 1, 1), MovementKind.GRANTED, 10 * DAY),
        ]
    )


def test_given_overtime_settled_by_time_off_then_it_is_granted_and_corrected_when_the_day_changes(database, company, worker):
    worked = date(2026, 11, 21)
    extra = Overtime(kind=DayKind.REST_DAY, rate=200, minutes=240, settled_by=SettledBy.TIME_OFF)
    paid = Overtime(kind=DayKind.WORKDAY, rate=150, minutes=60)
    with database.writing() as uow:
        punches = [TimedPunch(id=number, at=instant(worked, clock)) for number, clock in ((1, "09:00"), (2, "13:00"))]
        (day,) = store_days(uow, worker, _rules(uow), Rules(), punches, (worked, worked))
        _say(uow, replace(day, overtime=(extra, paid)))
        leave.settle(uow, [worker], worked + timedelta(days=2), NOW)
        assert leave.balance_on(uow, worker, "time-off", worked).available == 240

        _say(uow, replace(day, overtime=(replace(extra, minutes=180), paid)))
        leave.settle(uow, [worker], worked + timedelta(days=2), NOW)

        balance = leave.balance_on(uow, worker, "time-off", worked)
        moved = [(one.minutes, one.facts["code"]) for one in leave.movements_of(uow, worker, "time-off", date(2026, 11, 23))]
    assert (balance.available, sorted(moved)) == (180, [(-60, "corrected"), (240, "earned")])
    assert [(one.last_day, one.then) for one in balance.lapses] == [(date(2027, 5, 31), MovementKind.PAID_OUT)]


def _rules(uow) -> int:
    return attendance.add_rule_set(uow, "规则", Rules(), date(2026, 1, 1), TESTER, NOW).versions[0].id


def _say(uow, day) -> None:
    """Let the stored day be this one."""
    minutes = sum(one.minutes for one in day.overtime)
    uow.execute(attendance_day.update().values(body=encode_day(day)[0], overtime_minutes=minutes))
