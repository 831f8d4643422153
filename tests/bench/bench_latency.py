"""One punch at a time through a whole quiet installation: from the terminal's event to the server's commit, and to an open live board.

Beside it, in the same run and in turns, one message through the same broker from one client to another.
"""

import random
import socket
import sqlite3
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import httpx2

from protocol.identifiers import EdgeId
from protocol.topics import Encoding, down, edge_filter
from server.access import actions as access
from server.access.model import Role as AccountRole, SignedIn
from server.broker.authority import Authority, Bundle, Role, tool_name
from tests.bench.machine import percentile, scratch, start_server, until
from tests.bench.row import Row
from tests.support import mqtt
from tests.support.company import TESTER
from tests.support.kits import issue_edge
from tests.support.world import World

PUNCHES, FIRST_USER = 200, 1001
GOAL_MS, BOARD_GOAL_MS = 250, 1000
SERIAL, ECHO = "QUICK1", EdgeId("edge-echo")


def run() -> list[Row]:
    with scratch() as folder, World(folder, broker="amqtt", users=PUNCHES, web=1) as world:
        site = world.add_site("edge-quick")
        world.add_terminal(site, SERIAL)
        site.simulators[SERIAL].start()
        start_server(world)
        site.part.start()
        listening = f'"{SERIAL}"', '"listening"'
        status = site.kit.parent / "data" / "status.json"
        until(lambda: status.exists() and all(word in status.read_text() for word in listening), "the edge listens to its terminal", 60)
        with Echo(world) as echo, _open_board(world) as seen:
            punched, commits, trips = _punch(world, echo)
            until(lambda: len(seen) == PUNCHES, "all on the board", 30)
    boards = [(seen[user] - at) * 1000 for user, at in punched.items()]
    commit, trip, board = (percentile(values, 0.99) for values in (commits, trips, boards))
    half = f"half of them within {percentile(commits, 0.5):.0f} ms"
    halves = f"half of them within {percentile(boards, 0.5):.0f} ms"
    return [
        Row(f"a punch at the terminal to the server's commit, p99 of {PUNCHES}", commit, "ms", "goal", GOAL_MS, GOAL_MS / commit, 1, half),
        Row(
            "one message through the same broker, p99",
            trip,
            "ms",
            "",
            None,
            None,
            None,
            f"half of them within {percentile(trips, 0.5):.1f} ms",
        ),
        Row("a punch at the terminal to the live board, p99", board, "ms", "goal", BOARD_GOAL_MS, BOARD_GOAL_MS / board, 1, halves),
    ]


def _punch(world: World, echo: "Echo") -> tuple[dict[int, float], list[float], list[float]]:
    """When each user punched, and milliseconds to the commit and of one broker round trip."""
    chance = random.Random(7)
    punched, commits, trips = {}, [], []
    with closing(sqlite3.connect(world.settings.database_file, isolation_level=None)) as database:
        for user in range(FIRST_USER, FIRST_USER + PUNCHES):
            trips.append(echo.trip() * 1000)
            punched[user] = time.perf_counter()
            world.ask(SERIAL, f"punch {user}")
            while not database.execute("SELECT 1 FROM punch WHERE terminal_user = ?", (str(user),)).fetchone():
                assert time.perf_counter() < punched[user] + 30, "the punch did not come"
                time.sleep(0.001)
            commits.append((time.perf_counter() - punched[user]) * 1000)
            time.sleep(chance.uniform(0.02, 0.25))  # out of step with whatever looks at intervals
    return punched, commits, trips


class Echo:
    """Two clients of the broker that are nobody else: what the first one sends, the second one hears."""

    def __init__(self, world: World) -> None:
        self._port, self._authority, self._folder = world.broker_port, Authority(world.settings.keys_dir), world.folder / "echo"
        self._number = 0

    def __enter__(self):
        sender, hearer = self._authority.tool("bench", Role.INGEST), issue_edge(self._authority, ECHO, self._folder)
        self._sends, self._hears = self._connect(tool_name("bench"), sender), self._connect(ECHO, hearer)
        self._hears.sendall(mqtt.subscribe(1, edge_filter(ECHO)))
        assert _read(self._hears)[0] == mqtt.SUBACK
        return self

    def __exit__(self, *_):
        self._sends.close()
        self._hears.close()

    def trip(self) -> float:
        """Seconds of one message of a punch's size, at QoS 1."""
        self._number += 1
        started = time.perf_counter()
        self._sends.sendall(mqtt.publish(self._number, down(ECHO, "order", Encoding.JSON), bytes(600)))
        kind, flags, body = _read(self._hears)
        taken = time.perf_counter() - started
        assert kind == mqtt.PUBLISH
        self._hears.sendall(mqtt.take_publish(flags, body)[1])
        assert _read(self._sends)[0] == mqtt.PUBACK
        return taken

    def _connect(self, name: str, bundle: Bundle) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=bundle.authority)
        context.load_cert_chain(bundle.certificate, bundle.key)
        plain = socket.create_connection(("127.0.0.1", self._port), 10)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = context.wrap_socket(plain, server_hostname="localhost")
        line.sendall(mqtt.connect(name, keep_alive_seconds=600))
        assert _read(line)[0] == mqtt.CONNACK
        return line


@contextmanager
def _open_board(world: World) -> Iterator[dict[int, float]]:
    """A signed-in reader of the live board: when each user was first on it."""
    address = f"http://127.0.0.1:{world.web_port}"
    seen: dict[int, float] = {}
    opened, over = threading.Event(), threading.Event()

    def read() -> None:
        try:
            with httpx2.stream("GET", f"{address}/board/events", cookies={"session": _session(world)}, timeout=60) as answer:
                assert answer.status_code == 200, answer.status_code
                for line in answer.iter_lines():
                    opened.set()
                    at = time.perf_counter()
                    _, found, rest = line.partition("员工")
                    if found:
                        seen.setdefault(int(rest[:4]), at)
        except httpx2.TransportError:
            if not over.is_set():  # else the server has ended, and the board with it
                raise

    until(lambda: _answers(address), "the pages", 60)
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    assert opened.wait(30), "the board does not open"
    try:
        yield seen
    finally:
        over.set()


def _session(world: World) -> str:
    """The cookie of an account that may see the board."""
    password = access.generate_password()
    hashed, now = access.hash_password(password), datetime.now(UTC)
    with world.database.writing() as uow:
        access.create_account(uow, "reader", "reader", hashed, frozenset({AccountRole.ADMINISTRATOR}), TESTER, now, must_change=False)
    found = access.sign_in(world.database, "reader", password, "127.0.0.1", "", now)
    assert isinstance(found, SignedIn)
    return found.token


def _answers(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/sign-in").status_code == 200
    except httpx2.TransportError:
        return False


def _read(line: ssl.SSLSocket) -> tuple[int, int, bytes]:
    """One packet."""
    head = _take(line, 1)[0]
    length = shift = 0
    while True:
        digit = _take(line, 1)[0]
        length |= (digit & 127) << shift
        shift += 7
        if digit < 128:
            return head >> 4, head & 15, _take(line, length)


def _take(line: ssl.SSLSocket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = line.recv(length - len(data))
        if not more:
            raise ConnectionResetError("the broker hung up")
        data += more
    return data
