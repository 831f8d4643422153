"""The ledger: reserved, taken, given back, granted by the clock, adjusted by hand; and balances of any day."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.leave import actions as leave
from server.hr.leave.model import MovementKind
from server.hr.leave.store import ledger
from server.hr.leave.tables import leave_movement
from tests.server.hr.leave.conftest import hire_on
from tests.support.company import NOW, TESTER

TODAY = date(2026, 11, 23)
DAY = 480


def _rows(uow, person_id, code="annual"):
    kind = leave.find_type(uow, code, TODAY)
    return ledger.movements_of(uow, [person_id], [kind.id]).get((person_id, kind.id), [])


def _kinds(uow, person_id):
    return [(one.kind, one.minutes) for one in _rows(uow, person_id)]


def test_given_the_kinds_of_the_law_then_each_names_its_source_and_provinces_are_marked(database):
    with database.reading() as uow:
        kinds = {one.code: one for one in leave.leave_types(uow, TODAY)}

    assert len(kinds) == 12
    assert all(one.terms.source for one in kinds.values())
    assert {code for code, one in kinds.items() if one.terms.provincial} == {
        "sick", "marriage", "maternity", "paternity", "bereavement", "child-care", "only-child-care",
    }  # fmt: skip
    assert kinds["maternity"].longest_days == 98 + 15 + 15 + 60
    assert kinds["sick"].needs_certificate(1)
    assert not kinds["annual"].needs_certificate(5)


def test_given_somebody_when_settled_then_the_year_is_granted_once(database, company, worker):
    with database.writing() as uow:
        first = leave.settle(uow, list(company.people.values()), TODAY, NOW)
        second = leave.settle(uow, list(company.people.values()), TODAY, NOW)

        assert (first, second) == (3, 0)
        assert {number: leave.balance_on(uow, person, "annual", TODAY).minutes // DAY for number, person in company.people.items()} == {
            "A1": 10,
            "A2": 5,
            "A3": 15,
        }


def test_given_leave_from_request_to_taking_back_then_every_step_is_a_row_and_the_balance_is_their_sum(database, company, worker):
    with database.writing() as uow:
        leave.settle(uow, [worker], TODAY, NOW)
        leave.reserve(uow, worker, "annual", 3 * DAY, date(2026, 12, 1), "R1", TESTER, NOW)
        pending = leave.balance_on(uow, worker, "annual", date(2026, 12, 1))
        leave.book(uow, worker, "annual", 3 * DAY, date(2026, 12, 1), "R1", TESTER, NOW)
        taken = leave.balance_on(uow, worker, "annual", date(2026, 12, 1))
        before = leave.balance_on(uow, worker, "annual", TODAY)
        given_back = leave.give_back(uow, worker, "annual", "R1", TESTER, NOW)
        after = leave.balance_on(uow, worker, "annual", date(2026, 12, 1))

        assert _kinds(uow, worker) == [
            (MovementKind.GRANTED, 10 * DAY),
            (MovementKind.RESERVED, -3 * DAY),
            (MovementKind.RELEASED, 3 * DAY),
            (MovementKind.TAKEN, -3 * DAY),
            (MovementKind.GIVEN_BACK, 3 * DAY),
        ]
    assert (pending.pending, pending.taken, pending.minutes) == (3 * DAY, 0, 7 * DAY)
    assert (taken.pending, taken.taken, taken.minutes) == (0, 3 * DAY, 7 * DAY)
    assert (before.minutes, before.available, before.ahead) == (10 * DAY, 7 * DAY, 3 * DAY), (
        "what December takes cannot be taken in November"
    )
    assert given_back == 3 * DAY
    assert after.available == 10 * DAY


def test_given_leave_over_the_end_of_the_year_then_each_year_gives_its_days(database, company, worker):
    by_day = {date(2026, 12, 30): DAY, date(2026, 12, 31): DAY, date(2027, 1, 4): DAY}
    with database.writing() as uow:
        leave.book(uow, worker, "annual", 3 * DAY, date(2026, 12, 30), "R1", TESTER, NOW, by_day=by_day)

        taken = [(one.day, one.minutes) for one in _rows(uow, worker) if one.kind is MovementKind.TAKEN]
        assert taken == [(date(2026, 12, 30), -2 * DAY), (date(2027, 1, 4), -DAY)]
        next_year = leave.balance_on(uow, worker, "annual", date(2027, 1, 31))
    assert (next_year.granted, next_year.carried, next_year.taken) == (10 * DAY, 8 * DAY, DAY)
    assert next_year.minutes == next_year.available == 17 * DAY
    assert [(one.last_day, one.minutes, one.then) for one in next_year.lapses] == [
        (date(2027, 12, 31), 7 * DAY, MovementKind.PAID_OUT),
        (date(2027, 12, 31), 10 * DAY, MovementKind.CARRIED),
    ]


def test_given_more_than_is_left_then_it_is_refused_with_the_numbers_and_nothing_is_written(database, company, worker):
    with database.writing() as uow:
        leave.settle(uow, [worker], TODAY, NOW)
        with pytest.raises(RefusedError, match=r"takes 10\.5 days, and 10 are left on 2026-12-01"):
            leave.reserve(uow, worker, "annual", 10 * DAY + 240, date(2026, 12, 1), "R1", TESTER, NOW)
        with pytest.raises(InvalidInputError, match="minutes"):
            leave.book(uow, worker, "annual", 0, date(2026, 12, 1), "R1", TESTER, NOW)
        with pytest.raises(NotFoundError):
            leave.reserve(uow, 999, "annual", DAY, date(2026, 12, 1), "R1", TESTER, NOW)

        assert _kinds(uow, worker) == [(MovementKind.GRANTED, 10 * DAY)]


def test_given_sick_leave_then_no_balance_limits_it_and_it_is_in_the_ledger(database, company, worker):
    with database.writing() as uow:
        leave.book(uow, worker, "sick", 40 * DAY, date(2026, 11, 2), "R1", TESTER, NOW)

        balance = leave.balance_on(uow, worker, "sick", TODAY)
    assert (balance.available, balance.taken) == (None, 40 * DAY)
    assert balance.allows(1_000_000)


def test_given_leave_of_last_year_that_is_found_late_then_what_was_carried_is_corrected(database, company, worker):
    with database.writing() as uow:
        for day in (TODAY, date(2027, 1, 5)):
            leave.settle(uow, [worker], day, NOW)
        later = NOW + timedelta(days=60)
        leave.book(uow, worker, "annual", 2 * DAY, date(2026, 12, 1), "R1", TESTER, later)

        corrected = [one for one in _rows(uow, worker) if one.facts["code"] == "corrected"]
        assert sorted((one.cause, one.minutes) for one in corrected) == [("in:2026-01-01", -2 * DAY), ("out:2026-01-01", 2 * DAY)]
        assert leave.balance_on(uow, worker, "annual", date(2027, 1, 5)).minutes == 18 * DAY


def test_given_another_hire_date_then_the_grant_is_corrected_and_never_edited(database, company, worker):
    with database.writing() as uow:
        leave.settle(uow, [worker], TODAY, NOW)
        hire_on(uow, worker, date(2005, 5, 1))
        leave.settle(uow, [worker], TODAY, NOW)

        assert _kinds(uow, worker) == [(MovementKind.GRANTED, 10 * DAY), (MovementKind.GRANTED, 5 * DAY)]
        assert _rows(uow, worker)[-1].facts["code"] == "corrected"
    for statement in (update(leave_movement).values(minutes=0), delete(leave_movement)):
        with pytest.raises(DBAPIError), database.writing() as uow:
            uow.execute(statement)


def test_given_adjustments_by_hand_then_they_have_a_reason_an_end_and_can_be_undone(database, company, worker):
    with database.writing() as uow:
        leave.settle(uow, [worker], TODAY, NOW)
        people = list(company.people.values())
        assert leave.adjust(uow, people, "annual", DAY, TODAY, "十周年", TESTER, NOW, last_day=date(2026, 12, 31)) == 3
        made = next(one for one in _rows(uow, worker) if one.kind is MovementKind.ADJUSTED)
        with pytest.raises(InvalidInputError, match="reason"):
            leave.adjust(uow, people, "annual", DAY, TODAY, " ", TESTER, NOW)
        assert leave.balance_on(uow, worker, "annual", TODAY).available == 11 * DAY

        leave.undo_adjustment(uow, made.id, "按错", TESTER, NOW)

        assert leave.balance_on(uow, worker, "annual", TODAY).available == 10 * DAY
        assert leave.balance_on(uow, worker, "annual", date(2027, 1, 5)).minutes == 20 * DAY
        with pytest.raises(RefusedError, match="undone already"):
            leave.undo_adjustment(uow, made.id, "按错", TESTER, NOW)


def test_given_an_opening_balance_then_it_replaces_what_was_granted_and_later_grants_go_on(database, company, worker):
    with database.writing() as uow:
        leave.settle(uow, [worker], TODAY, NOW)
        leave.set_opening(uow, worker, "annual", 4 * DAY, date(2026, 10, 31), "旧系统余额", TESTER, NOW)

        assert leave.balance_on(uow, worker, "annual", TODAY).minutes == 4 * DAY
        assert leave.balance_on(uow, worker, "annual", date(2027, 1, 1)).minutes == 14 * DAY
        with pytest.raises(RefusedError, match="opening balance"):
            leave.book(uow, worker, "annual", DAY, date(2026, 10, 30), "R1", TESTER, NOW)
        assert leave.settle(uow, [worker], TODAY, NOW) == 0


def test_given_a_child_under_three_then_it_gives_its_days_until_the_ground_is_ended(database, company, worker):
    with database.writing() as uow:
        ground = leave.add_ground(uow, worker, "child-care", "长女", date(2025, 3, 1), date(2028, 2, 29), TESTER, NOW)
        assert leave.balance_on(uow, worker, "child-care", TODAY).available == 5 * DAY
        assert leave.balance_on(uow, worker, "child-care", date(2027, 1, 1)).minutes == 5 * DAY, "last year's days lapsed"

        leave.end_ground(uow, ground, worker, "录错", TESTER, NOW)

        assert leave.balance_on(uow, worker, "child-care", TODAY).available == 0
