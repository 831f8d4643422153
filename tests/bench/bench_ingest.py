"""Taking batches in with all checks (signature, chain, provisioning, identity, evidence), beside the barest insert into the same schema.

Ours and the limit take turns in slices, each on a database of its own, with equal rows in each transaction.
"""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median

from server.ingest import leases
from server.ingest.admit import Admission
from server.ingest.provisioned import Provisioned as Cache
from server.ingest.sift import Limits
from server.migrations import migrate
from server.storage import Database
from server.storage.database import WAL_PAGES
from server.worker import spare_the_collector
from tests.bench import messages
from tests.bench.row import Row
from tests.support.postgres import NoPostgresError, running_postgres

SQLITE_WAL_PAGES = 1000
"""After so many SQLite brings its log in when nothing else is said."""
ROWS, BATCH, BATCHES_A_COMMIT, SLICES = 160_000, 500, 8, 10
COLUMNS = (
    "wall, terminal_id, terminal_user, received_at, admitted_at, drift_ms, verify, state, source, edge_id, epoch_id, sequence, live, body"
)


def run() -> list[Row]:
    spare_the_collector()  # as a worker does; the bare insert gains by it too
    rows = [
        _sqlite("bare executemany, same schema", SQLITE_WAL_PAGES, at_least=0.6),
        _sqlite("the same, its log brought in as seldom as ours", WAL_PAGES, at_least=None),
    ]
    try:
        with running_postgres() as server:
            for name in ("ours", "bare"):
                server.run(f"CREATE DATABASE {name}")
            rows.append(_postgresql(server.url("ours"), server.url("bare")))
    except NoPostgresError as error:
        print(f"· PostgreSQL was not measured: {error}")
    return rows


def _sqlite(limit_name: str, wal_pages: int, at_least: float | None) -> Row:
    folder = Path(".dev")
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        base = Path(name)
        bare = base / "bare.db"
        facts = _provisioned(f"sqlite:///{bare}")
        connection = sqlite3.connect(bare, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-32768", f"wal_autocheckpoint={wal_pages}"):
            connection.execute(f"PRAGMA {pragma}")
        statement = f"INSERT INTO punch ({COLUMNS}) VALUES ({', '.join('?' * 14)})"

        def insert(values: list[tuple]) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(statement, values)
            connection.execute("COMMIT")

        with _taking(f"sqlite:///{base / 'ours.db'}") as take:
            ours, limit = _take_turns(take, insert, _values(facts, epoch_microseconds))
        connection.close()
    return Row("ingest into SQLite, batches of 500, all checks", ours, "rows/s", limit_name, limit, ours / limit, at_least)


def _postgresql(ours_url: str, bare_url: str) -> Row:
    import psycopg

    facts = _provisioned(bare_url)
    types = "int8 int8 text timestamptz timestamptz int8 int4 int4 text int8 int8 int8 bool bytea".split()
    with psycopg.connect(bare_url.replace("+psycopg", ""), autocommit=True) as connection:

        def insert(values: list[tuple]) -> None:
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute(f"CREATE TEMPORARY TABLE given ON COMMIT DROP AS SELECT {COLUMNS} FROM punch LIMIT 0")
                with cursor.copy(f"COPY given ({COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
                    copy.set_types(types)
                    for row in values:
                        copy.write_row(row)
                cursor.execute(f"INSERT INTO punch ({COLUMNS}) SELECT {COLUMNS} FROM given")

        with _taking(ours_url) as take:
            ours, limit = _take_turns(take, insert, _values(facts, lambda moment: moment))
    return Row("ingest into PostgreSQL, the same", ours, "rows/s", "binary COPY + insert-select, same schema", limit, ours / limit, 0.6)


def epoch_microseconds(moment: datetime) -> int:
    """As the SQLite schema keeps instants."""
    return round(moment.timestamp() * 1_000_000)


def _provisioned(url: str) -> messages.Provisioned:
    database = Database(url)
    migrate(database)
    facts = messages.provision(database)
    database.close()
    return facts


@contextmanager
def _taking(url: str) -> Iterator[Callable[[list], None]]:
    """A worker's admission on a fresh database, with leases and the epoch open."""
    _provisioned(url)
    database = Database(url)
    held = leases.heartbeat(database, "bench", datetime.now(UTC), timedelta(hours=1))
    limits = Limits(future=timedelta(days=1), past=timedelta(days=4000))
    admission = Admission(database, "bench", Cache(database), limits, lambda *_: None)
    admission.take([messages.hello()], held, datetime.now(UTC))

    def take(arrivals: list) -> None:
        receipts = admission.take(arrivals, held, datetime.now(UTC))
        assert receipts[-1].refusal is None, receipts[-1]

    yield take
    with database.reading() as uow:
        found = uow.connection.exec_driver_sql("SELECT count(*) FROM punch").scalar()
    assert found == ROWS, f"{found} rows were taken"
    database.close()


def _values(facts: messages.Provisioned, instant: Callable[[datetime], object]) -> Iterator[list[tuple]]:
    """The same rows as they lie in the table, one list for each commit, made before the clock runs."""
    now = datetime.now(UTC)
    at = instant(now)
    for first in range(1, ROWS + 1, BATCH * BATCHES_A_COMMIT):
        some = []
        for place in range(first, first + BATCH * BATCHES_A_COMMIT):
            row = messages.row_of(place, facts.serial, now)
            body = messages.codec.encode_row(row)
            wall = messages.wall_of(place)
            some.append((wall, facts.terminal, row.user, at, at, 120, 1, row.state, "zk-pull", facts.edge, 1, place, False, body))
        yield some


def _take_turns(take: Callable[[list], None], insert: Callable[[list], None], values: Iterator[list[tuple]]) -> tuple[float, float]:
    """Rows per second of each, the median over slices."""
    arrivals = messages.batches(ROWS, BATCH)
    per_slice = ROWS // BATCH // SLICES
    pace: tuple[list[float], list[float]] = ([], [])
    for _ in range(SLICES):
        sent = list(islice(arrivals, per_slice))
        lists = list(islice(values, per_slice // BATCHES_A_COMMIT))
        started = time.perf_counter()
        for first in range(0, per_slice, BATCHES_A_COMMIT):
            take(sent[first : first + BATCHES_A_COMMIT])
        pace[0].append(per_slice * BATCH / (time.perf_counter() - started))
        started = time.perf_counter()
        for some in lists:
            insert(some)
        pace[1].append(per_slice * BATCH / (time.perf_counter() - started))
    return median(pace[0]), median(pace[1])
