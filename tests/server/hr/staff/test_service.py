"""Service, here and in all, on any date."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from server.directory.actions import NewEvent, add_event, add_person
from server.directory.model import EventKind
from server.errors import InvalidInputError
from server.hr.staff import actions as staff
from server.hr.staff.engine.service import joined, months_before
from server.hr.staff.model import DocumentAccess, DocumentKind, Service
from tests.support.company import NOW, TESTER

spans = st.lists(st.tuples(st.dates(date(2000, 1, 1), date(2025, 1, 1)), st.integers(0, 3_000)), max_size=5)


@pytest.mark.parametrize(
    ("held", "day", "months"),
    [
        ([(date(2020, 3, 1), date(2021, 2, 28))], date(2026, 1, 1), 12),
        ([(date(2020, 3, 1), date(2026, 1, 1))], date(2021, 3, 1), 12),
        ([(date(2020, 3, 1), date(2026, 1, 1))], date(2021, 2, 28), 11),
        ([(date(2020, 1, 1), date(2020, 6, 30)), (date(2020, 7, 1), date(2020, 12, 31))], date(2026, 1, 1), 12),
        ([(date(2020, 1, 1), date(2020, 1, 15)), (date(2021, 1, 1), date(2021, 1, 15))], date(2026, 1, 1), 1),
        ([(date(2020, 1, 1), date(2020, 12, 31)), (date(2020, 6, 1), date(2021, 6, 30))], date(2026, 1, 1), 18),
        ([], date(2026, 1, 1), 0),
    ],
)
def test_months_that_are_over(held, day, months):
    assert months_before(held, day) == months


@given(spans, st.dates(date(2000, 1, 1), date(2035, 1, 1)), st.randoms())
def test_service_grows_with_time_and_no_order_or_repetition_changes_it(drawn, day, random):
    held = [(first, first + timedelta(days=length)) for first, length in drawn]
    shuffled = held * 2
    random.shuffle(shuffled)

    assert months_before(shuffled, day) == months_before(held, day) <= months_before(held, day + timedelta(days=31))
    assert all(one[1] + timedelta(days=1) < two[0] for one, two in zip(joined(held), joined(held)[1:], strict=False))


def test_given_service_elsewhere_when_it_is_proved_then_it_counts_and_a_hire_again_begins_anew_with_us(database):
    with database.writing() as uow:
        one = add_person(uow, "A1", "王伟", TESTER, NOW, hired_on=date(2020, 1, 1)).id
        add_event(uow, one, NewEvent(EventKind.LEAVING, date(2020, 12, 31)), TESTER, NOW)
        add_event(uow, one, NewEvent(EventKind.HIRE, date(2025, 1, 1)), TESTER, NOW)
        prior = staff.add_prior_service(uow, one, "上海某厂", date(2010, 1, 1), date(2014, 12, 31), None, TESTER, NOW)
        before = staff.service_on(uow, [one], date(2026, 1, 1))[one]
        proof = staff.add_document(uow, one, DocumentKind.SERVICE_PROOF, "a.pdf", b"%PDF-", DocumentAccess.HR, TESTER, NOW)
        staff.prove_prior_service(uow, one, prior, proof.id, TESTER, NOW)

        assert before == Service(own_months=12, total_months=24, unproved_months=60, own_since=date(2025, 1, 1))
        assert staff.service_on(uow, [one], date(2026, 1, 1))[one] == Service(12, 84, 0, date(2025, 1, 1))
        assert staff.service_on(uow, [one], date(2021, 6, 1))[one] == Service(0, 72, 0, None)
        staff.remove_document(uow, proof.id, "it was another person's", TESTER, NOW)
        assert staff.service_on(uow, [one], date(2026, 1, 1))[one] == before
        staff.remove_prior_service(uow, one, prior, TESTER, NOW)
        assert staff.service_on(uow, [one], date(2026, 1, 1))[one].unproved_months == 0


def test_given_service_that_is_not_over_or_runs_backwards_when_entered_then_the_day_is_named(database):
    with database.writing() as uow:
        one = add_person(uow, "A1", "王伟", TESTER, NOW, hired_on=date(2020, 1, 1)).id
        for first, last in ((date(2012, 1, 1), date(2011, 1, 1)), (date(2012, 1, 1), date(2030, 1, 1))):
            with pytest.raises(InvalidInputError) as refused:
                staff.add_prior_service(uow, one, "厂", first, last, None, TESTER, NOW)
            assert refused.value.facts["field"] == "last_day"
