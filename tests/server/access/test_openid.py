"""Signing in with OpenID Connect: the whole way against a provider on a real port, and everything that must not be taken."""

from datetime import timedelta
from importlib import import_module

import pytest

from server.access.actions import create_account, disable_account, has_factor, link_account
from server.access.engine.asking import asked_of, challenge_of
from server.access.model import Role
from server.audit.store import newest
from server.directory.actions import add_person
from server.hr.staff import actions as staff
from server.hr.staff.model import Fact
from server.settings import ServerSettings
from server.wiring import build_pages
from tests.server.access.conftest import HASHED, MOMENT, PASSWORD, Person, place
from tests.server.access.elsewhere import back, out, there_and_back
from tests.support.company import NOW, TESTER
from tests.support.live import served
from tests.support.openid import CLIENT, SECRET, Provider, new_key

RETURN = "http://127.0.0.1:9/sign-in/with/oidc/return"


@pytest.fixture(scope="module")
def running():
    """A provider that knows Wei by number, a stranger, and somebody whose mail address nobody has verified."""
    provider = Provider(
        {
            "wei": {"employee_number": "W7", "email": "wei@example.cn", "email_verified": True},
            "stranger": {"employee_number": "X99", "email": "x@example.cn", "email_verified": True},
            "unverified": {"email": "wei@example.cn", "email_verified": False},
            "boss": {"employee_number": "B1"},
            "by-userinfo": {"number_at_userinfo": "W7"},
        },
        RETURN,
        clock=MOMENT.timestamp,
    )
    with served(provider.app) as base:
        provider.issuer = base
        yield provider


@pytest.fixture
def provider(running, monkeypatch):
    for name in ("forged", "is_down", "key", "published"):
        monkeypatch.setattr(running, name, getattr(running, name) if name != "forged" else {})
    return running


@pytest.fixture
def worker(database, accounts) -> int:
    with database.writing() as uow:
        person = add_person(uow, "W7", "Wei", TESTER, NOW).id
        staff.change_facts(uow, person, {Fact.MAIL: "wei@example.cn"}, TESTER, NOW)
        create_account(uow, "w", "Wei", HASHED, frozenset({Role.EMPLOYEE}), TESTER, NOW, must_change=True)
        link_account(uow, "w", person, TESTER, NOW)
        boss = add_person(uow, "B1", "Boss", TESTER, NOW).id
        link_account(uow, "administrator", boss, TESTER, NOW)
    return person


@pytest.fixture
def app_with(database, app_of, provider, tmp_path):
    """The application with this provider, as it is built from settings."""
    app_of()
    made = []

    def build(second_factor=(), **oidc):
        told = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET, "match": "employee-number"} | oidc
        web = {"address": "http://127.0.0.1:9", "second_factor": list(second_factor)}
        app = build_pages(ServerSettings(data_dir=tmp_path, database_url=str(database.url), web=web, oidc=told))
        made.append(app)
        return lambda: Person(app)

    yield build
    for app in made:
        app.state.database.close()


def go(browser, provider, who):
    return there_and_back(browser, "oidc", lambda asked: provider.come_back(asked | {"who": who}))


def actions_of(database, login):
    with database.reading() as uow:
        return [(row.action, row.after or row.before) for row in reversed(newest(uow, subject=("account", login)))][-3:]


def test_state_nonce_and_verifier_come_from_one_secret_and_the_challenge_is_the_standards_own():
    asked = asked_of("secret", RETURN)

    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert len({asked.state, asked.nonce, asked.verifier}) == 3
    assert all(len(one) == 43 for one in (asked.state, asked.nonce, asked.verifier))
    assert asked == asked_of("secret", RETURN) != asked_of("secret2", RETURN)


