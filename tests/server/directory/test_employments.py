"""Employments on both dialects: events add up to terms, contradict nothing, and leave exactly the days they can change."""

from datetime import date

import pytest
from sqlalchemy import text

from server.audit import store as trail
from server.directory import actions as directory, store
from server.directory.actions import NewEvent
from server.directory.actions.terms import follow_events
from server.directory.model import EmploymentKind, EventKind, HoursSystem
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.storage import Subject, take_changes, waiting_changes
from tests.support.company import FIRST_DAY, NOW, TESTER

TODAY = date(2026, 11, 23)


@pytest.fixture
def company(database, founded):
    forget_changes(database)
    return founded


def forget_changes(database):
    with database.writing() as uow:
        take_changes(uow, [one.id for one in waiting_changes(uow, 10_000)])


def changes(database):
    with database.reading() as uow:
        return [(one.subject, one.subject_id, one.first_day, one.last_day) for one in waiting_changes(uow, 10_000)]


@pytest.fixture
def add(database):
    def add(person_id, what, day, until=None, /, **sets):
        with database.writing() as uow:
            directory.add_event(uow, person_id, NewEvent(EventKind(what), day, sets, until, "because"), TESTER, NOW)

    return add


@pytest.fixture
def terms(database):
    def terms(person_id, first=date(2026, 11, 1), last=date(2026, 11, 30)):
        with database.reading() as uow:
            return directory.terms_of(uow, [person_id], first, last)[person_id]

    return terms


def person(database, number="A1"):
    with database.reading() as uow:
        return store.person_by_number(uow, number)


class TestHire:
    def test_given_no_hire_date_then_the_first_enrolled_day_stands_for_it_and_is_marked(self, database, company):
        with database.reading() as uow:
            (one,) = directory.employments_of(uow, company.people["A1"])
        assert (one.hired_on, one.hired_on_known, one.left_on) == (FIRST_DAY, False, None)

    def test_given_a_hire_date_then_an_earlier_enrolment_does_not_move_it(self, database, company):
        with database.writing() as uow:
            new = directory.add_person(uow, "N1", "新人", TESTER, NOW, hired_on=TODAY)
            directory.enrol(uow, new.id, company.zone, "77", date(2026, 1, 1), TESTER, NOW)
            (one,) = directory.employments_of(uow, new.id)
        assert (one.hired_on, one.hired_on_known) == (TODAY, True)

    def test_given_a_hire_to_come_when_its_day_comes_then_the_person_is_active(self, database, company):
        day = date(2026, 12, 1)
        with database.writing() as uow:
            directory.add_person(uow, "N1", "新人", TESTER, NOW, department_id=company.departments["RND"], hired_on=day)
        assert not person(database, "N1").active

        with database.writing() as uow:
            assert directory.bring_up_to(uow, date(2026, 11, 30)) == 0
            assert directory.bring_up_to(uow, day) == 1
            assert directory.bring_up_to(uow, day) == 0

        assert person(database, "N1").active

    def test_given_a_transfer_and_a_leaving_to_come_when_their_days_come_then_each_takes_effect_by_itself(self, database, company, add):
        who, moved, last = company.people["A1"], date(2026, 12, 1), date(2026, 12, 31)
        add(who, "transfer", moved, department_id=company.departments["PROD"], manager_id=company.people["A2"])
        add(who, "leaving", last)
        as_told = []

        for day in (TODAY, moved, last, date(2027, 1, 1)):
            with database.writing() as uow:
                directory.bring_up_to(uow, day)
                manager = directory.manager_of(uow, who, day)
            as_told.append((person(database).department_id == company.departments["PROD"], person(database).active, manager))

        assert as_told == [(False, True, None), (True, True, company.people["A2"]), (True, True, company.people["A2"]), (True, False, None)]

    def test_given_the_real_day_when_told_then_the_days_before_it_are_not_employed(self, database, company, terms):
        who = company.people["A1"]
        with database.writing() as uow:
            (one,) = directory.employments_of(uow, who)
            directory.set_hire_date(uow, one.id, date(2026, 11, 10), "contract", TESTER, NOW)

        assert [span.first_day for span in terms(who)] == [date(2026, 11, 10)]
        assert changes(database) == [(Subject.PERSON, who, FIRST_DAY, date(2026, 11, 9))]
        with database.reading() as uow:
            (one,) = directory.employments_of(uow, who)
        assert one.hired_on_known
        assert [event.in_force for event in one.events] == [False, True], "what was believed before stays to be seen"


