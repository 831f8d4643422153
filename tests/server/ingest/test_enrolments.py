"""The page of enrolments: who is which terminal user, and whom the numbers that are nobody's may belong to."""

from datetime import date

import pytest
from sqlalchemy import func, select

from server.access.model import PERMISSIONS, Role, Scope
from server.attendance.tables import punch
from server.directory import actions as directory
from server.directory.model import TemplateKind
from server.fleet import actions as fleet
from server.ingest import enrolment_routes, pages
from server.ingest.actions.enrolling import ELSEWHERE, SAME_BUT_ZEROS, SAME_NAME, suggestions
from tests.support.company import NOW, TESTER
from tests.support.import_room import Room
from tests.support.pages import Reader, browse
from tests.support.sending import SendingEdge, row


@pytest.fixture
def dialect():
    return "sqlite"


@pytest.fixture
def visit(database, company):
    return lambda who=Role.ADMINISTRATOR: browse(database, (pages.router, enrolment_routes.router), who)


@pytest.fixture
def waiting(database, company):
    """Punches of 42, who is nobody, and of 77."""
    with database.writing() as uow:
        directory.add_person(uow, "00042", "赵静", TESTER, NOW, site_id=company.site)
    edge = SendingEdge(database)
    edge.send(row("42", "2026-11-20 09:00:00", number=1), row("42", "2026-11-21 09:00:00", number=2), row("77", number=3))


def punches(database):
    with database.reading() as uow:
        return uow.scalar(select(func.count()).select_from(punch))


def held(database, user):
    with database.reading() as uow:
        return [(one.employee_number, one.valid_from, one.valid_until) for one in directory.list_enrolments(uow, None, text=user)]


def test_a_suggestion_is_accepted_and_the_punches_that_were_kept_back_come_in(visit, database, waiting):
    page = visit().get("/enrolments").text
    with database.reading() as uow:
        first, second = suggestions(uow, None, NOW.date())
    assert (first.terminal_user, first.person.employee_number, first.reason, first.punches) == ("42", "00042", SAME_BUT_ZEROS, 2)
    assert (second.terminal_user, second.person) == ("77", None)
    assert SAME_BUT_ZEROS in page

    chosen = [f"{first.zone_id}/{first.person.id}/42", "1/1/nonsense"]
    answer = visit().post("/enrolments/accept", {"chosen": chosen})

    assert answer.headers["location"] == "/enrolments?done=accepted&count=1&replayed=2"
    assert held(database, "42") == [("00042", date(2026, 11, 20), None)]
    assert punches(database) == 2


def test_a_number_elsewhere_is_a_hint_with_its_doubt(database, company):
    with database.writing() as uow:
        other = fleet.add_site(uow, "plant", "苏州工厂", "Asia/Shanghai", TESTER, NOW)
        zone = fleet.own_zone(uow, other)
        directory.enrol(uow, company.people["A3"], zone.id, "55", date(2026, 1, 1), TESTER, NOW)
        directory.end_enrolment(uow, directory.enrolments_at(uow, company.zone, "3")[0].id, date(2019, 1, 1), TESTER, NOW)
    SendingEdge(database).send(row("55"))

    with database.reading() as uow:
        (found,) = suggestions(uow, None, NOW.date())

    assert (found.person.employee_number, found.reason) == ("A3", ELSEWHERE)


def test_enrolling_moving_and_ending(visit, database, company, waiting):
    it = visit()
    form = {"person": "A3", "zone": str(company.zone), "user": "77", "since": "2026-11-01"}
    assert it.post("/enrolments", form).status_code == 303
    assert punches(database) == 1
    assert it.post("/enrolments", form | {"person": "A2"}).status_code == 409
    assert it.post("/enrolments", form | {"person": "nobody"}).status_code == 422
    with database.reading() as uow:
        (one,) = directory.enrolments_at(uow, company.zone, "77")

    assert it.post(f"/enrolments/{one.id}/move", {"person": "A2", "since": "2026-11-10"}).status_code == 303
    assert held(database, "77") == [("A3", date(2026, 11, 1), date(2026, 11, 9)), ("A2", date(2026, 11, 10), None)]
    with database.reading() as uow:
        last = directory.enrolments_at(uow, company.zone, "77")[1]
    assert it.post(f"/enrolments/{last.id}/end", {"last": "2026-11-30"}).status_code == 303
    assert held(database, "77")[1] == ("A2", date(2026, 11, 10), date(2026, 11, 30))
    assert it.post("/enrolments/999/end", {"last": "2026-11-30"}).status_code == 404


