"""One by one what storms mix: a full disk under an edge and under the server, and clocks that are set back. One world for all of it."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from server.fleet import actions as fleet
from server.ingest.tables import epoch
from tests.chaos import set_clock, small_disk
from tests.chaos.proof import prove
from tests.chaos.set_clock import READ_AGAIN_SECONDS, SetClock
from tests.chaos.small_disk import SmallDisk
from tests.support.world import Site, World

HOURS_BACK = 2 * 3600


@dataclass
class Place:
    """A world with one site whose edge, as well as the server, lies on a small disk and lives by a clock of its own."""

    world: World
    site: Site
    edge_disk: SmallDisk
    server_disk: SmallDisk
    edge_clock: SetClock
    server_clock: SetClock

    def has_told(self) -> bool:
        """The edge has told the server how its terminal is."""
        with self.world.database.reading() as uow:
            return any(one.health for one in fleet.list_terminals(uow))

    def state(self) -> str:
        """What the edge last told the server of its terminal."""
        with self.world.database.reading() as uow:
            return next(one.health.state for one in fleet.list_terminals(uow) if one.health)

    def committed(self) -> int:
        """The server's mark, up to which receipts may go."""
        with self.world.database.reading() as uow:
            return int(uow.scalar(select(epoch.c.mark)))

    def released(self) -> int:
        """Up to where the edge believes that the server has it."""
        with closing(sqlite3.connect(f"file:{self.site.kit.parent / 'data' / 'outbox.db'}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT mark FROM meta").fetchone()[0])

    def status(self) -> dict[str, object]:
        """What the edge says of itself."""
        return json.loads((self.site.kit.parent / "data" / "status.json").read_text())

    def empties_log(self) -> bool:
        """Whether the log of the server's database is empty now: its length would be room on a full disk."""
        with closing(sqlite3.connect(self.world.settings.database_file)) as connection:
            return connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0

    def says_it_is_full(self) -> bool:
        """The disk stays full while this is asked."""
        self.edge_disk.fill()
        return self.state() == "outbox-full"

    def owed(self) -> int:
        """Rows for which the edge has no receipt."""
        return int(self.status()["queue_depth"])

    def says_clock_is_set_back(self) -> bool:
        return bool(self.status()["clock_set_back"])


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[Place]:
    if reason := small_disk.why_not() or set_clock.why_not():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("place")
    with SmallDisk(folder / "data", 64) as server_disk, SmallDisk(folder / "disk", 40) as edge_disk, World(folder) as world:
        site = world.add_site("edge-a")
        (site.kit.parent / "data").symlink_to(edge_disk.folder)
        world.add_terminal(site, "T-A", punches=500)
        clocks = SetClock(folder / "edge.clock"), SetClock(folder / "server.clock")
        site.part.environment, world.server.environment = (clock.environment for clock in clocks)
        world.start()
        place = Place(world, site, edge_disk, server_disk, *clocks)
        world.until(world.is_equal, "equal counts")
        world.until(place.has_told, "the edge has told of its terminal")  # punches may be there before
        yield place
        world.until(world.is_settled, "equal counts")
        site.part.stop()
        prove(world)


@pytest.mark.may_skip  # root's small disks are the machine's to give; the reason is printed
def test_given_a_full_disk_under_an_edge_when_people_punch_then_punches_stay_on_the_terminal_and_are_read_when_there_is_room(place):
    world, first = place.world, datetime(2026, 3, 2, 8, tzinfo=UTC)
    place.edge_disk.fill()

    for number in range(4000):
        world.ask("T-A", f"punch 1001 {first + timedelta(seconds=number):%Y-%m-%d %H:%M:%S}")
        if number % 100 == 99:
            place.edge_disk.fill()  # also what the outbox gave up
            if place.state() == "outbox-full":
                break
    world.until(place.says_it_is_full, "the server knows that the edge is full")  # people may punch quicker than it is told
    held, admitted = world.held()["T-A"], world.admitted()["T-A"]
    survived = place.site.part.running
    place.edge_disk.empty()

    assert survived
    assert held > admitted
    world.until(world.is_equal, "equal counts")


@pytest.mark.may_skip  # as above
def test_given_a_full_disk_under_the_server_when_people_punch_then_nothing_is_answered_and_all_is_there_when_there_is_room(place):
    world, first = place.world, datetime(2026, 3, 3, 8, tzinfo=UTC)
    world.until(place.empties_log, "an empty log")
    place.server_disk.fill()

    for number in range(1500):
        world.ask("T-A", f"punch 1002 {first + timedelta(seconds=number):%Y-%m-%d %H:%M:%S}")
        if number % 100 == 99:
            place.server_disk.fill()
    world.until(lambda: world.appended()["T-A"] == world.held()["T-A"] and place.owed() > 0, "all appended, not all answered")
    for name in ("ingest-1", "broker"):
        world.signal(name)
    time.sleep(2)
    owed, released, committed, admitted = place.owed(), place.released(), place.committed(), world.admitted()["T-A"]
    survived = world.server.running
    place.server_disk.empty()

    assert survived, world.server.last_words()
    assert released <= committed
    assert owed > 0
    assert admitted < world.held()["T-A"]
    world.until(world.is_equal, "equal counts")


@pytest.mark.may_skip  # libfaketime is the machine's to give; the reason is printed
def test_given_an_edge_whose_clock_leaps_back_when_people_punch_then_each_punch_arrives_once_and_the_edge_says_so(place):
    world = place.world

    place.edge_clock.set(-HOURS_BACK)
    world.until(place.says_clock_is_set_back, "the edge sees it")
    world.everybody_punches("T-A")
    world.until(lambda: world.appended()["T-A"] == world.held()["T-A"], "all appended")
    place.site.part.kill()
    place.site.part.start()
    place.edge_clock.set(0)

    world.until(world.is_equal, "equal counts")
    world.until(lambda: not place.says_clock_is_set_back(), "the edge sees that it is right again")


@pytest.mark.may_skip  # as above
def test_given_a_server_whose_clock_leaps_back_when_people_punch_then_each_punch_arrives_once(place):
    world = place.world

    place.server_clock.set(-HOURS_BACK)
    time.sleep(2 * READ_AGAIN_SECONDS)
    world.ask("T-A", "punch 1003 2026-03-04 08:00:00")
    world.until(world.is_equal, "equal counts while it is wrong")
    world.signal("ingest-1")
    world.ask("T-A", "punch 1003 2026-03-04 08:00:01")
    world.until(lambda: world.appended()["T-A"] == world.held()["T-A"], "all appended")
    place.server_clock.set(0)

    world.until(world.is_equal, "equal counts when it is right again")


@pytest.mark.may_skip  # as above
def test_given_a_terminal_whose_clock_leaps_back_when_the_same_seconds_are_shown_again_then_each_identity_is_there_once(place):
    world = place.world
    world.ask("T-A", "punch 1004")

    world.ask("T-A", f"drift -{HOURS_BACK}")
    world.everybody_punches("T-A")
    world.ask("T-A", "drift 0")
    world.everybody_punches("T-A")

    world.until(world.is_equal, "equal counts")
