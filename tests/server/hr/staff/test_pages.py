"""The pages of records, in the real application: who sees what, what is refused, and that a script stays a text."""

import pytest

from server.access.model import PERMISSIONS, Permission, Role, Scope
from server.audit.store import newest
from server.fleet import actions as fleet
from server.hr.staff import actions as staff, pages, routes
from server.hr.staff.model import DocumentAccess, DocumentKind, Fact
from tests.support.company import NOW, TESTER
from tests.support.pages import Reader, browse

MAN, CARD = "360426199101010071", "6222021234567890128"
PDF = b"%PDF-1.7\n"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture
def browser(company, database):
    return lambda who: browse(database, (pages.router,), who)


@pytest.fixture
def hr(browser):
    return browser(Role.HR)


def upload(browser, person: int, data: bytes, name: str = "合同.pdf", **fields):
    sent = {"kind": "contract", "access": "hr", **fields}
    return browser.post(f"/people/{person}/documents", sent, files={"file": (name, data, "text/html")})


class TestIdentity:
    def test_what_is_entered_is_masked_until_somebody_looks_and_the_look_is_on_the_trail(self, hr, database):
        assert hr.post("/people/1/facts", {"id_number": MAN, "mobile": "138 0013 8000"}).status_code == 303
        masked = hr.get("/people/1/record").text
        full = hr.post("/people/1/look").text

        assert MAN not in masked
        assert "360***********0071" in masked
        assert MAN in full
        assert "13800138000" in full
        with database.reading() as uow:
            row = newest(uow, limit=1)[0]
        assert (row.action, "id_number" in row.after["looked_at"]) == ("personal-data.look", True)

    def test_an_empty_field_stays_and_a_tick_takes_away(self, hr, database):
        hr.post("/people/1/facts", {"id_number": MAN, "mobile": "13800138000"})
        hr.post("/people/1/facts", {"id_number": "", "mobile": "", "no_mobile": "yes", "reason": "no longer hers"})

        with database.reading() as uow:
            known = staff.own_facts(uow, 1)
        assert known[Fact.ID_NUMBER] == MAN
        assert Fact.MOBILE not in known

    def test_a_mistake_comes_back_beside_what_was_typed_and_nothing_is_stored(self, hr, database):
        answer = hr.post("/people/1/facts", {"id_number": MAN[:-1] + "2", "mobile": "13800138000"})

        assert answer.status_code == 422
        assert "check digit" in answer.text
        assert 'value="13800138000"' in answer.text
        with database.reading() as uow:
            assert staff.own_facts(uow, 1) == {}

    def test_bank_accounts_are_for_pay_alone(self, hr, browser):
        both = browser(frozenset({*PERMISSIONS[Role.HR], *PERMISSIONS[Role.HR_PAY]}))
        form = {"bank_account": CARD, "bank": "工商银行"}

        assert hr.post("/people/1/bank", form).status_code == 403
        assert both.post("/people/1/bank", form).status_code == 303
        assert "工商银行" in both.get("/people/1/record").text
        assert "工商银行" not in hr.get("/people/1/record").text
        assert CARD not in hr.post("/people/1/look").text
        assert hr.post("/staff/find", {"by": "bank_account", "text": CARD}).text.count("A1") == 0
        assert "A1" in both.post("/staff/find", {"by": "bank_account", "text": CARD}).text

    def test_a_whole_number_finds_whose_it_is_and_no_address_has_it(self, hr):
        hr.post("/people/2/facts", {"id_number": MAN})

        assert "A2" in hr.post("/staff/find", {"by": "id_number", "text": MAN}).text
        assert "Nobody has" in hr.post("/staff/find", {"by": "id_number", "text": MAN[:-1]}).text
        assert MAN not in hr.post("/staff/find", {"by": "id_number", "text": MAN}).text


