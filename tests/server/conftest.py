"""A freshly migrated database for each test, on both dialects, and a company to stand in it."""

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from server.migrations import migrate
from server.storage import Database, Vault
from tests.support.postgres import NoPostgresError, Postgres, running_postgres

_numbers = count(1)
VAULT = Vault(bytes(range(32)))
WAITING = (
    "access.providers.reaching.PATIENCE_SECONDS", "access.providers.reaching.LONGEST_SECONDS", "broker.outside.FOLLOWS_SECONDS",
    "broker.showing_out.SECONDS", "notify.providers.hooks.SECONDS", "notify.providers.hooks.LONGEST_SECONDS",
    "notify.providers.mail.SECONDS",
)  # fmt: skip
"""How long somebody else may take to answer."""


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Who answers here is on the same busy machine, and has a minute: that it stands still for seconds is no fault of what is tested."""
    for name in WAITING:
        monkeypatch.setattr(f"server.{name}", 60.0)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    """A migrated SQLite file that nobody writes."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    _migrated(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for this test process, with a migrated database `template_cb`; a visible skip where none can be had."""
    try:
        with running_postgres() as server:
            server.run("CREATE DATABASE template_cb")
            _migrated(server.url("template_cb"))
            yield server
    except NoPostgresError as error:
        pytest.skip(str(error))


@pytest.fixture
def new_database_url(request, tmp_path) -> Callable[..., str]:
    """Make a database of a dialect and give its URL: `new_database_url("postgresql", migrated=False)`."""

    def make(dialect: str, *, migrated: bool = True) -> str:
        name = f"cb_{next(_numbers)}"
        if dialect == "sqlite":
            file = tmp_path / f"{name}.db"
            if migrated:
                shutil.copy(request.getfixturevalue("sqlite_template"), file)
            return f"sqlite:///{file}"
        server: Postgres = request.getfixturevalue("postgres")
        server.run(f"CREATE DATABASE {name}" + (" TEMPLATE template_cb STRATEGY FILE_COPY" if migrated else ""))
        request.addfinalizer(lambda: server.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        return server.url(name)

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request) -> str:
    return request.param


@pytest.fixture
def database(dialect, new_database_url) -> Iterator[Database]:
    """A migrated, empty database; the test runs once on SQLite and once on PostgreSQL."""
    made = Database(new_database_url(dialect), VAULT)
    yield made
    made.close()


@pytest.fixture
def empty_database(dialect, new_database_url) -> Iterator[Database]:
    """A database without a schema."""
    made = Database(new_database_url(dialect, migrated=False))
    made.make_file()
    yield made
    made.close()


def _migrated(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()
