"""A storm: terminals with a past and live punches, while a seed decides what is killed, frozen or cut off, and when.

After it everything is brought back, the terminals stop punching, and `proof.prove` looks at what is there.
"""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from clockbridge.demo.counting import ask_terminal
from protocol.identifiers import EdgeId
from server.broker.authority import CLIENT_DAYS, Authority
from tests.chaos.fault_proxy import FaultProxy
from tests.chaos.proof import Proof, prove
from tests.support.world import World

SETTLE_SECONDS = 240.0
FROZEN_SECONDS = (0.3, 2.5)


@dataclass(frozen=True)
class Plan:
    """What a seed stands for. punches: of each terminal's past. pause: seconds between two blows, shortest and longest."""

    seed: int
    blows: int
    punches: int = 2000
    rate: float = 5
    terminals: int = 2
    broker: str = "amqtt"
    workers: int = 1
    pause: tuple[float, float] = (0.2, 1.2)
    database_url: str = ""
    certificate_seconds: float | None = None
    """The edges' certificates end so soon after they were made, in the middle of the backlog; they are renewed when the storm is over."""


@dataclass(frozen=True)
class Outcome:
    """What happened and what was proven."""

    plan: Plan
    blows: Counter
    proof: Proof
    seconds: float

    @property
    def kills(self) -> int:
        return sum(count for name, count in self.blows.items() if name.startswith("kill"))


def rage(plan: Plan, folder: Path, tell: Callable[[str], None] = lambda text: None) -> Outcome:
    """Run one storm and prove; raises AssertionError with the seed in it."""
    began = time.monotonic()
    chance = random.Random(plan.seed)
    world = World(folder, broker=plan.broker, workers=plan.workers, database_url=plan.database_url)
    with world, FaultProxy(world.broker_port, plan.seed) as proxy:
        _build(world, plan, proxy.port)
        if plan.certificate_seconds is not None:
            _issue(world, plan.certificate_seconds)
        world.start()
        world.until(lambda: all(world.held().values()), "terminals up")
        blows: Counter = Counter()
        for number in range(plan.blows):
            time.sleep(chance.uniform(*plan.pause))
            name = _strike(world, proxy, chance)
            blows[name] += 1
            tell(f"{number + 1}/{plan.blows} {name}")
        try:
            if plan.certificate_seconds is not None:
                _outlive_certificates(world, proxy)
            _calm(world, proxy)
            proof = prove(world)
        except AssertionError as error:
            raise AssertionError(f"seed {plan.seed}: {error}") from error
    return Outcome(plan, blows, proof, time.monotonic() - began)


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
        Authority(world.settings.keys_dir).issue_edge(EdgeId(name), site.kit.parent, now=made_at)


def _outlive_certificates(world: World, proxy: FaultProxy) -> None:
    """The certificates have ended: no edge comes in, whatever it holds. With new ones, and without a restart, they do."""
    for site in world.sites.values():
        site.part.start()
    ends = x509.load_pem_x509_certificate((next(iter(world.sites.values())).kit.parent / "edge.crt").read_bytes()).not_valid_after_utc
    time.sleep(max((ends - datetime.now(UTC)).total_seconds() + 1, 0))
    proxy.calm()
    proxy.cut(0.2)
    time.sleep(3)
    before = world.admitted()
    time.sleep(2)
    assert world.admitted() == before, "an edge came in with a certificate that had ended"
    _issue(world)


def _strike(world: World, proxy: FaultProxy, chance: random.Random) -> str:
    blow = chance.choice(BLOWS)
    return blow(world, proxy, chance)


def _kill_part(world: World, _: FaultProxy, chance: random.Random) -> str:
    """A process of the server, which its supervisor starts again."""
    names = sorted(world.processes())
    if names:
        world.signal(chance.choice(names))
    return "kill part"


def _kill_edge(world: World, _: FaultProxy, chance: random.Random) -> str:
    site = world.sites[chance.choice(sorted(world.sites))]
    site.part.kill()
    site.part.start()
    return "kill edge"


def _kill_terminal(world: World, _: FaultProxy, chance: random.Random) -> str:
    site = world.sites[chance.choice(sorted(world.sites))]
    part = site.simulators[chance.choice(sorted(site.simulators))]
    part.kill()
    part.start()
    return "kill terminal"


def _kill_server(world: World, _: FaultProxy, __: random.Random) -> str:
    world.server.kill()
    world.server.start()
    return "kill server"


def _freeze(world: World, _: FaultProxy, chance: random.Random) -> str:
    """Longer than some time-outs, shorter than others."""
    names = sorted(world.processes())
    if names:
        name = chance.choice(names)
        world.signal(name, signal.SIGSTOP)
        time.sleep(chance.uniform(*FROZEN_SECONDS))
        world.signal(name, signal.SIGCONT)
    return "freeze part"


def _freeze_edge(world: World, _: FaultProxy, chance: random.Random) -> str:
    site = world.sites[chance.choice(sorted(world.sites))]
    site.part.freeze()
    time.sleep(chance.uniform(*FROZEN_SECONDS))
    site.part.thaw()
    return "freeze edge"


def _cut(_: World, proxy: FaultProxy, chance: random.Random) -> str:
    proxy.cut(chance.uniform(*FROZEN_SECONDS))
    return "cut line"


def _spoil(_: World, proxy: FaultProxy, chance: random.Random) -> str:
    """Lines that break in the middle of a message, or come slowly."""
    kind = chance.choice(("truncate", "reset", "delay"))
    proxy.spoil(kind)
    return f"{kind} line"


def _clear_log(world: World, _: FaultProxy, chance: random.Random) -> str:
    """A terminal restarts; its log stays."""
    site = world.sites[chance.choice(sorted(world.sites))]
    ask_terminal(site.controls[chance.choice(sorted(site.controls))], "restart")
    return "restart terminal"


BLOWS = (
    _kill_part,
    _kill_part,
    _kill_part,
    _kill_edge,
    _kill_edge,
    _kill_terminal,
    _kill_server,
    _freeze,
    _freeze_edge,
    _cut,
    _spoil,
    _clear_log,
)


def _calm(world: World, proxy: FaultProxy) -> None:
    """Everything works again and nobody punches; wait until all is there."""
    proxy.calm()
    for name in world.processes():
        with suppress(OSError):
            world.signal(name, signal.SIGCONT)
    world.server.start()
    for site in world.sites.values():
        for part in (*site.simulators.values(), site.part):
            part.start()
    world.until(lambda: all(ask_terminal(port, "rate 0") for site in world.sites.values() for port in site.controls.values()), "doors open")
    world.until(world.is_equal, "equal counts", SETTLE_SECONDS)
    for site in world.sites.values():
        site.part.stop()
