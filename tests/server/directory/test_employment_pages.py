"""The pages of employments, positions and pay groups, and their JSON, in the real application on both databases."""

import re
from datetime import date

import pytest

from server.access import actions as access
from server.access.model import Permission, Role
from server.directory import actions as directory, pages
from tests.support.company import NOW, TESTER
from tests.support.pages import browse

ALL = frozenset(Permission)


@pytest.fixture
def hr(company, database):
    return browse(database, (pages.router,), Role.HR)


@pytest.fixture
def administrator(company, database):
    return browse(database, (pages.router,), ALL)


def send(browser, address, body):
    headers = {"sec-fetch-site": "same-origin", "accept-language": "en"}
    return browser.client.post(f"/api/v1{address}", json=body, headers=headers)


class TestTimeline:
    def test_an_event_is_added_by_the_form_and_stands_in_the_timeline(self, hr, company, database):
        form = {
            "kind": "transfer",
            "effective_on": "2026-11-10",
            "department": "PROD",
            "position": "keep",
            "manager": "A2",
            "reason": "reorg",
        }

        answer = hr.post(f"/people/{company.people['A1']}/events", form)

        assert answer.status_code == 303
        page = hr.get(answer.headers["location"]).text
        assert "reorg" in page
        assert "生产部" in page
        with database.reading() as uow:
            (span,) = directory.terms_of(uow, [company.people["A1"]], date(2026, 11, 10), date(2026, 11, 10))[company.people["A1"]]
        assert (span.terms.department_id, span.terms.manager_id) == (company.departments["PROD"], company.people["A2"])

    def test_the_terms_of_another_day_can_be_asked_for(self, hr, company):
        hr.post("/people/1/events", {"kind": "transfer", "effective_on": "2026-11-10", "department": "PROD"})

        before, after = (hr.get(f"/people/1/employment?day=2026-11-{day}").text for day in ("09", "10"))

        assert "<dd>研发部</dd>" in before
        assert "<dd>生产部</dd>" in after
        assert hr.get("/people/1/employment?day=never").status_code == 422
        assert "Not employed on this day" in hr.get("/people/1/employment?day=2019-01-01").text

    def test_what_cannot_be_comes_back_as_it_was_typed_with_what_to_do(self, hr, company):
        answer = hr.post(
            "/people/1/events", {"kind": "leaving", "effective_on": "2019-01-01", "ground": "resigned", "reason": "typed reason"}
        )

        assert answer.status_code == 422
        assert "the employment begins on 2020-01-01" in answer.text
        assert 'value="typed reason"' in answer.text
        assert 'value="2019-01-01"' in answer.text

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"kind": "party", "effective_on": "2026-11-10"}, "kind: choose one"),
            ({"kind": "transfer"}, "effective_on: give a date"),
            ({"kind": "leaving", "effective_on": "2026-11-10"}, "ground: choose one that the list offers"),
            ({"kind": "transfer", "effective_on": "2026-11-10", "department": "NOPE"}, "department: NOPE is not there"),
            ({"kind": "transfer", "effective_on": "2026-11-10", "manager": "Z9"}, "nobody with the employee number Z9"),
            ({"kind": "hours", "effective_on": "2026-11-10", "hours_system": "lazy"}, "hours_system: choose one"),
        ],
    )
    def test_a_field_that_cannot_be_used_is_named(self, hr, company, form, said):
        answer = hr.post("/people/1/events", form)

        assert answer.status_code == 422
        assert said in answer.text

    def test_an_event_is_cancelled_with_a_reason_and_stays(self, hr, company, database):
        hr.post("/people/1/events", {"kind": "transfer", "effective_on": "2026-11-10", "department": ""})
        with database.reading() as uow:
            event = directory.employments_of(uow, 1)[0].events[-1]

        assert hr.post(f"/people/1/events/{event.id}/cancel", {"reason": ""}).status_code == 422
        assert hr.post(f"/people/1/events/{event.id}/cancel", {"reason": "wrong person"}).status_code == 303

        assert "cancelled by tester: wrong person" in hr.get("/people/1/employment").text

    def test_the_real_hire_date_is_entered(self, hr, company, database):
        assert "the first day is not known exactly" in hr.get("/people/1/employment").text

        assert hr.post("/people/1/employments/1/hire-date", {"hired_on": "2019-05-06", "reason": "contract"}).status_code == 303

        assert "the first day is not known exactly" not in hr.get("/people/1/employment").text

    def test_somebody_who_is_not_there_and_keys_beyond_the_database_are_told(self, hr, company):
        for address in ("/people/999/employment", f"/people/{2**70}/employment"):
            assert hr.get(address).status_code == 404
        assert hr.post(f"/people/1/events/{2**70}/cancel", {"reason": "x"}).status_code == 404


