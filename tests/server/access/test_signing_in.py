"""Signing in and out: what is stored, how long a session lasts, what ends it, and how guessing is slowed."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from server.access.actions import change_roles, disable_account, hash_password, passwords, reset_password, sessions
from server.access.model import Role
from server.access.store import add_attempt
from server.access.tables import account, session
from tests.server.access.conftest import HASHED, MOMENT, PASSWORD, Person, place
from tests.support.company import NOW, TESTER

OTHER = "another four plain words"


@pytest.fixture(autouse=True)
def quick_guesses(monkeypatch):
    """Wrong passwords are told from right ones without the third of a second that a hash costs on purpose."""
    real = passwords.check_password
    monkeypatch.setattr(sessions, "check_password", lambda given, stored: real(given, stored) if given == PASSWORD else (False, None))


class TestPasswords:
    def test_are_stored_as_argon2id_with_a_salt_of_their_own(self):
        hashed = hash_password(PASSWORD)

        assert re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$", hashed)
        assert hashed != HASHED
        assert PASSWORD not in hashed

    def test_of_nobody_take_as_long_as_somebodys(self, monkeypatch):
        verified = []
        monkeypatch.setattr(type(passwords._hasher()), "verify", lambda _self, given, stored: verified.append(stored))

        assert passwords.check_password("x", None) == (False, None)
        assert verified[0].startswith("$argon2id$")

    def test_with_old_parameters_are_hashed_anew_at_the_next_sign_in(self, database, person):
        weak = passwords.PasswordHash((passwords.Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)
        with database.writing() as uow:
            uow.execute(account.update().where(account.c.login == "hr").values(password_hash=weak))

        assert person().sign_in("hr").status_code == 303

        with database.reading() as uow:
            assert "m=65536,t=3" in uow.scalar(select(account.c.password_hash).where(account.c.login == "hr"))

    def test_generated_ones_are_never_the_same(self):
        made = {passwords.generate_password() for _ in range(50)}

        assert len(made) == 50
        assert all(re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", one) for one in made)


class TestASession:
    def test_is_known_by_a_token_that_only_the_browser_has(self, database, person):
        browser = person()
        browser.sign_in("hr")

        token = browser.client.cookies["session"]
        with database.reading() as uow:
            stored = [row.token_hash for row in uow.fetch_all(select(session))]
        assert len(token) >= 43
        assert stored == [sessions.token_hash(token)]
        assert browser.is_known

    def test_is_new_at_every_sign_in(self, person):
        browser = person()
        tokens = set()
        for _ in range(2):
            browser.sign_in("hr")
            tokens.add(browser.client.cookies["session"])

        assert len(tokens) == 2

    def test_ends_at_the_server_when_its_owner_signs_out(self, person):
        browser, thief = person(), person()
        browser.sign_in("hr")
        thief.client.cookies.set("session", browser.client.cookies["session"])
        assert thief.is_known

        assert place(browser.post("/sign-out")) == "/sign-in"

        assert not browser.is_known
        assert not thief.is_known

    def test_ends_everywhere_else_when_the_password_is_changed(self, person):
        here, there = person(), person()
        for browser in (here, there):
            browser.sign_in("hr")

        assert place(here.post("/password", old=PASSWORD, new=OTHER, again=OTHER)) == "/"

        assert here.is_known
        assert not there.is_known

    def test_ends_when_the_account_is_disabled_or_its_password_reset(self, database, person):
        first, second = person(), person()
        first.sign_in("hr")
        second.sign_in("it")

        with database.writing() as uow:
            disable_account(uow, "hr", TESTER, NOW)
        reset_password(database, "it", TESTER, NOW)

        assert not first.is_known
        assert not second.is_known
        assert first.sign_in("hr").status_code == 401

    def test_ends_when_nobody_uses_it_and_in_the_end_anyhow(self, person, clock):
        browser = person()
        browser.sign_in("hr")
        for _ in range(6):
            clock(minutes=100)
            assert browser.is_known
        clock(hours=2)
        assert not browser.is_known

        browser.sign_in("hr")
        for _ in range(7):
            clock(minutes=100)
            browser.get("/password")
        clock(minutes=21)
        assert not browser.is_known

    @pytest.mark.parametrize("token", ["", "x", "\xfc", "a" * 4096])
    def test_is_not_had_by_a_made_up_token(self, person, token):
        answer = person().get("/password", cookie=f"session={token}".encode("latin-1"))

        assert place(answer) == "/sign-in"


class TestGuessing:
    def test_one_login_from_one_place_waits_after_five(self, person, clock):
        browser, elsewhere = person(), person("192.0.2.2")
        assert [browser.sign_in("hr", f"wrong {n}").status_code for n in range(6)] == [401] * 5 + [429]

        answer = browser.sign_in("hr")
        assert answer.status_code == 429
        assert "Try again at 09:15" in answer.text
        assert elsewhere.sign_in("hr").status_code == 303
        assert browser.sign_in("it").status_code == 303

        clock(minutes=15, seconds=1)
        assert browser.sign_in("hr").status_code == 303

    def test_one_login_from_everywhere_waits_after_twenty(self, person):
        for number in range(sessions.FAILURES_OF_LOGIN):
            assert person(f"192.0.2.{number}").sign_in("hr", "wrong").status_code == 401

        assert person("198.51.100.1").sign_in("hr").status_code == 429
        assert person("198.51.100.1").sign_in("it").status_code == 303

    def test_one_place_waits_after_fifty_logins(self, database, person):
        with database.writing() as uow:
            for number in range(sessions.FAILURES_OF_ADDRESS):
                add_attempt(uow, f"guess{number}", "192.0.2.1", MOMENT - timedelta(minutes=1))

        assert person().sign_in("hr").status_code == 429
        assert person("192.0.2.2").sign_in("hr").status_code == 303

    def test_who_gets_it_right_begins_anew(self, person):
        browser = person()
        for _ in range(3):
            assert [browser.sign_in("hr", "wrong").status_code for _ in range(4)] == [401] * 4
            assert browser.sign_in("hr").status_code == 303

    def test_ends_when_an_administrator_gives_a_new_password(self, database, person, monkeypatch):
        browser = person()
        for _ in range(6):
            browser.sign_in("hr", "wrong")

        given = reset_password(database, "hr", TESTER, NOW)
        monkeypatch.setattr(sessions, "check_password", passwords.check_password)

        assert place(browser.sign_in("hr", given)) == "/password"

    @pytest.mark.parametrize("login", ["hr", "HR ", "nobody", "", "x" * 500, "a\0b"])
    def test_nobody_learns_whether_a_login_exists(self, person, login):
        answer = person().sign_in(login, "wrong")

        assert answer.status_code == 401
        assert "Login or password is wrong." in answer.text

    def test_many_at_once_are_all_counted_before_any_password_is_looked_at(self, database, app_of, monkeypatch):
        browser = Person(app_of())
        looked = []

        def look(given, _stored):
            looked.append(given)
            if len(looked) == 1:  # while the first is being looked at, the others come
                assert [browser.sign_in("hr", f"other {n}").status_code for n in range(5)] == [401] * 4 + [429]
            return False, None

        monkeypatch.setattr(sessions, "check_password", look)

        assert browser.sign_in("hr", "first").status_code == 401
        assert len(looked) == 5

    def test_roles_are_read_anew_with_every_request(self, database, person):
        browser = person()
        browser.sign_in("hr")
        assert browser.get("/accounts").status_code == 403

        with database.writing() as uow:
            change_roles(uow, "hr", frozenset({Role.ADMINISTRATOR}), TESTER, NOW)
        assert browser.get("/accounts").status_code == 200
