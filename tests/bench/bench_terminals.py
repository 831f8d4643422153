"""One edge with a whole branch of terminals: what it needs, how quickly a punch is at the server, how quickly logs are drained.

The edge has one core of its own; the terminals are simulators in a process of their own, beside the server on the others. A machine with
two cores gives them little, so the figures are rather too high than too low.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from clockbridge.demo.parts import Part
from clockbridge.demo.stage import TERMINAL_BLOCK, free_port
from edge.devices.iclock.simulator.options import PushOptions
from edge.devices.zkteco.simulator.options import SimulatorOptions
from edge.outbox import NewRow, Outbox
from edge.status import read_status
from protocol import codec
from protocol.identifiers import EdgeId, TerminalSerial
from protocol.instants import WallTime, pack_moment, show_wall
from protocol.messages import PunchRow, Source
from server.fleet import actions as fleet
from tests.bench.machine import cpu_seconds, megabytes, percentile, scratch, start_server, until
from tests.bench.row import Row
from tests.support.company import NOW, TESTER
from tests.support.crowd import Crowd, Handle, Made, crowd
from tests.support.world import Site, World

EDGE = "edge-branch"
PULL, PUSH, HEARTBEAT = 100, 1000, 10
RATE, SECONDS, SETTLING_SECONDS = 50, 60, 30.0
MEMORY_GOAL, LATENCY_GOAL = 300, 250
BUFFERED, EACH = 200, 5000
STRETCH = 500
"""Rows that an edge appends at once when it reads a log."""
POLL_SECONDS = 60
HEARD = {"listening", "polling"}
"""States of a terminal that the edge is in touch with and not reading just now."""


def run() -> list[Row]:
    return [*_branch(), _drain()]


# A branch at work ---------------------------------------------------------------------------------------------------------------------


@dataclass
class Busy:
    """What the edge used while people punched."""

    cores: float
    idle_cores: float
    megabytes: float


def _branch() -> list[Row]:
    with scratch() as folder, World(folder, broker="amqtt", users=60) as world:
        site, push_port = world.add_site(EDGE), free_port()
        with crowd(_everybody(push_port)) as people:
            _keep_off_the_edges_core(people.pid)
            _write_settings(world, site, people, push_port)
            start_server(world)
            _start_on_its_core(site.part)
            until(lambda: _at_work(site) == PULL + PUSH, "all terminals are there", 240, pause=1)
            time.sleep(SETTLING_SECONDS)
            busy, waits = _work(world, site, people)
    p99, half = percentile(waits, 0.99), percentile(waits, 0.5)
    note = f"half within {half:.0f} ms, longest {max(waits):.0f} ms; {len(waits):,} punches, none missing"
    work = f"edge with {PULL} pull and {PUSH:,} push terminals, {RATE} punches/s"
    return [
        Row(f"{work}: processor", busy.cores, "cores", "goal", 1.0, 1 / busy.cores, 1, f"without punches {busy.idle_cores:.2f}"),
        Row(f"{work}: memory", busy.megabytes, "MB", "goal", MEMORY_GOAL, MEMORY_GOAL / busy.megabytes, 1, "highest"),
        Row("a punch at one of them to the server's commit, p99", p99, "ms", "goal", LATENCY_GOAL, LATENCY_GOAL / p99, 1, note),
    ]


def _everybody(port: int) -> Crowd:
    pull = tuple(SimulatorOptions(serial=f"PULL{place:04}", users=60, seed=place, zone="Asia/Shanghai") for place in range(PULL))
    push = tuple(PushOptions(serial=f"PUSH{place:04}", users=60, seed=place, port=port) for place in range(PUSH))
    return Crowd(pull, push)


def _write_settings(world: World, site: Site, people: Handle, push_port: int) -> None:
    serials = [*people.ports, *(f"PUSH{place:04}" for place in range(PUSH))]
    with world.database.writing() as uow:
        for serial in serials:
            fleet.add_terminal(uow, serial, serial, site.edge, TESTER, NOW, edge=EdgeId(EDGE))
    blocks = [block(serial, port) for serial, port in people.ports.items()]
    push = f"\n[push]\nhost = '127.0.0.1'\nport = {push_port}\ndelay_seconds = {HEARTBEAT}\n"
    push += "requests_per_minute = 60000\n"  # all of them come from one address here
    push += "".join(f"\n[[push.terminals]]\nserial = '{serial}'\nsource = 'any'\n" for serial in serials[len(people.ports) :])
    site.kit.write_text(site.kit.read_text().replace("health_seconds = 0.5\n", "") + "".join(blocks) + push)


def block(serial: str, port: int) -> str:
    """A pull terminal in an edge's settings."""
    block = TERMINAL_BLOCK.format(name=serial, port=port, transport="tcp", key=0, serial=serial)
    return block.replace("poll_seconds = 5", f"poll_seconds = {POLL_SECONDS}")


