"""A grant looked at before it is recorded: what its days would become, with nothing kept."""

import json
from datetime import date, timedelta

import pytest

from server.access.model import Role
from server.attendance import pages, routes
from server.attendance.actions import list_grants, record_grant
from server.attendance.model import GrantFilter, NewGrant
from server.attendance.model.grants import GrantKind, LeaveKind
from tests.support.assessed_days import house_rules, office_day, punches, store_day
from tests.support.company import NOW, TESTER
from tests.support.pages import browse

DAY = date(2026, 11, 16)
"""A Monday that is over."""


@pytest.fixture
def company(database, founded):
    """A1 came at 9:12 on Monday and did not punch out, stayed away on Tuesday, and was in time on Wednesday."""
    with database.writing() as uow:
        version = house_rules(uow)
        for number, clocks in enumerate((["9:12"], [], ["8:58", "18:01"])):
            day = DAY + timedelta(number)
            made = [one.__class__(id=0, at=one.at, grant_id=900) for one in punches(day, *clocks)]
            store_day(uow, founded.people["A1"], office_day(day), made, version=version)
    return founded


@pytest.fixture
def hr(database, company):
    return browse(database, (pages.router, routes.router), Role.HR)


@pytest.fixture
def kept(database):
    def grants():
        with database.reading() as uow:
            return len(list_grants(uow, GrantFilter()))

    return grants


def test_given_a_missing_punch_when_a_correction_is_looked_at_then_the_day_that_it_mends_is_told_and_nothing_is_kept(hr, company, kept):
    typed = {"person": company.people["A1"], "kind": "correction", "heading": "out", "starts_at": "2026-11-16T18:30", "look": "1"}

    page = hr.post("/grants/new", typed).text

    assert "What would become of the days" in page
    told = page.split("<dt>2026-11-16</dt>")[1]
    assert "The punch at the end is missing" in told.split("<strong>")[0]
    assert "Late by 12 min" in told.split("<strong>")[1]
    assert "2026-11-18" not in page.split("cb-becomes")[1].split("</dl>")[0]
    assert 'value="2026-11-16T18:30"' in page  # what was typed stays
    assert kept() == 0


def test_given_what_was_looked_at_when_recorded_then_it_stands(hr, company, kept):
    typed = {"person": company.people["A1"], "kind": "excused", "span": "days", "first_day": "2026-11-17", "reason": "台风"}

    assert "Absent" in hr.post("/grants/new", typed | {"look": "1"}).text
    assert hr.post("/grants/new", typed).status_code == 303
    assert kept() == 1


def test_given_a_day_that_would_stay_as_it_is_then_that_is_said_and_days_to_come_are_counted(hr, company):
    typed = {"person": company.people["A1"], "kind": "unpunched", "first_day": "2026-11-18", "last_day": "2026-11-20", "look": "1"}

    page = hr.post("/grants/new", typed).text

    assert "It would change none of the days that have a result." in page
    assert "2 days have no result yet: it counts as soon as they are worked out." in page


def test_given_leave_over_a_grant_that_stands_then_looking_refuses_as_recording_does(hr, company, database):
    held = NewGrant(person_id=company.people["A1"], kind=GrantKind.LEAVE, leave=LeaveKind.SICK, first_day=DAY, last_day=DAY, reason="ill")
    with database.writing() as uow:
        record_grant(uow, held, TESTER, NOW)
    typed = {"person": company.people["A1"], "kind": "trip", "first_day": str(DAY), "look": "1"}

    answer = hr.post("/grants/new", typed)

    assert answer.status_code == 409
    assert "for that time already" in answer.text


def test_given_a_program_then_it_asks_the_same(hr, company, kept):
    wanted = {"person": company.people["A1"], "kind": "leave", "leave": "annual", "first_day": "2026-11-17", "reason": "x"}

    answer = hr.client.post("/api/v1/grants/preview?language=en", content=json.dumps(wanted), headers={"content-type": "application/json"})

    assert answer.status_code == 200
    assert [(one["day"], one["then"]) for one in answer.json()["changes"]] == [("2026-11-17", "Leave: annual, 8 h.")]
    assert kept() == 0
