"""A storm: terminals with a past and live punches, while a seed decides what is hit, how and when.

After it everything is brought back, the terminals stop punching, and `proof.prove` looks at what is there.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGCONT

from cryptography import x509

from clockbridge.demo.counting import ask_terminal
from protocol.identifiers import EdgeId
from server.broker.authority import CLIENT_DAYS, Authority
from server.broker.mosquitto import find_mosquitto
from tests.chaos import set_clock, small_disk
from tests.chaos.blows import Field, Stroke, strike, strokes_of
from tests.chaos.fault_proxy import FaultProxy
from tests.chaos.lying_broker import Lies, LyingBrokerInThread, tls_of
from tests.chaos.proof import Proof, prove, require_no_release_before_commit
from tests.chaos.set_clock import SetClock
from tests.chaos.small_disk import SmallDisk
from tests.support.kits import issue_edge
from tests.support.postgres import running_postgres
from tests.support.world import World

SETTLE_SECONDS = 300.0
EDGE_MEGABYTES, SERVER_MEGABYTES = 256, 512
SMALL_LIES = Lies(drop=0.04, repeat=0.2, delay=0.3, garble=0.04, replay=0.2, forge=0.1, longest_delay_seconds=0.5)
"""Each lie costs a receipt's time-out; with many more a storm would take an hour."""
ALWAYS = """
kill part, kill part, kill part, kill edge, kill edge, kill terminal, kill server,
freeze part, freeze edge, freeze terminal, cut, deafen, spoil, set terminal back, set outbox back, restart terminal
""".strip().replace("\n", " ").split(", ")  # fmt: skip
ON_POSTGRESQL = ["kill database", "kill database", "kill database", "freeze database"]
ON_SMALL_DISKS = ["fill disk", "fill disk", "fill disk"]
BY_SET_CLOCKS = ["set clock back", "set clock back"]


@dataclass(frozen=True)
class Plan:
    """What a seed stands for. punches: of each terminal's past. pause: seconds between two blows, shortest and longest.

    broker: also `lying`, which is ours. database: `sqlite`, or a `postgresql` of its own that is hit as well. small_disks: the edges'
    outboxes and the server's data lie on disks that get full (root only). set_clocks: edges and server live by clocks that are set back
    (faketime).
    """

    seed: int
    blows: int
    punches: int = 2000
    rate: float = 5
    terminals: int = 2
    broker: str = "amqtt"
    workers: int = 1
    pause: tuple[float, float] = (0.2, 1.2)
    database: str = "sqlite"
    small_disks: bool = False
    set_clocks: bool = False
    certificate_seconds: float | None = None
    """The edges' certificates end so soon after they were made, in the middle of the backlog; they are renewed when the storm is over."""

    @property
    def kinds(self) -> list[str]:
        """Names of its blows; one that stands there twice comes twice as often."""
        kinds = list(ALWAYS)
        kinds += ON_POSTGRESQL if self.database == "postgresql" else []
        kinds += ON_SMALL_DISKS if self.small_disks else []
        kinds += BY_SET_CLOCKS if self.set_clocks else []
        return kinds

    def strokes(self) -> list[Stroke]:
        """All of its blows in their order, always the same ones."""
        return strokes_of(self.seed, self.blows, self.pause, self.kinds)

    @property
    def left_out(self) -> list[str]:
        """Why this machine cannot have all of it; empty when it can."""
        wanted = (
            (self.small_disks, small_disk.why_not()),
            (self.set_clocks, set_clock.why_not()),
            (self.broker == "mosquitto", None if find_mosquitto() else "mosquitto is not installed"),
        )
        return [reason for is_wanted, reason in wanted if is_wanted and reason]

    def here(self) -> "Plan":
        """As much of it as this machine can have."""
        return replace(
            self,
            small_disks=self.small_disks and not small_disk.why_not(),
            set_clocks=self.set_clocks and not set_clock.why_not(),
            broker="amqtt" if self.broker == "mosquitto" and not find_mosquitto() else self.broker,
        )


@dataclass(frozen=True)
class Outcome:
    """What happened and what was proven."""

    plan: Plan
    blows: Counter
    lies: dict[str, int]
    proof: Proof
    seconds: float

    @property
    def kills(self) -> int:
        return sum(count for name, count in self.blows.items() if name.startswith("kill"))


