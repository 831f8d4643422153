"""The page of enrolments: who is which terminal user, and whom the numbers that are nobody's may belong to."""

from datetime import date

import pytest
from sqlalchemy import func, select

from server.access.model import PERMISSIONS, Role, Scope
from server.attendance.tables import punch
from server.directory import actions as directory
from server.fleet import actions as fleet
from server.ingest import pages
from server.ingest.actions.enrolling import ELSEWHERE, SAME_BUT_ZEROS, suggestions
from tests.support.company import NOW, TESTER, found_company
from tests.support.pages import Reader, browse
from tests.support.sending import SendingEdge, row


@pytest.fixture
def dialect():
    return "sqlite"


@pytest.fixture
def company(database):
    return found_company(database)


@pytest.fixture
def visit(database, company):
    return lambda who=Role.ADMINISTRATOR: browse(database, (pages.router,), who)


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
