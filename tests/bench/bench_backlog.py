"""A million buffered punches after a long cut: how soon they are at the server, what the edge needs meanwhile, and whether somebody who
punches now has to wait behind them.

The outbox is filled directly; the edge process and the whole server are as they run anywhere.
"""

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from edge.outbox import NewRow, Outbox
from protocol import codec
from protocol.identifiers import EdgeId, TerminalSerial
from protocol.instants import pack_moment, show_wall
from protocol.messages import PunchRow, Source
from tests.bench.machine import megabytes, scratch, start_server, until
from tests.bench.row import Row
from tests.support.world import World

BACKLOG, USERS, APPENDED_AT_ONCE = 1_000_000, 500, 2_000
GOAL_SECONDS, GOAL_MEGABYTES, GOAL_LIVE_SECONDS = 60, 100, 2
LIVE_PUNCHES, PAUSE_SECONDS = 10, 0.5
CUT_OFF, LIVE = TerminalSerial("BACKLOG1"), "LIVE1"
BEGAN = datetime(2026, 5, 1, 8)


def run() -> list[Row]:
    with scratch() as folder, World(folder, broker="amqtt", users=USERS) as world:
        return _hand_over(world)


def _hand_over(world: World) -> list[Row]:
    site = world.add_site("edge-backlog")
    world.add_terminal(site, CUT_OFF)
    _forget_terminals(site.kit)  # it has gone; only its punches are left
    world.add_terminal(site, LIVE)
    _fill(site.kit.parent / "data" / "outbox.db", EdgeId("edge-backlog"))
    site.simulators[LIVE].start()
    start_server(world)
    started = time.time()
    site.part.start()
    until(lambda: world.admitted().get(CUT_OFF, 0) > BACKLOG // 20, "the backlog begins to move", 60)
    live, overtaken = _punch_again_and_again(world)
    ended = until(lambda: world.admitted().get(CUT_OFF) == BACKLOG, "the backlog at the server", 600, pause=0.25)
    seconds, peak = ended - started, megabytes(site.part.pid, "VmHWM")
    pace = f"{BACKLOG / seconds:,.0f} rows/s, with the start of the edge"
    return [
        Row("1,000,000 buffered punches to the server", seconds, "s", "goal", GOAL_SECONDS, GOAL_SECONDS / seconds, 1, pace),
        Row("the edge's peak memory meanwhile", peak, "MB", "goal", GOAL_MEGABYTES, GOAL_MEGABYTES / peak, 1),
        Row("a punch made behind the backlog, admitted", live, "s", "goal", GOAL_LIVE_SECONDS, GOAL_LIVE_SECONDS / live, 1, overtaken),
    ]


def _punch_again_and_again(world: World) -> tuple[float, str]:
    """The longest time until a punch of its moment was at the server, and how much of the backlog waited at the last one."""
    longest = 0.0
    for number in range(LIVE_PUNCHES):
        before, punched = world.admitted().get(LIVE, 0), time.time()
        world.ask(LIVE, f"punch {1001 + number}")
        seen = until(lambda before=before: world.admitted().get(LIVE, 0) > before, "the live punch", 120, pause=0.01)
        longest = max(longest, seen - punched)
        time.sleep(PAUSE_SECONDS)
    left = BACKLOG - world.admitted()[CUT_OFF]
    assert left, "the backlog was gone before the last live punch"
    return longest, f"longest of {LIVE_PUNCHES}; {left:,} older ones still waited at the last"


def _forget_terminals(kit: Path) -> None:
    kit.write_text(kit.read_text().partition("\n[[terminals]]")[0])


def _fill(file: Path, edge: EdgeId) -> None:
    """As a long time without a line leaves it."""
    rows = _rows()
    with Outbox(file, edge) as outbox:
        while some := list(islice(rows, APPENDED_AT_ONCE)):
            outbox.append(CUT_OFF, some)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone()[0] == BACKLOG


def _rows() -> Iterator[NewRow]:
    at = datetime.now(UTC)
    for place in range(BACKLOG):
        wall, user = pack_moment(BEGAN + timedelta(seconds=place * 10)), str(1001 + place % USERS)
        row = PunchRow(
            terminal=CUT_OFF,
            user=user,
            wall=show_wall(wall),
            received_at=at,
            source=Source.ZK_PULL,
            salt=hashlib.md5(b"%d" % place).digest(),
            verify=1,
            state=place % 2,
            drift_ms=120,
            raw=hashlib.sha256(b"%d" % place).digest() + bytes(8),
        )
        yield NewRow(wall, user, codec.encode_row(row))
