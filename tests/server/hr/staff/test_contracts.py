"""Contracts: what the law forbids is refused, and what it wants is said in time."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, strategies as st

from server.directory.actions import NewEvent, add_event, add_person
from server.directory.model import EmploymentKind, EventKind
from server.errors import InvalidInputError
from server.hr.staff import actions as staff
from server.hr.staff.engine.contracts import check_terms, ends_on, last_probation_day, longest_probation, missing_contract, stage_of
from server.hr.staff.model import Advice, Contract, ContractKind, ContractTerms, Fact, Stage
from tests.support.company import NOW, TESTER

FIXED, OPEN, TASK = ContractKind.FIXED, ContractKind.OPEN_ENDED, ContractKind.TASK


def fixed(first: date, last: date, **more) -> ContractTerms:
    return ContractTerms(FIXED, first, last, **more)


def held(*terms: ContractTerms) -> list[Contract]:
    return [Contract(number, 1, one, "hr", datetime(2026, 1, 1, tzinfo=UTC)) for number, one in enumerate(terms, 1)]


THREE_YEARS = fixed(date(2024, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("last", "months", "until"),
    [
        (date(2026, 3, 30), 0, None),
        (date(2026, 3, 31), 1, date(2026, 1, 31)),
        (date(2026, 12, 30), 1, date(2026, 1, 31)),
        (date(2026, 12, 31), 2, date(2026, 2, 28)),
        (date(2028, 12, 30), 2, date(2026, 2, 28)),
        (date(2028, 12, 31), 6, date(2026, 6, 30)),
    ],
)
def test_probation_goes_by_the_length_of_the_contract_and_at_a_border_the_longer_holds(last, months, until):
    terms = fixed(date(2026, 1, 1), last)

    assert (longest_probation(terms), last_probation_day(terms)) == (months, until)


def test_an_open_ended_contract_may_have_six_months_of_probation_and_a_task_none():
    assert longest_probation(ContractTerms(OPEN, date(2026, 1, 1))) == 6
    assert longest_probation(ContractTerms(TASK, date(2026, 1, 1), task="harvest")) == 0


@pytest.mark.parametrize(
    ("terms", "others", "service", "field", "told"),
    [
        (fixed(date(2026, 1, 1), date(2025, 1, 1)), [], 0, "last_day", "not before"),
        (ContractTerms(FIXED, date(2026, 1, 1)), [], 0, "last_day", "has a last day"),
        (ContractTerms(OPEN, date(2026, 1, 1), date(2027, 1, 1)), [], 0, "last_day", "leave it empty"),
        (ContractTerms(TASK, date(2026, 1, 1)), [], 0, "task", "piece of work"),
        (fixed(date(2026, 1, 1), date(2026, 12, 31), probation_until=date(2026, 3, 1)), [], 0, "probation_until", "until 2026-02-28"),
        (fixed(date(2026, 1, 1), date(2026, 3, 30), probation_until=date(2026, 1, 2)), [], 0, "probation_until", "no probation"),
        (fixed(date(2026, 1, 1), date(2028, 12, 31), probation_until=date(2025, 1, 2)), [], 0, "probation_until", "not before"),
        (
            fixed(date(2027, 1, 1), date(2029, 12, 31), probation_until=date(2027, 1, 31), signing_order=2),
            held(THREE_YEARS), 36, "probation_until", "once",
        ),
        (fixed(date(2026, 12, 31), date(2027, 12, 31), signing_order=2), held(THREE_YEARS), 36, "first_day", "from 2024-01-01 holds"),
        (fixed(date(2027, 1, 1), date(2027, 12, 31)), held(THREE_YEARS), 36, "signing_order", "number 1"),
        (
            fixed(date(2030, 1, 1), date(2030, 12, 31), signing_order=3),
            held(THREE_YEARS, fixed(date(2027, 1, 1), date(2029, 12, 31), signing_order=2)), 72, "kind", "open-ended contract is due",
        ),
        (fixed(date(2027, 1, 1), date(2027, 12, 31), signing_order=2), held(THREE_YEARS), 120, "kind", "open-ended contract is due"),
    ],
)  # fmt: skip
def test_given_what_cannot_be_or_may_not_be_when_entered_then_the_field_and_the_mend_are_named(terms, others, service, field, told):
    with pytest.raises(InvalidInputError, match=told) as refused:
        check_terms(terms, others, service)

    assert refused.value.facts["field"] == field


def test_given_an_open_ended_contract_is_due_when_it_is_chosen_or_the_employee_asked_otherwise_then_it_is_taken():
    others = held(THREE_YEARS, fixed(date(2027, 1, 1), date(2029, 12, 31), signing_order=2))

    check_terms(ContractTerms(OPEN, date(2030, 1, 1), signing_order=3), others, 72)
    check_terms(fixed(date(2030, 1, 1), date(2030, 12, 31), signing_order=3, asked_fixed=True), others, 72)


@pytest.mark.parametrize(
    ("left", "stage"),
    [
        (61, Stage.FAR),
        (60, Stage.DAYS_60),
        (46, Stage.DAYS_60),
        (45, Stage.DAYS_45),
        (30, Stage.DAYS_30),
        (0, Stage.DAYS_30),
        (-1, Stage.EXPIRED),
    ],
)
def test_reminders_come_60_45_and_30_days_before_and_the_alarm_on_the_first_day_after(left, stage):
    last = date(2026, 12, 31)

    assert stage_of(last, date.fromordinal(last.toordinal() - left)) is stage


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_a_contract_never_ends_later_than_the_person_retires(last, retires):
    assert ends_on(fixed(date(2019, 1, 1), last), retires) == min(last, retires)
    assert ends_on(ContractTerms(OPEN, date(2019, 1, 1)), retires) == retires


def test_a_missing_contract_costs_double_pay_after_a_month_and_counts_as_open_ended_after_a_year():
    hired = date(2026, 1, 15)
    found = [missing_contract(hired, day) for day in (date(2026, 2, 14), date(2026, 2, 15), date(2027, 1, 14), date(2027, 1, 15))]

    assert [one.advice for one in found] == [Advice.SIGN_FIRST, Advice.DOUBLE_PAY, Advice.DOUBLE_PAY, Advice.DEEMED_OPEN_ENDED]
    assert found[0].facts == {"until": date(2026, 2, 14)}
    assert found[1].facts == {"since": date(2026, 2, 15), "days": 1}


class TestOfAPerson:
    @pytest.fixture
    def hired(self, database):
        with database.writing() as uow:
            return add_person(uow, "A1", "王伟", TESTER, NOW, hired_on=date(2024, 1, 1)).id

    def advice(self, uow, person, day):
        return [one.advice for one in staff.contract_advice(uow, person, day)]

    def test_from_the_hire_to_the_second_renewal(self, database, hired):
        with database.writing() as uow:
            assert self.advice(uow, hired, date(2024, 1, 10)) == [Advice.SIGN_FIRST]
            terms = replace(THREE_YEARS, probation_until=date(2024, 6, 30), signed_on=date(2024, 1, 5))
            staff.add_contract(uow, hired, terms, TESTER, NOW)
            assert self.advice(uow, hired, date(2024, 1, 10)) == []
            assert self.advice(uow, hired, date(2026, 11, 2)) == [Advice.RENEW]
            assert self.advice(uow, hired, date(2027, 1, 1)) == [Advice.EXPIRED]
            assert staff.next_signing_order(staff.contracts_of(uow, hired)) == 2
            staff.add_contract(uow, hired, fixed(date(2027, 1, 1), date(2029, 12, 31), signing_order=2), TESTER, NOW)
            assert self.advice(uow, hired, date(2027, 1, 1)) == [Advice.OPEN_ENDED_AFTER_TWO]
            with pytest.raises(InvalidInputError, match="open-ended"):
                staff.add_contract(uow, hired, fixed(date(2030, 1, 1), date(2031, 12, 31), signing_order=3), TESTER, NOW)

    def test_a_contract_that_outlasts_the_working_life_ends_by_law(self, database, hired):
        with database.writing() as uow:
            staff.change_facts(uow, hired, {Fact.SEX: "male", Fact.BIRTH_DATE: "1966-09-10"}, TESTER, NOW)
            staff.add_contract(uow, hired, ContractTerms(OPEN, date(2024, 1, 1)), TESTER, NOW)

            (found,) = staff.contract_advice(uow, hired, date(2026, 6, 1))
        assert (found.advice, found.facts) == (Advice.ENDS_BY_RETIREMENT, {"day": date(2027, 3, 10)})

    def test_a_probation_of_the_employment_is_held_against_the_contract(self, database, hired):
        with database.writing() as uow:
            staff.add_contract(uow, hired, fixed(date(2024, 1, 1), date(2024, 12, 31), probation_until=date(2024, 2, 29)), TESTER, NOW)
            add_event(uow, hired, NewEvent(EventKind.PROBATION, date(2024, 1, 1), until=date(2024, 6, 30)), TESTER, NOW)

            assert self.advice(uow, hired, date(2024, 2, 1)) == [Advice.PROBATION_DIFFERS, Advice.PROBATION_TOO_LONG]

    def test_a_hire_again_begins_a_new_chain_and_an_intern_needs_none_in_writing(self, database, hired):
        with database.writing() as uow:
            staff.add_contract(uow, hired, fixed(date(2024, 1, 1), date(2024, 12, 31)), TESTER, NOW)
            add_event(uow, hired, NewEvent(EventKind.LEAVING, date(2024, 12, 31)), TESTER, NOW)
            with pytest.raises(InvalidInputError, match="not employed"):
                staff.add_contract(uow, hired, fixed(date(2025, 3, 1), date(2026, 12, 31)), TESTER, NOW)
            add_event(uow, hired, NewEvent(EventKind.HIRE, date(2026, 1, 1)), TESTER, NOW)
            assert self.advice(uow, hired, date(2026, 3, 1)) == [Advice.DOUBLE_PAY]
            add_event(uow, hired, NewEvent(EventKind.KIND, date(2026, 2, 1), {"kind": EmploymentKind.INTERN}), TESTER, NOW)
            assert self.advice(uow, hired, date(2026, 3, 1)) == []

    def test_a_withdrawn_contract_counts_no_more_and_stays_to_be_seen(self, database, hired):
        with database.writing() as uow:
            made = staff.add_contract(uow, hired, THREE_YEARS, TESTER, NOW)
            with pytest.raises(InvalidInputError, match="say why"):
                staff.withdraw_contract(uow, hired, made.id, "", TESTER, NOW)
            staff.withdraw_contract(uow, hired, made.id, "typed for somebody else", TESTER, NOW)

            assert [one.in_force for one in staff.contracts_of(uow, hired)] == [False]
            staff.add_contract(uow, hired, THREE_YEARS, TESTER, NOW)
