"""The real application with real accounts, on SQLite, and browsers that keep cookies."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from server.access.actions import create_account, hash_password, sessions
from server.access.model import Role
from server.settings import ServerSettings, WebSettings
from server.storage.vault import KEY_FILE
from server.wiring import build_pages
from tests.support.company import NOW, TESTER

PASSWORD = "four plain words here"
HASHED = hash_password(PASSWORD)
MOMENT = datetime(2099, 11, 23, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai, in a year in which no cookie of a test has ended for the client."""
LOGINS = {role: role.value for role in Role}


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture
def clock(monkeypatch) -> Callable[..., None]:
    """What the pages take for now; `clock(hours=1)` moves it on."""
    moment = [MOMENT]
    for name in ("own", "visitors", "elsewhere", "links"):
        monkeypatch.setattr(import_module(f"server.access.pages.{name}"), "now", lambda: moment[0])
    return lambda **later: moment.__setitem__(0, moment[0] + timedelta(**later))


@pytest.fixture
def accounts(database) -> None:
    """One of each role, and somebody whose password was given to them."""
    with database.writing() as uow:
        for role, login in LOGINS.items():
            create_account(uow, login, f"The {login}", HASHED, frozenset({role}), TESTER, NOW, must_change=False)
        create_account(uow, "newcomer", "New", HASHED, frozenset({Role.HR}), TESTER, NOW, must_change=True)


@pytest.fixture
def app_of(database, accounts, clock, tmp_path) -> Iterator:
    """The application as `clockbridge server run` builds it."""
    made = []

    def build(*, tls: bool = False):
        settings = ServerSettings(data_dir=tmp_path, database_url=str(database.url), web=WebSettings(tls=tls))
        settings.keys_dir.mkdir(parents=True, exist_ok=True)
        (settings.keys_dir / KEY_FILE).write_text(bytes(range(32)).hex())
        app = build_pages(settings)
        made.append(app)
        return app

    yield build
    for app in made:
        app.state.database.close()


class Person:
    """A browser with its cookies; English. Redirects are answers, not followed."""

    def __init__(self, app, base: str = "http://clockbridge.test", address: str = "192.0.2.1") -> None:
        self.client = TestClient(app, base_url=base, client=(address, 50_000), raise_server_exceptions=False)

    def get(self, path: str, **headers: str):
        return self.client.get(path, headers={"accept-language": "en", **headers}, follow_redirects=False)

    def post(self, path: str, site: str | None = "same-origin", **data):
        headers = {"accept-language": "en"} | ({"sec-fetch-site": site} if site else {})
        return self.client.post(path, data=data, headers=headers, follow_redirects=False)

    def sign_in(self, login: str, password: str = PASSWORD):
        return self.post("/sign-in", login=login, password=password)

    @property
    def is_known(self) -> bool:
        return self.get("/password").status_code == 200


def place(answer) -> str:
    """Where a redirect leads."""
    return urlsplit(answer.headers["location"]).path


@pytest.fixture
def person(app_of) -> Callable[..., Person]:
    app = app_of()
    return lambda address="192.0.2.1": Person(app, address=address)


assert sessions.FAILURES_OF_LOGIN_AND_ADDRESS < sessions.FAILURES_OF_LOGIN < sessions.FAILURES_OF_ADDRESS
