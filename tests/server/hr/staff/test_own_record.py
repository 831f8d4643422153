"""One's own record: seen by its owner alone, and changed through approval."""

import pytest

from server.access.model import PERMISSIONS, Role
from server.audit.store import newest
from server.directory.actions import NewEvent, add_event
from server.directory.model import EventKind
from server.errors import InvalidInputError, RefusedError
from server.hr.approvals import actions as approvals
from server.hr.approvals.model import Subject, Verdict
from server.hr.staff import actions as staff, pages
from server.hr.staff.model import ChangeState, DocumentAccess, DocumentKind, Fact, OwnWish, WantedContact
from tests.support.company import NOW, TESTER
from tests.support.pages import Reader, browse

CARD, OLD, NEW = "6222021234567890128", "13800138000", "13900139000"
HANDLERS = {"own-data": staff.OwnDataHandler()}


@pytest.fixture
def company(database, founded):
    """A2 is the manager of A1."""
    with database.writing() as uow:
        add_event(uow, 1, NewEvent(EventKind.TRANSFER, NOW.date(), {"manager_id": 2}), TESTER, NOW)
        staff.change_facts(uow, 1, {Fact.MOBILE: OLD}, TESTER, NOW)
    return founded


@pytest.fixture
def employee(company, database):
    found = browse(database, (pages.router,), Reader(frozenset(map(str, PERMISSIONS[Role.EMPLOYEE])), person_id=1))
    found.client.app.state.approval_handlers = HANDLERS
    return found


def course(uow):
    found = approvals.course_of(uow, Subject("own-data", staff.own_changes(uow, 1)[0].id))
    assert found is not None
    return found


def test_given_a_change_that_is_asked_for_when_the_manager_agrees_then_the_record_says_so_and_no_trail_has_it(database, company):
    with database.writing() as uow:
        staff.ask_for_change(uow, HANDLERS, 1, OwnWish({Fact.MOBILE: "139 0013 9000", Fact.BANK_ACCOUNT: CARD}), "new phone", TESTER, NOW)
        (asked,) = staff.own_changes(uow, 1)
        described = HANDLERS["own-data"].describe(uow, [asked.id])[asked.id]
        assert staff.own_facts(uow, 1) == {Fact.MOBILE: OLD}

        approvals.decide(uow, HANDLERS, course(uow).id, Verdict.APPROVE, "", 2, TESTER, NOW)

        assert staff.own_facts(uow, 1) == {Fact.MOBILE: NEW, Fact.BANK_ACCOUNT: CARD}
        assert staff.own_changes(uow, 1)[0].state is ChangeState.APPROVED
        trail = repr(newest(uow, limit=20))
    assert described.lines[0] == ("Mobile", "138****8000 → 139****9000")
    assert all(text not in trail for text in (OLD, NEW, CARD))


def test_given_a_change_that_waits_when_another_is_asked_for_then_it_is_refused_until_it_is_withdrawn_or_refused(database, company):
    with database.writing() as uow:
        staff.ask_for_change(uow, HANDLERS, 1, OwnWish({Fact.MOBILE: NEW}), "", TESTER, NOW)
        with pytest.raises(RefusedError, match="not decided yet"):
            staff.ask_for_change(uow, HANDLERS, 1, OwnWish({Fact.MAIL: "a@example.com"}), "", TESTER, NOW)
        staff.withdraw_change(uow, HANDLERS, 1, staff.own_changes(uow, 1)[0].id, TESTER, NOW)
        staff.ask_for_change(uow, HANDLERS, 1, OwnWish({Fact.MAIL: "a@example.com"}), "", TESTER, NOW)
        approvals.decide(uow, HANDLERS, course(uow).id, Verdict.REFUSE, "ask HR", 2, TESTER, NOW)

        assert [one.state for one in staff.own_changes(uow, 1)] == [ChangeState.REFUSED, ChangeState.WITHDRAWN]
        assert staff.own_facts(uow, 1) == {Fact.MOBILE: OLD}


