"""Whole hand-overs in one thread and without real time: both pure halves over a network, disks and a broker that fail.

    python -m tests.chaos.simulation --seed 17            one schedule, told step by step
    python -m tests.chaos.simulation --schedules 20000    many, beginning at --seed

A seed decides everything: who punches when, which kinds of fault there are in this schedule, and where they strike. Then the faults stop;
the hand-over must come to rest, and every punch that anybody still held must be at the server. Signatures are modelled by a flag, because
Ed25519 would cost more than all the rest: what was forged is dropped where the real sides check, everything replayed is genuine.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count
from random import Random

import msgspec

from edge.uplink.sender import (
    Alarm,
    Command,
    Held,
    Lower,
    Phase,
    ReadAgain,
    Reconnect,
    Release,
    RenewEpoch,
    SayHello,
    SendBatch,
    Sender,
    SendLive,
)
from protocol import chain
from protocol.identifiers import EdgeId, Epoch
from protocol.messages import Batch, Hello, Live, Message, Receipt, Refusal
from server.ingest.judge import EpochState, NothingNew, Refused, Taken, judge_batch, judge_hello

BATCH_ROWS = 4
TICK_SECONDS = 1.0
REST_SECONDS = 3000.0
"""Virtual time in which everything must be at rest once the faults have stopped; a quiet one needs less than 400."""
CLOCK = datetime(2026, 11, 23, tzinfo=UTC)


class BrokenPromiseError(AssertionError):
    """The hand-over did what it must never do; `seed` shows it again."""

    def __init__(self, seed: int, what: str) -> None:
        super().__init__(f"{what}\nshow it again: python -m tests.chaos.simulation --seed {seed}")
        self.seed = seed


@dataclass(frozen=True)
class Weather:
    """What may go wrong in one schedule: shares of messages, or mean seconds between two of a kind (None for never)."""

    lost: float
    doubled: float
    late: float
    longest_delay: float
    replayed: float | None
    forged: float | None
    cut: float | None
    edge_killed: float | None
    set_back: float | None
    server_killed: float | None
    restored: float | None
    cleared: float | None
    disk_full: float
    kept_seconds: float


def weather_of(chance: Random) -> Weather:
    """Each kind of fault in about half of the schedules: many kinds at once hide what two of them do."""

    def share(most: float) -> float:
        return chance.random() * most if chance.random() < 0.5 else 0.0

    def every(least: float, most: float, likely: float = 0.5) -> float | None:
        return chance.uniform(least, most) if chance.random() < likely else None

    return Weather(
        lost=share(0.4),
        doubled=share(0.3),
        late=share(0.4),
        longest_delay=chance.choice((1.0, 8.0, 40.0, 150.0)),
        replayed=every(1, 20),
        forged=every(3, 30),
        cut=every(5, 60),
        edge_killed=every(15, 90),
        set_back=every(30, 120),
        server_killed=every(10, 90),
        restored=every(30, 120),
        cleared=every(20, 100, 0.25),
        disk_full=share(0.3),
        kept_seconds=chance.choice((20.0, 60.0, 1e9)),
    )


CALM = Weather(0, 0, 0, 1, None, None, None, None, None, None, None, None, 0, 1e9)


# The world -----------------------------------------------------------------------------------------------------------------------------


class World:
    """The clock, the agenda, and everybody in it."""

    def __init__(self, seed: int, tell: Callable[[str], None] | None = None) -> None:
        self.seed, self.chance = seed, Random(seed)
        self.now = 0.0
        self.weather = weather_of(self.chance)
        self.strays = self.weather.late > 0
        self.seen: Counter[str] = Counter()
        self.tell = tell
        self._agenda: list[tuple[float, int, Callable[..., None], tuple[object, ...]]] = []
        self._order = count()
        self._numbers = count(1)
        self.server = Server(self)
        self.broker = Broker(self)
        self.edges = {name: Edge(self, EdgeId(name)) for name in ("site-a", "site-b")[: self.chance.choice((1, 1, 2))]}

    def run(self) -> Counter[str]:
        """One schedule from its first punch to its rest; gives how often what happened. Raises BrokenPromiseError."""
        for edge in self.edges.values():
            edge.start()
        self._plan_faults()
        self._go_on(until=self.chance.uniform(60, 240))
        self.weather = CALM
        self.note("calm")
        self.server.start()
        for edge in self.edges.values():
            edge.start()
        if self.seen["restored"]:  # an edge that has nothing to send hears of a restore only with its next line or row
            for edge in self.edges.values():
                edge.punch()
        self._rest()
        if self.seen["restored"] and self._order_re_reads():
            self._rest()
        self._check_everything()
        return self.seen

    def _rest(self) -> None:
        end = self.now + REST_SECONDS
        while not all(edge.at_rest() for edge in self.edges.values()):
            if self.now > end:
                self.fail("it does not come to rest")
            self._go_on(until=self.now + 5)

    def later(self, seconds: float, action: Callable[..., None], *values: object) -> None:
        heappush(self._agenda, (self.now + seconds, next(self._order), action, values))

    def every(self, seconds: float | None, action: Callable[[], None]) -> None:
        """Do it again and again at random, while the weather is bad."""
        if seconds is None:
            return

        def do() -> None:
            if self.weather is not CALM:
                action()
                self.later(self.chance.expovariate(1 / seconds), do)

        self.later(self.chance.expovariate(1 / seconds), do)

    def note(self, event: str, detail: object = "") -> None:
        self.seen[event] += 1
        if self.tell:
            self.tell(f"{self.now:8.2f}  {event}  {detail}")

    def hex32(self) -> str:
        """A new name that never comes twice, not even after a restart."""
        return f"{next(self._numbers):032x}"

    def fail(self, what: str) -> None:
        raise BrokenPromiseError(self.seed, what)

    def _go_on(self, until: float) -> None:
        while self._agenda and self._agenda[0][0] <= until:
            self.now, _, action, values = heappop(self._agenda)
            action(*values)
        self.now = until

    def _plan_faults(self) -> None:
        weather, server = self.weather, self.server
        self.every(weather.replayed, self.broker.replay)
        self.every(weather.forged, self.broker.forge)
        self.every(weather.server_killed, server.kill)
        self.every(15 if weather.restored else None, server.back_up)
        self.every(weather.restored, server.restore)
        for edge in self.edges.values():
            self.every(self.chance.choice((1.0, 3.0, 12.0)), edge.punch)
            self.every(weather.cut, edge.cut)
            self.every(weather.edge_killed, edge.kill)
            self.every(15 if weather.set_back else None, edge.take_image)
            self.every(weather.set_back, edge.set_back)
            self.every(weather.cleared, edge.clear_terminal)
            self.every(10, edge.tidy)

    def write_off(self, among: set[str] | None = None) -> None:
        """Punches that nobody holds any more: not the terminal, not an outbox, not the server. Only a disaster may do that.

        among: those a restore took from the server; nothing else may be gone when a terminal is cleared or an outbox tidied.
        """
        for edge in self.edges.values():
            gone = edge.punches - edge.terminal - edge.disk.identities() - self.server.rows.keys()
            edge.written_off |= gone if among is None else gone & among

    def _order_re_reads(self) -> list["Edge"]:
        """What people do after a restore: where an epoch was closed too, they order a full re-read of the edge's terminals.

        What had been released in the closed epoch is only in a file that was set aside, and no receipt tells that the server lost it. A
        hello from before the restore that comes after it can also have a hole recorded, and filled up behind, before the edge greets.
        """
        strayed = self.strays or self.seen["replayed"] or self.seen["set-back"]
        holes = {edge for (edge, _), known in self.server.epochs.items() if known.holes and strayed}
        ordered = [edge for edge in self.edges.values() if edge.renewals or edge.name in holes]
        for edge in ordered:
            self.note("re-read ordered", edge.name)
            edge.read_again()
            if edge.name in holes and self.seen["set-back"]:
                # Three disasters: a hello from before the disk was set back tells a restored server of rows that are gone, and this
                # disk has them again. They are recorded as a hole, kept here as released, and if the terminal was cleared too, only here.
                edge.written_off |= self.server.lost - edge.terminal
        return ordered

    def _check_everything(self) -> None:
        ever = {identity for edge in self.edges.values() for identity in edge.punches}
        if strange := self.server.rows.keys() - ever:
            self.fail(f"the server has what nobody punched: {sorted(strange)}")
        for edge in self.edges.values():
            if missing := edge.punches - self.server.rows.keys() - edge.written_off:
                self.fail(f"lost: {sorted(missing)}")
            state = self.server.epochs[edge.name, edge.disk.epoch].state
            if not edge.disk.mark <= edge.disk.high == state.mark:
                self.fail(f"{edge.name} ends with {edge.disk.high} rows and mark {edge.disk.mark}, the server with {state.mark}")
            if edge.disk.heads[-1] != state.head:
                self.fail(f"{edge.name} and the server end with different chains")
        self.server.check_chains()


# The edge ------------------------------------------------------------------------------------------------------------------------------


@dataclass
class Disk:
    """What is durable at an edge. `rows` and `heads` keep everything for the checks; what lies below `low` counts as deleted."""

    edge: EdgeId
    epoch: Epoch
    rows: list[bytes] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    low: int = 0
    mark: int = 0
    succeeds: bool = False
    known: set[str] = field(default_factory=set)
    released: list[tuple[float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.heads:
            self.heads.append(chain.genesis(self.edge, self.epoch))

    @property
    def high(self) -> int:
        return len(self.rows)

    def append(self, rows: Iterable[bytes]) -> None:
        for row in rows:
            self.rows.append(row)
            self.heads += chain.extend(self.heads[-1], [chain.digest(row)])
            self.known.add(identity_of(row))
        self.low = self.low or min(self.high, 1)

    def kept(self) -> list[bytes]:
        return self.rows[max(self.low - 1, 0) :]

    def identities(self) -> set[str]:
        return {identity_of(row) for row in self.kept()}

    def copy(self) -> "Disk":
        return replace(self, rows=[*self.rows], heads=[*self.heads], known={*self.known}, released=[*self.released])


def identity_of(row: bytes) -> str:
    """A row is "edge/punch/salt": the salt makes a row that is appended again another row of the same punch."""
    return row.decode().rpartition("/")[0][1:]


class Edge:
    """A terminal with its log, an outbox, and the sender with what `edge.uplink.agent` does for it."""

    def __init__(self, world: World, name: EdgeId) -> None:
        self.world, self.name = world, name
        self.punches: set[str] = set()
        self.terminal: set[str] = set()
        self.written_off: set[str] = set()
        self.disk = Disk(name, Epoch(world.hex32()))
        self.line = 0
        """Number of the present line to the broker; 0 when there is none."""
        self.renewals = 0
        self._images: list[Disk] = []
        self._sender = Sender(name)
        self._epoch = self.disk.epoch
        self._life = 0
        """Number of the running process; 0 when it does not run."""
        self._numbers = count(1)

    def at_rest(self) -> bool:
        return (
            self._sender.phase is Phase.SENDING
            and self._sender.told == self.disk.high == self.disk.mark
            and self.terminal <= self.disk.known
            and self.world.server.mark(self.name, self.disk.epoch) == self.disk.high
        )

    # What people and the world do to it

    def punch(self) -> None:
        """Somebody punches; now and then many do at once."""
        some = [f"{self.name}/{next(self._numbers)}" for _ in range(self.world.chance.choice((1, 1, 1, 1, 1, 1, 2, 12)))]
        self.punches.update(some)
        self.terminal.update(some)
        if self._life:
            self._append(some, fresh=len(some))

    def start(self) -> None:
        """The process begins, if it does not run: it reads the terminal, in the terminal's own order, and connects."""
        if self._life:
            return
        self._life = int(self.world.hex32(), 16)
        self._sender, self._epoch = Sender(self.name), self.disk.epoch
        self.world.note("edge-starts", f"{self.name} rows {self.disk.high} mark {self.disk.mark}")
        self._read_terminal()
        self._soon(self._connect)
        self._soon(self._tick)

    def kill(self) -> None:
        """The process ends between any two steps. What was committed stays."""
        if self._life:
            self.world.note("edge-killed", self.name)
            self._life, self.line = 0, 0
            self.world.later(self.world.chance.uniform(0, 10), self.start)

    def take_image(self) -> None:
        self._images.append(self.disk.copy())

    def set_back(self) -> None:
        """Somebody puts an older image of the disk back; the terminal fills the same numbers with other rows."""
        if not self._images:
            return
        self.kill()
        self.disk = self.world.chance.choice(self._images).copy()
        self.world.note("set-back", f"{self.name} to {self.disk.epoch[-4:]} rows {self.disk.high} mark {self.disk.mark}")
        self.world.write_off()

    def clear_terminal(self) -> None:
        """Its log was full and was emptied after reading."""
        if self._life:
            self.world.note("cleared", self.name)
            self._read_terminal()
            self.terminal.clear()
            self.world.write_off(self.world.server.lost)

    def tidy(self) -> None:
        """Delete rows that were released long ago; never the one at the mark."""
        disk, before = self.disk, self.world.now - self.world.weather.kept_seconds
        upto = min(max((mark for at, mark in disk.released if at <= before), default=0), disk.mark - 1)
        if self._life and disk.low and upto >= disk.low:
            self.world.note("tidied", f"{self.name} up to {upto}")
            disk.low = upto + 1
            self.world.write_off(self.world.server.lost)

    def cut(self) -> None:
        if self.line:
            self.world.note("cut", self.name)
            self.line = 0
            self._soon(self._line_down)

    def read_again(self) -> None:
        """Everything of the terminal is appended once more, whatever was known of it."""
        self.disk.known.clear()
        self._read_terminal()

    # Its process

    def _soon(self, action: Callable[..., None], *values: object) -> None:
        """Do it in a moment, unless the process has ended by then."""
        life = self._life

        def do() -> None:
            if self._life == life:
                action(*values)

        self.world.later(self.world.chance.random() * 0.2, do)

    def _read_terminal(self) -> None:
        unknown = sorted(self.terminal - self.disk.known)
        self.world.chance.shuffle(unknown)
        self._append(unknown, fresh=0)

    def _append(self, punches: Sequence[str], fresh: int) -> None:
        rows = [f'"{identity}/{self.world.hex32()[-6:]}"'.encode() for identity in punches if identity not in self.disk.known]
        if rows:
            self.disk.append(rows)
            self.world.note("appended", f"{self.name} up to {self.disk.high}")
            self._soon(lambda: self._do(self._sender.appended(self.disk.high, min(fresh, self.disk.high), self.world.now)))

    def _connect(self) -> None:
        if self._life and not self.line:
            self.line = int(self.world.hex32(), 16)
            self._greet()

    def _line_down(self) -> None:
        if self.line:  # a new one is there already, and was greeted on
            return
        self._do(self._sender.disconnected())
        self.world.later(self.world.chance.uniform(0, 5), self._soon, self._connect)

    def _greet(self) -> None:
        self._do(self._sender.connected(self._held(), self.world.hex32(), self.world.now, self.world.chance.random()))

    def _held(self) -> Held:
        disk = self.disk
        self._epoch = disk.epoch
        return Held(disk.epoch, disk.low, disk.high, disk.mark, disk.succeeds)

    def _tick(self) -> None:
        self._do(self._sender.tick(self.world.now, self.world.chance.random()))
        life = self._life
        self.world.later(TICK_SECONDS, lambda: self._life == life and self._tick())

    def hear(self, receipt: Receipt) -> None:
        """A receipt whose signature was good."""
        if self._life and self.line:
            head = self.disk.heads[receipt.mark] if max(self.disk.low, 1) <= receipt.mark <= self.disk.high else None
            self._do(self._sender.received(receipt, head, self.world.now, self.world.chance.random()))

    def _do(self, commands: Iterable[Command]) -> None:
        queue = list(commands)
        while queue:
            command = queue.pop(0)
            if isinstance(command, Release | Lower | RenewEpoch | SendBatch) and self.world.chance.random() < self.world.weather.disk_full:
                self.world.note("disk-failed", f"{self.name} {command}")
                if not isinstance(command, RenewEpoch):
                    self.cut()
                return
            queue += self._carry_out(command)

    def _carry_out(self, command: Command) -> Iterable[Command]:
        world = self.world
        if world.tell:
            world.tell(f"{world.now:8.2f}      {self.name}: {command}")
        match command:
            case SayHello(nonce):
                self._publish(self._hello(nonce))
            case SendBatch(first):
                last = min(first + BATCH_ROWS - 1, self.disk.high)
                if first < self.disk.low:
                    self.cut()
                elif self.line and last >= first and self.disk.epoch == self._epoch:
                    self._publish(self._batch(first, last))
                    return self._sender.sent(first, last, world.now, world.chance.random())
            case SendLive(first, last):
                world.note("live")
                self._publish(Live(edge=self.name, epoch=self._epoch, first=first, rows=self._rows(first, last)))
            case Release(mark):
                self._release(mark)
            case Lower(mark):
                world.note("lowered", f"{self.name} to {mark}")
                self._move_mark(mark)
            case RenewEpoch(reason):
                self._renew(reason)
                nonce = world.hex32() if self.line else None
                return self._sender.renewed(self._held(), nonce, world.now, world.chance.random())
            case ReadAgain():
                world.note("read-again", self.name)
                self.read_again()
            case Reconnect():
                self.cut()
            case Alarm(code):
                world.seen[f"alarm {code}"] += 1
        return ()

    def _hello(self, nonce: str) -> Hello:
        disk = self.disk
        self._sender.said(self._held())
        return Hello(
            edge=self.name,
            epoch=disk.epoch,
            low=disk.low,
            high=disk.high,
            low_head=disk.heads[max(disk.low - 1, 0)],
            high_head=disk.heads[-1],
            acknowledged=disk.mark,
            version="0.1.0",
            clock=CLOCK,
            nonce=nonce,
        )

    def _batch(self, first: int, last: int) -> Batch:
        heads = self.disk.heads
        rows = self._rows(first, last)
        return Batch(edge=self.name, epoch=self._epoch, first=first, last=last, previous_head=heads[first - 1], head=heads[last], rows=rows)

    def _rows(self, first: int, last: int) -> list[msgspec.Raw]:
        if first < self.disk.low:
            self.world.fail(f"{self.name} would send row {first}, which it has deleted")
        return [msgspec.Raw(row) for row in self.disk.rows[first - 1 : last]]

    def _publish(self, message: Message) -> None:
        if self.line:
            self.world.broker.up(message)

    def _release(self, mark: int) -> None:
        """The promise itself: what may be deleted is at the server, or was until it was restored to an older day."""
        if mark > self.disk.high:
            self.world.fail(f"{self.name} releases {mark} of {self.disk.high} rows")
        server = self.world.server
        for row in self.disk.rows[max(self.disk.low, 1) - 1 : mark]:
            identity = identity_of(row)
            if identity not in server.rows and identity not in server.lost:
                self.world.fail(f"{self.name} releases {identity}, which the server never had")
        self._move_mark(mark)

    def _move_mark(self, mark: int) -> None:
        disk = self.disk
        disk.mark = mark
        disk.released = [(at, min(one, mark)) for at, one in disk.released] + [(self.world.now, mark)]

    def _renew(self, reason: str) -> None:
        self.world.note("renewed", f"{self.name} {reason}")
        self.renewals += 1
        old = self.disk
        self.disk = Disk(self.name, Epoch(self.world.hex32()), succeeds=True, known=old.known)
        self.disk.append(old.rows[old.mark :])
        self.world.write_off(self.world.server.lost)  # what had been released is only in the file that was set aside


