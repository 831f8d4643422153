"""Consents one by one, everything about somebody as a file, and erasing with a receipt that proves itself."""

import json
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from python_calamine import load_workbook

from server.access.model import Scope
from server.audit import actions as audit
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.imports.actions.personal import imports_about
from server.hr.privacy import actions as privacy, store
from server.hr.privacy.jobs import kinds
from server.hr.privacy.model import DEFAULT_MONTHS, Keep, Purpose, TaskKind, TextTerms, Way
from server.hr.privacy.pages import entries, router
from server.hr.staff import actions as staff
from server.hr.staff.actions import personal
from server.hr.staff.model import DocumentAccess, DocumentKind, Fact
from server.migrations.schema import target_metadata
from server.notify import actions as notify
from server.notify.model import NoticeKind
from server.wiring import HOLDINGS
from tests.support.company import NOW, TESTER
from tests.support.jobs import do_all
from tests.support.pages import Reader, browse

TERMS = TextTerms("识别打卡人", "指纹模板", "离职时清除", "只在考勤机内", "可以刷卡")
KEEP_TIMES = {kind.value: str(months) for kind, months in DEFAULT_MONTHS.items()}
EVERYBODY = Scope(everybody=True)
TODAY = date(2026, 11, 23)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
NOT_ABOUT_SOMEBODY = {
    "day_erasure": "says only that days are gone",
    "audit_person": "by which rows of the trail are found; these are named",
    "wanted_mark": "a queue of people to work out",
    "day_mark": "a queue of days to work out",
    "trial_person": "tried rules, forgotten after some weeks",
    "trial_day": "as above",
    "withdrawal_task": "what is to be done after a consent, which is named",
    "personal_export_part": "the sealed file itself",
    "account_role_entity": "named by the account",
}


@pytest.fixture
def person(database, company) -> int:
    """A1, with something of every kind."""
    key = company.people["A1"]
    with database.writing() as uow:
        staff.change_facts(uow, key, {Fact.MOBILE: "13812345678"}, TESTER, NOW)
        staff.add_contact(uow, key, "王芳", "配偶", "13912345678", TESTER, NOW)
        staff.add_document(uow, key, DocumentKind.OTHER, "证明.pdf", PDF, DocumentAccess.HR, TESTER, NOW)
        notify.notify(uow, [key], NoticeKind.STAFF, "Gone", NOW)
    return key


def publish(uow, purpose=Purpose.BIOMETRICS):
    return privacy.publish_text(uow, purpose, TERMS, TESTER, NOW)


def leave(database, person, day):
    with database.writing() as uow:
        directory.add_event(uow, person, NewEvent(EventKind.LEAVING, day, {"ground": "resigned"}), TESTER, NOW)


def listed(database, today=TODAY):
    with database.writing() as uow:
        privacy.list_due(uow, HOLDINGS, today, NOW)
        return {kind: [one.person_id for one in privacy.due(uow, kind, None)] for kind in Keep}


class TestHoldings:
    def test_every_table_with_people_in_it_is_named_by_its_area(self):
        """A new table is added to `HOLDINGS` in the area's `actions/personal.py`, or to the exceptions here with the reason."""
        named = {one.table.name for one in HOLDINGS}
        of_people = {
            table.name
            for table in target_metadata.tables.values()
            if "person_id" in table.c or any(key.column.table.name == "person" for key in table.foreign_keys)
        }
        of_theirs = {
            table.name
            for table in target_metadata.tables.values()
            if {key.column.table.name for key in table.foreign_keys} & (named - {"person", "session"}) and table.name not in of_people
        }

        assert of_people - named - NOT_ABOUT_SOMEBODY.keys() == set()
        assert of_theirs - named - NOT_ABOUT_SOMEBODY.keys() - {"attendance_day"} == set()
        assert {one.keep for one in HOLDINGS} - {None} == set(Keep)

    def test_secrets_and_sealed_values_are_not_handed_out(self, database, person):
        with database.reading() as uow:
            rows = [row for one in HOLDINGS for row in one.read(uow, privacy.subject_of(uow, person))]

        assert {"password_hash", "token_hash", "sealed", "sealed_name", "search"} & {name for row in rows for name in row} == set()


