"""Punches that the server had and lost: the comparison with the edge finds them, tells of it, and brings them back."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from protocol.messages import OrderKind
from server.dispatch.orders.model import PartState
from server.ingest.actions import read_fleet
from server.ingest.alarms import AlarmKind, alarms
from server.ingest.reconciliation.actions import last_reconciliation
from server.ingest.reconciliation.model import Origin, Reconciliation
from tests.journeys.test_orders import give, states
from tests.support.world import World

EDGE, SERIAL = "edge-a", "T-1"


def test_given_punches_that_vanish_at_the_server_when_counts_are_compared_then_they_are_found_told_and_brought_back(tmp_path):
    with World(tmp_path) as world:
        site = world.add_site(EDGE)
        world.add_terminal(site, SERIAL, punches=200)
        world.start()
        world.until(lambda: world.admitted().get(SERIAL, 0) >= 200, "everything is here")
        world.until(lambda: found(world) is not None, "the edge has counted of its own accord, as it does when it starts")
        before = identities(world)
        lost = lose(world)
        from_file = take_from_file(world)
        assert from_file > lost, "the server has more of these days than the edge, and fewer of the edge's own"

        give(world, OrderKind.PROVE, SERIAL)

        world.until(lambda: found(world) is not None and found(world).notable and not found(world).gaps, "the gap is found and closed")
        assert len(identities(world) - before) == from_file
        assert before <= identities(world)
        assert sum(day.most_missing for day in found(world).notable) == lost
        world.until(lambda: not found(world).uncertain, "each day is listed")
        assert sum(day.named.extra.get(Origin.FILE, 0) for day in found(world).days if day.named) == found(world).extra == from_file
        (order_id,) = {day.order_id for day in found(world).notable}
        world.until(lambda: states(world, order_id) == [PartState.DONE], "what was asked for was done")
        with world.database.reading() as uow:
            assert AlarmKind.RECONCILIATION_GAP not in {one.kind for one in alarms(read_fleet(uow), datetime.now(UTC))}


def lose(world: World) -> int:
    """Take punches of the terminal's last days out of the server's database, behind everybody's back; gives how many."""
    with closing(sqlite3.connect(world.settings.database_file, timeout=60, isolation_level=None)) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'punch'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        newest = "SELECT id FROM punch ORDER BY wall DESC LIMIT 40"
        return connection.execute(f"DELETE FROM punch WHERE id IN ({newest}) AND id % 2 = 0").rowcount


def take_from_file(world: World) -> int:
    """Punches of these days that the edge never took; gives how many."""
    with closing(sqlite3.connect(world.settings.database_file, timeout=60, isolation_level=None)) as connection:
        columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(punch)") if name != "id"]
        new = {"terminal_user": "'9' || terminal_user", "source": "'attlog-file'"}
        values = ", ".join(new.get(name, name) for name in columns)
        copied = f"INSERT INTO punch ({', '.join(columns)}) SELECT {values} FROM punch ORDER BY wall DESC LIMIT 40"
        return connection.execute(copied).rowcount


def identities(world: World) -> set[tuple[int, str]]:
    with closing(sqlite3.connect(world.settings.database_file, timeout=60)) as connection:
        return set(connection.execute("SELECT wall, terminal_user FROM punch"))


def found(world: World) -> Reconciliation | None:
    with world.database.reading() as uow:
        return last_reconciliation(uow, 1)