class TestTheFirstSignIn:
    def test_by_employee_number_links_and_lets_in_though_the_password_was_never_chosen(self, database, worker, app_with, provider):
        browser = app_with()()
        assert "Sign in with the company account" in browser.get("/sign-in").text

        assert place(go(browser, provider, "wei")) == "/me"

        assert browser.get("/me").status_code == 200
        assert "the company account" in browser.get("/sessions").text
        assert actions_of(database, "w")[-2:] == [
            ("account.outside-link", {"provider": "oidc", "by_claim": True}),
            ("account.sign-in", {"way": "oidc"}),
        ]
        with database.reading() as uow:
            assert "wei" not in str([(row.before, row.after, row.reason) for row in newest(uow)])

    @pytest.mark.parametrize(
        ("settings", "who", "gets_in"),
        [
            ({}, "stranger", False),
            ({}, "boss", False),  # an account with power is never matched
            ({"match": "none"}, "wei", False),
            ({}, "by-userinfo", True),
            ({"match": "mail"}, "wei", True),
            ({"match": "mail"}, "unverified", False),
            ({"claim": "email"}, "wei", False),
        ],
    )
    def test_finds_an_account_by_nothing_but_the_claim_that_is_set(self, worker, app_with, provider, settings, who, gets_in):
        browser = app_with(**settings)()

        answer = go(browser, provider, who)

        assert (answer.status_code == 303) == browser.is_known == gets_in
        if not gets_in:
            assert answer.status_code == 403
            assert "No account here is linked to yours" in answer.text

    def test_of_another_identity_with_the_same_number_opens_nothing(self, worker, app_with, provider, monkeypatch):
        people = app_with()
        go(people(), provider, "wei")
        monkeypatch.setitem(provider.people, "new-wei", {"employee_number": "W7"})

        assert go(people(), provider, "new-wei").status_code == 403
        monkeypatch.setitem(provider.people, "wei", {"employee_number": "W8"})
        assert go(people(), provider, "wei").status_code == 303, "the link counts, not the claim"

    def test_of_a_disabled_account_reads_like_that_of_nobody(self, database, worker, app_with, provider):
        people = app_with()
        go(people(), provider, "wei")
        with database.writing() as uow:
            disable_account(uow, "w", TESTER, NOW)

        disabled, nobody = go(people(), provider, "wei"), go(people(), provider, "stranger")

        assert disabled.status_code == nobody.status_code == 403
        assert disabled.text == nobody.text


class TestASecondFactor:
    def test_of_ours_is_owed_after_signing_in_elsewhere_too(self, worker, app_with, provider):
        browser = app_with(second_factor=["employee"])()

        assert place(go(browser, provider, "wei")) == "/second-factor"
        assert place(browser.get("/me")) == "/second-factor"

    @pytest.mark.parametrize(("trusted", "amr", "first"), [(True, ["pwd", "mfa"], "/me"), (True, ["pwd"], "/second-factor"),
                                                         (True, "mfa", "/second-factor"), (False, ["mfa"], "/second-factor")])  # fmt: skip
    def test_that_was_given_there_counts_where_the_settings_say_so(self, worker, app_with, provider, trusted, amr, first):
        provider.forged = {"amr": amr}

        assert place(go(app_with(second_factor=["employee"], trust_mfa=trusted)(), provider, "wei")) == first


