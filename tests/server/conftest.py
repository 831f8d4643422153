"""A freshly migrated database for each test, on both dialects, and a company to stand in it."""

import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from server.migrations import migrate
from server.storage import Database, Vault
from tests.support.company import Company, found_company
from tests.support.postgres import NoPostgresError, Postgres, running_postgres

_numbers = count(1)
VAULT = Vault(bytes(range(32)))
WAITING = (
    "access.providers.reaching.PATIENCE_SECONDS", "access.providers.reaching.LONGEST_SECONDS", "broker.outside.FOLLOWS_SECONDS",
    "broker.processes.START_SECONDS", "broker.showing_out.SECONDS", "notify.providers.hooks.SECONDS",
    "notify.providers.hooks.LONGEST_SECONDS", "notify.providers.mail.SECONDS",
)  # fmt: skip
"""How long somebody else may take to answer."""


@pytest.fixture(scope="session", autouse=True)
def patient():
    """Who answers here is on the same busy machine, and has minutes: that it stands still for seconds is no fault of what is tested."""
    with pytest.MonkeyPatch.context() as patched:
        for name in WAITING:
            patched.setattr(f"server.{name}", 240.0)
        yield


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
            server.wait_until_left("template_cb")
            yield server
    except NoPostgresError as error:
        pytest.skip(str(error))


@pytest.fixture
def new_database_url(request, tmp_path) -> Callable[..., str]:
    """Make a database of a dialect and give its URL: `new_database_url("postgresql", migrated=False)`.

    template: the file or name of another one to copy than the migrated one.
    """

    def make(dialect: str, *, migrated: bool = True, template: str = "") -> str:
        name = f"cb_{next(_numbers)}"
        if dialect == "sqlite":
            file = tmp_path / f"{name}.db"
            if migrated:
                shutil.copy(template or request.getfixturevalue("sqlite_template"), file)
            return f"sqlite:///{file}"
        server: Postgres = request.getfixturevalue("postgres")
        server.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template or 'template_cb'} STRATEGY FILE_COPY" if migrated else ""))
        request.addfinalizer(lambda: server.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        return server.url(name)

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request) -> str:
    return request.param


@pytest.fixture
def database(request, dialect, new_database_url, founder, founded_template) -> Iterator[Database]:
    """A migrated database; the test runs once on SQLite and once on PostgreSQL. It is empty, but for what the test asks of `founded`."""
    template = founded_template(dialect, founder)[0] if "founded" in request.fixturenames else ""
    made = Database(new_database_url(dialect, template=template), VAULT)
    yield made
    made.close()


@pytest.fixture
def founder() -> Callable[[Database], Any]:
    """What is founded in the databases of these tests; it gives back what it made, without the database."""
    return found_company


@pytest.fixture
def founded(dialect, founder, founded_template) -> Any:
    """What the founder gave back: all of it is in the database from the beginning."""
    return deepcopy(founded_template(dialect, founder)[1])


@pytest.fixture
def company(database, founded) -> Company:
    return founded


@pytest.fixture(scope="session")
def founded_template(request, tmp_path_factory) -> Callable[[str, Callable[[Database], Any]], tuple[str, Any]]:
    """File or name of a database that a founder has been in and nobody writes, and what the founder gave back.

    Each founder comes once into a test process and dialect, because copying takes a tenth of the time. What it founds must not depend on
    the day: a test may get it after midnight.
    """

    @cache
    def make(dialect: str, founder: Callable[[Database], Any]) -> tuple[str, Any]:
        name = f"template_{next(_numbers)}"
        if dialect == "sqlite":
            file = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path_factory.mktemp("template") / f"{name}.db")
            return str(file), _founded_in(f"sqlite:///{file}", founder)
        server: Postgres = request.getfixturevalue("postgres")
        server.run(f"CREATE DATABASE {name} TEMPLATE template_cb STRATEGY FILE_COPY")
        facts = _founded_in(server.url(name), founder)
        server.wait_until_left(name)
        return name, facts

    return make


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


def _founded_in(url: str, founder: Callable[[Database], Any]) -> Any:
    database = Database(url, VAULT)
    facts = founder(database)
    database.close()
    return facts
