"""Periods over the API: what a payroll program reads and does, from the open period to arrears."""

from datetime import date, timedelta

import pytest

from server.access.model import Permission, Role
from server.attendance import routes
from server.attendance.jobs import closing
from server.attendance.pages import asked
from server.attendance.routes import periods
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from tests.server.attendance.days.conftest import at
from tests.support.company import NOW, TESTER
from tests.support.jobs import do_all
from tests.support.pages import browse

OWN = "/api/v1/periods/1/2026-11"


@pytest.fixture
def dialect():
    return "sqlite"


@pytest.fixture
def today(monkeypatch):
    """What the calls take for today; `today(days=3)` moves it on."""
    moment = [NOW]
    for module in (asked, periods):
        monkeypatch.setattr(module, "now", lambda: moment[0])
    return lambda **later: moment.__setitem__(0, moment[0] + timedelta(**later))


@pytest.fixture
def company(days, today):
    """A1 is in the group from 9 November on, and does not punch out on the 13th."""
    with days.database.writing() as uow:
        group = directory.add_pay_group(uow, "M", "月薪", 16, TESTER, NOW)
        event = NewEvent(EventKind.TRANSFER, date(2026, 11, 9), {"pay_group_id": group.id})
        directory.add_event(uow, days.company.people["A1"], event, TESTER, NOW)
    for day in range(9, 14):
        days.punch("A1", at(day, "08:55"), *([] if day == 13 else [at(day, "18:05")]))
    days.report(at(23, "09:59"))
    days.settle()
    return days


@pytest.fixture
def hr(company):
    return browse(company.database, (routes.router,), Role.HR)


@pytest.fixture
def closed(hr, company, today):
    """Closed with an open exception, and then a punch came late."""
    hr.post(f"{OWN}/ask", json={"confirm_until": "2026-11-24"})
    today(days=3)
    asked = hr.post(f"{OWN}/close", json={"reasons": {"open-exceptions": "talked about"}})
    assert (asked.status_code, list(asked.json())) == (202, ["job"])
    assert hr.post(f"{OWN}/close", json={"reasons": {"open-exceptions": "again"}}).status_code == 409, "it is under way"
    do_all(company.database, closing.KINDS)
    company.punch("A1", at(13, "18:30"), terminal="T2")
    company.settle()


def test_the_list_tells_where_each_period_stands(hr):
    found = hr.get("/api/v1/periods").json()

    (own,) = [one for one in found["periods"] if one["month"] == "2026-11"]
    assert own["group_code"] == "M"
    assert (own["state"], own["people"], own["answered"], own["open_differences"]) == ("open", 1, 0, 0)
    assert found["people_without_group"] == 2


def test_one_period_tells_its_checks_and_its_people(hr, company):
    found = hr.get(f"{OWN}?language=zh").json()

    (issue,) = found["issues"]
    assert (issue["kind"], issue["count"], issue["acceptable"]) == ("open-exceptions", 1, True)
    assert issue["people"] == [company.company.people["A1"]]
    assert "异常" in issue["says"]
    assert found["may_close"]
    (line,) = found["people"]
    assert (line["person_id"], line["attended"], line["answer"]) == (company.company.people["A1"], 4, "not-confirmed")


def test_a_person_s_totals_come_with_their_steps_in_words_and_as_data(hr, company):
    address = f"{OWN}/people/{company.company.people['A1']}"
    found = hr.get(address).json()

    assert found["result"]["attended_days"] == 4
    assert len(found["steps"]) == len(found["result"]["steps"]) > 1
    assert found["says"].startswith("Worked ")
    assert hr.get(f"{address}?language=zh").json()["steps"] != found["steps"]
    assert hr.get(f"{OWN}/people/{company.company.people['A3']}").status_code == 404


def test_what_was_frozen_stays_and_a_late_fact_becomes_arrears_when_it_is_accepted(hr, company, closed):
    assert hr.get(OWN).json()["state"] == "closed"
    assert hr.get(f"{OWN}/people/{company.company.people['A1']}").json()["result"]["missing_punches"] == 1
    (one,) = hr.get(f"{OWN}/differences").json()["differences"]
    assert (one["state"], one["work_date"]) == ("open", "2026-11-13")
    assert one["says_before"] != one["says_after"]

    assert hr.post(f"{OWN}/differences/accept", json={"ids": [one["id"]], "reason": ""}).status_code == 422
    assert hr.get(f"{OWN}/arrears").json() == {"arrears": []}
    assert hr.post(f"{OWN}/differences/accept", json={"ids": [one["id"]], "reason": "offline"}).json() == {"people": 1}

    (row,) = hr.get(f"{OWN}/arrears").json()["arrears"]
    assert "-1 missing punch" in row["says"]
    assert {"name": "missing_punches", "amount": -1} in [{"name": item["name"], "amount": item["amount"]} for item in row["items"]]


def test_a_late_fact_that_is_refused_owes_nothing(hr, closed):
    (one,) = hr.get(f"{OWN}/differences").json()["differences"]

    assert hr.post(f"{OWN}/differences/refuse", json={"ids": [one["id"]], "reason": "not ours"}).json() == {"people": 1}

    assert hr.get(f"{OWN}/arrears").json() == {"arrears": []}
    assert hr.post(f"{OWN}/differences/accept", json={"ids": [one["id"]], "reason": "after all"}).status_code == 409


def test_a_closed_period_is_opened_again_with_a_reason(hr, closed):
    assert hr.post(f"{OWN}/reopen", json={"reason": " "}).status_code == 422
    assert hr.post(f"{OWN}/reopen", json={"reason": "all anew"}).json()["state"] == "confirming"


def test_closing_without_a_reason_saves_nothing(hr):
    assert hr.post(f"{OWN}/close", json={}).status_code == 422
    assert hr.post(f"{OWN}/close", json={"reasons": {"nonsense": "x"}}).status_code == 422
    assert hr.get(OWN).json()["state"] == "open"


def test_asking_while_the_period_goes_on_is_refused(hr):
    assert hr.post("/api/v1/periods/1/2026-12/ask", json={"confirm_until": "2026-12-24"}).status_code == 409
    assert hr.post("/api/v1/periods/9/2026-11/ask", json={"confirm_until": "2026-12-24"}).status_code == 404


@pytest.mark.parametrize("deed", ["ask", "close", "reopen", "differences/accept", "differences/refuse"])
def test_who_may_only_see_changes_nothing(company, deed):
    reader = browse(company.database, (routes.router,), {Permission.SEE_DAYS, Permission.SEE_PEOPLE})

    assert reader.post(f"{OWN}/{deed}", json={"confirm_until": "2026-11-25", "reason": "x", "ids": [1]}).status_code == 403