def rage(plan: Plan, folder: Path, tell: Callable[[str], None] = lambda text: None) -> Outcome:
    """Run one storm and prove; raises AssertionError with the seed in it."""
    began = time.monotonic()
    with _field_of(plan, folder) as (field, broker):
        world = field.world
        if plan.certificate_seconds is not None:
            _issue(world, plan.certificate_seconds)
        world.start()
        world.until(lambda: all(world.held().values()), "terminals up")
        blows: Counter = Counter()
        try:
            for number, stroke in enumerate(plan.strokes(), 1):
                time.sleep(stroke.pause)
                require_no_release_before_commit(world)
                field.look_after()
                name = strike(field, stroke)
                blows[name] += 1
                tell(f"{number}/{plan.blows} {name}")
            field.calm()
            if plan.certificate_seconds is not None:
                _outlive_certificates(field)
            if broker:
                broker.be_honest()
            set_back = bool(blows["set outbox back"])
            _settle(field, world.is_equal if set_back else world.is_settled)
            proof = prove(world, set_back=set_back)
        except AssertionError as error:
            error.args = (f"seed {plan.seed}: {error}",)
            raise
        return Outcome(plan, blows, dict(broker.told) if broker else {}, proof, time.monotonic() - began)


@contextmanager
def _field_of(plan: Plan, folder: Path) -> Iterator[tuple[Field, LyingBrokerInThread | None]]:
    with ExitStack() as stack:
        database = stack.enter_context(running_postgres(("max_connections=100",))) if plan.database == "postgresql" else None
        if database:
            database.run("CREATE DATABASE storm")
        disks = {}
        if plan.small_disks:
            disks["server"] = stack.enter_context(SmallDisk(folder / "data", SERVER_MEGABYTES))
        is_lying = plan.broker == "lying"
        world = World(
            folder,
            broker="external" if is_lying else plan.broker,
            workers=plan.workers,
            database_url=database.url("storm") if database else "",
        )
        lying = LyingBrokerInThread(SMALL_LIES, plan.seed, tls_of(world), world.broker_port) if is_lying else nullcontext()
        broker = stack.enter_context(lying)
        proxy = stack.enter_context(FaultProxy(world.broker_port, plan.seed))
        for name in ("edge-a", "edge-b") if plan.small_disks else ():
            disks[name] = stack.enter_context(SmallDisk(folder / f"{name}.disk", EDGE_MEGABYTES))
        stack.enter_context(world)
        _build(world, plan, proxy.port)
        for name, site in world.sites.items() if plan.small_disks else ():
            (site.kit.parent / "data").symlink_to(disks[name].folder)
        parts = [*([] if is_lying else ["broker"]), *(f"ingest-{number}" for number in range(1, plan.workers + 1))]
        yield Field(world, proxy, parts, database, disks, _clocks(world) if plan.set_clocks else {}), broker


def _clocks(world: World) -> dict[str, SetClock]:
    clocks = {}
    for name, part in (("server", world.server), *((name, site.part) for name, site in world.sites.items())):
        clocks[name] = SetClock(world.folder / f"{name}.clock")
        part.environment = clocks[name].environment
    return clocks


def _build(world: World, plan: Plan, port: int) -> None:
    for place, edge in enumerate(("edge-a", "edge-b")):
        site = world.add_site(edge, port)
        for number in range(plan.terminals // 2 + plan.terminals % 2 * (1 - place)):
            transport = "udp" if number % 3 == 2 else "tcp"
            layout = ("40", "16", "49")[number % 3]
            options = ("--record-size", layout, "--seed", plan.seed * 10 + number)
            world.add_terminal(
                site, f"STORM{edge[-1].upper()}{number}", punches=plan.punches, rate=plan.rate, transport=transport, options=options
            )


def _issue(world: World, seconds: float | None = None) -> None:
    """New certificates for all edges; ending in `seconds`, or as they usually do."""
    made_at = None if seconds is None else datetime.now(UTC) - timedelta(days=CLIENT_DAYS) + timedelta(seconds=seconds)
    for name, site in world.sites.items():
        issue_edge(Authority(world.settings.keys_dir), EdgeId(name), site.kit.parent, now=made_at)


def _outlive_certificates(field: Field) -> None:
    """The certificates have ended: no edge comes in, whatever it holds. With new ones, and without a restart, they do."""
    world = field.world
    ends = x509.load_pem_x509_certificate((next(iter(world.sites.values())).kit.parent / "edge.crt").read_bytes()).not_valid_after_utc
    time.sleep(max((ends - datetime.now(UTC)).total_seconds() + 1, 0))
    field.proxy.cut(0.2)
    time.sleep(3)
    before = world.admitted()
    time.sleep(2)
    assert world.admitted() == before, "an edge came in with a certificate that had ended"
    _issue(world)


def _settle(field: Field, is_there: Callable[[], bool]) -> None:
    """Everything works again and nobody punches; wait until all is there."""
    world = field.world
    for part in (world.server, *(site.part for site in world.sites.values())):
        assert part.running, f"{part.name} gave up by itself: {part.last_words()}"
    for name in world.processes():
        with suppress(OSError):
            world.signal(name, SIGCONT)
    for site in world.sites.values():
        for part in site.simulators.values():
            part.start()
    world.until(lambda: all(ask_terminal(port, "rate 0") for site in world.sites.values() for port in site.controls.values()), "doors open")
    world.until(is_there, "equal counts", SETTLE_SECONDS)
    for site in world.sites.values():
        site.part.stop()
