"""Whom a kind of leave is for: sex, age, kind of employment, service."""

from dataclasses import replace as with_
from datetime import date

import pytest
from msgspec.structs import replace

from server.attendance.model.grants import LeaveKind
from server.directory.model import EmploymentKind
from server.hr.leave.engine.describing import tell_terms
from server.hr.leave.engine.suiting import Candidate, hindrance
from server.hr.leave.model import LeaveTerms, NotFor
from server.hr.leave.pages.type_forms import fields_of, read_terms
from server.web.language import translator

DAY = date(2026, 5, 4)
TERMS = LeaveTerms(name_en="Youth leave", name_zh="青年假", kind=LeaveKind.OTHER, source="house rule")
WHO = Candidate(EmploymentKind.REGULAR, "female", date(1998, 5, 4), date(2025, 5, 5))


@pytest.mark.parametrize(
    ("terms", "who", "expected"),
    [
        ({}, {}, None),
        ({"sex": "male"}, {}, NotFor.SEX),
        ({"sex": "male"}, {"sex": None}, None),
        ({"employment_kinds": (EmploymentKind.PART_TIME,)}, {}, NotFor.EMPLOYMENT),
        ({"least_age": 28}, {}, None),
        ({"least_age": 28}, {"born_on": date(1998, 5, 5)}, NotFor.TOO_YOUNG),
        ({"most_age": 28}, {}, None),
        ({"most_age": 28}, {"born_on": date(1997, 5, 4)}, NotFor.TOO_OLD),
        ({"most_age": 28}, {"born_on": date(1997, 5, 5)}, None),
        ({"least_age": 14, "most_age": 28}, {"born_on": None}, None),
        ({"least_service_months": 12}, {}, NotFor.SERVICE),
        ({"least_service_months": 12}, {"service_from": date(2025, 5, 4)}, None),
        ({"least_service_months": 12}, {"service_from": None}, None),
    ],
)
def test_given_a_limit_and_somebody_then_only_what_is_known_stands_in_the_way(terms, who, expected):

    assert hindrance(replace(TERMS, **terms), with_(WHO, **who), DAY) is expected


def test_given_limits_then_the_form_keeps_them_and_they_are_said():
    terms = replace(TERMS, least_age=14, most_age=28, least_service_months=6)

    said = tell_terms(terms, translator("en"))

    assert read_terms(fields_of(terms)) == terms
    assert {"From 14 years of age on.", "Up to 28 years of age.", "After 6 months of service in all."} <= set(said)
