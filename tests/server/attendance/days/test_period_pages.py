"""The pages of periods in the real application: from the first look to an accepted difference, for HR and on an employee's phone."""

import re
from datetime import date, timedelta

import pytest

from server.access.model import PERMISSIONS, Permission, Role
from server.attendance import actions, pages
from server.attendance.jobs import closing as closing_jobs
from server.attendance.pages import asked
from server.attendance.pages.periods import closing, differences, own
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from tests.server.attendance.days.conftest import at
from tests.support.company import NOW, TESTER
from tests.support.jobs import do_all
from tests.support.pages import browse

OWN = "/periods/1/2026-11"


@pytest.fixture
def dialect():
    return "sqlite"


@pytest.fixture
def today(monkeypatch):
    """What the pages take for today; `today(days=3)` moves it on."""
    moment = [NOW]
    for module in (asked, closing, differences, own):
        monkeypatch.setattr(module, "now", lambda: moment[0])
    return lambda **later: moment.__setitem__(0, moment[0] + timedelta(**later))


@pytest.fixture
def company(days, today):
    """A1 and A2 are in the group from 9 November on; A2 does not punch out on the 13th."""
    with days.database.writing() as uow:
        group = directory.add_pay_group(uow, "M", "月薪", 16, TESTER, NOW)
        for who in ("A1", "A2"):
            event = NewEvent(EventKind.TRANSFER, date(2026, 11, 9), {"pay_group_id": group.id})
            directory.add_event(uow, days.company.people[who], event, TESTER, NOW)
    for day in range(9, 14):
        days.punch("A1", at(day, "08:55"), at(day, "18:05"))
        days.punch("A2", at(day, "08:58"), *([] if day == 13 else [at(day, "18:01")]))
    days.report(at(23, "09:59"))
    days.settle()
    return days


@pytest.fixture
def hr(company):
    return browse(company.database, (pages.router,), Role.HR)


@pytest.fixture
def phone(company):
    """An employee's browser; whose it is can be said."""

    def of(who):
        browser = browse(company.database, (pages.router,), PERMISSIONS[Role.EMPLOYEE])
        object.__setattr__(browser.visitor, "person_id", company.company.people[who])
        return browser

    return of


def figures(page):
    return re.search(r'name="figures" value="([0-9a-f]+)"', page.text)[1]


def test_a_month_is_asked_for_confirmed_closed_and_a_late_fact_is_accepted(hr, phone, company):
    assert "2026-11" in hr.get("/periods").text
    assert hr.post(f"{OWN}/ask", {"confirm_until": "2026-11-25"}).status_code == 303

    one = phone("A1")
    assert "please answer until 2026-11-25" in one.get("/me/periods").text
    seen = one.get(f"/me{OWN}")
    assert "It is right" in seen.text
    assert one.post(f"/me{OWN}", {"answer": "confirmed", "figures": figures(seen)}).status_code == 303
    two = phone("A2")
    objection = {"answer": "objected", "comment": "13 日打过卡", "figures": figures(two.get(f"/me{OWN}"))}
    assert two.post(f"/me{OWN}", objection).status_code == 303
    assert "13 日打过卡" in hr.get(OWN).text

    asking = hr.get(f"{OWN}/close").text
    assert "The results of 2 people are frozen" in asking
    assert "1 person has confirmed, 1 objects, 0 did not answer" in asking
    assert hr.post(f"{OWN}/close", {}).status_code == 422
    reasons = {"open-exceptions": "talked about", "objections": "talked about"}
    assert hr.post(f"{OWN}/close", reasons).status_code == 303
    going_on = hr.get(OWN).text
    assert "data-job=" in going_on
    assert "All of it is closed at once" in going_on
    assert f'href="{OWN}/close"' not in going_on
    assert hr.post(f"{OWN}/close", reasons).status_code == 409
    do_all(company.database, closing_jobs.KINDS)
    assert "Closed by tester" in hr.get(OWN).text

    company.punch("A2", at(13, "18:30"), terminal="T2")
    company.settle()
    page = hr.get(f"{OWN}/differences").text
    key = re.search(r'name="ids" value="(\d+)"', page)[1]
    assert hr.post(f"{OWN}/differences", {"ids": key, "deed": "accept", "reason": ""}).status_code == 422
    assert hr.post(f"{OWN}/differences", {"ids": key, "deed": "accept", "reason": "offline"}).status_code == 303
    page = hr.get(f"{OWN}/differences").text
    assert "-1 missing punch" in page
    assert "was accepted" in page

    assert hr.post(f"{OWN}/reopen", {"reason": ""}).status_code == 422
    assert hr.post(f"{OWN}/reopen", {"reason": "all anew"}).status_code == 303
    assert "What is in the way of closing" in hr.get(OWN).text


