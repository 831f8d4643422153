"""The personal legal retirement age: the cases, and the closed form against a walk from month to month."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from server.hr.staff.engine.months import month_number, months_later, whole_months
from server.hr.staff.engine.retirement import contribution_months, retirement_of
from server.hr.staff.model import RetirementCategory

CASES = json.loads((Path(__file__).parents[3] / "golden" / "staff" / "retirement.json").read_text())
OLD = {"male": (60, date(1965, 1, 1), 4, 36), "female55": (55, date(1970, 1, 1), 4, 36), "female50": (50, date(1975, 1, 1), 2, 60)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(case):
    found = retirement_of(date.fromisoformat(f"{case['born']}-15"), RetirementCategory(case["category"]))

    assert found.delay_months == case["delay_months"]
    assert f"{found.age_months // 12}y{found.age_months % 12}m" == case["age"]
    assert found.retires_on.strftime("%Y-%m") == case["retires"]


def walked(born: date, category: str) -> int:
    """The delay, found by giving one month more to each group of birth months in turn."""
    _, month, per, most = OLD[category]
    delay, in_group = 0, 0
    while (month.year, month.month) <= (born.year, born.month):
        if in_group == 0 and delay < most:
            delay += 1
        in_group = (in_group + 1) % per
        month = months_later(month, 1)
    return delay


@given(st.dates(date(1950, 1, 1), date(2005, 12, 31)), st.sampled_from(sorted(OLD)))
def test_the_closed_form_is_the_walk(born, category):
    found = retirement_of(born, RetirementCategory(category))

    assert found.delay_months == walked(born, category)
    assert found.old_age_months == OLD[category][0] * 12
    assert found.earliest_on <= found.retires_on <= found.latest_on
    assert month_number(found.earliest_on) - month_number(born) >= found.old_age_months
    assert month_number(found.retires_on) - month_number(found.earliest_on) <= 36


def test_given_the_last_of_a_long_month_when_the_age_is_reached_in_a_short_one_then_it_is_its_last_day():
    assert retirement_of(date(1966, 8, 31), RetirementCategory.MALE_60).retires_on == date(2027, 1, 31)
    assert months_later(date(2024, 2, 29), 12) == date(2025, 2, 28)


def test_the_months_that_a_pension_needs_rise_from_2030_to_2039():
    assert [contribution_months(year) for year in (2029, 2030, 2031, 2039, 2050)] == [180, 186, 192, 240, 240]


@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.integers(0, 400))
def test_whole_months_undo_months_later(first, months):
    assert whole_months(first, months_later(first, months)) == months