class TestWhatComesBack:
    @pytest.mark.parametrize(
        "forged",
        [
            {"nonce": "another"}, {"nonce": None}, {"iss": "https://evil.test"}, {"aud": "another"}, {"aud": [CLIENT, "another"]},
            {"aud": [CLIENT, "another"], "azp": "another"}, {"azp": "another"}, {"exp": int(MOMENT.timestamp()) - 120}, {"exp": None},
            {"iat": int(MOMENT.timestamp()) + 600}, {"sub": ""}, {"sub": None}, {"sub": "x" * 256}, {"alg": "none"},
            {"alg": "HS256"},
        ],
    )  # fmt: skip
    def test_with_a_token_that_is_not_for_us_now_is_refused(self, worker, app_with, provider, forged):
        provider.forged = forged
        browser = app_with()()

        answer = go(browser, provider, "wei")

        assert answer.status_code == 403
        assert "did not work. Begin again here." in answer.text
        assert not browser.is_known

    def test_signed_with_a_key_that_is_not_theirs_is_refused_and_a_new_key_of_theirs_is_learnt(
        self, worker, app_with, provider, monkeypatch
    ):
        people = app_with()
        go(people(), provider, "wei")
        stolen = new_key("one")
        monkeypatch.setattr(provider, "key", stolen)
        assert go(people(), provider, "wei").status_code == 403

        monkeypatch.setattr(provider, "key", new_key("two"))
        monkeypatch.setattr(provider, "published", [provider.key])
        monkeypatch.setattr("server.access.providers.oidc.ASK_AGAIN_SECONDS", 0.0)
        assert go(people(), provider, "wei").status_code == 303

    def test_with_another_state_another_browsers_state_or_none_is_refused(self, worker, app_with, provider):
        people = app_with()
        browser, other = people(), people()
        asked, others = out(browser, "oidc"), out(other, "oidc")
        for state in ("", "x", others["state"], asked["state"][:-1]):
            address = provider.come_back(asked | {"who": "wei", "state": state})
            out(browser, "oidc")
            assert back(browser, address).status_code == 403
        assert back(people(), provider.come_back(asked | {"who": "wei"})).status_code == 403, "a browser that never set out"
        assert not browser.is_known

    def test_a_second_time_is_refused_though_the_browser_kept_everything(self, worker, app_with, provider):
        browser = app_with()()
        asked = out(browser, "oidc")
        kept = browser.client.cookies["elsewhere"]
        assert back(browser, provider.come_back(asked | {"who": "wei"})).status_code == 303
        browser.post("/sign-out")
        assert "elsewhere" not in browser.client.cookies

        browser.client.cookies.set("elsewhere", kept, path="/sign-in/with")
        assert back(browser, provider.come_back(asked | {"who": "wei"})).status_code == 403

    def test_with_another_issuer_in_the_address_a_wrong_code_or_a_refusal_is_refused(self, worker, app_with, provider):
        browser = app_with()()
        for change in ({"iss": "https://evil.test"}, {"code": "made-up"}, {"code": "", "error": "access_denied"}):
            asked = out(browser, "oidc")
            address = provider.come_back(asked | {"who": "wei"})
            query = "&".join(f"{name}={value}" for name, value in change.items())
            # the first of two equal names is the provider's, the last one counts
            assert back(browser, f"{address}&{query}").status_code == 403

    def test_too_late_is_refused(self, worker, app_with, provider, monkeypatch):
        browser = app_with()()
        asked = out(browser, "oidc")
        monkeypatch.setattr(import_module("server.access.pages.elsewhere"), "now", lambda: MOMENT + timedelta(seconds=601))

        assert back(browser, provider.come_back(asked | {"who": "wei"})).status_code == 403

    def test_leads_to_our_own_pages_only(self, worker, app_with, provider):
        browser = app_with()()
        asked = out(browser, "oidc", "https://evil.test")

        assert place(back(browser, provider.come_back(asked | {"who": "wei"}))) == "/"


class TestAProvider:
    def test_that_is_down_is_said_and_the_password_still_works(self, worker, app_with, provider, monkeypatch):
        monkeypatch.setattr("server.access.providers.oidc.DOWN_SECONDS", 3600.0)
        provider.is_down = True
        browser = app_with()()

        answer = browser.get("/sign-in/with/oidc")

        assert answer.status_code == 503
        assert "does not answer as it should" in answer.text
        assert browser.sign_in("hr").status_code == 303
        provider.is_down = False
        assert browser.get("/sign-in/with/oidc").status_code == 503, "it is not asked again for some seconds"

    @pytest.mark.parametrize("issuer", ["http://127.0.0.1:9", "http://localhost:9"])
    def test_that_is_not_there_or_is_another_is_as_good_as_down(self, worker, app_with, issuer):
        assert app_with(issuer=issuer)().get("/sign-in/with/oidc").status_code == 503

    def test_that_is_not_set_is_not_offered(self, worker, person):
        browser = person()

        assert "/sign-in/with/" not in browser.get("/sign-in").text
        assert browser.get("/sign-in/with/oidc").status_code == browser.get("/sign-in/with/wecom").status_code == 404


