"""The drill: yesterday's backup is restored under running edges, and they send the rest again."""

import os
import subprocess
import sys

import pytest

from tests.chaos.proof import prove
from tests.support.world import World


def clockbridge(*words) -> None:
    subprocess.run([sys.executable, "-m", "clockbridge", *map(str, words)], check=True, capture_output=True, env=os.environ | {"LANG": "C"})


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_given_yesterdays_backup_when_restored_then_the_edges_send_the_rest_again(tmp_path, request, dialect):
    url = ""
    if dialect == "postgresql":
        server = request.getfixturevalue("postgres")
        server.run("CREATE DATABASE drill")
        request.addfinalizer(lambda: server.run("DROP DATABASE drill WITH (FORCE)"))
        url = server.url("drill")
    with World(tmp_path, database_url=url) as world:
        site = world.add_site("edge-a")
        world.add_terminal(site, "T-A", punches=200)
        world.start()
        world.until(world.is_equal, "the past is there")
        clockbridge("server", "backup", tmp_path / "yesterday", "--settings", world.settings_file)
        world.everybody_punches("T-A")
        world.until(world.is_equal, "today is there")
        world.server.stop()
        world.database.close()

        clockbridge("server", "restore", tmp_path / "yesterday", "--settings", world.settings_file, "--yes")
        assert world.admitted() == {"T-A": 200}
        world.server.start()

        world.until(world.is_settled, "the rest came again")
        clockbridge("server", "check", "--settings", world.settings_file)
        site.part.stop()
        assert prove(world).punches == 200 + world.users


@pytest.fixture(scope="session")
def postgres():
    from tests.support.postgres import NoPostgresError, running_postgres

    try:
        with running_postgres() as server:
            yield server
    except NoPostgresError as error:
        pytest.skip(str(error))