def _work(world: World, site: Site, people: Handle) -> tuple[Busy, list[float]]:
    """What the edge uses, and milliseconds from each punch to its commit."""
    pid = site.part.pid
    idle = _cores(pid, lambda: time.sleep(2 * HEARTBEAT))
    people.punch(RATE, SECONDS)
    made: list[Made] = []
    seen: dict[tuple[str, str], float] = {}
    used = _cores(pid, lambda: made.extend(_watch(world.settings.database_file, people, seen)))
    return Busy(used, idle, megabytes(pid, "VmHWM")), [(seen[one.serial, one.user] - one.at) * 1000 for one in made]


def _cores(pid: int, work: Callable[[], None]) -> float:
    """How much of a core a process uses meanwhile."""
    before, began = cpu_seconds(pid), time.perf_counter()
    work()
    return (cpu_seconds(pid) - before) / (time.perf_counter() - began)


def _watch(database: Path, people: Handle, seen: dict[tuple[str, str], float]) -> list[Made]:
    """What was made; notes in `seen` when each (terminal, user) was first seen committed."""
    made: list[Made] | None = None
    last, end = 0, time.monotonic() + SECONDS + 60
    query = "SELECT p.id, t.serial, p.terminal_user FROM punch p JOIN terminal t ON t.id = p.terminal_id WHERE p.id > ? ORDER BY p.id"
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        while made is None or len(seen) < len(made):
            assert time.monotonic() < end, f"{len(seen)} of {len(made or ())} punches came"
            if made is None and people.line.poll():
                made = people.made()
            for row in connection.execute(query, (last,)).fetchall():
                last, serial, user = row
                seen.setdefault((serial, user), time.time())
            time.sleep(0.002)
    return made


def _at_work(site: Site) -> int:
    """Terminals that the edge hears."""
    status = read_status(site.kit.parent / "data" / "status.json")
    return sum(one["state"] in HEARD for one in status["terminals"]) if status else 0


def _start_on_its_core(part: Part) -> None:
    """The edge, and all its threads, on the first core alone."""
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(everywhere)})  # a child begins where its parent is
    part.start()
    os.sched_setaffinity(0, everywhere)


def _keep_off_the_edges_core(pid: int) -> None:
    cores = os.sched_getaffinity(0)
    if len(cores) > 1:
        os.sched_setaffinity(pid, cores - {min(cores)})


# Logs that wait -----------------------------------------------------------------------------------------------------------------------


def _drain() -> Row:
    with scratch() as folder, World(folder, broker="amqtt", users=1) as world:
        site = world.add_site(EDGE)
        pull = tuple(
            SimulatorOptions(serial=f"FULL{place:04}", users=500, punches=EACH, seed=place, zone="Asia/Shanghai")
            for place in range(BUFFERED)
        )
        with crowd(Crowd(pull)) as people:
            site.kit.write_text(site.kit.read_text() + "".join(block(serial, port) for serial, port in people.ports.items()))
            site.part.start()  # without its server: what is measured is the way from the terminals to the disk
            outbox = site.kit.parent / "data" / "outbox.db"
            ended = until(lambda: _appended(outbox) == BUFFERED * EACH, "all logs are read", 300, pause=0.02)
            time.sleep(1)  # for the status behind the last row
            status = read_status(site.kit.parent / "data" / "status.json")
            memory = megabytes(site.part.pid, "VmHWM")
            site.part.stop()
        assert status is not None
        began = min(datetime.fromisoformat(one["stages"]["connect"]).timestamp() for one in status["terminals"])
        limit = _alone(folder / "alone" / "outbox.db")
    ours = BUFFERED * EACH / (ended - began)
    work = f"{BUFFERED} terminals with {EACH:,} buffered punches each into the outbox"
    return Row(work, ours, "rows/s", "the outbox alone, as large stretches", limit, ours / limit, 0.5, f"edge at most {memory:.0f} MB")


def _appended(outbox: Path) -> int:
    if not outbox.exists():
        return 0
    with closing(sqlite3.connect(f"file:{outbox}?mode=ro", uri=True)) as connection:
        try:
            return int(connection.execute("SELECT coalesce(max(sequence), 0) FROM outbox").fetchone()[0])
        except sqlite3.OperationalError:  # not made yet
            return 0


def _alone(file: Path) -> float:
    """Rows per second of an outbox that gets as many rows, in stretches of the same size, from one thread."""
    at, start = datetime.now(UTC), datetime(2026, 8, 1, 8)
    walls = [pack_moment(start + timedelta(seconds=3 * place)) for place in range(EACH)]
    with Outbox(file, EdgeId(EDGE)) as outbox:
        began = time.perf_counter()
        for place in range(BUFFERED):
            serial = TerminalSerial(f"FULL{place:04}")
            for first in range(0, EACH, STRETCH):
                outbox.append(serial, _rows(serial, walls[first : first + STRETCH], at))
        return BUFFERED * EACH / (time.perf_counter() - began)


def _rows(serial: TerminalSerial, walls: Sequence[WallTime], at: datetime) -> list[NewRow]:
    made = [
        PunchRow(serial, str(1001 + wall % 500), show_wall(wall), at, Source.ZK_PULL, os.urandom(16), 1, 0, 120, bytes(40))
        for wall in walls
    ]
    return [NewRow(wall, row.user, codec.encode_row(row)) for wall, row in zip(walls, made, strict=True)]