class TestConsents:
    def test_each_purpose_is_agreed_to_by_itself_and_a_new_version_asks_anew(self, database, person):
        with database.writing() as uow:
            first, other = publish(uow), publish(uow, Purpose.LOCATION)
            privacy.agree(uow, person, first.id, Way.SIGNED_IN, TESTER, NOW)
            second = publish(uow)
            with pytest.raises(RefusedError):
                privacy.agree(uow, person, first.id, Way.PAPER, TESTER, NOW)

            held = [(one.purpose, one.version) for one in privacy.consents_of(uow, person) if one.holds]
            assert held == [(Purpose.BIOMETRICS, 1)]
            privacy.agree(uow, person, second.id, Way.PAPER, TESTER, NOW)
            held = [(one.purpose, one.version, one.way) for one in privacy.consents_of(uow, person) if one.holds]
            assert held == [(Purpose.BIOMETRICS, 2, Way.PAPER)]
            assert (second.version, other.version) == (2, 1)
            assert privacy.to_carry_out(uow, None) == []

    def test_a_withdrawal_waits_until_somebody_says_what_was_done(self, database, person, company):
        with database.writing() as uow:
            made = privacy.agree(uow, person, publish(uow).id, Way.SIGNED_IN, TESTER, NOW)
            with pytest.raises(NotFoundError):
                privacy.withdraw(uow, made.id, TESTER, NOW, of=company.people["A2"])
            privacy.withdraw(uow, made.id, TESTER, NOW, of=person)
            assert [one.id for one in privacy.to_carry_out(uow, None)] == [made.id]
            with pytest.raises(InvalidInputError):
                privacy.carry_out(uow, made.id, " ", TESTER, NOW)
            privacy.carry_out(uow, made.id, "已在 T1 清除模板", TESTER, NOW)
            assert privacy.to_carry_out(uow, None) == []
            assert audit.verify(uow).broken is None

    def test_a_withdrawal_gives_it_a_task_at_each_terminal_and_hr_one_and_the_last_one_done_carries_it_out(self, database, person):
        """A1 is user 1 at T1 and T2, which are in one group."""
        with database.writing() as uow:
            made = privacy.agree(uow, person, publish(uow).id, Way.SIGNED_IN, TESTER, NOW)
            privacy.withdraw(uow, made.id, TESTER, NOW)
        it = browse(database, (router,), Reader(frozenset({"change-fleet", "see-fleet"})))
        page = it.get("/templates-to-erase").text
        assert ("门 T1" in page, "门 T2" in page, "王伟" in page, "A1" in page) == (True, True, False, False)
        assert [it.post(f"/templates-to-erase/{key}").status_code for key in (1, 2, 3)] == [303, 303, 404]
        assert "Nothing left" in it.get("/templates-to-erase").text
        with database.writing() as uow:
            assert [one.kind for one in privacy.tasks_of(uow, [made.id]) if one.done_at is None] == [TaskKind.OTHER_WAY]
            assert len(privacy.to_carry_out(uow, None)) == 1
        hr = browse(database, (router,), Reader(frozenset({"manage-privacy", "see-people"})))
        assert "Give another way to clock in" in hr.get("/privacy").text
        assert hr.post("/privacy/tasks/3/done").status_code == 303
        with database.writing() as uow:
            assert privacy.to_carry_out(uow, None) == []
            assert audit.verify(uow).broken is None

    def test_what_the_server_does_not_hold_is_carried_out_at_once(self, database, person):
        with database.writing() as uow:
            made = privacy.agree(uow, person, publish(uow, Purpose.LOCATION).id, Way.SIGNED_IN, TESTER, NOW)
            assert privacy.withdraw(uow, made.id, TESTER, NOW).carried_out_by == "server"

    def test_the_templates_of_who_left_are_to_be_erased_once(self, database, person):
        with database.writing() as uow:
            privacy.agree(uow, person, publish(uow).id, Way.SIGNED_IN, TESTER, NOW)
            assert privacy.begin_for_leavers(uow, TODAY, NOW) == 0
        leave(database, person, date(2026, 11, 20))
        with database.writing() as uow:
            assert [privacy.begin_for_leavers(uow, TODAY, NOW) for _ in range(2)] == [1, 0]
            assert len(privacy.open_templates(uow)) == 2

    def test_a_text_without_an_answer_to_a_question_is_refused(self, database):
        with database.writing() as uow, pytest.raises(InvalidInputError):
            privacy.publish_text(uow, Purpose.HEALTH, TextTerms("a", "b", "c", "", "e"), TESTER, NOW)


