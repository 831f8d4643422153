"""Two ingest workers share the shards; one takes over from the other when it dies, and a frozen one commits nothing."""

import signal
import time

import pytest
from sqlalchemy import select

from server.ingest.leases import owners
from server.ingest.tables import batch
from tests.chaos.proof import prove
from tests.support.world import World

EDGES = ("edge-a", "edge-b", "edge-c")


def shards(world: World) -> dict[str, int]:
    with world.database.reading() as uow:
        return owners(uow)


@pytest.mark.parametrize("broker", ["amqtt", "mosquitto"])
def test_given_two_workers_when_one_dies_or_freezes_then_the_other_takes_its_shards_and_nothing_is_lost_or_doubled(tmp_path, broker):
    with World(tmp_path, broker=broker, workers=2) as world:
        for edge in EDGES:
            world.add_terminal(world.add_site(edge), f"T-{edge}", punches=400, rate=2)
        world.start()
        world.until(lambda: shards(world) == {"ingest-1": 8, "ingest-2": 8}, "each owns half")
        world.until(lambda: all(world.admitted().get(f"T-{edge}", 0) >= 400 for edge in EDGES), "the past is there")

        world.signal("ingest-1", signal.SIGSTOP)
        world.until(lambda: shards(world).get("ingest-2") == 16, "taken over from a frozen worker")
        world.everybody_punches("T-edge-a")
        time.sleep(1)
        world.signal("ingest-1", signal.SIGCONT)
        world.until(lambda: shards(world).get("ingest-1") == 8, "shared again")

        world.signal("ingest-2", signal.SIGKILL)
        world.everybody_punches("T-edge-b")
        world.until(lambda: len(shards(world)) == 2, "both work")

        for edge in EDGES:
            world.ask(f"T-{edge}", "rate 0")
        world.until(world.is_equal, "equal counts")
        for site in world.sites.values():
            site.part.stop()
        prove(world)
        with world.database.reading() as uow:
            assert {row.worker for row in uow.fetch_all(select(batch.c.worker).distinct())} == {"ingest-1", "ingest-2"}