class TestSignIn:
    def test_a_person_gets_an_account_whose_password_is_shown_once(self, administrator, company, database):
        answer = administrator.post("/people/1/sign-in", {"login": "a1"})

        assert answer.status_code == 200
        assert "shown this once" in answer.text
        with database.reading() as uow:
            (account,) = access.accounts_of_person(uow, 1)
        assert (account.login, account.roles, account.must_change, account.person_id) == ("a1", frozenset({Role.EMPLOYEE}), True, 1)
        assert "shown this once" not in administrator.get("/people/1/employment").text

    def test_a_second_account_is_refused_and_nothing_is_left_of_it(self, administrator, company, database):
        administrator.post("/people/1/sign-in", {"login": "a1"})

        answer = administrator.post("/people/1/sign-in", {"login": "a1-again"})

        assert answer.status_code == 409
        assert "has the account a1 already" in answer.text
        with database.reading() as uow:
            assert [one.login for one in access.accounts_of_person(uow, 1)] == ["a1"]

    def test_an_account_that_is_there_is_linked_and_unlinked(self, administrator, company, database):
        with database.writing() as uow:
            access.create_account(uow, "boss", "Boss", "x", frozenset({Role.HR}), TESTER, NOW)
            access.create_account(uow, "root", "Root", "x", frozenset({Role.ADMINISTRATOR}), TESTER, NOW)

        assert administrator.post("/people/1/sign-in/link", {"login": "boss"}).status_code == 303
        assert administrator.post("/people/2/sign-in/link", {"login": "boss"}).status_code == 409
        assert administrator.post("/people/1/sign-in/link", {"login": "nobody"}).status_code == 404
        with database.reading() as uow:
            assert access.accounts_of_person(uow, 1)[0].roles == {Role.HR, Role.EMPLOYEE}

        assert administrator.post("/people/1/sign-in/unlink", {"login": "boss"}).status_code == 303
        with database.reading() as uow:
            assert access.accounts_of_person(uow, 1) == []

    def test_hr_without_accounts_is_not_offered_it(self, hr):
        assert "Give this person a sign-in" not in hr.get("/people/1/employment").text