class TestChanging:
    def test_given_a_transfer_then_terms_and_today_follow_and_the_trail_tells(self, database, company, add, terms):
        who, unit = company.people["A1"], company.departments["PROD"]

        add(who, "transfer", date(2026, 11, 10), department_id=unit)

        assert [(span.first_day, span.last_day, span.terms.department_id) for span in terms(who)] == [
            (date(2026, 11, 1), date(2026, 11, 9), company.departments["RND"]),
            (date(2026, 11, 10), date(2026, 11, 30), unit),
        ]
        assert person(database).department_id == unit
        assert changes(database) == [(Subject.PERSON, who, date(2026, 11, 10), None)]
        with database.reading() as uow:
            row = trail.newest(uow, limit=1)[0]
        assert (row.action, row.subject, row.reason) == ("employment.event", "A1", "because")
        assert row.after["department"] == "PROD"

    def test_given_kind_hours_and_protection_then_each_holds_from_its_day(self, company, add, terms):
        who = company.people["A1"]
        add(who, "kind", date(2026, 11, 5), kind="part-time")
        add(who, "hours", date(2026, 11, 6), hours_system="comprehensive", hours_approval="沪 12", hours_approval_until=date(2027, 1, 1))
        add(who, "protection", date(2026, 11, 7), date(2026, 11, 8), protection="nursing")

        last, guarded = terms(who)[-1].terms, [span for span in terms(who) if span.terms.protected]

        assert (last.kind, last.hours_system) == (EmploymentKind.PART_TIME, HoursSystem.COMPREHENSIVE)
        assert [(span.first_day, span.last_day) for span in guarded] == [(date(2026, 11, 7), date(2026, 11, 8))]

    def test_given_an_event_that_is_cancelled_then_all_is_as_before_and_it_stays_with_its_reason(self, database, company, add, terms):
        who = company.people["A1"]
        before = terms(who)
        add(who, "transfer", date(2026, 11, 10), department_id=company.departments["PROD"])
        with database.writing() as uow:
            event = directory.employments_of(uow, who)[0].events[-1]
            assert directory.cancel_event(uow, event.id, "wrong person", TESTER, NOW) == who

        assert terms(who) == before
        with database.reading() as uow:
            event = directory.employments_of(uow, who)[0].events[-1]
        assert (event.in_force, event.cancelled_by, event.cancel_reason) == (False, "tester", "wrong person")

    def test_given_leaving_and_a_hire_again_then_there_are_two_employments(self, database, company, add, terms):
        who = company.people["A1"]
        add(who, "leaving", date(2026, 11, 10))
        assert not person(database).active
        add(who, "hire", date(2026, 11, 20), department_id=company.departments["PROD"])

        assert [(span.first_day, span.last_day) for span in terms(who)] == [
            (date(2026, 11, 1), date(2026, 11, 10)),
            (date(2026, 11, 20), date(2026, 11, 30)),
        ]
        assert len({span.terms.employment_id for span in terms(who)}) == 2
        assert person(database).active


