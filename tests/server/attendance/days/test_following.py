"""From punches and changes to assessed days: everybody has a day, and a change touches its days only."""

from datetime import date

from server.attendance import actions
from server.attendance.model import NewGrant
from server.attendance.model.days import DayState, DayStatus
from server.attendance.model.grants import GrantKind, LeaveKind
from tests.server.attendance.days.conftest import LATER, at
from tests.support.company import NOW, TESTER


def test_given_rules_when_days_open_then_everybody_has_one_for_each_date_up_to_today(days):
    days.settle()

    assert {key[1] for key in days.all()} == set(range(1, 24))
    assert len(days.all()) == 23 * 3
    assert days.marks() == set()


def test_given_punches_of_a_whole_day_when_followed_then_the_day_has_them(days):
    days.punch("A1", at(18, "08:55"), at(18, "18:03"))

    days.settle()

    day = days.day("A1", 18)
    assert (day.day.status, day.day.worked_minutes, len(day.punch_ids)) == (DayStatus.PRESENT, 548, 2)
    assert day.day.state is DayState.PROVISIONAL


def test_given_terminals_that_reported_past_the_end_when_looked_at_then_the_day_is_final(days):
    days.punch("A1", at(18, "08:55"), at(18, "18:03"))
    days.settle()

    days.report(at(19, "12:00"))
    days.settle()

    assert days.day("A1", 18).day.state is DayState.FINAL
    assert days.day("A2", 18).day.status is DayStatus.ABSENT
    assert days.day("A1", 20).day.state is DayState.PROVISIONAL


def test_given_one_terminal_offline_then_nobody_is_absent(days):
    days.report(at(23, "10:00"), "T1")

    days.settle()

    assert {one.day.state for one in days.all(16, 20).values()} == {DayState.PROVISIONAL}
    assert DayStatus.ABSENT not in {one.day.status for one in days.all().values()}


def test_given_a_settled_month_when_one_late_punch_comes_then_only_its_day_is_written(days):
    days.report(at(23, "10:00"))
    days.settle()
    before = days.all()

    days.punch("A2", at(18, "09:00"))
    days.settle(at(23, "10:05"))

    after = days.all()
    past = [key for key in after if key[1] < 23]  # today goes on: who has not come is later every few minutes
    assert [key for key in past if after[key].assessed_at != before[key].assessed_at] == [(days.company.people["A2"], 18)]
    assert after[days.company.people["A2"], 18].punch_ids


def test_given_a_grant_when_withdrawn_then_the_day_is_what_it_was(days):
    days.report(at(23, "10:00"))
    days.settle()
    before = days.day("A1", 18)
    with days.database.writing() as uow:
        leave = {"first_day": date(2026, 11, 18), "last_day": date(2026, 11, 18), "leave": LeaveKind.ANNUAL}
        made = actions.record_grant(
            uow, NewGrant(person_id=days.company.people["A1"], kind=GrantKind.LEAVE, reason="asked", **leave), TESTER, NOW
        )
    days.settle(LATER)
    assert days.day("A1", 18).day.status is DayStatus.LEAVE

    with days.database.writing() as uow:
        actions.withdraw_grant(uow, made.grant.id, TESTER, NOW, "not needed")
    days.settle(LATER)

    assert days.day("A1", 18).day == before.day
