"""Signing in with WeCom, DingTalk and Feishu, against stand-ins written from their documentation; the real services were not tried."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from server.access.actions import create_account, link_account
from server.access.model import ProviderName, Role
from server.access.providers import DingTalk, Feishu, WeCom
from server.access.providers.wecom import IN_APP_PAGE, QR_PAGE
from server.directory.actions import add_person
from server.settings import ServerSettings
from server.wiring import build_pages
from tests.server.access.conftest import HASHED, Person, place
from tests.server.access.elsewhere import back, out, there_and_back
from tests.support.company import NOW, TESTER
from tests.support.live import served
from tests.support.outside_services import AGENT, APP, CORP, SECRET, TENANT, Services

SECTIONS = {
    "wecom": {"corp_id": CORP, "agent_id": AGENT, "secret": SECRET, "match": "employee-number"},
    "dingtalk": {"client_id": APP, "client_secret": SECRET, "corp_id": CORP},
    "feishu": {"app_id": APP, "app_secret": SECRET, "tenant_key": TENANT, "match": "employee-number"},
}
CODE_NAMES = {"wecom": "code", "dingtalk": "authCode", "feishu": "code"}
WEI = {"userid": "W7", "unionId": "u-wei", "union_id": "on-wei", "employee_no": "W7"}


@pytest.fixture(scope="module")
def running():
    services = Services()
    with served(services.app) as base:
        yield services, base


@pytest.fixture
def services(running):
    found, _ = running
    found.members = {"wei": WEI, "outsider": {"openid": "o-x"}}
    found.token, found.corp, found.tenant, found.is_down, found.tokens_given = "token-1", CORP, TENANT, False, 0
    return found


@pytest.fixture
def worker(database, accounts) -> None:
    with database.writing() as uow:
        person = add_person(uow, "W7", "Wei", TESTER, NOW).id
        create_account(uow, "w", "Wei", HASHED, frozenset({Role.EMPLOYEE}), TESTER, NOW)
        link_account(uow, "w", person, TESTER, NOW)


@pytest.fixture
def app_with(database, app_of, worker, services, running, tmp_path):
    """The application as it is built from settings, its providers led to the stand-ins."""
    app_of()
    made, base = [], running[1]

    def build(**changes):
        told = {name: section | changes.get(name, {}) for name, section in SECTIONS.items()}
        web = {"address": "http://127.0.0.1:9"}
        settings = ServerSettings(data_dir=tmp_path, database_url=str(database.url), web=web, **told)
        app = build_pages(settings)
        assert list(app.state.providers) == [ProviderName.WECOM, ProviderName.DINGTALK, ProviderName.FEISHU]
        led = (
            WeCom(settings.wecom, qr_page=f"{base}/wecom/sso", api=base),
            DingTalk(settings.dingtalk, api=base),
            Feishu(settings.feishu, api=base),
        )
        app.state.providers = {one.name: one for one in led}
        made.append(app)
        return lambda: Person(app)

    yield build
    for app in made:
        app.state.database.close()


def go(browser, services, provider, who="wei", **change):
    def there(asked):
        answer = {CODE_NAMES[provider]: services.code_for(who, asked), "state": asked["state"]} | change
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    return there_and_back(browser, provider, there)


def link(browser, services, provider):
    """As its owner does it."""
    asked = dict(parse_qsl(urlsplit(browser.get(f"/sessions/link/{provider}").headers["location"]).query))
    answer = {CODE_NAMES[provider]: services.code_for("wei", asked), "state": asked["state"]}
    page = back(browser, f"{asked['redirect_uri']}?{urlencode(answer)}")
    return browser.post("/sessions/links", proof=page.text.split('name="proof" value="')[1].split('"')[0])


@pytest.mark.parametrize("provider", ["wecom", "feishu"])
def test_somebody_whose_number_the_company_keeps_there_is_matched_and_let_in(app_with, services, provider):
    browser = app_with()()

    assert place(go(browser, services, provider)) == "/me"
    assert browser.get("/me").status_code == 200


@pytest.mark.parametrize("provider", ["wecom", "dingtalk", "feishu"])
def test_a_link_of_the_owners_is_enough_and_without_one_nobody_gets_in(app_with, services, provider):
    people = app_with(wecom={"match": "none"}, feishu={"match": "none"})
    assert go(people(), services, provider).status_code == 403
    owner = people()
    owner.sign_in("hr")

    assert place(link(owner, services, provider)) == "/sessions"
    browser = people()
    assert go(browser, services, provider).status_code == 303
    assert browser.get("/people").status_code == 200


@pytest.mark.parametrize("provider", ["wecom", "dingtalk", "feishu"])
def test_a_used_or_made_up_code_another_state_and_none_are_refused_and_a_service_that_is_down_is_said(app_with, services, provider):
    browser = app_with()()
    name = CODE_NAMES[provider]

    for change in ({name: "made-up"}, {name: ""}, {"state": "another"}):
        answer = go(browser, services, provider, **change)
        assert answer.status_code == 403, change
        assert "did not work. Begin again here." in answer.text
    services.is_down = True
    answer = go(browser, services, provider)
    assert answer.status_code == 503
    assert "does not answer as it should" in answer.text
    assert browser.sign_in("hr").status_code == 303


def test_wecoms_outsiders_are_refused_and_its_token_is_kept_until_it_is_ended(app_with, services):
    people = app_with()

    assert go(people(), services, "wecom", "outsider").status_code == 403
    assert go(people(), services, "wecom").status_code == 303
    assert services.tokens_given == 1
    services.token = "token-2"
    assert go(people(), services, "wecom").status_code == 303
    assert services.tokens_given == 2


def test_people_of_another_company_are_refused(app_with, services):
    people = app_with()
    services.corp, services.tenant = "ww-other", "tenant-2"

    for provider in ("dingtalk", "feishu"):
        assert go(people(), services, provider).status_code == 403


@pytest.mark.parametrize(
    "section", [{"wecom": {"secret": "wrong"}}, {"dingtalk": {"client_secret": "wrong"}}, {"feishu": {"app_secret": "wrong"}}]
)
def test_a_wrong_secret_lets_nobody_in(app_with, services, section):
    people = app_with(**section)

    assert go(people(), services, next(iter(section))).status_code in {403, 503}


def test_within_wecom_nobody_scans_and_the_public_addresses_are_the_documented_ones(worker, app_of, database, tmp_path):
    app_of()
    settings = ServerSettings(
        data_dir=tmp_path, database_url=str(database.url), web={"address": "https://clock.example.com"}, **SECTIONS
    )  # fmt: skip
    app = build_pages(settings)
    phone, desk = Person(app), Person(app)

    inside = phone.get("/sign-in/with/wecom", **{"user-agent": "Mozilla/5.0 wxwork/4.1.36 MicroMessenger/7.0.1"}).headers["location"]
    assert inside.startswith(f"{IN_APP_PAGE}?appid={CORP}&agentid={AGENT}&response_type=code&scope=snsapi_base&")
    assert inside.endswith("#wechat_redirect")
    assert desk.get("/sign-in/with/wecom").headers["location"].startswith(f"{QR_PAGE}?login_type=CorpApp&appid={CORP}")
    assert out(desk, "dingtalk")["scope"] == "openid corpid"
    assert out(desk, "feishu")["redirect_uri"] == "https://clock.example.com/sign-in/with/feishu/return"
    desk.sign_in("administrator")
    page = desk.get("/sign-in-ways").text
    assert page.count("not tried with the real service") == 3
    app.state.database.close()