def test_given_a_change_that_is_sent_back_when_it_is_mended_and_agreed_to_then_contacts_and_facts_are_there(database, company, employee):
    with database.writing() as uow:
        staff.add_contact(uow, 1, "王芳", "配偶", "13912345678", TESTER, NOW)
        wish = OwnWish({Fact.MOBILE: NEW}, WantedContact("李强", "弟弟", "137 1234 5678"), (1,))
        staff.ask_for_change(uow, HANDLERS, 1, wish, "", TESTER, NOW)
        described = HANDLERS["own-data"].describe(uow, [1])[1]
        assert [told.facts for _, told in described.lines[1:]] == [
            {"name": "王芳"}, {"name": "李强", "relation": "弟弟", "mobile": "137****5678"},
        ]  # fmt: skip
        approvals.decide(uow, HANDLERS, course(uow).id, Verdict.SEND_BACK, "电话号码请核对", 2, TESTER, NOW)

    page = employee.get("/me/record").text
    assert "电话号码请核对" in page
    assert 'value="李强"' in page
    assert employee.post("/me/record/change", {"change": "1", "mobile": "12"}).status_code == 422
    form = {"change": "1", "mobile": NEW, "contact_name": "李强", "contact_mobile": "13712345679", "no_contact_1": "yes"}
    assert employee.post("/me/record/change", form).status_code == 303
    assert employee.post("/me/record/change", form).status_code == 409

    with database.writing() as uow:
        approvals.decide(uow, HANDLERS, course(uow).id, Verdict.APPROVE, "", 2, TESTER, NOW)
        assert [(one.name, one.mobile) for one in staff.contacts_of(uow, 1)] == [("李强", "13712345679")]
        assert staff.own_facts(uow, 1)[Fact.MOBILE] == NEW


def test_given_what_only_hr_may_change_or_what_is_so_already_when_asked_for_then_it_is_refused(database, company):
    with database.writing() as uow:
        for changes in ({Fact.ID_NUMBER: "360426199101010071"}, {Fact.MOBILE: OLD}, {Fact.MOBILE: "123"}, {}):
            with pytest.raises(InvalidInputError):
                staff.ask_for_change(uow, HANDLERS, 1, OwnWish(changes), "", TESTER, NOW)
        assert staff.own_changes(uow, 1) == []


def test_the_page_hides_and_shows_takes_the_form_and_gives_out_own_documents_alone(database, employee):
    with database.writing() as uow:
        own = staff.add_document(uow, 1, DocumentKind.CONTRACT, "合同.pdf", b"%PDF-1", DocumentAccess.SELF, TESTER, NOW)
        hrs = staff.add_document(uow, 1, DocumentKind.OTHER, "note.pdf", b"%PDF-2", DocumentAccess.HR, TESTER, NOW)
        others = staff.add_document(uow, 2, DocumentKind.CONTRACT, "c.pdf", b"%PDF-3", DocumentAccess.SELF, TESTER, NOW)

    assert OLD not in employee.get("/me/record").text
    assert OLD in employee.post("/me/record/show").text
    assert employee.get(f"/me/documents/{own.id}").content == b"%PDF-1"
    assert [employee.get(f"/me/documents/{one.id}").status_code for one in (hrs, others)] == [404, 404]
    assert "note.pdf" not in employee.get("/me/record").text
    wrong = employee.post("/me/record/change", {"mobile": "123", "mail": "<b>@example.com"})
    assert (wrong.status_code, "11 digits" in wrong.text, "<b>" in wrong.text) == (422, True, False)
    assert employee.post("/me/record/change", {"mobile": NEW, "reason": "new"}).status_code == 303
    page = employee.get("/me/record").text
    assert "waits for approval" in page
    assert NEW not in page
    assert employee.post("/me/record/withdraw", {"change": "1"}).status_code == 303
    assert "Ask for a change" in employee.get("/me/record").text


def test_an_employee_gets_nothing_of_another_by_address(employee):
    assert employee.get("/people/2/record").status_code == 403
    assert employee.post("/people/2/look").status_code == 403
    assert employee.post("/me/record/withdraw", {"change": "99"}).status_code == 404
