"""Leave that HR records as a grant takes from the balance and, withdrawn, gives back: once, whatever else moves the ledger."""

from datetime import date

from server.attendance import actions as attendance
from server.attendance.model import GrantOrigin, NewGrant
from server.attendance.model.grants import DayPart, GrantKind, LeaveKind
from server.hr.leave import actions as leave
from server.hr.leave.model import MovementKind as M
from tests.support.company import NOW, TESTER

TODAY = date(2026, 11, 23)
DAY = 480
MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


def record(database, person_id, first=MONDAY, last=TUESDAY, kind=LeaveKind.ANNUAL, **more) -> int:
    with database.writing() as uow:
        new = NewGrant(person_id=person_id, kind=GrantKind.LEAVE, first_day=first, last_day=last, leave=kind, reason="电话请假", **more)
        return attendance.record_grant(uow, new, TESTER, NOW).grant.id


def withdraw(database, grant_id) -> None:
    with database.writing() as uow:
        attendance.withdraw_grant(uow, grant_id, TESTER, NOW, "没有休")


def balance(database, person_id, day=TODAY, code="annual"):
    with database.reading() as uow:
        return leave.balance_on(uow, person_id, code, day)


def settle(database, person_id) -> int:
    with database.writing() as uow:
        return leave.settle(uow, [person_id], TODAY, NOW)


def rows(database, person_id, code="annual"):
    with database.reading() as uow:
        found = leave.movements_of(uow, person_id, code, TODAY)
    return sorted((one.kind, one.minutes, one.day) for one in found if one.kind in {M.TAKEN, M.GIVEN_BACK})


def test_given_two_recorded_days_then_they_count_at_once_are_written_once_and_come_back_when_withdrawn(database, worker):
    grant = record(database, worker)
    at_once = balance(database, worker)
    settle(database, worker)
    again = settle(database, worker)
    taken = rows(database, worker)
    withdraw(database, grant)
    back = balance(database, worker)
    settle(database, worker)

    assert (at_once.taken, at_once.minutes, at_once.available) == (2 * DAY, 8 * DAY, 8 * DAY)
    assert (again, taken) == (0, [(M.TAKEN, -2 * DAY, MONDAY)])
    assert (back.taken, back.minutes) == (0, 10 * DAY)
    assert settle(database, worker) == 0
    assert rows(database, worker) == [(M.GIVEN_BACK, 2 * DAY, MONDAY), (M.TAKEN, -2 * DAY, MONDAY)]
    assert balance(database, worker).minutes == 10 * DAY


def test_given_a_request_took_it_already_then_its_grant_takes_nothing_more_and_withdrawing_that_gives_back_once(database, worker):
    with database.writing() as uow:
        leave.book(uow, worker, "annual", 2 * DAY, MONDAY, "LV-1", TESTER, NOW)
    grant = record(database, worker, origin=GrantOrigin.REQUEST, origin_reference="LV-1")
    booked = balance(database, worker)
    withdraw(database, grant)
    back = balance(database, worker)
    settle(database, worker)
    with database.writing() as uow:
        more = leave.give_back(uow, worker, "annual", "LV-1", TESTER, NOW)

    assert (booked.minutes, back.minutes, more) == (8 * DAY, 10 * DAY, 0)
    assert balance(database, worker).minutes == 10 * DAY


def test_given_a_half_day_over_a_week_end_or_of_a_kind_without_balance_then_so_much_is_taken(database, worker):
    record(database, worker, MONDAY, MONDAY, part=DayPart.MORNING)
    record(database, worker, date(2026, 11, 20), date(2026, 11, 23))
    record(database, worker, date(2026, 11, 24), date(2026, 11, 24), LeaveKind.SICK)

    assert balance(database, worker).minutes == 10 * DAY - DAY // 2 - 2 * DAY
    assert balance(database, worker, code="sick").taken == 0


def test_given_more_than_there_is_then_it_is_owed_and_no_request_gets_through(database, worker):
    record(database, worker, date(2026, 11, 2), date(2026, 11, 20))

    left = balance(database, worker)
    found = leave.overtaken(worker, left)

    assert left.available == -5 * DAY
    assert found is not None
    assert not left.allows(1)


def test_given_an_opening_balance_then_recorded_leave_up_to_its_day_is_in_it(database, worker):
    before = record(database, worker)
    with database.writing() as uow:
        leave.set_opening(uow, worker, "annual", 4 * DAY, date(2026, 11, 18), "旧系统", TESTER, NOW)
    record(database, worker, date(2026, 11, 18), date(2026, 11, 19))
    withdraw(database, before)
    settle(database, worker)

    assert balance(database, worker).minutes == 3 * DAY, "of the later grant one day is behind the opening balance"
    assert settle(database, worker) == 0


def test_given_a_grant_over_the_end_of_a_year_then_each_year_gives_its_days(database, worker):
    record(database, worker, date(2026, 12, 30), date(2027, 1, 5))

    in_2026, in_2027 = balance(database, worker, date(2026, 12, 31)), balance(database, worker, date(2027, 1, 31))

    assert (in_2026.taken, in_2027.taken) == (2 * DAY, 2 * DAY), "1 January is a holiday, then a week-end"
