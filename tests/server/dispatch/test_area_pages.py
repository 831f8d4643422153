"""The pages and the interface of areas: looking first, saving, taking back; who may see whom; what stands beside a mistake."""

from datetime import UTC, datetime, timedelta

import pytest

from protocol.messages import Reported, UserReport, UserState
from server.access.model import Permission, Role, Scope
from server.dispatch.areas import actions
from server.dispatch.areas.actions import listing
from server.dispatch.areas.model import FaceCount
from server.dispatch.areas.pages import router
from server.dispatch.areas.routes import router as programs
from server.fleet.actions import record_health
from server.hr.privacy.pages import router as privacy_router
from server.ingest.actions import read_fleet
from server.ingest.alarms import AlarmKind, alarms
from tests.support.areas import EDGE, DutifulEdge, settle, wanted_of
from tests.support.pages import Reader, browse, said

EVERYTHING = frozenset({Permission.SEE_FLEET, Permission.CHANGE_FLEET, Permission.SEE_PEOPLE})


@pytest.fixture
def browser(database, company):
    return browse(database, [router, programs, privacy_router], EVERYTHING)


def line(**values):
    return {name: values.get(name, "") for name in ("site", "department", "position", "legal_entity", "person")}


def form(company, do, **values):
    typed = {"name": "大门", "terminal": [str(company.terminals["T1"])], "do": do, **line(department=str(company.departments["RND"]))}
    return typed | values


def test_somebody_looks_first_saves_changes_and_takes_it_back(database, company, browser):
    assert "There is no area yet" in said(browser.get("/areas").text)
    looked = said(browser.post("/areas/new", form(company, "look", code="gate")).text)
    assert "2 people come" in looked
    assert "王伟" in looked
    assert "Nothing is saved yet." in looked

    saved = browser.post("/areas/new", form(company, "save", code="gate"))
    assert saved.headers["location"] == "/areas/1"
    settle(database, datetime.now(UTC))
    assert set(wanted_of(database, company.terminals["T1"])) == {"1", "3"}
    page = said(browser.get("/areas/1").text)
    assert all(word in page for word in ("研发部", "王伟", "张敏", "2 pending", "its edge is away"))

    browser.post("/areas/1/change", form(company, "save", **line(person="A2")))
    settle(database, datetime.now(UTC))
    assert set(wanted_of(database, company.terminals["T1"])) == {"2"}
    browser.post("/areas/1/undo")
    settle(database, datetime.now(UTC))
    assert set(wanted_of(database, company.terminals["T1"])) == {"1", "3"}
    browser.post("/areas/1/remove")
    assert "This area was removed" in browser.get("/areas/1").text
    assert "王伟" in browser.get("/areas/1/people.csv").text


def test_a_mistake_stands_beside_what_was_typed(company, browser):
    answer = browser.post("/areas/new", form(company, "save", code="gate", **line(person="NOBODY")))

    assert answer.status_code == 422
    assert "there is nobody with the employee number NOBODY" in answer.text
    assert 'value="NOBODY"' in answer.text
    assert browser.get("/api/v1/areas").json()["areas"] == []


def test_users_of_a_terminal_are_shown_with_why_they_are_pending_and_what_failed_is_tried_again(database, company, browser):
    browser.post("/areas/new", form(company, "save", code="gate"))
    edge = DutifulEdge(database, company.edge)
    edge.connect()
    edge.full = frozenset({"T1"})
    settle(database, datetime.now(UTC))
    edge.all_rounds(datetime.now(UTC))

    page = said(browser.get("/terminals/1/users").text)
    assert all(word in page for word in ("王伟", "the terminal did not take it", "the terminal is full", "2 failed"))
    assert "the terminal is full" in browser.get("/terminals/1/users.csv?show=pending").text
    assert "All users" in browser.get("/terminals/1/users?part=yes").text
    assert "张敏" not in said(browser.get("/terminals/1/users?part=1&text=王").text)
    assert "Nobody fits" in said(browser.get("/terminals/1/users?part=1&text=nobody").text)
    assert browser.get("/terminals/1/users.csv?text=A3").text.count("the terminal is full") == 1
    edge.full = frozenset()
    browser.post("/terminals/1/users/again")
    edge.all_rounds(datetime.now(UTC))
    told = browser.get("/api/v1/terminals/1/users").json()
    assert (told["there"], told["failed"], [one["employee_number"] for one in told["users"]]) == (2, 0, ["A1", "A3"])
    assert "在机" in said(browser.get("/terminals/1/users", "zh").text)