def test_the_terminals_own_list_tells_whose_number_it_is_and_goes_with_the_enrolment(visit, database, company, waiting):
    sheet = [
        ("站点", "考勤号", "设备上的姓名", "卡号", "已登记特征"),
        ("hq", "77", "张敏", "0012345678", "指纹、人脸"),
        ("hq", "1", "王伟", "", ""),
    ]
    room = Room(database)
    with database.writing() as uow:
        directory.end_enrolment(uow, directory.enrolments_at(uow, company.zone, "3")[0].id, date(2019, 1, 1), TESTER, NOW)
    room.take({"设备用户": sheet})

    with database.reading() as uow:
        found = {one.terminal_user: one for one in suggestions(uow, None, NOW.date())}
        assert list(directory.terminal_users(uow)) == [(company.zone, "77")], "who is somebody already needs no line"
    assert (found["77"].person.employee_number, found["77"].reason, found["77"].told.name) == ("A3", SAME_NAME, "张敏")
    assert "张敏" in visit().get("/enrolments").text
    visit().post("/enrolments/accept", {"chosen": [f"{company.zone}/{company.people['A3']}/77"]})

    with database.reading() as uow:
        (one,) = directory.enrolments_at(uow, company.zone, "77")
        assert directory.terminal_users(uow) == {}
    assert (one.card, one.templates) == ("0012345678", (TemplateKind.FACE, TemplateKind.FINGER))
    assert held(database, "0012345678") == [("A3", one.valid_from, None)]
    assert "0012345678" in visit().get("/enrolments.csv?text=0012345678").text


def test_a_card_is_one_persons_at_a_time(visit, database, company):
    it = visit()
    with database.reading() as uow:
        first, second = (directory.enrolments_at(uow, company.zone, user)[0].id for user in "12")

    assert it.post(f"/enrolments/{first}/known-by", {"card": "12345678", "templates": ["finger", "face"]}).status_code == 303
    refused = it.post(f"/enrolments/{second}/known-by", {"card": "12345678"})
    assert refused.status_code == 409
    assert "The card 12345678 is 王伟&#39;s" in refused.text
    assert it.post(f"/enrolments/{first}/known-by", {"card": "1 2"}).status_code == 422
    assert it.post(f"/enrolments/{first}/known-by", {"templates": ["iris"]}).status_code == 422
    assert it.post(f"/enrolments/{first}/known-by", {"card": ""}).status_code == 303
    assert it.post(f"/enrolments/{second}/known-by", {"card": "12345678"}).status_code == 303


def test_programs_list_suggest_enrol_and_end(visit, database, company, waiting):
    it = visit()
    client, headers = it.client, {"sec-fetch-site": "same-origin", "accept-language": "en"}
    listed = client.get("/api/v1/enrolments?limit=2", headers=headers).json()
    assert [one["employee_number"] for one in listed["enrolments"]] == ["A1", "A2"]
    rest = client.get(f"/api/v1/enrolments?limit=2&after={listed['next']}", headers=headers).json()
    assert ([one["employee_number"] for one in rest["enrolments"]], rest["next"]) == (["A3"], None)
    (first, _) = client.get("/api/v1/enrolments/suggestions", headers=headers).json()
    assert (first["terminal_user"], first["employee_number"], first["because"]) == ("42", "00042", SAME_BUT_ZEROS)

    wanted = {"employee_number": "00042", "zone": company.zone, "terminal_user": "42", "first_day": "2026-11-01", "templates": ["face"]}
    made = client.post("/api/v1/enrolments", json=wanted, headers=headers).json()
    assert made["replayed"] == 2
    place = f"/api/v1/enrolments/{made['id']}"
    assert client.post(f"{place}/known-by", json={"card": "99"}, headers=headers).status_code == 200
    assert client.post(f"{place}/end", json={"last_day": "2026-12-31"}, headers=headers).status_code == 200
    (one,) = client.get("/api/v1/enrolments?text=99", headers=headers).json()["enrolments"]
    assert (one["card"], one["templates"], one["last_day"]) == ("99", None, "2026-12-31")
    again = client.post("/api/v1/enrolments", json=wanted | {"employee_number": "A1"}, headers=headers)
    assert again.status_code == 409


def test_the_list_is_filtered_exported_and_within_the_scope(visit, database, company):
    assert "王伟" in visit().get("/enrolments?text=A1").text
    assert "李娜" not in visit().get("/enrolments?text=A1").text
    assert [line.split(",")[2] for line in visit().get("/enrolments.csv").text.splitlines()[1:]] == ["A1", "A2", "A3"]
    nobody = visit(Reader(frozenset(map(str, PERMISSIONS[Role.HR])), sees=Scope(own=company.people["A2"])))
    page = nobody.get("/enrolments").text
    assert "李娜" in page
    assert "王伟" not in page
    assert visit(()).get("/enrolments").status_code == 403


def test_in_chinese_nothing_is_english(visit, waiting):
    page = visit().get("/enrolments", "zh").text

    assert "尚无归属的设备用户号" in page
    assert "除前导零外与工号相同" in page
