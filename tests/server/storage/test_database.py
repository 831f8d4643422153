"""How a database fails and comes back."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from server.storage import Database, DatabaseUnreachableError
from tests.support.postgres import NoPostgresError, Postgres, running_postgres


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A PostgreSQL of our own, since it is killed."""
    try:
        with running_postgres() as found:
            yield found
    except NoPostgresError as error:
        pytest.skip(str(error))


@pytest.fixture
def database(server) -> Iterator[Database]:
    server.start()
    found = Database(server.url("postgres"))
    yield found
    found.close()


def test_given_idle_connections_when_postgresql_was_killed_and_started_again_then_the_next_use_notices_nothing(server, database):
    with database.reading() as one, database.reading() as other, database.writing() as third:
        assert [uow.scalar(text("SELECT 1")) for uow in (one, other, third)] == [1, 1, 1]

    server.kill()
    server.start()

    for _ in range(3):
        with database.reading() as one, database.writing() as other:
            assert (one.scalar(text("SELECT 1")), other.scalar(text("SELECT 1"))) == (1, 1)


def test_given_a_transaction_when_postgresql_is_killed_in_it_then_it_failed_and_nothing_of_it_is_there(server, database):
    with database.writing() as uow:
        uow.execute(text("CREATE TABLE kept (number int)"))

    def write() -> None:
        with database.writing() as uow:
            uow.execute(text("INSERT INTO kept VALUES (1)"))
            server.kill()

    with pytest.raises(DatabaseUnreachableError):
        write()
    with pytest.raises(DatabaseUnreachableError), database.reading():
        pass
    server.start()

    with database.reading() as uow:
        assert uow.scalar(text("SELECT count(*) FROM kept")) == 0