class TestReach:
    def test_hr_of_one_legal_entity_finds_opens_and_changes_nobody_of_another(self, company, database, browser):
        with database.writing() as uow:
            entity = fleet.add_legal_entity(uow, "SH", "上海公司", TESTER, NOW)
            staff.change_facts(uow, 1, {Fact.ID_NUMBER: MAN}, TESTER, NOW)
            made = staff.add_document(uow, 1, DocumentKind.OTHER, "a.pdf", PDF, DocumentAccess.HR, TESTER, NOW)
        elsewhere = browser(Reader(frozenset(map(str, PERMISSIONS[Role.HR])), sees=Scope(entities=frozenset({entity.id}))))

        assert elsewhere.get("/people/1/record").status_code == 404
        assert elsewhere.post("/people/1/look").status_code == 404
        assert elsewhere.post("/people/1/facts", {"mobile": "13800138000"}).status_code == 404
        assert elsewhere.get(f"/documents/{made.id}").status_code == 404
        assert elsewhere.post(f"/documents/{made.id}/remove", {"reason": "x"}).status_code == 404
        assert upload(elsewhere, 1, PDF).status_code == 404
        assert "Nobody has" in elsewhere.post("/staff/find", {"by": "id_number", "text": MAN}).text

    @pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.IT, Role.AUDITOR, Role.EMPLOYEE])
    def test_others_get_nothing(self, browser, role):
        assert browser(role).get("/people/1/record").status_code == 403
        assert browser(role).get("/documents/1").status_code == 403


class TestDocuments:
    def test_a_file_comes_back_as_it_was_and_as_nothing_that_a_browser_would_run(self, hr, database):
        assert upload(hr, 1, PDF + b"x" * 2_000_000, f"{SCRIPT}.html").status_code == 303

        answer = hr.get("/documents/1")
        assert answer.content == PDF + b"x" * 2_000_000
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert SCRIPT not in hr.get("/people/1/record").text
        with database.reading() as uow:
            assert newest(uow, limit=1)[0].action == "document.look"

    def test_what_is_no_document_is_refused_and_nothing_is_stored(self, hr, database):
        for data, told in ((b"<html>", "take a PDF"), (b"", "something in it")):
            answer = upload(hr, 1, data)
            assert (answer.status_code, told in answer.text) == (422, True)
        assert upload(hr, 1, PDF, access="pay").status_code == 422
        with database.reading() as uow:
            assert staff.documents_of(uow, 1) == []

    def test_what_is_too_large_is_refused_by_its_length_before_it_is_read(self, hr, database):
        headers = {"content-type": "multipart/form-data; boundary=x", "sec-fetch-site": "same-origin", "accept-language": "en"}
        taken = []

        def endless():
            while len(taken) < 3_000:
                taken.append(1)
                yield bytes(1024 * 1024)

        said = hr.client.post("/people/1/documents", content=bytes(22 * 1024 * 1024), headers=headers)
        declared = hr.client.post("/people/1/documents", content=b"x", headers=headers | {"content-length": str(2 * 1024**3)})
        streamed = hr.client.post("/people/1/documents", content=endless(), headers=headers)

        assert (said.status_code, "larger than 20 MB" in said.text) == (422, True)
        assert declared.status_code == 413
        assert streamed.status_code in {413, 422}
        with database.reading() as uow:
            assert staff.documents_of(uow, 1) == []

    def test_a_class_of_access_that_is_not_the_visitors_is_as_if_it_were_not_there(self, hr, browser, database):
        with database.writing() as uow:
            made = staff.add_document(uow, 1, DocumentKind.OTHER, "secret.pdf", PDF, DocumentAccess.PAY, TESTER, NOW)

        assert hr.get(f"/documents/{made.id}").status_code == 404
        assert "secret" not in hr.get("/people/1/record").text
        assert browser(Role.HR_PAY).get(f"/documents/{made.id}").status_code == 200

    def test_the_largest_size_is_a_setting_with_limits(self, hr, database):
        form = {"most_document_mb": "1", "contract_days": "90", "probation_days": "15", "document_days": "30",
                "birthday_days": "0", "retirement_days": "180"}  # fmt: skip
        assert hr.post("/staff/settings", form).status_code == 303
        assert "from 1 to 50" in hr.post("/staff/settings", form | {"most_document_mb": "51"}).text
        assert "larger than 1 MB" in upload(hr, 1, PDF + bytes(1024 * 1024)).text