class TestLists:
    def test_positions_are_added_and_renamed(self, hr):
        assert "No position yet" in hr.get("/positions").text
        assert hr.post("/positions", {"code": "OP", "name": "Operator"}).status_code == 303
        assert hr.post("/positions/1", {"name": "Machinist"}).status_code == 303
        assert "Machinist" in hr.get("/positions").text
        hr.post("/people/1/events", {"kind": "transfer", "effective_on": "2026-11-10", "position": "OP", "reason": "machines"})
        assert re.search(r"Machinist.*?<a href=.[^>]*position=1.>1</a>", hr.get("/positions").text, re.DOTALL)
        assert hr.post("/positions", {"code": "OP", "name": "again"}).status_code == 409
        assert hr.post("/positions/77", {"name": "x"}).status_code == 404

    def test_a_script_in_a_name_is_shown_and_never_run(self, hr, company, database):
        with database.writing() as uow:
            unit = company.departments["RND"]
            directory.add_person(uow, "S1", "<script>alert(1)</script>", TESTER, NOW, department_id=unit, hired_on=date(2026, 1, 1))
            directory.rename_department(uow, unit, "<script>alert(2)</script>", TESTER, NOW)
        own = f"/people/{max(company.people.values()) + 1}/employment"

        for address in ("/people", own, "/departments", "/org", "/org?by=manager", "/api/v1/org?by=manager"):
            answer = hr.get(address)
            is_page = answer.headers["content-type"].startswith("text/html")
            assert not (is_page and "<script>alert" in answer.text), address
        assert "&lt;script&gt;alert(1)" in hr.get("/people").text

    def test_pay_groups_are_added_and_changed(self, hr, database):
        assert "No pay group yet" in hr.get("/pay-groups").text
        assert hr.post("/pay-groups", {"code": "M", "name": "Monthly", "start_day": "26"}).status_code == 303
        assert hr.post("/pay-groups/1", {"name": "Month", "start_day": "1"}).status_code == 303
        assert "Month" in hr.get("/pay-groups").text
        with database.reading() as uow:
            assert [one.day for one in directory.pay_groups(uow)[0].start_days] == [26, 1]
        for day in ("29", "", "x"):
            assert hr.post("/pay-groups", {"code": "N", "name": "n", "start_day": day}).status_code == 422


class TestJson:
    def test_a_program_reads_and_adds_and_cancels(self, hr, company):
        body = {"kind": "transfer", "effective_on": "2026-11-10", "department": "PROD", "manager": "A2", "reason": "api"}

        added = send(hr, "/people/1/events", body).json()

        (one,) = added
        event = one["events"][-1]
        assert event["sets"] == {"department": "PROD", "manager": company.people["A2"]}
        assert (one["hired_on"], one["hired_on_known"]) == ("2020-01-01", False)
        terms = hr.get("/api/v1/people/1/terms?day=2026-11-10").json()
        assert (terms["department"], terms["kind"], terms["manager"]) == ("PROD", "regular", company.people["A2"])
        assert hr.get("/api/v1/people/1/terms?day=2019-01-01").json()["employment"] is None

        cancelled = send(hr, f"/people/1/events/{event['id']}/cancel", {"reason": "no"}).json()
        assert cancelled[0]["events"][-1]["cancel_reason"] == "no"

    def test_refusals_are_told_with_their_status(self, hr, company):
        assert send(hr, "/people/1/events", {"kind": "hire", "effective_on": "2026-11-10"}).status_code == 409
        assert send(hr, "/people/99/events", {"kind": "hire", "effective_on": "2026-11-10"}).status_code == 404
        assert hr.get("/api/v1/people/99/employments").status_code == 404

    def test_positions_and_pay_groups_are_listed(self, hr, database):
        with database.writing() as uow:
            directory.add_position(uow, "OP", "Operator", TESTER, NOW)
            directory.add_pay_group(uow, "M", "Monthly", 26, TESTER, NOW)

        assert hr.get("/api/v1/positions").json() == [{"id": 1, "code": "OP", "name": "Operator"}]
        assert hr.get("/api/v1/pay-groups").json()[0]["start_day"] == 26


@pytest.mark.parametrize("address", ["/people/1/employment", "/positions", "/pay-groups"])
def test_no_page_has_english_in_its_chinese(administrator, company, database, address):
    import re

    with database.writing() as uow:
        directory.add_pay_group(uow, "M", "月薪", 26, TESTER, NOW)
        directory.add_position(uow, "OP", "操作工", TESTER, NOW)

    text = re.sub(r"<(script|style|code).*?</\1>|<[^>]+>", " ", administrator.get(address, "zh").text, flags=re.DOTALL)

    allowed = {"Clockbridge", "English", "A1", "tester", "RND", "PROD", "hq", "OP", "M"}
    assert set(re.findall(r"[A-Za-z][A-Za-z0-9]*", text)) - allowed == set()
