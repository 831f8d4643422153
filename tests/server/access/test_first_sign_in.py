"""Names to sign in by, one-time codes, browsers that are known, second factors, and sessions that are listed and ended."""

import re
from datetime import timedelta
from importlib import import_module

import pytest
from pyotp import TOTP

from server.access.actions import create_account, link_account, sign_in
from server.access.actions.codes import issue_code
from server.access.model import LockedOut, Role, SignedIn
from server.access.store import sessions as store
from server.audit.store import newest
from server.directory.actions import add_person
from server.errors import RefusedError
from server.hr.staff import actions as staff
from server.hr.staff.model import Fact
from server.settings import ServerSettings, WebSettings
from server.wiring import build_pages
from tests.server.access.conftest import HASHED, MOMENT, PASSWORD, Person, place
from tests.support.company import NOW, TESTER

NEW = "another four plain words"
OWN = "/me"


@pytest.fixture
def worker(database, accounts) -> int:
    """Somebody with the number W7, a mobile number and an account called `w`."""
    with database.writing() as uow:
        person = add_person(uow, "W7", "Wei", TESTER, NOW).id
        staff.change_facts(uow, person, {Fact.MOBILE: "13812345678", Fact.MAIL: "wei@example.cn"}, TESTER, NOW)
        create_account(uow, "w", "Wei", HASHED, frozenset({Role.EMPLOYEE}), TESTER, NOW, must_change=False)
        link_account(uow, "w", person, TESTER, NOW)
    return person


def test_people_sign_in_by_number_mobile_and_mail_and_all_names_count_as_one(worker, person):
    for name in ("w", "W7", " 138 1234 5678 ", "Wei@Example.CN"):
        assert person().sign_in(name).status_code == 303, name
    for name in ("8", "W70", "13812345679", "wei@example.com", "@", "wei"):
        assert person().sign_in(name).status_code == 401, name

    guesser = person("192.0.2.9")
    assert [guesser.sign_in(name, f"wrong {n}").status_code for n, name in enumerate(["w", "W7", "13812345678"] * 2)] == [401] * 5 + [429]


def test_an_address_that_two_people_have_is_nobodys_name_and_answers_like_a_wrong_password(database, worker, person):
    with database.writing() as uow:
        other = add_person(uow, "W8", "Wan", TESTER, NOW).id
        staff.change_facts(uow, other, {Fact.MAIL: "wei@example.cn"}, TESTER, NOW)

    shared, nobodys = person().sign_in("wei@example.cn"), person().sign_in("nobody@example.cn")

    assert shared.status_code == nobodys.status_code == 401
    assert shared.text.replace("wei@", "nobody@") == nobodys.text


def test_a_stranger_who_guesses_keeps_nobody_out_of_a_browser_that_has_signed_in_before(worker, person):
    own = person()
    own.sign_in("w")
    own.post("/sign-out")
    for n in range(20):
        person(f"198.51.100.{n}").sign_in("w", "wrong")

    assert person("203.0.113.5").sign_in("w").status_code == 429
    assert own.sign_in("w").status_code == 303

    own.post("/sign-out")
    assert [own.sign_in("w", f"wrong {n}").status_code for n in range(6)] == [401] * 5 + [429]


class TestACode:
    @pytest.fixture
    def hr(self, person, monkeypatch):
        monkeypatch.setattr(import_module("server.directory.pages.codes"), "now", lambda: MOMENT)
        browser = person()
        browser.sign_in("hr")
        return browser

    def code_of(self, answer) -> tuple[str, str]:
        """(login, code) on the sheet."""
        login, code = re.findall(r'<b class="cb-mono">([^<]+)</b>', answer.text)
        return login, code

    def test_signs_in_once_and_leads_to_a_password_of_ones_own(self, database, accounts, person, hr):
        with database.writing() as uow:
            new = add_person(uow, "N1", "Newcomer", TESTER, NOW).id
        login, code = self.code_of(hr.post(f"/people/{new}/sign-in/code"))
        browser = person()

        assert place(browser.sign_in("n1", code.upper())) == "/password"
        assert place(browser.get(OWN)) == "/password"
        assert "Present password" not in browser.get("/password").text
        assert person().sign_in(login, code).status_code == 401
        assert place(browser.post("/password", new=NEW, again=NEW)) == "/"
        assert browser.get(OWN).status_code == 200
        assert person().sign_in("n1", NEW).status_code == 303
        assert person().sign_in("n1", PASSWORD).status_code == 401
        with database.reading() as uow:
            assert {"account.code", "account.change-password"} <= {row.action for row in newest(uow, subject=("account", "n1"))}
            assert code not in str([row.after for row in newest(uow)])

    def test_ends_after_two_weeks_and_when_another_one_is_made(self, database, worker, person, hr, clock):
        first = self.code_of(hr.post(f"/people/{worker}/sign-in/code"))[1]
        second = self.code_of(hr.post(f"/people/{worker}/sign-in/code"))[1]

        assert person().sign_in("w", first).status_code == 401
        assert place(person().sign_in("w", second)) == "/password"
        with database.writing() as uow:
            old = issue_code(uow, "w", TESTER, MOMENT - timedelta(days=14))[0]
        assert person().sign_in("w", old).status_code == 401

    def test_stands_on_a_sheet_for_many_and_is_made_for_nobody_with_power(self, database, worker, hr):
        with database.writing() as uow:
            boss = add_person(uow, "B1", "Boss", TESTER, NOW).id
            link_account(uow, "administrator", boss, TESTER, NOW)
        assert hr.get("/sign-in-codes").status_code == 200
        sheet = hr.post("/sign-in-codes", people="W7, B1").text

        assert sheet.count('cb-slip"') == 2
        assert len(re.findall(r"([a-z2-9]{4}-){2}[a-z2-9]{4}", sheet)) == 1
        assert "role with power" in sheet
        assert hr.post("/sign-in-codes", people="W7", new_only="1").status_code == 422
        assert hr.post("/sign-in-codes", people="W7 X9").status_code == 422
        assert hr.post("/sign-in-codes").status_code == 422
        with database.writing() as uow, pytest.raises(RefusedError):
            issue_code(uow, "hr", TESTER, NOW)