def test_rights_are_given_on_a_person_s_page_and_a_password_is_never_shown(database, company, browser):
    browser.post("/areas/new", form(company, "save", code="gate"))
    address = f"/people/{company.people['A1']}/terminals"
    assert browser.post(address, {"password": "abc"}).status_code == 422
    browser.post(address, {"administrator": "yes", "password": "135790", "verify": "3"})
    settle(database, datetime.now(UTC))

    row = wanted_of(database, company.terminals["T1"])["1"]
    assert (row.want.privilege, row.want.password_version, row.want.verify) == (14, 1, "3")
    page = browser.get(address).text
    assert "135790" not in page
    assert "门 T1" in said(page)


def test_names_are_for_those_who_may_see_people_and_numbers_for_everybody(database, company, browser):
    browser.post("/areas/new", form(company, "save", code="gate", **line(person="A2")))
    settle(database, datetime.now(UTC))
    it = browse(database, [router, programs], Role.IT)
    limited = browse(database, [router, programs], Reader(EVERYTHING, sees=Scope()))

    for reader in (it, limited):
        for address in ("/areas/1", "/terminals/1/users", "/areas/1/people.csv", "/api/v1/areas/1", "/api/v1/terminals/1/users"):
            assert "李娜" not in reader.get(address).text
            assert "A2" not in reader.get(address).text
    assert it.post("/areas/1/change", form(company, "save", name="东门", **line())).status_code == 303
    assert browser.get("/api/v1/areas/1").json()["rules"][0]["person"] == "A2"
    assert browser.get("/api/v1/areas/1").json()["name"] == "东门"


def test_programs_do_the_same(database, company, browser):
    body = {"code": "gate", "name": "大门", "terminals": ["T1"], "rules": [{"site": company.site}]}
    told = browser.post("/api/v1/areas/0/preview", json=body).json()
    assert told == {"come": {"T1": 3}, "go": {}}
    made = browser.post("/api/v1/areas", json=body).json()
    assert (made["id"], made["terminals"]) == (1, ["T1"])
    changed = browser.post("/api/v1/areas/1", json={**body, "rules": [{"person": "A1"}]}).json()
    assert changed["rules"][0]["person"] == "A1"
    assert browser.post("/api/v1/areas/1/undo").json()["rules"][0]["site"] == company.site
    assert browser.post("/api/v1/areas/1/remove").json()["removed_at"]
    assert browser.post("/api/v1/areas", json={**body, "terminals": ["T9"]}).status_code == 404
    settle(database, datetime.now(UTC))
    assert browser.get("/api/v1/areas").json() == {"areas": [], "people_being_worked_out": 0}


def test_stored_faces_are_counted_once_a_person_and_told_when_they_are_many(database, company, browser, monkeypatch):
    browser.post("/areas/new", form(company, "save", code="gate", terminal=[str(one) for one in company.terminals.values()]))
    moment = datetime.now(UTC)
    settle(database, moment)
    edge = DutifulEdge(database, company.edge)
    edge.connect()
    edge.all_rounds(moment)
    for terminal in ("T1", "T2"):
        edge.hear(Reported(edge=EDGE, terminal=terminal, at=moment, users=[UserReport("1", UserState.THERE, 1, ["face"])]))
    with database.reading() as uow:
        assert actions.faces_by_legal_entity(uow, moment.date()) == {None: FaceCount(1, 1)}
        assert actions.too_many_faces(uow, moment.date()) == {}
        monkeypatch.setattr(listing, "FACES_WARNED_OF", 0)
        assert actions.too_many_faces(uow, moment.date()) == {None: FaceCount(1, 1)}
    with database.writing() as uow:
        record_health(uow, company.edge, edge.health("T2", now=moment, faces="3"), moment)
        assert actions.faces_by_legal_entity(uow, moment.date()) == {None: FaceCount(1, 2)}, "of two faces nobody knows whose they are"
    assert "Stored faces" in browser.get("/areas/faces").text
    with database.writing() as uow:
        actions.note_faces(uow, moment)
        actions.note_faces(uow, moment + timedelta(minutes=10))
        (told,) = [one for one in alarms(read_fleet(uow), moment) if one.kind is AlarmKind.FACES_MANY]
        assert (told.facts["n"], told.since, told.href) == (2, moment, "/areas/faces")
        monkeypatch.undo()
        actions.note_faces(uow, moment + timedelta(minutes=20))
        assert [one for one in alarms(read_fleet(uow), moment) if one.kind is AlarmKind.FACES_MANY] == []
