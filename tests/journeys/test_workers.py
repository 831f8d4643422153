"""Two ingest workers share the shards; one takes over from the other when it dies, and a frozen one commits nothing."""

import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from server.broker.mosquitto import find_mosquitto
from server.ingest.leases import owners
from server.ingest.tables import batch
from tests.chaos.proof import prove
from tests.support.postgres import NoPostgresError, running_postgres
from tests.support.world import World

EDGES = ("edge-a", "edge-b", "edge-c")


def shards(world: World) -> dict[str, int]:
    with world.database.reading() as uow:
        return owners(uow)


def at_work(world: World) -> set[str]:
    """Who has taken anything in."""
    with world.database.reading() as uow:
        return {row.worker for row in uow.fetch_all(select(batch.c.worker).distinct())}


def freeze(world: World, name: str) -> None:
    """Between two commits: on SQLite a writer that is frozen in one locks everybody out, which is SQLite's nature and has no cure."""
    for _ in range(50):
        world.signal(name, signal.SIGSTOP)
        if world.settings.database_url or can_write(world.settings.database_file):
            return
        world.signal(name, signal.SIGCONT)
        time.sleep(0.1)
    raise AssertionError("always in a commit")


def can_write(file: Path) -> bool:
    with closing(sqlite3.connect(file, timeout=2, isolation_level=None)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        database.execute("ROLLBACK")
        return True


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    if request.param == "sqlite":
        yield ""
        return
    try:
        with running_postgres() as server:
            server.run("CREATE DATABASE workers")
            yield server.url("workers")
    except NoPostgresError as error:
        pytest.skip(str(error))


def test_given_two_workers_when_one_dies_or_freezes_then_the_other_takes_its_shards_and_nothing_is_lost_or_doubled(tmp_path, database_url):
    with World(
        tmp_path, broker="mosquitto" if database_url and find_mosquitto() else "amqtt", workers=2, database_url=database_url
    ) as world:
        for edge in EDGES:
            world.add_terminal(world.add_site(edge), f"T-{edge}", punches=400, rate=2)
        world.start()
        world.until(lambda: shards(world) == {"ingest-1": 8, "ingest-2": 8}, "each owns half")
        world.until(lambda: all(world.admitted().get(f"T-{edge}", 0) >= 400 for edge in EDGES), "the past is there")

        freeze(world, "ingest-1")
        world.until(lambda: shards(world).get("ingest-2") == 16, "taken over from a frozen worker")
        world.everybody_punches("T-edge-a")
        world.until(lambda: "ingest-2" in at_work(world), "the other works for all")
        world.signal("ingest-1", signal.SIGCONT)
        world.until(lambda: shards(world).get("ingest-1") == 8, "shared again")

        world.signal("ingest-2", signal.SIGKILL)
        world.everybody_punches("T-edge-b")
        world.until(lambda: at_work(world) == {"ingest-1", "ingest-2"}, "both worked")

        for edge in EDGES:
            world.ask(f"T-{edge}", "rate 0")
        world.until(world.is_settled, "equal counts")
        for site in world.sites.values():
            site.part.stop()
        prove(world)
