"""Hiring somebody new, or again, and what comes of a probation, by the forms and by programs; on both dialects."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from server.access.model import Role
from server.directory import actions as directory, pages
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from tests.support.company import NOW, TESTER
from tests.support.pages import browse

FORM = {"employee_number": "N1", "name": "赵一", "effective_on": "2026-11-02", "department": "RND", "employment_kind": "regular"}


@pytest.fixture
def hr(company, database):
    return browse(database, (pages.router,), Role.HR)


def events_of(database, number):
    with database.reading() as uow:
        who = directory.find_person(uow, number)
        return [(event.kind, event.effective_on, event.until) for one in directory.employments_of(uow, who.id) for event in one.events]


class TestHiring:
    def test_the_form_makes_a_person_with_terms_and_probation(self, hr, database):
        assert 'name="employee_number"' in hr.get("/people/new").text

        answer = hr.post("/people/new", FORM | {"manager": "A2", "hours_system": "irregular", "probation_until": "2027-02-01"})

        assert re.fullmatch(r"/people/\d+/employment", answer.headers["location"])
        assert events_of(database, "N1") == [
            ("hire", date(2026, 11, 2), None),
            ("probation", date(2026, 11, 2), date(2027, 2, 1)),
        ]
        with database.reading() as uow:
            line = directory.staff_line(uow, directory.find_person(uow, "N1").id, date(2026, 12, 1))
        assert (line.department, line.manager, line.state) == ("研发部", "李娜", "probation")

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"employee_number": "A1"}, "There is a person with the number A1 already."),
            ({"name": " "}, "name: use 1 to 100 characters"),
            ({"effective_on": "soon"}, "effective_on: give a date such as 2026-11-23"),
            ({"department": "NOPE"}, "department: NOPE is not there"),
            ({"manager": "Z9"}, "manager: there is nobody with the employee number Z9"),
            ({"probation_until": "2028-01-01"}, "until: a probation lasts at most 6 months"),
        ],
    )
    def test_what_cannot_be_comes_back_as_it_was_typed_and_nothing_is_stored(self, hr, database, change, said):
        answer = hr.post("/people/new", FORM | {"reason": "typed reason"} | change)

        assert answer.status_code in {409, 422}
        assert said in answer.text
        assert 'value="typed reason"' in answer.text
        with database.reading() as uow:
            assert directory.find_person(uow, "N1") is None

    def test_a_known_name_is_shown_with_a_way_to_hire_that_person_again(self, hr, company, database):
        with database.writing() as uow:
            leaving = NewEvent(EventKind.LEAVING, date(2026, 10, 31), {"ground": "resigned"})
            directory.add_event(uow, company.people["A1"], leaving, TESTER, NOW)

        alike = hr.post("/people/new", FORM | {"name": "王薇"})
        again = hr.get(f"/people/{company.people['A1']}/employment?form=hire").text

        assert alike.status_code == 409
        assert "By this name there is already: 王伟 (A1)." in alike.text
        assert f'href="/people/{company.people["A1"]}/employment?form=hire#forms"' in alike.text
        assert re.search(r"<details open><summary>Hire again", again)
        assert hr.post("/people/new", FORM | {"name": "王薇", "another_person": "yes"}).status_code == 303

    def test_a_program_hires_too(self, hr, database):
        headers = {"sec-fetch-site": "same-origin", "accept-language": "en"}
        body = {"employee_number": "N1", "name": "李 娜", "effective_on": "2026-11-02", "department": "RND"}

        refused = hr.client.post("/api/v1/people", json=body | {"name": "李娜"}, headers=headers)
        made = hr.client.post("/api/v1/people", json=body | {"name": "李娜", "another_person": True}, headers=headers)

        assert refused.status_code == 409
        assert "李娜 (A2)" in refused.text
        assert (made.status_code, made.json()["employee_number"]) == (201, "N1")


class TestProbation:
    @pytest.fixture
    def today(self):
        return datetime.now(UTC).date()

    @pytest.fixture
    def hired(self, company, database, today):
        """A1 began two months ago, on probation for another month."""
        with database.writing() as uow:
            first, until = today - timedelta(days=60), today + timedelta(days=30)
            hire = NewEvent(EventKind.HIRE, first)
            return directory.hire_person(uow, "N1", "赵一", hire, TESTER, NOW, probation_until=until).id

    def test_it_is_confirmed_prolonged_or_failed_in_one_step(self, hr, hired, today):
        page = hr.get(f"/people/{hired}/employment").text
        until = today + timedelta(days=30)
        assert f"On probation until {until}" in page
        assert f'value="{until + timedelta(days=1)}"' in page

        later = today + timedelta(days=45)
        prolong = {"kind": "probation", "effective_on": str(today), "until": str(later)}
        assert hr.post(f"/people/{hired}/events", prolong).status_code == 303
        assert f"On probation until {later}" in hr.get(f"/people/{hired}/employment").text

        confirm = {"kind": "confirmation", "effective_on": str(today + timedelta(days=7))}
        assert hr.post(f"/people/{hired}/events", confirm).status_code == 303
        page = hr.get(f"/people/{hired}/employment").text
        assert "still to come" in page
        assert "cb-to-come" in page
        told = hr.get(f"/api/v1/people/{hired}/terms?day={today + timedelta(days=7)}").json()
        assert told["probation_until"] is None
