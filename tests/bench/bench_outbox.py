"""Durable appends to the outbox, beside what the disk can do; the two take turns in small slices, because disks are shared and noisy."""

import json
import os
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from edge.main import spare_the_collector
from edge.outbox import NewRow, Outbox
from protocol import chain, codec
from protocol.identifiers import EdgeId, TerminalSerial
from protocol.instants import WallTime, pack_moment, show_wall
from protocol.messages import PunchRow, Source
from tests.bench.row import Row

SERIAL = TerminalSerial("CBSIM0001")
SLICES = 12


def run() -> list[Row]:
    spare_the_collector()  # as an edge does; the bare writes gain by it too
    folder = Path(".dev")
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        return [_single(Path(name)), _hundreds(Path(name))]


def _single(folder: Path) -> Row:
    rows = _rows(SLICES * 400 * 2)
    with Outbox(folder / "single" / "outbox.db", EdgeId("bench")) as outbox, (folder / "raw").open("wb", buffering=0) as raw:

        def append() -> None:
            wall, row = next(rows)
            outbox.append(SERIAL, [NewRow(wall, row.user, codec.encode_row(row))])

        def write() -> None:
            raw.write(codec.encode_row(next(rows)[1]))
            os.fdatasync(raw.fileno())

        ours, limit = _take_turns(append, write, 400)
    return _row("durable append, one row per commit", ours, limit, "raw append + fdatasync of the same bytes", 0.85)


def _hundreds(folder: Path) -> Row:
    rows = _rows(SLICES * 30 * 2 * 100)
    with Outbox(folder / "many" / "outbox.db", EdgeId("bench")) as outbox, (folder / "segment").open("wb", buffering=0) as segment:

        def append() -> None:
            some = [next(rows) for _ in range(100)]
            outbox.append(SERIAL, [NewRow(wall, row.user, codec.encode_row(row)) for wall, row in some])

        head = bytes(32)

        def write() -> None:
            nonlocal head
            bodies = [codec.encode_row(next(rows)[1]) for _ in range(100)]
            heads = chain.extend(head, [chain.digest(body) for body in bodies])
            head = heads[-1]
            segment.write(b"".join(struct.pack("<I", len(body)) + body + row_head for body, row_head in zip(bodies, heads, strict=True)))
            os.fdatasync(segment.fileno())

        ours, limit = _take_turns(append, write, 30)
    return _row(
        "durable append, 100 rows per commit", ours * 100, limit * 100, "segment file + fdatasync, same rows encoded and hashed", 0.6
    )


def _take_turns(ours: Callable[[], None], limit: Callable[[], None], times: int) -> tuple[float, float]:
    """Calls per second of each, the median over slices."""
    pace: tuple[list[float], list[float]] = ([], [])
    for place in range(SLICES * 2):
        work = (ours, limit)[place % 2]
        started = time.perf_counter()
        for _ in range(times):
            work()
        pace[place % 2].append(times / (time.perf_counter() - started))
    return median(pace[0]), median(pace[1])


def _rows(count: int) -> Iterator[tuple[WallTime, PunchRow]]:
    """Punches as a driver and the collector give them: the wall time is packed already."""
    start = datetime(2026, 8, 1, 8)
    at = datetime.now(UTC)
    walls = [pack_moment(start + timedelta(seconds=place * 3)) for place in range(count)]
    made = [
        PunchRow(
            terminal=SERIAL,
            user=str(1000 + place % 500),
            wall=show_wall(wall),
            received_at=at,
            source=Source.ZK_PULL,
            salt=os.urandom(16),
            verify=1,
            state=0,
            drift_ms=120,
            raw=os.urandom(40),
        )
        for place, wall in enumerate(walls)
    ]
    return zip(walls, made, strict=True)


def _row(work: str, ours: float, limit: float, limit_name: str, at_least: float) -> Row:
    return Row(work, ours, "rows/s", limit_name, limit, ours / limit, at_least)


if __name__ == "__main__":
    for row in run():
        print(json.dumps({"work": row.work, "measured": row.measured, "limit": row.limit_measured, "ratio": row.ratio}))