# Between them --------------------------------------------------------------------------------------------------------------------------


class Broker:
    """Acknowledges everything and then does what it likes with it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._heard: list[Message] = []

    def up(self, message: Message) -> None:
        self._heard.append(message)
        self._carry(lambda: self.world.server.hear(message))

    def down(self, receipt: Receipt) -> None:
        self._heard.append(receipt)
        edge = self.world.edges[receipt.edge]
        self._carry(lambda: edge.hear(receipt))

    def replay(self) -> None:
        """Genuine messages from any time before, to where they belong."""
        for message in self.world.chance.sample(self._heard, min(len(self._heard), self.world.chance.randint(1, 5))):
            self.world.note("replayed", type(message).__name__)
            if isinstance(message, Receipt):
                self.world.edges[message.edge].hear(message)
            else:
                self.world.server.hear(message)

    def forge(self) -> None:
        """Messages in others' names. Without their keys they cannot pass: both sides drop them before their machines see them."""
        edge = self.world.chance.choice(list(self.world.edges.values()))
        self.world.note("forged")
        receipt = Receipt(edge=edge.name, epoch=edge.disk.epoch, mark=edge.disk.high, session="f" * 32)
        edge.hear(receipt)  # signed in earnest by nobody, so its session is one that was never opened

    def _carry(self, deliver: Callable[[], None]) -> None:
        weather, chance = self.world.weather, self.world.chance
        if chance.random() < weather.lost:
            self.world.seen["lost"] += 1
            return
        for _ in range(2 if chance.random() < weather.doubled else 1):
            late = chance.random() < weather.late
            self.world.later(chance.random() * weather.longest_delay if late else 0.05, deliver)