class TestBadInput:
    @pytest.mark.parametrize(
        ("kind", "day", "sets", "said"),
        [
            ("transfer", date(2019, 12, 31), {"department_id": None}, "the employment begins on 2020-01-01"),
            ("leaving", date(2019, 12, 31), {}, "the employment begins on 2020-01-01"),
            ("transfer", date(206, 1, 1), {"department_id": None}, "a day of our time"),
            ("transfer", TODAY, {}, "choose what changes"),
            ("transfer", TODAY, {"department_id": 999}, "department: choose one that the list offers"),
            ("transfer", TODAY, {"manager_id": 999}, "manager: there is no such person"),
            ("kind", TODAY, {"kind": "pirate"}, "kind: choose one"),
            ("kind", TODAY, {"kind": "regular"}, "nothing would change"),
            ("hours", TODAY, {"hours_system": "lazy"}, "hours_system: choose one"),
            ("protection", TODAY, {}, "protection: choose one"),
            ("hire", TODAY, {}, "employed from 2020-01-01 on: enter the last day of work"),
        ],
    )
    def test_what_cannot_be_is_refused_and_nothing_is_stored(self, database, company, add, kind, day, sets, said):
        who = company.people["A1"]

        with pytest.raises((InvalidInputError, RefusedError), match=said):
            add(who, kind, day, **sets)

        with database.reading() as uow:
            assert len(directory.employments_of(uow, who)[0].events) == 1
        assert changes(database) == []

    def test_two_events_of_a_day_that_contradict(self, company, add):
        who = company.people["A1"]
        add(who, "transfer", TODAY, department_id=company.departments["PROD"])

        with pytest.raises(RefusedError, match="Another event of 2026-11-23 says otherwise"):
            add(who, "transfer", TODAY, department_id=None)

    def test_people_who_would_manage_each_other(self, database, company, add):
        one, two, three = (company.people[number] for number in ("A1", "A2", "A3"))
        add(one, "transfer", TODAY, manager_id=two)
        add(two, "transfer", TODAY, manager_id=three)

        with pytest.raises(InvalidInputError, match="manage each other in a circle: 张敏, 王伟, 李娜"):
            add(three, "transfer", date(2027, 1, 1), manager_id=one)
        with pytest.raises(InvalidInputError, match="circle"):
            add(three, "transfer", date(2027, 1, 1), manager_id=three)

    def test_leaving_before_an_event_and_leaving_twice(self, company, add):
        who = company.people["A1"]
        add(who, "transfer", TODAY, department_id=None)
        with pytest.raises(RefusedError, match="after the last day of work"):
            add(who, "leaving", date(2026, 11, 1))
        add(who, "leaving", date(2026, 12, 31))
        with pytest.raises(RefusedError, match="already"):
            add(who, "leaving", date(2026, 12, 1))
        with pytest.raises(InvalidInputError, match="the last day of work was 2026-12-31"):
            add(who, "transfer", date(2027, 1, 1), site_id=None)

    def test_a_protection_that_ends_before_it_begins_or_is_there_twice(self, company, add):
        who = company.people["A2"]
        with pytest.raises(InvalidInputError, match="until"):
            add(who, "protection", TODAY, date(2026, 11, 1), protection="nursing")
        add(who, "protection", TODAY, protection="nursing")
        with pytest.raises(RefusedError, match="holds from"):
            add(who, "protection", date(2026, 12, 1), protection="nursing")

    def test_cancelling_without_a_reason_twice_or_with_others_upon_it(self, database, company, add):
        who = company.people["A1"]
        add(who, "transfer", TODAY, department_id=None)
        with database.reading() as uow:
            hire, transfer = directory.employments_of(uow, who)[0].events

        def cancel(event_id, reason="wrong"):
            with database.writing() as uow:
                directory.cancel_event(uow, event_id, reason, TESTER, NOW)

        with pytest.raises(InvalidInputError, match="say why"):
            cancel(transfer.id, " ")
        with pytest.raises(RefusedError, match="other events"):
            cancel(hire.id)
        cancel(transfer.id)
        with pytest.raises(RefusedError, match="cancelled already"):
            cancel(transfer.id)
        with pytest.raises(NotFoundError):
            cancel(99_999)


class TestAskingForPeople:
    def test_by_department_with_those_below_by_position_site_and_pay_group_on_dates(self, database, company, add):
        one, two = company.people["A1"], company.people["A2"]
        with database.writing() as uow:
            below = directory.add_department(uow, "RND1", "一组", TESTER, NOW, parent_id=company.departments["RND"])
            post = directory.add_position(uow, "OP", "操作工", TESTER, NOW)
            group = directory.add_pay_group(uow, "M", "月薪", 26, TESTER, NOW)
        add(two, "transfer", TODAY, department_id=below.id, position_id=post.id, pay_group_id=group.id)

        with database.reading() as uow:
            before, after = (date(2026, 11, 1), date(2026, 11, 22)), (TODAY, None)
            assert directory.people_of_department(uow, company.departments["RND"], *before) == {one, company.people["A3"]}
            assert directory.people_of_department(uow, company.departments["RND"], *after) == {one, two, company.people["A3"]}
            assert directory.people_of_position(uow, post.id, *before) == set()
            assert directory.people_of_position(uow, post.id, *after) == {two}
            assert directory.people_of_pay_group(uow, group.id, *after) == {two}
            assert directory.people_of_site(uow, company.site, *before) == set(company.people.values())


