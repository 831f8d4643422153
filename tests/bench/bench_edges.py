"""What a server needs for many edges that are always connected: processor time and memory of broker and worker at 250, 500 and 1,000.

Each edge sends one punch a second, as a batch of its own, which is the dearest way for punches to come. The edges are light ones in
processes of their own; the server is the real one. No limit is claimed: the rows are there to show how it grows.
"""

import asyncio
import os
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path

from edge.uplink.sender import RECEIPT_SECONDS
from protocol.identifiers import EdgeId, Epoch
from protocol.instants import pack_moment, show_wall
from protocol.messages import PunchRow, Source
from protocol.signing import Signer, Verifier
from server.broker.authority import Authority
from server.broker.mosquitto import find_mosquitto
from server.fleet import actions as fleet
from tests.bench.machine import cpu_seconds, megabytes, scratch, start_server
from tests.bench.row import Row
from tests.support.company import NOW, TESTER
from tests.support.kits import issue_edge
from tests.support.light_edge import LightEdge
from tests.support.world import World

STEPS, SECONDS, SETTLING_SECONDS = (250, 500, 1000), 20, 3.0
CONNECTING_AT_ONCE = 20
PATIENCE_SECONDS = 120
BEGAN = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(days=1)


@dataclass(frozen=True)
class Fleet:
    """What the process of light edges has to know."""

    folder: Path
    port: int
    server: Verifier
    count: int


def run() -> list[Row]:
    brokers = ["amqtt", *(["mosquitto"] if find_mosquitto() else [])]
    return [row for broker in brokers for count in STEPS for row in _measure(broker, count)]


def _measure(broker: str, count: int) -> list[Row]:
    with scratch() as folder, World(folder, broker=broker, users=1) as world:
        _provision(world, count)
        start_server(world)
        processes = world.processes()
        watched = {"broker": processes["broker"], "worker": processes["ingest-1"]}
        fleet_of_edges = Fleet(folder, world.broker_port, Authority(world.settings.keys_dir).verifier(), count)
        with _edges(fleet_of_edges) as orders:
            before, began = {name: cpu_seconds(pid) for name, pid in watched.items()}, time.perf_counter()
            orders.send("send")
            slowest, sent = orders.recv(), count * SECONDS
            taken = time.perf_counter() - began
            used = {name: (cpu_seconds(pid) - before[name]) / taken for name, pid in watched.items()}
            memory = {name: megabytes(pid) for name, pid in watched.items()}
        assert sum(world.admitted().values()) == sent, f"{world.admitted()} of {sent}"
    note = f"{sent / taken:,.0f} punches/s, slowest receipt {slowest:.2f} s"
    return [
        Row(f"{name} ({broker}), {count:,} edges", used[name], "CPU s/s", "", None, None, None, f"{memory[name]:.0f} MB; {note}")
        for name in watched
    ]


@contextmanager
def _edges(one: Fleet) -> Iterator[Connection]:
    """The edges in a process of their own, all connected; they leave at the end."""
    ours, theirs = Pipe()
    process = get_context("spawn").Process(target=_be_the_edges, args=(one, theirs), daemon=True)
    process.start()
    theirs.close()  # should the process die, whoever waits for it is told
    try:
        assert ours.recv() == "connected"
        yield ours
        ours.send("leave")
        process.join(30)
    finally:
        process.kill()


def _provision(world: World, count: int) -> None:
    """One site, edges with a terminal each, and their certificates."""
    world.add_site("many")
    with world.database.writing() as uow:
        for number in range(count):
            fleet.add_edge(uow, _name(number), "many", _signer(number).verifier, TESTER, NOW)
            fleet.add_terminal(uow, _serial(number), _serial(number), "many", TESTER, NOW, edge=_name(number))
    with ProcessPoolExecutor() as pool:
        list(pool.map(_issue, [(world.settings.keys_dir, number, world.folder) for number in range(count)], chunksize=50))


def _issue(job: tuple[Path, int, Path]) -> None:
    keys, number, folder = job
    issue_edge(Authority(keys), _name(number), folder / _name(number))


def _name(number: int) -> EdgeId:
    return EdgeId(f"edge-{number:04}")


def _serial(number: int) -> str:
    return f"MANY{number:04}"


def _signer(number: int) -> Signer:
    return Signer.from_seed(sha256(b"%d" % number).digest())


# In the process of the edges ---------------------------------------------------------------------------------------------------------


def _be_the_edges(one: Fleet, orders: Connection) -> None:
    """Connect, say so; on the first order send, and say how it was; on the second one leave."""

    async def live() -> None:
        edges = await _connect(one)
        orders.send("connected")
        await asyncio.to_thread(orders.recv)
        slowest = await asyncio.gather(*(_send(edge, place / len(edges)) for place, edge in enumerate(edges)))
        orders.send(max(slowest))
        await asyncio.to_thread(orders.recv)
        for edge in edges:
            await edge.close()

    asyncio.run(live())


async def _connect(one: Fleet) -> list[LightEdge]:
    gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def connect(number: int) -> LightEdge:
        folder = one.folder / _name(number)
        context = ssl.create_default_context(cafile=folder / "ca.crt")
        context.load_cert_chain(folder / "edge.crt", folder / "edge.key")
        edge = LightEdge(_name(number), Epoch(os.urandom(16).hex()), _signer(number), one.server, os.urandom(16).hex())
        async with gate:
            await edge.connect(one.port, context)
        return edge

    edges = await asyncio.gather(*(connect(number) for number in range(one.count)))
    await asyncio.sleep(SETTLING_SECONDS)
    return edges


async def _send(edge: LightEdge, offset: float) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time() + offset
    sent_at: dict[int, float] = {}
    slowest, heard = 0.0, asyncio.Event()

    def marked(mark: int) -> None:
        nonlocal slowest
        for place in [place for place in sent_at if place <= mark]:
            slowest = max(slowest, loop.time() - sent_at.pop(place))
        if mark == SECONDS:
            heard.set()

    edge.on_mark = marked
    for place in range(SECONDS):
        await asyncio.sleep(began + place - loop.time())
        edge.append(_row(edge.edge, place))
        sent_at[place + 1] = loop.time()
        edge.send()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not heard.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(heard.wait(), RECEIPT_SECONDS)
                break
            edge.rewind()
    return slowest


def _row(edge: EdgeId, place: int) -> PunchRow:
    return PunchRow(
        terminal=edge.replace("edge-", "MANY"),
        user="1001",
        wall=show_wall(pack_moment(BEGAN + timedelta(seconds=place))),
        received_at=datetime.now(UTC),
        source=Source.ZK_LIVE,
        salt=os.urandom(16),
        verify=1,
        state=0,
        drift_ms=120,
        raw=os.urandom(40),
    )