class TestWhatCannotBe:
    def test_an_answer_to_old_figures_without_words_or_of_another_kind_is_told(self, hr, phone, company):
        hr.post(f"{OWN}/ask", {"confirm_until": "2026-11-25"})
        one = phone("A1")
        mark = figures(one.get(f"/me{OWN}"))
        for form, status in [
            ({"answer": "confirmed", "figures": "00" * 16}, 409),
            ({"answer": "confirmed", "figures": "x"}, 409),
            ({"answer": "objected", "figures": mark}, 422),
            ({"answer": "maybe", "figures": mark}, 422),
        ]:
            assert one.post(f"/me{OWN}", form).status_code == status

    def test_the_period_of_another_group_is_nobodys_to_see(self, phone, company):
        assert phone("A3").get(f"/me{OWN}").status_code == 404
        assert "You are in no pay group yet" in phone("A3").get("/me/periods").text

    def test_before_it_is_asked_for_and_after_the_last_day_there_is_nothing_to_press(self, hr, phone, company, today):
        assert "It is right" not in phone("A1").get(f"/me{OWN}").text
        hr.post(f"{OWN}/ask", {"confirm_until": "2026-11-24"})
        today(days=2)
        assert "The last day to answer is over" in phone("A1").get(f"/me{OWN}").text

    def test_addresses_that_mean_nothing_are_told(self, hr):
        assert hr.get("/periods/99/2026-11").status_code == 404
        assert hr.get("/periods/1/never").status_code == 422
        assert hr.post(f"{OWN}/ask", {"confirm_until": ""}).status_code == 422
        assert hr.post(f"{OWN}/differences", {"deed": "accept", "reason": "x"}).status_code == 409
        assert hr.post(f"{OWN}/differences", {"deed": "x", "reason": "x"}).status_code == 422

    def test_who_may_only_see_is_offered_no_closing(self, company):
        reader = browse(company.database, (pages.router,), {Permission.SEE_DAYS, Permission.SEE_PEOPLE})

        assert f'href="{OWN}/close"' not in reader.get(OWN).text
        assert reader.get(f"{OWN}/close").status_code == 403

    def test_a_period_that_goes_on_says_why_it_cannot_be_closed(self, hr):
        page = hr.get("/periods/1/2026-12/close").text

        assert "It cannot be closed yet" in page
        assert "still goes on for" in page


