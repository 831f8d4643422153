"""The lists of what is waiting, on both databases, and their page."""

from datetime import date, timedelta

import pytest

from server.access.model import Role, Scope
from server.directory.actions import NewEvent, add_event, add_person
from server.directory.model import EmploymentKind, EventKind
from server.hr.staff import actions as staff, pages
from server.hr.staff.model import (
    ContractKind,
    ContractTerms,
    DocumentAccess,
    DocumentKind,
    Fact,
    FieldKind,
    Missing,
    WaitingFilter,
    WaitingKind,
)
from tests.support.company import NOW, TESTER
from tests.support.pages import browse

TODAY = date(2026, 11, 23)
EVERYBODY, ALL = Scope(everybody=True), frozenset(DocumentAccess)
HIRED = date(2024, 1, 1)


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


@pytest.fixture
def person(database):
    """Hire somebody with a contract until further notice, unless other days are given."""

    def hire(number: str, *, until: date | None = date(2030, 1, 1), hired: date = HIRED, **facts: str) -> int:
        with database.writing() as uow:
            key = add_person(uow, number, f"员工{number}", TESTER, NOW, hired_on=hired).id
            if until is not None:
                staff.add_contract(uow, key, ContractTerms(ContractKind.FIXED, hired, until), TESTER, NOW)
            staff.change_facts(uow, key, {Fact(name): text for name, text in facts.items()}, TESTER, NOW)
        return key

    return hire


def listed(database, kind: WaitingKind, wanted: WaitingFilter = WaitingFilter(), accesses=ALL):  # noqa: B008 - a frozen value
    with database.reading() as uow:
        return staff.waiting_rows(uow, kind, wanted, EVERYBODY, accesses, TODAY)


def seen(rows):
    return [(row.employee_number, row.day, row.grave) for row in rows]


def test_contracts_end_in_the_order_of_their_days_and_who_has_the_next_one_is_not_in_the_list(database, person):
    person("E1", until=days(60))
    person("E2", until=days(-1))
    person("E3", until=days(61))
    renewed = person("E4", until=days(10))
    left = person("E5", until=days(5))
    with database.writing() as uow:
        staff.add_contract(uow, renewed, ContractTerms(ContractKind.OPEN_ENDED, days(11), signing_order=2), TESTER, NOW)
        add_event(uow, left, NewEvent(EventKind.LEAVING, days(-3)), TESTER, NOW)

    rows = listed(database, WaitingKind.CONTRACTS)

    assert seen(rows) == [("E2", days(-1), True), ("E1", days(60), False)]
    assert [row.about for row in rows] == [("expired",), ("60-days",)]


def test_a_contract_is_missing_until_it_is_entered_and_an_intern_needs_none(database, person):
    person("E1", until=None, hired=days(-10))
    person("E2", until=None, hired=days(-40))
    intern = person("E3", until=None)
    person("E4")
    with database.writing() as uow:
        add_event(uow, intern, NewEvent(EventKind.KIND, HIRED, {"kind": EmploymentKind.INTERN}), TESTER, NOW)

    rows = listed(database, WaitingKind.NO_CONTRACT)

    assert [(row.employee_number, row.grave, row.about) for row in rows] == [
        ("E2", True, ("double-pay",)),
        ("E1", False, ("sign-first",)),
    ]


def test_probation_documents_retirement_and_birthdays_come_in_time(database, person):
    person("E1", sex="male", birth_date="1966-09-05", mobile="13800138000")
    person("E2", sex="male", birth_date="1965-11-30")
    person("E3", sex="female", birth_date="1990-11-24", retirement_category="female55")
    one = person("E4", sex="male", birth_date="1990-11-23")
    with database.writing() as uow:
        add_event(uow, one, NewEvent(EventKind.PROBATION, days(-30), until=days(15)), TESTER, NOW)
        for access, expires in ((DocumentAccess.HR, days(-1)), (DocumentAccess.PAY, days(3))):
            staff.add_document(uow, one, DocumentKind.HEALTH, "a.pdf", b"%PDF-", access, TESTER, NOW, expires)
        staff.add_document(uow, one, DocumentKind.OTHER, "a.pdf", b"%PDF-", DocumentAccess.HR, TESTER, NOW, days(31))

    assert seen(listed(database, WaitingKind.PROBATION)) == [("E4", days(15), False)]
    assert seen(listed(database, WaitingKind.DOCUMENTS)) == [("E4", days(3), False)]
    assert seen(listed(database, WaitingKind.DOCUMENTS, accesses={DocumentAccess.HR})) == []
    assert seen(listed(database, WaitingKind.RETIREMENT)) == [("E2", date(2026, 2, 1), True), ("E1", date(2027, 3, 1), False)]
    assert [(row.employee_number, row.day) for row in listed(database, WaitingKind.BIRTHDAYS)] == [
        ("E4", TODAY),
        ("E3", days(1)),
        ("E2", days(7)),
    ]


def test_what_is_missing_is_named_and_can_be_asked_for(database, person):
    whole = person("E1", id_number="360426199101010071", mobile="13800138000")
    person("E2", mobile="13800138001")
    with database.writing() as uow:
        staff.add_contact(uow, whole, "王芳", "", "13900139000", TESTER, NOW)
        field = staff.add_own_field(uow, "Size", FieldKind.TEXT, "", needed=True, access=DocumentAccess.RESTRICTED, by=TESTER, now=NOW)

    (first, second) = listed(database, WaitingKind.MISSING)

    assert (first.employee_number, first.about, first.said) == ("E1", (), ("Size",))
    assert second.about == (Missing.ID_NUMBER, Missing.BIRTH_DATE, Missing.RETIREMENT_CATEGORY, Missing.EMERGENCY_CONTACT)
    assert seen(listed(database, WaitingKind.MISSING, WaitingFilter(about="id_number"))) == [("E2", None, False)]
    assert len(listed(database, WaitingKind.MISSING, WaitingFilter(about=staff.key_of(field)))) == 2
    assert seen(listed(database, WaitingKind.MISSING, accesses={DocumentAccess.HR})) == [("E2", None, False)]
    assert seen(listed(database, WaitingKind.MISSING, WaitingFilter(text="E2"))) == [("E2", None, False)]
    with database.reading() as uow:
        assert staff.waiting_rows(uow, WaitingKind.MISSING, WaitingFilter(), Scope(), ALL, TODAY) == []
        assert staff.count_waiting(uow, EVERYBODY, ALL, TODAY)[WaitingKind.MISSING] == 2


def test_the_page_and_its_files_show_the_list_and_a_list_that_there_is_not_is_refused(database, person):
    person("E1")
    hr = browse(database, (pages.router,), Role.HR)

    for kind in WaitingKind:
        for language in ("en", "zh"):
            assert hr.get(f"/staff/waiting?kind={kind.value}", language).status_code == 200
    page = hr.get("/staff/waiting?kind=missing&about=mobile").text
    assert "员工E1" in page
    assert "Nothing is waiting" in hr.get("/staff/waiting?kind=missing&text=nobody").text
    assert "E1,员工E1" in hr.get("/staff/waiting.csv?kind=missing").text
    assert hr.get("/staff/waiting.xlsx?kind=missing").content.startswith(b"PK")
    assert hr.get("/staff/waiting?kind=lunch").status_code == 422
    assert browse(database, (pages.router,), Role.SUPERVISOR).get("/staff/waiting").status_code == 403
