"""Two ingest workers that own different shards, beside one that owns all, on PostgreSQL.

Each worker is a process of its own with its own leases, its own edge and a whole admission; one and two take turns in slices, each on a
database of its own in the same PostgreSQL. On SQLite two workers write in turn, so there is nothing to measure.
"""

import multiprocessing
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing.connection import Connection
from statistics import median

from protocol.identifiers import ALL_SHARDS, EdgeId, shard_of
from server.ingest import leases
from server.ingest.admit import Admission
from server.ingest.provisioned import Provisioned as Cache
from server.ingest.sift import Limits
from server.migrations import migrate
from server.storage import Database
from server.worker import spare_the_collector
from tests.bench import messages
from tests.bench.row import Row
from tests.support.postgres import NoPostgresError, running_postgres

SLICES, BATCHES_A_SLICE, BATCH, BATCHES_A_COMMIT = 9, 16, 500, 8
ROWS = SLICES * BATCHES_A_SLICE * BATCH
"""Of each edge."""
LEASE = timedelta(hours=1)
PEOPLE_SINCE = timedelta(days=4000)


def run() -> list[Row]:
    try:
        with running_postgres() as server:
            for name in ("alone", "shared"):
                server.run(f"CREATE DATABASE {name}")
                _provision(server.url(name))
            one, two = _measure(server.url("alone"), server.url("shared"))
    except NoPostgresError as error:
        print(f"· two workers were not measured: {error}")
        return []
    note = f"{os.cpu_count()} cores, which PostgreSQL and the workers share"
    return [Row("two ingest workers on PostgreSQL, batches of 500", two, "rows/s", "one worker", one, two / one, None, note)]


def _edges() -> list[EdgeId]:
    """Two: one in the lower half of the shards, one in the upper; two workers own a half each."""
    names = [EdgeId(f"edge-{number}") for number in range(100)]
    half = len(ALL_SHARDS) // 2
    return [next(name for name in names if shard_of(name) in part) for part in (ALL_SHARDS[:half], ALL_SHARDS[half:])]


def _provision(url: str) -> None:
    database = Database(url)
    migrate(database)
    for number, edge in enumerate(_edges()):
        messages.provision(database, f"BENCH{number}", edge)
    database.close()


def _measure(alone: str, shared: str) -> tuple[float, float]:
    """Rows per second of one and of two workers: the median over slices."""
    context = multiprocessing.get_context("spawn")
    edges = _edges()
    plans = [("one", alone, edges), ("left", shared, edges[:1]), ("right", shared, edges[1:])]
    lines: list[Connection] = []
    workers = []
    for name, url, mine in plans:
        ours, theirs = context.Pipe()
        workers.append(context.Process(target=_work, args=(theirs, name, url, mine), daemon=True))
        workers[-1].start()
        lines.append(ours)
    single, *pair = lines
    _settle([single])
    _settle(pair)
    pace: tuple[list[float], list[float]] = ([], [])
    for _ in range(SLICES):
        for those, found in (([single], pace[0]), (pair, pace[1])):
            found.append(2 * BATCHES_A_SLICE * BATCH / _slice(those))
    for line in lines:
        line.send("end")
    for worker in workers:
        worker.join(30)
        assert worker.exitcode == 0
    _require_all(alone)
    _require_all(shared)
    return median(pace[0]), median(pace[1])


def _settle(workers: Sequence[Connection]) -> None:
    """Hearts beat until everybody has a fair share."""
    for _ in range(3):
        for line in workers:
            line.send("beat")
            line.recv()
    for line in workers:
        line.send("hello")
        line.recv()


def _slice(workers: Sequence[Connection]) -> float:
    """Seconds that they take for one slice together; messages are made before the clock runs."""
    for line in workers:
        line.send("prepare")
    for line in workers:
        line.recv()
    started = time.perf_counter()
    for line in workers:
        line.send("take")
    for line in workers:
        line.recv()
    return time.perf_counter() - started


def _work(line: Connection, name: str, url: str, edges: Sequence[EdgeId]) -> None:
    """A worker without a broker: does what it is told, and answers when it is done."""
    spare_the_collector()
    database = Database(url)
    numbers = {edge: number for number, edge in enumerate(_edges())}
    admission = Admission(database, name, Cache(database), Limits(timedelta(days=1), PEOPLE_SINCE), lambda *_: None)
    coming = {edge: messages.batches(ROWS, BATCH, f"BENCH{numbers[edge]}", edge) for edge in edges}
    held: dict = {}
    waiting: list = []
    while (told := line.recv()) != "end":
        match told:
            case "beat":
                held = leases.heartbeat(database, name, datetime.now(UTC), LEASE)
            case "hello":
                admission.take([messages.hello(edge) for edge in edges], held, datetime.now(UTC))
            case "prepare":
                waiting = [arrival for edge in edges for arrival in islice(coming[edge], BATCHES_A_SLICE)]
            case "take":
                for first in range(0, len(waiting), BATCHES_A_COMMIT):
                    receipts = admission.take(waiting[first : first + BATCHES_A_COMMIT], held, datetime.now(UTC))
                    assert all(receipt.refusal is None for receipt in receipts), receipts
        line.send("done")
    database.close()


def _require_all(url: str) -> None:
    database = Database(url)
    with database.reading() as uow:
        found = uow.connection.exec_driver_sql("SELECT count(*) FROM punch").scalar()
    database.close()
    assert found == 2 * ROWS, f"{found} rows were taken"