class TestEverythingAboutSomebody:
    def test_the_file_has_all_tables_and_the_documents_and_goes_to_whoever_asked(self, database, person):
        with database.writing() as uow:
            asked = privacy.ask_export(uow, person, "zh", TESTER, datetime.now(UTC))
            again = privacy.ask_export(uow, person, "zh", TESTER, datetime.now(UTC))
        assert again.id == asked.id

        do_all(database, kinds(HOLDINGS, personal.files, imports_about, "Asia/Shanghai"))

        now = datetime.now(UTC)
        with database.writing() as uow:
            found, pieces = privacy.open_export(uow, asked.id, TESTER, now)
            archive = ZipFile(BytesIO(b"".join(pieces)))
            with pytest.raises(NotFoundError):
                privacy.find_export(uow, asked.id, "somebody else")
            assert store.export_by_id(uow, asked.id).until - now > timedelta(days=6)
        data = json.loads(archive.read("data.json"))
        assert set(data["tables"]) == {one.table.name for one in HOLDINGS} | {"imports"}
        assert {row["field"]: row["value"] for row in data["tables"]["personal_fact"]}["mobile"] == "13812345678"
        assert data["tables"]["emergency_contact"][0]["name"] == "王芳"
        (document,) = (name for name in archive.namelist() if name.startswith("documents/"))
        assert archive.read(document) == PDF
        book = load_workbook(BytesIO(archive.read("data.xlsx")))
        assert any("13812345678" in row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python())
        assert "Everything about 王伟" in archive.read("index.en.html").decode()
        page = archive.read("index.zh.html").decode()
        assert "王伟 (A1)的全部资料" in page
        assert "13812345678" in page
        assert found.size is not None
        assert found.size > 1000

        with database.writing() as uow:
            assert privacy.drop_exports(uow, now + timedelta(days=8)) == 1
            with pytest.raises(NotFoundError):
                privacy.open_export(uow, asked.id, TESTER, now)


class TestErasing:
    def test_less_than_the_law_asks_for_is_refused(self, database):
        with database.writing() as uow:
            with pytest.raises(InvalidInputError):
                privacy.set_keep_times(uow, {Keep.RECORD: 23}, TESTER, NOW)
            privacy.set_keep_times(uow, {Keep.RECORD: 24, Keep.NOTICES: 0}, TESTER, NOW)
            assert (privacy.keep_times(uow)[Keep.RECORD], privacy.keep_times(uow)[Keep.NOTICES]) == (24, 0)

    def test_what_is_due_is_listed_confirmed_in_numbers_erased_and_proved(self, database, person):
        assert listed(database)[Keep.RECORD] == []
        leave(database, person, date(2023, 11, 20))
        assert listed(database)[Keep.RECORD] == [person]
        with database.writing() as uow:
            with pytest.raises(RefusedError):
                privacy.confirm_erasure(uow, Keep.RECORD, 2, EVERYBODY, TODAY, TESTER, NOW)
        for _ in range(2):  # name and number are listed when nothing else is left
            with database.writing() as uow:
                for kind in Keep:
                    if privacy.due(uow, kind, None):
                        privacy.confirm_erasure(uow, kind, 1, EVERYBODY, TODAY, TESTER, datetime.now(UTC))
            do_all(database, kinds(HOLDINGS, personal.files, imports_about, "Asia/Shanghai"))
            listed(database)

        assert all(people == [] for people in listed(database).values())
        with database.reading() as uow:
            subject = privacy.subject_of(uow, person)
            left = {one.table.name: one.count(uow, subject) for one in HOLDINGS if one.keep}
            assert sum(left.values()) == 0
            assert staff.documents_of(uow, person) == []
            receipts = {one.kind: one for one in privacy.receipts(uow, None)}
            assert receipts.keys() >= {Keep.RECORD, Keep.DOCUMENTS, Keep.NOTICES}
            assert receipts[Keep.RECORD].counts["emergency_contact"] == 1
            for one in receipts.values():
                check = privacy.check_receipt(uow, HOLDINGS, one)
                assert (check.unchanged, check.on_trail, check.gone) == (True, True, True)
            assert audit.verify(uow).broken is None
        with database.writing() as uow:
            staff.add_contact(uow, person, "王芳", "配偶", "13912345678", TESTER, NOW)
            assert not privacy.check_receipt(uow, HOLDINGS, receipts[Keep.RECORD]).gone

    def test_the_night_lists_behind_the_pages(self, database, person):
        leave(database, person, date(2020, 1, 5))
        with database.writing() as uow:
            privacy.ask_listing(uow, TODAY, NOW)

        do_all(database, kinds(HOLDINGS, personal.files, imports_about, "Asia/Shanghai"))

        with database.reading() as uow:
            assert [one.person_id for one in privacy.due(uow, Keep.RECORD, None)] == [person]

    def test_nobody_who_came_back_since_the_list_loses_anything(self, database, person):
        leave(database, person, date(2023, 11, 20))
        listed(database)
        with database.writing() as uow:
            directory.add_event(uow, person, NewEvent(EventKind.HIRE, date(2026, 11, 1), {}), TESTER, NOW)
            assert privacy.erase_person(uow, HOLDINGS, Keep.RECORD, person, TODAY, TESTER, NOW) is None
            assert staff.own_facts(uow, person)[Fact.MOBILE] == "13812345678"