class TestALink:
    @pytest.fixture
    def hr(self, worker, app_with, clock):
        browser = app_with(match="none")()
        browser.sign_in("hr")
        return browser

    def asked_to_link(self, browser, provider, who):
        from urllib.parse import parse_qsl, urlsplit

        asked = dict(parse_qsl(urlsplit(browser.get("/sessions/link/oidc").headers["location"]).query))
        return back(browser, provider.come_back(asked | {"who": who}))

    def proof(self, page) -> str:
        return page.text.split('name="proof" value="')[1].split('"')[0]

    def test_is_made_by_its_owner_who_sees_whom_it_names_and_signs_in_from_then_on(self, database, hr, provider):
        page = self.asked_to_link(hr, provider, "boss")
        assert "boss there" in page.text
        assert go(Person(hr.client.app), provider, "boss").status_code == 403, "nothing is linked before the owner says so"

        assert place(hr.post("/sessions/links", proof=self.proof(page))) == "/sessions"
        assert "boss there" in hr.get("/sessions").text
        again = Person(hr.client.app)
        assert go(again, provider, "boss").status_code == 303
        assert again.get("/people").status_code == 200

        hr.post("/sessions/unlink", provider="oidc")
        assert not again.is_known, "what it opened ends with it"
        assert hr.is_known
        assert go(Person(hr.client.app), provider, "boss").status_code == 403
        assert [action for action, _ in actions_of(database, "hr")] == ["account.outside-link", "account.sign-in", "account.outside-unlink"]

    def test_is_made_for_nobody_else_and_not_twice(self, hr, provider):
        proof = self.proof(self.asked_to_link(hr, provider, "boss"))
        other = Person(hr.client.app)
        other.sign_in("it")

        assert other.post("/sessions/links", proof=proof).status_code == 422
        assert other.post("/sessions/links", proof=proof[:-6] + "AAAAAA").status_code == 422
        assert hr.post("/sessions/links", site="cross-site", proof=proof).status_code == 403
        assert hr.post("/sessions/links", proof=proof).status_code == 303
        assert hr.post("/sessions/links", proof=proof).status_code == 409
        page = self.asked_to_link(other, provider, "boss")
        assert other.post("/sessions/links", proof=self.proof(page)).status_code == 409
        assert hr.post("/sessions/unlink", provider="feishu").status_code == 404
        assert hr.post("/sessions/unlink", provider="x").status_code == 422

    def test_is_taken_away_by_an_administrator_and_with_a_new_password(self, hr, provider):
        administrator = Person(hr.client.app)
        administrator.sign_in("administrator")
        for take_away in ("/accounts/hr/unlink", "/accounts/hr/reset"):
            hr.post("/sessions/links", proof=self.proof(self.asked_to_link(hr, provider, "boss")))
            page = administrator.get("/accounts/hr").text
            assert "Take the link to the company account away" in page
            administrator.post(take_away, provider="oidc")
            assert go(Person(hr.client.app), provider, "boss").status_code == 403
        assert "not tried" not in administrator.get("/sign-in-ways").text
        assert RETURN in administrator.get("/sign-in-ways").text

    def test_needs_somebody_who_is_wholly_signed_in(self, database, worker, app_with, provider):
        browser = app_with(second_factor=["hr"], match="none")()
        browser.sign_in("hr", PASSWORD)

        assert place(browser.get("/sessions/link/oidc")) == "/second-factor"
        with database.reading() as uow:
            from server.access.store import account_by_login

            assert not has_factor(uow, account_by_login(uow, "hr"))