class TestASecondFactor:
    @pytest.fixture
    def guarded(self, database, accounts, app_of, tmp_path):
        """The application where HR needs one."""
        app_of()
        app = build_pages(ServerSettings(data_dir=tmp_path, database_url=str(database.url), web=WebSettings(second_factor=["hr"])))
        yield lambda: Person(app)
        app.state.database.close()

    def begin(self, browser) -> tuple[TOTP, list[str]]:
        secret = re.search(r'<code class="cb-mono">(\w+)</code>', browser.get("/second-factor").text)
        app = TOTP(secret.group(1))
        codes = re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", browser.post("/second-factor", code=app.at(MOMENT)).text)
        return app, codes

    @pytest.fixture(autouse=True)
    def same_moment(self, monkeypatch, clock):
        monkeypatch.setattr(import_module("server.access.pages.factor"), "now", lambda: self.moment)
        self.moment = MOMENT

    def test_is_begun_at_the_first_sign_in_and_asked_for_from_then_on(self, guarded, person):
        browser = guarded()
        assert place(browser.sign_in("hr")) == "/second-factor"
        assert place(browser.get("/people")) == "/second-factor"
        assert browser.get("/api/v1/people").json()["code"] == "second-factor-needed"
        assert "<svg" in browser.get("/second-factor").text
        app, recovery = self.begin(browser)
        assert len(recovery) == 8
        assert browser.get("/people").status_code == 200

        again = guarded()
        again.sign_in("hr")
        assert "cb-qr" not in again.get("/second-factor").text
        assert again.post("/second-factor", code=app.at(MOMENT)).status_code == 422, "used already"
        self.moment = MOMENT + timedelta(seconds=30)
        assert place(again.post("/second-factor", code=app.at(self.moment))) == "/"
        assert again.get("/people").status_code == 200
        assert place(guarded().sign_in("it")) == "/"

    def test_can_be_stood_in_for_by_a_recovery_code_once_and_guessing_is_slowed(self, guarded):
        first, second, third = guarded(), guarded(), guarded()
        first.sign_in("hr")
        _, recovery = self.begin(first)
        second.sign_in("hr")
        assert place(second.post("/second-factor", code=recovery[0].upper())) == "/"
        third.sign_in("hr")
        assert [third.post("/second-factor", code=recovery[0]).status_code for _ in range(6)] == [422] * 5 + [409]
        assert third.post("/second-factor", code=recovery[1]).status_code == 409

    def test_is_taken_away_by_an_administrator_and_the_next_sign_in_begins_anew(self, guarded):
        browser, administrator = guarded(), guarded()
        browser.sign_in("hr")
        self.begin(browser)
        administrator.sign_in("administrator")
        assert "Take the second factor away" in administrator.get("/accounts/hr").text
        assert place(administrator.post("/accounts/hr/drop-second-factor")) == "/accounts/hr"
        assert not browser.is_known
        browser.sign_in("hr")
        assert "cb-qr" in browser.get("/second-factor").text


def test_sessions_are_listed_and_ended_by_oneself_and_by_an_administrator(accounts, person):
    here, there, administrator = person(), person("192.0.2.77"), person()
    for browser in (here, there):
        browser.sign_in("hr")
    page = here.get("/sessions").text
    assert "192.0.2.77" in page
    other = re.search(r'name="session" value="(\w+)"', page).group(1)

    assert administrator.sign_in("administrator").status_code == 303
    administrator.post("/sessions/end", session=other)
    assert there.is_known, "somebody else's is left alone"
    here.post("/sessions/end", session=other)
    assert not there.is_known
    assert here.is_known
    assert here.post("/sessions/end", session="x").status_code == 422
    administrator.post("/accounts/hr/end-sessions")
    assert not here.is_known


def test_attempts_by_a_name_that_is_nobodys_keep_only_a_digest(database, accounts):
    for _ in range(5):
        assert not isinstance(sign_in(database, "13800000000", "x", "a", "", MOMENT), SignedIn | LockedOut)
    assert isinstance(sign_in(database, "13800000000", "x", "a", "", MOMENT), LockedOut)
    with database.reading() as uow:
        assert store.failed_attempts(uow, MOMENT - timedelta(minutes=1), login="13800000000") == []