# The server ----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EpochRow:
    """An epoch as stored; its evidence is (first, last, head before, digests) of each stretch taken; holes are (first, last)."""

    state: EpochState
    taken: tuple[tuple[int, int, bytes, tuple[bytes, ...]], ...] = ()
    holes: tuple[tuple[int, int, bytes], ...] = ()


class Server:
    """The judge with a store that commits whole transactions, and a backup."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rows: dict[str, bytes] = {}
        """By identity, as the unique constraint keeps them."""
        self.epochs: dict[tuple[EdgeId, Epoch], EpochRow] = {}
        self.lost: set[str] = set()
        """What a restore ever took away."""
        self._backups: list[tuple[dict[str, bytes], dict[tuple[EdgeId, Epoch], EpochRow]]] = [({}, {})]
        self._queue: list[Message] = []
        self._busy = False
        self._life = 1

    def mark(self, edge: EdgeId, epoch: Epoch) -> int:
        found = self.epochs.get((edge, epoch))
        return found.state.mark if found else 0

    def hear(self, message: Message) -> None:
        """A message whose signature was good; the broker keeps it while the worker is away."""
        self._queue.append(message)
        self._wake()

    def start(self) -> None:
        if not self._life:
            self.world.note("server-starts")
            self._life = int(self.world.hex32(), 16)
            self._busy = False
            self._wake()

    def kill(self) -> None:
        """At any moment: before the commit, or between the commit and the receipts."""
        if self._life:
            self.world.note("server-killed")
            self._life = 0
            if self.world.chance.random() < 0.5:
                self._queue.clear()
            self.world.later(self.world.chance.uniform(0, 30), self.start)

    def back_up(self) -> None:
        self._backups.append((dict(self.rows), dict(self.epochs)))

    def restore(self) -> None:
        """Back to any earlier day, while messages and receipts are on their way."""
        self.kill()
        rows, epochs = self.world.chance.choice(self._backups[-8:])
        self.world.note("restored", f"{len(self.rows)} rows become {len(rows)}")
        self.lost |= self.rows.keys() - rows.keys()
        self.rows, self.epochs = dict(rows), dict(epochs)
        self.world.write_off()

    def _wake(self) -> None:
        if self._life and self._queue and not self._busy:
            self._busy = True
            self.world.later(self.world.chance.random() * 0.1, self._take, self._life)

    def _take(self, life: int) -> None:
        """One transaction of several messages; the receipts leave after its commit, unless the worker dies between the two."""
        if life != self._life:
            return
        some, self._queue = self._queue[:6], self._queue[6:]
        rows, epochs, answers = dict(self.rows), dict(self.epochs), {}
        for message in some:
            self._judge(message, rows, epochs, answers)
        self.rows, self.epochs = rows, epochs
        self.world.later(self.world.chance.random() * 0.1, self._tell, life, list(answers.values()))

    def _tell(self, life: int, answers: list[Receipt]) -> None:
        if life != self._life:
            self.world.seen["died before the receipt"] += 1
            return
        self._busy = False
        for receipt in answers:
            if self.world.tell:
                self.world.tell(f"{self.world.now:8.2f}      server: mark {receipt.mark} {receipt.refusal or ''} for {receipt.edge}")
            self.world.broker.down(receipt)
        self._wake()

    def _judge(
        self,
        message: Message,
        rows: dict[str, bytes],
        epochs: dict[tuple[EdgeId, Epoch], EpochRow],
        answers: dict[tuple[EdgeId, Epoch], Receipt],
    ) -> None:
        key = (message.edge, message.epoch)
        known = epochs.get(key)
        refusal = None
        match message:
            case Hello():
                welcome = judge_hello(known.state if known else None, message)
                refusal, gone = welcome.refusal, welcome.hole
                known = replace(known, state=welcome.state) if known else EpochRow(welcome.state)
                if gone:
                    self.world.note("hole", f"{message.edge} {gone.first} to {gone.last}")
                    known = replace(known, holes=(*known.holes, (gone.first, gone.last, welcome.state.head)))
            case Live():
                if known:
                    rows |= {identity_of(bytes(row)): bytes(row) for row in message.rows if identity_of(bytes(row)) not in rows}
                return
            case _ if known is None:
                return
            case Batch():
                match judge_batch(known.state, message):
                    case Taken() as taken:
                        for row in taken.rows:
                            rows.setdefault(identity_of(row), row)
                        digests = tuple(chain.digest(row) for row in taken.rows)
                        stretch = (taken.first, taken.state.mark, known.state.head, digests)
                        known = replace(known, state=taken.state, taken=(*known.taken, stretch))
                    case Refused(refusal, _, state):
                        self.world.note("refused", f"{message.edge} {refusal}")
                        if refusal is not Refusal.EPOCH_REFUSED:
                            self.world.fail(f"{refusal} for an honest edge")
                        known = replace(known, state=state or known.state)
                    case NothingNew(is_gap):
                        self.world.seen["gap" if is_gap else "repeat"] += 1
        epochs[key] = known
        before = answers.get(key)
        if refusal is None and before is not None:
            refusal = before.refusal
        state = known.state
        answers[key] = Receipt(edge=state.edge, epoch=state.epoch, mark=state.mark, session=state.session, refusal=refusal, head=state.head)

    def check_chains(self) -> None:
        """Every epoch's evidence leads without a gap and without an overlap from its first row to its mark, holes included."""
        for (edge, epoch), known in self.epochs.items():
            head, mark = chain.genesis(edge, epoch), 0
            stretches = [*known.taken, *((first, last, None, (after,)) for first, last, after in known.holes)]
            for first, last, previous_head, digests in sorted(stretches, key=lambda one: one[0]):
                if first != mark + 1:
                    self.world.fail(f"epoch {epoch}: rows {mark} and {first} are neighbours")
                if previous_head is None:
                    head = digests[0]
                elif previous_head != head or len(digests) != last - first + 1:
                    self.world.fail(f"epoch {epoch}: row {first} does not continue the chain")
                else:
                    head = chain.extend(head, digests)[-1]
                mark = last
            if (mark, head) != (known.state.mark, known.state.head):
                self.world.fail(f"epoch {epoch}: the evidence ends at {mark}, the mark is {known.state.mark}")


# Many ----------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Summary:
    """How many schedules in how long, and how often what happened in them."""

    schedules: int
    seconds: float
    seen: Counter[str]

    def __str__(self) -> str:
        happened = ", ".join(f"{name} {number}" for name, number in sorted(self.seen.items()))
        return f"{self.schedules} schedules, {self.schedules / self.seconds * 60:,.0f} a minute: {happened}"


def run_many(first_seed: int, schedules: int) -> Summary:
    """Raises BrokenPromiseError at the first seed that breaks a promise."""
    began, seen = time.perf_counter(), Counter()
    for seed in range(first_seed, first_seed + schedules):
        seen += World(seed).run()
    return Summary(schedules, time.perf_counter() - began, seen)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.simulation", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="the one schedule to show, or the first of many")
    parser.add_argument("--schedules", type=int, help="how many to run, without telling their steps")
    asked = parser.parse_args(arguments)
    try:
        if asked.schedules is None:
            print(f"{World(asked.seed, print).run()}")
        else:
            print(run_many(asked.seed, asked.schedules))
    except BrokenPromiseError as error:
        print(f"seed {error.seed}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
