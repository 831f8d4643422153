"""What following the trail costs, and what finding something in it costs, with a million rows."""

import time
from datetime import UTC, datetime, timedelta

from clockbridge.server_setup import Plan, set_up
from server.audit import store
from server.audit.actions import search, verify
from server.audit.engine import sealed
from server.audit.model import AuditRow, TrailFilter
from server.audit.tables import audit_head, audit_person, audit_row
from server.storage import Database
from tests.bench.machine import scratch
from tests.bench.row import Row

ROWS, AT_ONCE = 1_000_000, 20_000
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
ACTIONS = ("grant.record", "request.submit", "course.decide", "account.sign-in", "roster.publish", "personal-data.look")


def run(people: int = 10_000) -> list[Row]:
    with scratch() as folder:
        settings = set_up(folder / "server.toml", Plan()).settings
        database = Database(settings.resolved_database_url)
        rows: list[Row] = []
        for total in (ROWS // 10, ROWS):
            fill(database, total, people)
            started = time.process_time()
            with database.reading() as uow:
                found = verify(uow)
            taken = time.process_time() - started
            assert found.broken is None
            assert found.rows == total
            rows.append(
                Row(
                    f"follow the trail, {total:,} rows",
                    taken,
                    "s of processor",
                    "",
                    None,
                    None,
                    None,
                    f"{taken / total * 1e6:.1f} µs a row",
                )
            )
        rows += found_in(database)
        database.close()
    return rows


def found_in(database: Database) -> list[Row]:
    """What a page of the search costs, of rows that are common, rare, or not there."""
    asked = {
        "the latest": TrailFilter(),
        "by who": TrailFilter(actor="user-7"),
        "by whom it concerns": TrailFilter(people=(77,)),
        "by what, in a month two years ago": TrailFilter(action="course.decide", since=FIRST, until=FIRST + timedelta(days=30)),
        "by object": TrailFilter(kind="person", subject="E00077"),
        "by a text that is nowhere, 20,000 rows": TrailFilter(text="nowhere"),
    }
    made = []
    for words, wanted in asked.items():
        times = []
        for _ in range(5):
            started = time.perf_counter()
            with database.reading() as uow:
                search(uow, wanted, None, below=None, limit=100, see_pay=False)
            times.append(time.perf_counter() - started)
        limit = 0.1 if not wanted.text else 0.5
        best = sorted(times)[2]
        made.append(Row(f"search {ROWS:,} rows: {words}", best * 1e3, "ms", f"{limit * 1e3:.0f} ms", None, limit / best, 1.0))
    return made


def fill(database: Database, total: int, people: int) -> None:
    """Bring the trail to this length, chained as the product chains it."""
    with database.reading() as uow:
        head = store.head(uow)
    last_id, before = head.last_id, head.hash
    while last_id < total:
        made = []
        for _ in range(min(AT_ONCE, total - last_id)):
            last_id += 1
            row = sealed(_row(last_id, people, before), bytes(16), bytes(16))
            before = row.hash
            made.append({name: getattr(row, name) for name in AuditRow.__slots__})
        with database.writing() as uow:
            uow.execute(audit_row.insert(), made)
            uow.execute(audit_person.insert(), [{"person_id": one["id"] * 7919 % people, "row_id": one["id"]} for one in made])
            uow.execute(audit_head.update().values(last_id=last_id, hash=before))


def _row(number: int, people: int, before: bytes) -> AuditRow:
    who, action = f"E{number * 7919 % people:05}", ACTIONS[number % len(ACTIONS)]
    after = {"kind": "annual", "first_day": "2026-11-23", "last_day": "2026-11-25", "person": who, "days": number % 9}
    at = FIRST + timedelta(seconds=60 * number)
    return AuditRow(
        number,
        at,
        f"user-{number % 300}",
        action,
        "person",
        who,
        None,
        after,
        "按规定办理" if number % 3 else "",
        f"r{number:x}",
        before,
        b"",
    )
