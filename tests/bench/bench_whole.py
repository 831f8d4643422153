"""The whole way on one machine: a terminal's log, read by an edge process, through amqtt and a worker into SQLite.

The clock runs from the edge's connection to the terminal to the commit of the last row. The limit is a bare insert of the very same rows
into the same schema, right after it.
"""

import sqlite3
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

from edge.status import read_status
from server.migrations import migrate
from server.storage import Database
from tests.bench.machine import scratch, start_server, until
from tests.bench.row import Row
from tests.support.world import World

PUNCHES, USERS, AT_ONCE = 100_000, 500, 4_000
SERIAL = "WHOLE1"


def run() -> list[Row]:
    with scratch() as folder:
        with World(folder, broker="amqtt", users=USERS) as world:
            seconds = _take(world)
            taken = world.settings.database_file
        limit = _bare(taken, folder / "bare.db")
    ours = PUNCHES / seconds
    note = f"{PUNCHES:,} punches in {seconds:.1f} s, four processes"
    return [Row("terminal log to server commit, amqtt", ours, "rows/s", "bare executemany, same rows", limit, ours / limit, 0.25, note)]


def _take(world: World) -> float:
    site = world.add_site("edge-whole")
    world.add_terminal(site, SERIAL, punches=PUNCHES)
    site.simulators[SERIAL].start()
    until(lambda: world.held()[SERIAL] == PUNCHES, "the terminal's past", 120)
    start_server(world)
    site.part.start()
    ended = until(lambda: world.admitted().get(SERIAL) == PUNCHES, "all at the server", 300)
    status = until_status(site.kit.parent / "data" / "status.json")
    return ended - datetime.fromisoformat(status["terminals"][0]["stages"]["connect"]).timestamp()


def until_status(file: Path) -> dict:
    until(lambda: bool((read_status(file) or {"terminals": [{}]})["terminals"][0].get("stages")), "the edge's status", 30)
    found = read_status(file)
    assert found is not None
    return found


def _bare(taken: Path, file: Path) -> float:
    """Rows per second of the barest way, with equal rows in each transaction."""
    empty = Database(f"sqlite:///{file}")
    migrate(empty)
    empty.close()
    with closing(sqlite3.connect(taken)) as source:
        names = [name for _, name, *_ in source.execute("PRAGMA table_info(punch)")]
        rows = source.execute(f"SELECT {', '.join(names)} FROM punch ORDER BY id").fetchall()
    assert len(rows) == PUNCHES
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-32768"):
            connection.execute(f"PRAGMA {pragma}")
        statement = f"INSERT INTO punch ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        started = time.perf_counter()
        for first in range(0, PUNCHES, AT_ONCE):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(statement, rows[first : first + AT_ONCE])
            connection.execute("COMMIT")
        return PUNCHES / (time.perf_counter() - started)