class TestOnePersonExplained:
    def test_the_answer_the_totals_the_steps_and_the_days_are_there_while_the_period_is_open(self, hr, company):
        person = company.company.people["A1"]
        assert f'href="{OWN}/people/{person}"' in hr.get(OWN).text

        page = hr.get(f"{OWN}/people/{person}").text

        assert "Worked out just now" in page
        assert "5 of 5 owed" in page
        answer, steps = page.index('class="cb-answer"'), page.index("How it came about")
        assert answer < steps
        assert "<summary><strong>Worked time</strong>" in page[steps:]
        worked = page[steps:].split("<strong>Worked time</strong>")[1].split("</details>")[0]
        assert "6 steps" in worked  # the whole, and five days
        assert f'href="/people/{person}/days/2026-11-09"' in worked
        assert f'href="/people/{person}/days/2026-11-13"' in page

    def test_a_closed_one_shows_what_was_frozen_and_what_was_said(self, hr, phone, company):
        person = company.company.people["A2"]
        hr.post(f"{OWN}/ask", {"confirm_until": "2026-11-25"})
        mark = figures(phone("A2").get(f"/me{OWN}"))
        phone("A2").post(f"/me{OWN}", {"answer": "objected", "comment": "13 日打过卡", "figures": mark})
        before = told_steps(hr.get(f"{OWN}/people/{person}").text)
        reasons = {"open-exceptions": "talked about", "objections": "talked about", "unanswered": "no matter"}
        assert hr.post(f"{OWN}/close", reasons).status_code == 303
        do_all(company.database, closing_jobs.KINDS)
        company.punch("A2", at(13, "18:30"), terminal="T2")
        company.settle()

        page = hr.get(f"{OWN}/people/{person}").text

        assert "As it was frozen by tester" in page
        assert "13 日打过卡" in page
        assert before
        assert told_steps(page) == before

    def test_the_employee_finds_the_same_steps(self, hr, phone, company):
        steps = told_steps(hr.get(f"{OWN}/people/{company.company.people['A1']}").text)

        assert steps
        assert told_steps(phone("A1").get(f"/me{OWN}").text) == steps

    def test_somebody_who_is_no_member_has_no_such_page(self, hr, company):
        for person in (company.company.people["A3"], 999, 2**70):
            assert hr.get(f"{OWN}/people/{person}").status_code == 404

    def test_who_has_no_rules_is_told_what_to_do(self, hr, company):
        person = company.company.people["A1"]
        with company.database.writing() as uow:
            for one in actions.list_rule_assignments(uow):
                actions.withdraw_assignment(uow, one.id, TESTER, NOW, reason="anew")

        assert "No rules are for this person" in hr.get(f"{OWN}/people/{person}").text


def told_steps(page):
    """The explanation without the ways to the days, which are each reader's own."""
    return re.sub(r"<a .*?</a>", "", re.search(r'<div class="cb-totals">(.*?)</div>', page, re.DOTALL)[1])


def test_the_list_of_people_is_exported_as_seen(hr):
    text = hr.get(f"{OWN}/people.csv").text

    assert "王伟" in text
    assert hr.get(f"{OWN}/people.xlsx").content[:2] == b"PK"


def test_people_in_no_group_are_told_of(hr):
    assert "1 person is in no pay group" in hr.get("/periods").text


@pytest.mark.parametrize("state", ["open", "asked", "closed"])
def test_no_page_has_english_in_its_chinese(hr, phone, company, state):
    shown = []
    if state != "open":
        hr.post(f"{OWN}/ask", {"confirm_until": "2026-11-25"})
    if state == "closed":
        hr.post(f"{OWN}/close", {"open-exceptions": "有原因", "unanswered": "有原因"})
        shown.append(hr.get(OWN, "zh").text)
        do_all(company.database, closing_jobs.KINDS)
        company.punch("A2", at(13, "18:30"), terminal="T2")
        company.settle()
        with company.database.writing() as uow:
            (one,) = actions.list_differences(uow, actions.find_period(uow, "M", date(2026, 11, 1)))
            actions.accept_differences(uow, "M", date(2026, 11, 1), [one.id], "补传", TESTER, NOW)

    people = [f"{OWN}/people/{company.company.people[who]}" for who in ("A1", "A2")]
    shown += [hr.get(address, "zh").text for address in ("/periods", OWN, *people, f"{OWN}/close", f"{OWN}/differences")]
    shown += [phone("A2").get(address, "zh").text for address in ("/me/periods", f"/me{OWN}")]
    text = re.sub(r"<(script|style|code).*?</\1>|<[^>]+>", " ", " ".join(shown), flags=re.DOTALL)

    allowed = {"Clockbridge", "English", "CSV", "A1", "A2", "tester", "M", *company.company.departments, "hq"}
    assert set(re.findall(r"[A-Za-z][A-Za-z0-9]*", text)) - allowed == set()
