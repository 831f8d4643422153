"""The course of leave: what is granted, used, carried, and how it ends."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from server.attendance.model.grants import LeaveKind
from server.hr.leave.engine.entitling import Stint
from server.hr.leave.engine.running import Entries, Entry, PersonFacts, run
from server.hr.leave.engine.settling import corrections
from server.hr.leave.model import (
    Accrual,
    Basis,
    Crossing,
    Due,
    Entitlement,
    Ground,
    LeaveTerms,
    LotEnd,
    Movement,
    MovementKind,
    Rounding,
    ServiceStep,
    Waiver,
)
from tests.support.company import NOW

DAY = 480
NOTHING = Entries()
STEPS = tuple(ServiceStep(years=years, days=days) for years, days in ((1, 5), (10, 10), (20, 15)))
BY_LAW = Entitlement(
    basis=Basis.SERVICE,
    steps=STEPS,
    after_months=12,
    carry_days=None,
    carry_months=12,
    at_end=LotEnd.PAY_OUT,
    pay_out_percent=300,
    paid_percent=100,
)


def terms(entitlement: Entitlement = BY_LAW, **changed) -> LeaveTerms:
    kind = LeaveTerms(name_en="Annual leave", name_zh="年休假", kind=LeaveKind.ANNUAL, source="law", entitlement=entitlement)
    return msgspec.structs.replace(kind, entitlement=msgspec.structs.replace(entitlement, **changed))


def course(facts: PersonFacts, until: date, entries: Entries = NOTHING, begin: date = date(2026, 1, 1), **changed):
    kind = terms(**changed) if "entitlement" not in changed else changed["entitlement"]
    return run(lambda _day: kind, facts, entries, begin, until)


def of(dues, *kinds: MovementKind) -> list[tuple[date, float]]:
    return [(due.day, due.minutes / DAY) for due in dues if due.kind in kinds]


def somebody(hired: date, service: date | None = None, left: date | None = None, **more) -> PersonFacts:
    return PersonFacts((Stint(hired, left),), service or hired, **more)


@pytest.mark.parametrize(
    ("hired", "service", "left", "day", "days"),
    [
        (date(2010, 3, 1), date(2010, 3, 1), None, date(2026, 1, 1), 10),
        (date(2020, 3, 1), date(2004, 1, 1), None, date(2026, 1, 1), 15),
        # 1 July to 31 December is 184 days: 184 / 365 x 10 = 5.04
        (date(2026, 7, 1), date(2012, 1, 1), None, date(2026, 7, 1), 5),
        # twelve months are full on 1 September: 122 / 365 x 5 = 1.67
        (date(2025, 9, 1), date(2025, 9, 1), None, date(2026, 9, 1), 1),
        # ten years on 1 July: 181 / 365 x 5 + 184 / 365 x 10 = 7.52
        (date(2016, 7, 1), date(2016, 7, 1), None, date(2026, 1, 1), 7),
        # leaves on 30 June: 181 / 365 x 10 = 4.96
        (date(2015, 1, 1), date(2015, 1, 1), date(2026, 6, 30), date(2026, 1, 1), 4),
    ],
    ids=["ten years", "total service counts", "joiner", "first year", "reaches ten years", "leaver"],
)
def test_given_service_when_the_year_is_granted_then_it_has_the_days_of_the_law(hired, service, left, day, days):
    found = course(somebody(hired, service, left), date(2026, 12, 31))

    assert of(found.dues, MovementKind.GRANTED) == [(day, days)]


@pytest.mark.parametrize(("crossing", "days"), [(Crossing.SPLIT, 7), (Crossing.HIGHER, 10), (Crossing.NEXT_YEAR, 5)])
def test_given_ten_years_inside_the_year_then_the_parameter_says_how_it_is_split(crossing, days):
    found = course(somebody(date(2016, 7, 1)), date(2026, 12, 31), crossing=crossing)

    assert of(found.dues, MovementKind.GRANTED) == [(date(2026, 1, 1), days)]


def test_given_monthly_accrual_then_each_month_adds_its_share_and_all_of_them_the_year():
    found = course(somebody(date(2010, 1, 1)), date(2026, 12, 31), accrual=Accrual.MONTHLY, rounding=Rounding.HALF_DAY)

    granted = of(found.dues, MovementKind.GRANTED)
    assert granted[:3] == [(date(2026, 1, 1), 0.5), (date(2026, 2, 1), 1.0), (date(2026, 3, 1), 1.0)]
    assert sum(days for _, days in granted) == 10


def test_given_years_from_the_hire_then_they_are_granted_on_its_anniversary():
    found = course(somebody(date(2010, 2, 10)), date(2027, 2, 9), accrual=Accrual.ANNIVERSARY)

    assert of(found.dues, MovementKind.GRANTED) == [(date(2026, 2, 10), 10)]


def test_given_days_left_at_the_end_of_the_year_then_they_go_on_and_are_paid_out_when_their_time_is_over():
    entries = Entries(uses=(Entry(date(2026, 5, 4), 3 * DAY), Entry(date(2027, 2, 1), 2 * DAY)))

    found = course(somebody(date(2010, 1, 1)), date(2028, 1, 1), entries, carry_months=3)

    assert of(found.dues, MovementKind.CARRIED)[:2] == [(date(2027, 1, 1), -7), (date(2027, 1, 1), 7)]
    assert of(found.dues, MovementKind.PAID_OUT) == [(date(2027, 4, 1), -5)]
    assert found.dues[-1].facts["code"] in {"carried-in", "granted"}


def test_given_a_limit_of_carrying_then_what_is_over_it_lapses_at_once():
    found = course(somebody(date(2010, 1, 1)), date(2027, 1, 1), carry_days=3, carry_months=3, at_end=LotEnd.LAPSE)

    assert of(found.dues, MovementKind.EXPIRED) == [(date(2027, 1, 1), -7)]
    assert of(found.dues, MovementKind.CARRIED) == [(date(2027, 1, 1), -3), (date(2027, 1, 1), 3)]


def test_given_a_waiver_then_nothing_is_paid_out():
    waiver = Waiver(1, 1, 1, "2026-01-01", "wrote so on 3 December", "hr", NOW)

    found = course(somebody(date(2010, 1, 1), waivers=(waiver,)), date(2027, 1, 1), carry_months=0, carry_days=0)

    assert of(found.dues, MovementKind.PAID_OUT) == []
    assert [due.facts["code"] for due in found.dues if due.kind is MovementKind.EXPIRED] == ["waived"]


def test_given_somebody_who_leaves_then_what_is_left_is_paid_out_and_what_is_too_much_is_not_claimed_back():
    leaver = somebody(date(2015, 1, 1), left=date(2026, 6, 30))

    left = course(leaver, date(2026, 7, 1), Entries(uses=(Entry(date(2026, 2, 2), DAY),)))
    too_much = course(leaver, date(2026, 7, 1), Entries(uses=(Entry(date(2026, 2, 2), 6 * DAY),)))

    assert of(left.dues, MovementKind.PAID_OUT) == [(date(2026, 7, 1), -3)]
    assert of(too_much.dues, MovementKind.FORGIVEN) == [(date(2026, 7, 1), 2)]


def test_given_days_taken_in_advance_then_the_next_year_owes_them():
    found = course(somebody(date(2010, 1, 1)), date(2027, 1, 1), Entries(uses=(Entry(date(2026, 5, 4), 12 * DAY),)), overdraft_days=5)

    assert of(found.dues, MovementKind.CARRIED) == [(date(2027, 1, 1), 2), (date(2027, 1, 1), -2)]


def test_given_children_then_each_gives_days_a_year_until_it_is_three():
    grounds = (
        Ground(7, 1, 1, "born 2024", date(2024, 5, 1), date(2027, 4, 30), "hr", NOW),
        Ground(8, 1, 1, "born 2026", date(2026, 3, 1), date(2029, 2, 28), "hr", NOW),
    )
    kind = Entitlement(basis=Basis.YEARLY, days=5, per_ground=True, prorated=False)

    found = course(somebody(date(2010, 1, 1), grounds=grounds), date(2028, 6, 1), entitlement=terms(kind))

    assert of(found.dues, MovementKind.GRANTED) == [
        (date(2026, 1, 1), 5),
        (date(2026, 3, 1), 5),
        (date(2027, 1, 1), 5),
        (date(2027, 1, 1), 5),
        (date(2028, 1, 1), 5),
    ]


def test_given_time_earned_then_it_is_paid_out_when_its_months_are_over_and_never_forfeited():
    kind = Entitlement(basis=Basis.EARNED, valid_months=6, rounding=Rounding.MINUTE, at_end=LotEnd.LAPSE, pay_out_percent=200)
    entries = Entries(earned=(Entry(date(2026, 3, 7), 300), Entry(date(2026, 4, 4), 200)), uses=(Entry(date(2026, 5, 6), 350),))

    found = course(somebody(date(2010, 1, 1)), date(2026, 12, 31), entries, entitlement=terms(kind))

    assert [(due.kind, due.day, due.minutes) for due in found.dues] == [
        (MovementKind.GRANTED, date(2026, 3, 7), 300),
        (MovementKind.GRANTED, date(2026, 4, 4), 200),
        (MovementKind.PAID_OUT, date(2026, 11, 1), -150),
    ]


def test_given_an_opening_balance_then_it_stands_for_what_was_before():
    entries = Entries(uses=(Entry(date(2026, 2, 2), DAY),), adjustments=(Entry(date(2026, 6, 30), 4 * DAY, opening=True),))

    found = course(somebody(date(2010, 1, 1)), date(2027, 1, 1), entries)

    assert of(found.dues, MovementKind.GRANTED, MovementKind.CARRIED) == [
        (date(2027, 1, 1), -4), (date(2027, 1, 1), 4), (date(2027, 1, 1), 10),
    ]  # fmt: skip


days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
uses = st.lists(st.builds(Entry, days, st.integers(30, 3 * DAY)), max_size=8)
hires = st.dates(date(2004, 1, 1), date(2027, 6, 1))


def _written(dues, known=()) -> list[Movement]:
    """As the ledger holds what is missing."""
    rows = list(known)
    for one in corrections(dues, rows):
        told = (one.kind, one.minutes, one.day, one.cause, one.lot, one.last_day, "", "", one.facts, "server", NOW)
        rows.append(Movement(len(rows) + 1, 1, 1, *told))
    return rows


@settings(max_examples=60)
@given(uses, hires, st.randoms(use_true_random=False))
def test_the_order_in_which_leave_is_asked_for_changes_nothing(taken, hired, random):
    shuffled = list(taken)
    random.shuffle(shuffled)

    one, other = (course(somebody(hired), date(2028, 6, 1), Entries(uses=tuple(each))) for each in (taken, shuffled))

    assert one.dues == other.dues


@settings(max_examples=60)
@given(uses, hires, st.lists(days, min_size=1, max_size=5))
def test_whenever_it_is_settled_in_between_the_ledger_says_the_same_and_a_second_time_adds_nothing(taken, hired, stops):
    entries, end = Entries(uses=tuple(taken)), date(2028, 6, 1)
    rows: list[Movement] = []
    for day in sorted(stops):
        rows = _written(course(somebody(hired), day, entries).dues, rows)
    rows = _written(course(somebody(hired), end, entries).dues, rows)

    at_once = _written(course(somebody(hired), end, entries).dues)

    assert sorted((one.cause, one.kind, one.minutes) for one in rows) == sorted((one.cause, one.kind, one.minutes) for one in at_once)
    assert corrections(course(somebody(hired), end, entries).dues, rows) == []


@settings(max_examples=60)
@given(uses, hires, hires)
def test_a_hire_date_that_was_wrong_is_made_good_by_movements_that_correct(taken, wrong, right):
    entries, end = Entries(uses=tuple(taken)), date(2028, 6, 1)
    before = _written(course(somebody(wrong), end, entries).dues)

    after = _written(course(somebody(right), end, entries).dues, before)

    assert after[: len(before)] == before, "nothing that is written changes"
    sums: dict[tuple[str, MovementKind], int] = {}
    for one in after:
        sums[one.cause, one.kind] = sums.get((one.cause, one.kind), 0) + one.minutes
    wanted = {(due.cause, due.kind): due.minutes for due in course(somebody(right), end, entries).dues}
    assert {key: minutes for key, minutes in sums.items() if minutes} == wanted


@settings(max_examples=60)
@given(uses, hires)
def test_a_lot_that_is_over_holds_nothing_any_more_and_nothing_is_lost_on_the_way(taken, hired):
    end = date(2028, 6, 1)
    found = course(somebody(hired), end, Entries(uses=tuple(taken)))

    assert all(lot.remaining == 0 for lot in found.lots if lot.last_day + timedelta(days=1) <= end)
    used = sum(one.minutes for one in taken)
    assert sum(lot.remaining for lot in found.lots) == sum(due.minutes for due in found.dues) - used
    assert isinstance(found.dues, tuple)
    assert all(isinstance(due, Due) for due in found.dues)