class TestPrograms:
    @pytest.fixture
    def program(self, company, database):
        return browse(database, (routes.router,), Role.HR)

    def send(self, program, address, **more):
        headers = {"sec-fetch-site": "same-origin", "accept-language": "en"}
        return program.client.post(f"/api/v1{address}", headers=headers, **more)

    def test_a_record_is_masked_and_a_look_is_in_full(self, program, database):
        assert self.send(program, "/people/1/facts", json={"facts": {"id_number": MAN}}).json()["changed"][0] == "id_kind"
        day = {"first_day": "2026-11-23", "last_day": "2029-11-22"}
        made = self.send(program, "/people/1/contracts", json={"kind": "fixed", **day}).json()

        found = program.get("/api/v1/people/1/record").json()
        assert (found["facts"]["id_number"], found["retires_on"]) == ("360***********0071", "2054-01-01")
        assert found["contracts"] == [made]
        assert self.send(program, "/people/1/record/look").json()["id_number"] == MAN
        assert program.get("/api/v1/people/1/service?day=2021-01-01").json()["own_months"] == 12
        assert program.get("/api/v1/staff/waiting?kind=missing").json()[0]["about"][0] in {"id_number", "mobile"}
        refused = self.send(program, "/people/1/contracts", json={"kind": "fixed", **day})
        assert (refused.status_code, "holds already" in refused.json()["message"]) == (422, True)
        assert self.send(program, "/people/1/facts", json={"facts": {"bank": "x"}}).status_code == 422
        assert self.send(program, "/people/1/facts", json={"facts": {"shoe_size": "x"}}).status_code == 422

    def test_a_file_is_handed_in_as_the_body_and_a_too_large_one_is_refused_while_it_comes(self, program, database):
        made = self.send(program, "/people/1/documents?name=a.pdf&kind=health&expires_on=2027-01-01", content=PDF).json()
        large = self.send(program, "/people/1/documents?name=a.pdf", content=(bytes(1024 * 1024) for _ in range(3_000)))

        assert (made["name"], made["size"], made["expires_on"]) == ("a.pdf", len(PDF), "2027-01-01")
        assert program.get(f"/api/v1/documents/{made['id']}").content == PDF
        assert large.status_code in {413, 422}
        with database.reading() as uow:
            assert len(staff.documents_of(uow, 1)) == 1


class TestRecord:
    def test_contracts_service_fields_and_contacts_are_entered_by_their_forms(self, hr, database):
        day = {"first_day": "2026-11-23", "last_day": "2029-11-22"}
        assert "No written contract" in hr.get("/people/1/record").text
        assert hr.post("/people/1/contracts", {"kind": "fixed", "signing_order": "1", **day}).status_code == 303
        refused = hr.post("/people/1/contracts", {"kind": "fixed", "signing_order": "2", **day})
        assert hr.post("/people/1/service", {"employer": SCRIPT, "first_day": "2010-01-01", "last_day": "2014-12-31"}).status_code == 303
        assert (
            hr.post("/staff/fields", {"name": SCRIPT, "kind": "choice", "choices": "S\nM", "access": "hr", "needed": "y"}).status_code
            == 303
        )
        assert hr.post("/people/1/own-fields", {"field-1": "M"}).status_code == 303
        assert "choose one" in hr.post("/people/1/own-fields", {"field-1": "XXL"}).text
        assert hr.post("/people/1/contacts", {"name": SCRIPT, "relation": "配偶", "mobile": "13800138000"}).status_code == 303

        page = hr.get("/people/1/record").text
        assert (refused.status_code, "holds already" in refused.text) == (422, True)
        for told in ("No. 1 · fixed term", "60 months without proof", "<dd>M</dd>", "138****8000", "配偶"):
            assert told in page
        assert SCRIPT not in page
        assert SCRIPT not in hr.get("/staff/fields").text
        assert page.count("&lt;script&gt;") >= 3

    def test_changes_need_the_permission_and_the_page_offers_none_without(self, browser):
        reader = browser(frozenset({Permission.SEE_STAFF, Permission.SEE_PEOPLE}))

        page = reader.get("/people/1/record").text
        assert '<form method="post"' not in page.split("<main", 1)[1]
        for address in ("facts", "contracts", "service", "own-fields", "contacts"):
            assert reader.post(f"/people/1/{address}").status_code == 403

    def test_in_chinese_all_of_it_is_chinese(self, hr, database):
        hr.post("/people/1/facts", {"id_number": MAN})
        page = hr.get("/people/1/record", language="zh").text

        for told in ("身份信息", "未签订书面合同", "居民身份证", "退休"):
            assert told in page
