"""A long backlog before a slow server: the edge's memory does not grow with it, and whoever punches now does not wait behind it."""

import hashlib
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from edge.outbox import NewRow, Outbox
from protocol import codec
from protocol.identifiers import EdgeId, TerminalSerial
from protocol.instants import pack_moment, show_wall
from protocol.messages import PunchRow, Source
from server.attendance.tables import punch
from server.fleet import actions as fleet
from tests.support.world import World

BACKLOG, AT_ONCE, USERS = 60_000, 2_000, 20
GONE, LIVE = TerminalSerial("GONE"), "LIVE"
MOST_GROWTH_MEGABYTES = 30
"""Rows of the whole backlog in memory would take more than twice that."""


def test_given_a_backlog_and_a_slow_server_when_somebody_punches_then_it_overtakes_and_the_edge_does_not_grow(tmp_path):
    with World(tmp_path, users=USERS) as world:
        site = world.add_site("edge-a")
        world.add_terminal(site, GONE)
        site.kit.write_text(site.kit.read_text().partition("\n[[terminals]]")[0])  # only its punches are left
        world.add_terminal(site, LIVE)
        with Outbox(site.kit.parent / "data" / "outbox.db", EdgeId("edge-a")) as outbox:
            for first in range(0, BACKLOG, AT_ONCE):
                outbox.append(GONE, [row(number) for number in range(first, first + AT_ONCE)])
        world.server.start()
        site.simulators[LIVE].start()
        world.until(lambda: "ingest-1" in world.processes(), "a worker")
        with slow(world, "ingest-1"):
            site.part.start()
            world.until(lambda: world.admitted().get(GONE, 0) > 0, "the backlog begins to move")
            before = megabytes(site.part.pid, "VmRSS")

            world.ask(LIVE, "punch 1001")
            world.until(lambda: world.admitted().get(LIVE) == 1, "the punch of this moment")

        world.until(world_is_whole(world), "the whole backlog")
        with world.database.reading() as uow:
            live = uow.fetch_all(select(punch.c.live, func.count()).where(punch.c.live).group_by(punch.c.live))
            mine = next(one.terminal.id for one in fleet.list_terminals(uow) if one.terminal.serial == LIVE)
            came = select(punch.c.id).where(punch.c.terminal_id == mine).scalar_subquery()
            overtaken = uow.scalar(select(func.count()).where(punch.c.id > came))
        assert overtaken > BACKLOG // 10, "it came when most of the backlog was done: nothing was overtaken"
        assert [count for _, count in live], "no punch came by the live lane"
        assert megabytes(site.part.pid, "VmHWM") - before < MOST_GROWTH_MEGABYTES


def world_is_whole(world: World):
    return lambda: world.admitted().get(GONE) == BACKLOG and world.admitted().get(LIVE) == 1


def row(number: int) -> NewRow:
    wall = pack_moment(datetime(2026, 1, 5, 8) + timedelta(seconds=number))
    user, salt = str(1001 + number % USERS), hashlib.sha256(b"%d" % number).digest()[:16]
    made = PunchRow(GONE, user, show_wall(wall), datetime(2026, 11, 1, tzinfo=UTC), Source.ZK_PULL, salt, 1, 0, -1500, bytes(40))
    return NewRow(wall, user, codec.encode_row(made))


@contextmanager
def slow(world: World, name: str) -> Iterator[None]:
    """A worker that gets a fifth of its time only."""
    stop = threading.Event()

    def hold_back() -> None:
        while not stop.is_set():
            world.signal(name, signal.SIGSTOP)
            time.sleep(0.4)
            world.signal(name, signal.SIGCONT)
            time.sleep(0.1)

    thread = threading.Thread(target=hold_back)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def megabytes(process: int, what: str) -> float:
    text = Path(f"/proc/{process}/status").read_text()
    return int(text.partition(f"{what}:")[2].split()[0]) / 1024
