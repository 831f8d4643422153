"""Somebody signs in with a provider in a real browser: first by the number, then HR's owner by a link; over, on a phone and on a desk."""

import shutil
from contextlib import closing
from datetime import UTC, datetime

import pytest

from server.access.actions import create_account, hash_password, link_account
from server.access.model import Role
from server.directory.actions import add_person
from server.settings import ServerSettings
from server.storage import Database
from server.storage.vault import KEY_FILE, read_vault
from server.wiring import build_pages
from tests.server.conftest import sqlite_template  # noqa: F401 - a fixture
from tests.support.browser import PHONE, assert_sound, desks
from tests.support.company import NOW, TESTER
from tests.support.live import served
from tests.support.openid import CLIENT, SECRET, Provider

PASSWORD = "four plain words here"


@pytest.fixture
def company(sqlite_template, tmp_path):  # noqa: F811 - the fixture
    """The application with a provider, both on real ports: (our address, the provider)."""
    provider = Provider({"wei": {"employee_number": "W7", "name": "王伟"}, "li": {"name": "李娜"}})
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'company.db')}"
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / KEY_FILE).write_text(bytes(range(32)).hex())
    hashed = hash_password(PASSWORD)
    with closing(Database(url, read_vault(keys))) as database, database.writing() as uow:
        person = add_person(uow, "W7", "王伟", TESTER, NOW).id
        create_account(uow, "w7", "王伟", hashed, frozenset({Role.EMPLOYEE}), TESTER, datetime.now(UTC))
        link_account(uow, "w7", person, TESTER, NOW)
        create_account(uow, "lina", "李娜", hashed, frozenset({Role.HR}), TESTER, NOW, must_change=False)
    with served(provider.app) as issuer:
        provider.issuer = issuer
        oidc = {"issuer": issuer, "client_id": CLIENT, "client_secret": SECRET, "match": "employee-number", "label": "公司统一账号"}
        app = build_pages(ServerSettings(data_dir=tmp_path, database_url=url, web={"address": "http://127.0.0.1:1"}, oidc=oidc))
        with closing(app.state.database), served(app) as base:
            app.state.pages_address = base
            provider.return_address = f"{base}/sign-in/with/oidc/return"
            yield base


def test_a_worker_gets_in_by_number_on_a_phone_and_hr_by_a_link_of_her_own(company, chromium):
    with desks(chromium, company) as open_desk:
        phone = open_desk(viewport=PHONE, dark=True)
        page = phone.open("/me")
        page.get_by_role("link", name="用公司统一账号登录").click()
        page.get_by_role("link", name="wei").click()
        page.wait_for_url("**/me")
        assert_sound(phone, ["/sessions"], lambda page, _: page.get_by_text("公司统一账号").first.wait_for(), None)

        stranger = open_desk(language="en")
        stranger.open("/sign-in").get_by_role("link", name="Sign in with 公司统一账号").click()
        stranger.page.get_by_role("link", name="li").click()
        stranger.page.get_by_role("alert").get_by_text("No account here is linked to yours").wait_for()
        stranger.faults.clear()  # Chromium tells a 403 as a fault

        desk = open_desk()
        desk.sign_in("lina", PASSWORD)
        desk.open("/sessions").get_by_role("link", name="关联公司统一账号").click()
        desk.page.get_by_role("link", name="li").click()
        desk.page.get_by_text("李娜").first.wait_for()
        desk.page.get_by_role("button", name="确认关联").click()
        desk.page.get_by_role("button", name="解除关联").wait_for()

        stranger.open("/sign-in").get_by_role("link", name="Sign in with 公司统一账号").click()
        stranger.page.get_by_role("link", name="li").click()
        stranger.page.wait_for_url(lambda address: address.startswith(company) and "/sign-in" not in address)
        assert stranger.status("/people") == 200