class TestPages:
    @pytest.fixture
    def dialect(self) -> str:
        return "sqlite"

    def test_one_answers_for_oneself_and_sees_only_what_is_ones_own(self, database, person, company):
        with database.writing() as uow:
            text = publish(uow)
            others = privacy.agree(uow, company.people["A2"], text.id, Way.PAPER, TESTER, NOW)
        browser = browse(database, (router,), Reader(frozenset({"see-own"}), person_id=person))

        assert "I agree to this" in browser.get("/me/privacy").text
        assert browser.post("/me/privacy/agree", {"text": text.id}).status_code == 303
        page = browser.get("/me/privacy", "zh").text
        assert "已同意" in page
        assert "清除" in page
        assert browser.post("/me/privacy/withdraw", {"consent": others.id}).status_code == 404
        assert browser.get("/privacy").status_code == 403
        browser.post("/me/privacy/export")
        assert "being made" in browser.get("/me/privacy").text
        assert browser.get("/me/privacy/exports/1").status_code == 404
        assert entries.__module__.endswith("own")

    def test_hr_works_through_the_register_within_their_scope(self, database, person, company):
        with database.writing() as uow:
            text = publish(uow)
            privacy.withdraw(uow, privacy.agree(uow, person, text.id, Way.SIGNED_IN, TESTER, NOW).id, TESTER, NOW)
        leave(database, person, date(2020, 1, 5))
        listed(database)
        manages = frozenset({"manage-privacy", "see-people"})
        browser = browse(database, (router,), Reader(manages))
        browser.client.app.state.holdings = HOLDINGS
        stranger = browse(database, (router,), Reader(manages, sees=Scope(own=company.people["A2"])))

        assert "王伟" in browser.get("/privacy").text
        assert "王伟" not in stranger.get("/privacy").text
        assert stranger.get(f"/privacy/people/{person}").status_code == 404
        assert stranger.post("/privacy/consents/1/done", {"reason": "x"}).status_code == 404
        assert "王伟" not in stranger.get("/privacy/erasure").text
        assert stranger.post("/privacy/erasure", {"kind": "record", "people": "1", "sure": "1"}).status_code == 409
        assert browser.post("/privacy/erasure", {"kind": "record", "people": "1"}).status_code == 422
        assert browser.post("/privacy/consents/1/done", {"reason": "已清除"}).status_code == 303
        assert browser.post("/privacy/erasure", {"kind": "record", "people": "1", "sure": "1"}).status_code == 303
        do_all(database, kinds(HOLDINGS, personal.files, imports_about, "Asia/Shanghai"))
        assert "It holds." in browser.get("/privacy/receipts/1").text
        assert stranger.get("/privacy/receipts/1").status_code == 404
        assert "law asks for 24" in browser.post("/privacy/keep-times", KEEP_TIMES | {"record": "1"}).text
        assert stranger.post("/privacy/keep-times", KEEP_TIMES | {"record": "30"}).status_code == 422
        assert browser.get("/privacy/consents.csv").text.count("\n") == 1
        assert browser.post("/privacy/texts/new", {"purpose": "health", "why": "x"}).status_code == 422
        assert browser.get(f"/privacy/people/{person}", "zh").status_code == 200