class TestPayGroups:
    def test_another_start_day_holds_from_the_next_period_on(self, database, company):
        with database.writing() as uow:
            group = directory.add_pay_group(uow, "M", "月薪", 26, TESTER, NOW)
            changed = directory.change_start_day(uow, group.id, 1, TESTER, NOW)

        assert changed.period(date(2026, 11, 1)) == (date(2026, 10, 26), date(2026, 11, 25))
        assert changed.period(date(2026, 12, 1)) == (date(2026, 11, 26), date(2026, 12, 31))
        with database.writing() as uow:
            assert directory.change_start_day(uow, group.id, 26, TESTER, NOW).start_days == group.start_days

    def test_bad_codes_names_and_days_are_refused(self, database, company):
        with database.writing() as uow:
            directory.add_pay_group(uow, "M", "月薪", 26, TESTER, NOW)
            directory.add_position(uow, "P", "岗位", TESTER, NOW)
            for code, name, day, error in [
                ("M", "x", 1, RefusedError),
                ("a b", "x", 1, InvalidInputError),
                ("N", " ", 1, InvalidInputError),
            ]:
                with pytest.raises(error):
                    directory.add_pay_group(uow, code, name, day, TESTER, NOW)
            for day in (0, 29):
                with pytest.raises(InvalidInputError, match="start_day"):
                    directory.add_pay_group(uow, "N", "x", day, TESTER, NOW)
            with pytest.raises(RefusedError):
                directory.add_position(uow, "P", "x", TESTER, NOW)
            with pytest.raises(NotFoundError):
                directory.rename_position(uow, 999, "x", TESTER, NOW)


class TestEnrolments:
    def test_an_enrolment_leaves_its_days_and_one_beside_them(self, database, company):
        who = company.people["A1"]
        with database.writing() as uow:
            directory.enrol(uow, who, company.zone, "77", date(2026, 11, 10), TESTER, NOW, valid_until=date(2026, 11, 12))

        assert changes(database) == [(Subject.PERSON, who, date(2026, 11, 9), date(2026, 11, 13))]

    @pytest.mark.parametrize(
        ("last", "days"),
        [
            (date(2026, 11, 11), (date(2026, 11, 11), date(2026, 11, 13))),
            (date(2026, 11, 1), (date(2026, 11, 9), date(2026, 11, 13))),
            (date(2026, 11, 20), (date(2026, 11, 12), date(2026, 11, 21))),
        ],
    )
    def test_ending_it_leaves_the_days_that_it_loses_or_gains(self, database, company, last, days):
        who = company.people["A1"]
        with database.writing() as uow:
            made = directory.enrol(uow, who, company.zone, "77", date(2026, 11, 10), TESTER, NOW, valid_until=date(2026, 11, 12))
        forget_changes(database)
        with database.writing() as uow:
            directory.end_enrolment(uow, made.id, last, TESTER, NOW)

        assert changes(database) == [(Subject.PERSON, who, *days)]


def test_the_events_of_six_thousand_people_are_followed_and_read_in_portions(database, company):
    many = list(range(1000, 7000))
    with database.writing() as uow:
        at = "0" if uow.dialect == "sqlite" else "now()"
        columns = "employment_id, kind, effective_on, sets, author, reason, recorded_at, cancelled_by, cancel_reason"
        for statement in (
            "INSERT INTO person (id, employee_number, name, name_sort, active) VALUES (:who, :number, 'x', 'x', true)",
            "INSERT INTO employment (id, person_id, hired_on_known) VALUES (:who, :who, true)",
            f"INSERT INTO employment_event ({columns}) VALUES (:who, 'hire', 20200101, '{{}}', 'x', '', {at}, '', '')",
        ):
            uow.execute(text(statement), [{"who": who, "number": f"X{who}"} for who in many])
    with database.writing() as uow:
        assert len(follow_events(uow, many, TODAY)) == 6000

    with database.reading() as uow:
        found = directory.terms_of(uow, many, date(2026, 11, 1), date(2026, 11, 30))

    assert {tuple((span.first_day, span.last_day) for span in spans) for spans in found.values()} == {
        ((date(2026, 11, 1), date(2026, 11, 30)),)
    }
    assert len(found) == 6000
