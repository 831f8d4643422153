"""Whom a kind of leave is for is said while somebody types, and again when it is sent; what does not fit is not offered."""

from datetime import date

import msgspec
import pytest

from server.directory import actions as directory
from server.hr.leave import actions as leave
from server.hr.requests import actions
from server.hr.requests.actions import StoppedError
from server.hr.requests.engine.telling import sentence
from server.hr.requests.model import FindingCode, LeaveContent, Span
from server.web.language import translator
from tests.server.hr.requests.conftest import FRIDAY, MONDAY, NOW, annual
from tests.support.company import TESTER


def test_a_kind_that_is_not_for_somebody_says_why_while_typing_and_when_it_is_sent(one_office):
    with one_office.database.writing() as uow:
        kind = leave.find_type(uow, "marriage", FRIDAY)
        leave.change_type(uow, "marriage", msgspec.structs.replace(kind.terms, least_service_months=240), MONDAY, TESTER, NOW)
    wanted = LeaveContent(leave="marriage", span=Span(first_day=FRIDAY, last_day=FRIDAY))

    judged = one_office.judge(wanted).findings
    with pytest.raises(StoppedError) as stopped:
        one_office.ask(wanted)

    assert [one.facts["why"] for one in judged if one.code is FindingCode.NOT_FOR_PERSON] == ["service"]
    assert "needs more service in all" in sentence(stopped.value.findings[0], translator("en"))
    with one_office.database.reading() as uow:
        assert "marriage" not in {one.code for one in actions.offered_types(uow, one_office.people["WORKER"], FRIDAY)}


def test_annual_leave_before_the_first_year_is_over_says_from_when_there_is_some(one_office):
    with one_office.database.writing() as uow:
        hired = directory.add_person(uow, "NEW", "新来的", TESTER, NOW, hired_on=date(2026, 3, 2), site_id=one_office.firm.site)
    one_office.people["NEW"] = hired.id

    (found,) = one_office.judge(annual(), "NEW").findings

    assert (found.code, found.facts["from_day"]) == (FindingCode.OVER_BALANCE, "2027-03-02")
    assert "before 2027-03-02" in sentence(found, translator("en"))
