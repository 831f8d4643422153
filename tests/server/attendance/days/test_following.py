"""From punches and changes to assessed days: everybody has a day, and a change touches its days only."""

from datetime import date, timedelta

from sqlalchemy import select

from server.attendance import actions
from server.attendance.actions import marked
from server.attendance.model import NewGrant
from server.attendance.model.days import DayState, DayStatus
from server.attendance.model.grants import GrantKind, LeaveKind
from server.attendance.store.marks import mark_days, put_off_marks, take_marks, waiting_marks
from server.attendance.tables import day_difference, locked_span
from server.fleet.actions import add_site, change_terminal
from server.roster import actions as roster
from tests.server.attendance.days.conftest import LATER, at, office_terms
from tests.support.company import NOW, TESTER, found_company


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


def test_given_a_terminal_that_is_moved_to_another_zone_then_its_punches_are_those_peoples(days):
    with days.database.writing() as uow:
        add_site(uow, "branch", "分部", "Asia/Shanghai", TESTER, NOW)
    days.punch("A1", at(18, "08:55"), at(18, "18:03"))
    days.settle()
    assert days.day("A1", 18).punch_ids

    with days.database.writing() as uow:
        change_terminal(uow, "T1", "门", "branch", TESTER, NOW)
    days.settle()

    assert days.day("A1", 18).punch_ids == ()


def test_given_a_shift_that_is_changed_from_a_day_then_the_days_before_are_not_written(days):
    days.punch("A1", *(at(day, clock) for day in (17, 18) for clock in ("09:20", "18:00")))
    days.report(at(23, "10:00"))
    days.settle()
    before = days.all(last=20)

    with days.database.writing() as uow:
        shift = roster.list_shifts(uow)[0]
        roster.change_shift(uow, shift.id, office_terms(start=560), date(2026, 11, 18), TESTER, NOW, reason="later")
    days.settle(at(23, "10:05"))

    after = days.all(last=20)
    assert days.day("A1", 17).day.late_minutes == 20
    assert days.day("A1", 18).day.late_minutes == 0
    assert min(day for person, day in after if after[person, day].assessed_at != before[person, day].assessed_at) >= 17


def test_given_a_day_that_cannot_be_worked_out_then_the_others_are_and_it_is_tried_again(days, monkeypatch):
    broken = days.company.people["A2"]
    real = marked.work_out

    def failing(uow, people, *rest, **more):
        if broken in people:
            raise ArithmeticError("a fault of ours")
        return real(uow, people, *rest, **more)

    monkeypatch.setattr(marked, "work_out", failing)
    days.settle()
    assert {person for person, _ in days.all()} == {days.company.people["A1"], days.company.people["A3"]}
    assert {who for who, _ in days.marks()} == {"A2"}

    monkeypatch.setattr(marked, "work_out", real)
    days.settle(LATER + timedelta(hours=2))

    assert len({person for person, _ in days.all()}) == 3
    assert days.marks() == set()


def test_given_a_day_of_a_closed_period_when_a_late_punch_comes_then_it_stands_and_a_difference_is_beside_it(days):
    days.report(at(23, "10:00"))
    days.settle()
    person = days.company.people["A1"]
    with days.database.writing() as uow:
        uow.execute(locked_span.insert().values(person_id=person, first_day=date(2026, 11, 1), last_day=date(2026, 11, 20), period_id=7))

    days.punch("A1", at(18, "09:00"), at(18, "18:00"))
    days.settle()

    assert days.day("A1", 18).day.status is DayStatus.ABSENT
    with days.database.reading() as uow:
        (difference,) = uow.fetch_all(select(day_difference))
    assert (difference.work_date, difference.period_id, difference.state) == (date(2026, 11, 18), 7, "open")


def test_given_rules_for_everybody_then_a_company_begins_with_none_more(days):
    with days.database.reading() as uow:
        before = actions.list_rule_sets(uow)

    assert not actions.begin_with_rules(days.database, LATER, lambda text, **_: text)

    with days.database.reading() as uow:
        assert actions.list_rule_sets(uow) == before


def test_given_a_company_without_rules_then_it_begins_with_the_office_set_from_last_month_on(database):
    company = found_company(database)

    assert actions.begin_with_rules(database, LATER, lambda text, **_: text)

    with database.reading() as uow:
        (span,) = actions.rules_of(uow, [company.people["A1"]], date(2026, 9, 1), date(2026, 12, 31))[company.people["A1"]]
    assert (span.first_day, span.last_day) == (date(2026, 10, 1), date(2026, 12, 31))


def test_given_days_that_nobody_waits_for_then_a_batch_takes_more_of_them(days):
    person = days.company.people["A1"]
    dates = [date(2026, 10, number) for number in range(1, 9)]
    with days.database.writing() as uow:
        mark_days(uow, [(person, day) for day in dates], "rules", NOW, later=True)
        wholesale = take_marks(uow, LATER, 2, 5)
        mark_days(uow, [(person, date(2026, 10, 20))], "punch", NOW)
        urgent = take_marks(uow, LATER, 2, 5)

    assert [mark.work_date for mark in wholesale] == dates[:5]
    assert [mark.work_date for mark in urgent] == [date(2026, 10, 20), dates[5]]


def test_given_a_worker_that_died_then_its_marks_are_free_when_their_lease_ends_and_failing_ones_are_told_apart(days):
    person = days.company.people["A1"]
    with days.database.writing() as uow:
        mark_days(uow, [(person, date(2026, 10, 1)), (person, date(2026, 10, 2))], "rules", NOW)
        taken = take_marks(uow, LATER, 2, 2)
        meanwhile = take_marks(uow, LATER + timedelta(seconds=14), 2, 2)
        after = take_marks(uow, LATER + timedelta(seconds=16), 2, 2)
        put_off_marks(uow, after[:1], LATER)
        waiting = waiting_marks(uow)

    assert (meanwhile, after) == ([], taken)
    assert waiting == (1, NOW, 1, NOW)
