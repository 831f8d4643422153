"""What can be hit, and how. A blow is given its aim and its length by the stroke, so that a seed always stands for the same strokes."""

import random
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from clockbridge.demo.counting import ask_terminal
from clockbridge.demo.parts import Part
from tests.chaos.fault_proxy import SPOILINGS, FaultProxy
from tests.chaos.set_clock import SetClock
from tests.chaos.small_disk import SmallDisk
from tests.support.postgres import Postgres
from tests.support.world import Site, World

T = TypeVar("T")
HELD_SECONDS = (0.3, 2.5)
"""How long a freeze or a cut lasts: longer than some time-outs, shorter than others."""
BEHIND_SECONDS = (240, 7200)
"""How far a clock is set back: with the first one certificates are valid still, with the second one they are not valid yet."""


@dataclass(frozen=True)
class Stroke:
    """One blow of a storm: seconds to wait before it, its name, whom it meets and how long it lasts (both from 0 to 1)."""

    pause: float
    blow: str
    aim: float
    length: float

    def pick(self, targets: Sequence[T]) -> T:
        return targets[int(self.aim * len(targets))]

    @property
    def seconds(self) -> float:
        shortest, longest = HELD_SECONDS
        return shortest + self.length * (longest - shortest)


@dataclass
class Field:
    """Everything that can be hit. parts: names of the server's processes; disks and clocks: by edge, and "server"."""

    world: World
    proxy: FaultProxy
    parts: Sequence[str]
    database: Postgres | None = None
    disks: dict[str, SmallDisk] = field(default_factory=dict)
    clocks: dict[str, SetClock] = field(default_factory=dict)
    images: dict[str, Path] = field(default_factory=dict)
    """An older copy of an edge's outbox, by edge."""

    def site(self, stroke: Stroke) -> Site:
        return stroke.pick([self.world.sites[name] for name in sorted(self.world.sites)])

    def terminal(self, stroke: Stroke) -> tuple[Part, int]:
        """A simulator and the port of its door."""
        found = [(site.simulators[name], site.controls[name]) for _, site in sorted(self.world.sites.items()) for name in site.simulators]
        return stroke.pick(found)

    def calm(self) -> None:
        """Nothing is held any more: disks have room, clocks are right, the database answers, lines carry."""
        self.proxy.calm()
        for disk in self.disks.values():
            disk.empty()
        for clock in self.clocks.values():
            clock.set(0)
        if self.database:
            self.database.start()
        self.look_after()

    def look_after(self) -> None:
        """As a service manager does: a server that would not begin without its database, or on a full disk, is started again."""
        is_hit = self.database is not None or "server" in self.disks
        if is_hit and not self.world.server.running:
            self.world.server.start()


def strokes_of(seed: int, count: int, pause: tuple[float, float], blows: Sequence[str]) -> list[Stroke]:
    """What a seed stands for: a function of these arguments alone."""
    chance = random.Random(seed)
    return [Stroke(chance.uniform(*pause), chance.choice(blows), chance.random(), chance.random()) for _ in range(count)]


def strike(field: Field, stroke: Stroke) -> str:
    """Do it; gives the name it is counted under."""
    return BLOWS[stroke.blow](field, stroke)


# Killed ------------------------------------------------------------------------------------------------------------------------------


def _kill_part(field: Field, stroke: Stroke) -> str:
    """A process of the server, which its supervisor starts again."""
    field.world.signal(stroke.pick(field.parts))
    return "kill part"


def _kill_edge(field: Field, stroke: Stroke) -> str:
    part = field.site(stroke).part
    part.kill()
    part.start()
    return "kill edge"


def _kill_terminal(field: Field, stroke: Stroke) -> str:
    part, _ = field.terminal(stroke)
    part.kill()
    part.start()
    return "kill terminal"


def _kill_server(field: Field, _: Stroke) -> str:
    field.world.server.kill()
    field.world.server.start()
    return "kill server"


def _kill_database(field: Field, stroke: Stroke) -> str:
    """The whole of it, or one of its processes, after which it drops everybody and recovers by itself."""
    assert field.database is not None
    if stroke.length < 0.5:
        field.database.kill_connection(stroke.aim)
        return "kill database connection"
    field.database.kill()
    field.database.start()
    return "kill database"


# Frozen ------------------------------------------------------------------------------------------------------------------------------


def _freeze_part(field: Field, stroke: Stroke) -> str:
    name = stroke.pick(field.parts)
    field.world.signal(name, signal.SIGSTOP)
    time.sleep(stroke.seconds)
    field.world.signal(name, signal.SIGCONT)
    return "freeze part"


def _freeze_edge(field: Field, stroke: Stroke) -> str:
    part = field.site(stroke).part
    part.freeze()
    time.sleep(stroke.seconds)
    part.thaw()
    return "freeze edge"


def _freeze_terminal(field: Field, stroke: Stroke) -> str:
    part, _ = field.terminal(stroke)
    part.freeze()
    time.sleep(stroke.seconds)
    part.thaw()
    return "freeze terminal"


def _freeze_database(field: Field, stroke: Stroke) -> str:
    assert field.database is not None
    field.database.freeze()
    time.sleep(stroke.seconds)
    field.database.thaw()
    return "freeze database"


# Cut off -----------------------------------------------------------------------------------------------------------------------------


def _cut(field: Field, stroke: Stroke) -> str:
    field.proxy.cut(stroke.seconds)
    return "cut line"


def _deafen(field: Field, stroke: Stroke) -> str:
    """Nobody is told: both ends have to find out by themselves."""
    field.proxy.deafen(stroke.seconds)
    return "deafen line"


def _spoil(field: Field, stroke: Stroke) -> str:
    """Lines that break in the middle of a message, or come slowly, twice or damaged."""
    kind = stroke.pick(SPOILINGS)
    field.proxy.spoil(kind)
    return f"{kind} line"


# Filled up ---------------------------------------------------------------------------------------------------------------------------


def _fill_disk(field: Field, stroke: Stroke) -> str:
    """A full disk stays full until the next time: other blows meet it so."""
    name = stroke.pick(sorted(field.disks))
    disk = field.disks[name]
    if disk.full:
        disk.empty()
        return f"empty disk of {_kind(name)}"
    disk.fill()
    return f"fill disk of {_kind(name)}"


# Set back ----------------------------------------------------------------------------------------------------------------------------


def _set_clock_back(field: Field, stroke: Stroke) -> str:
    """The next time it is set right, which is a leap as well."""
    name = stroke.pick(sorted(field.clocks))
    clock = field.clocks[name]
    if clock.seconds:
        clock.set(0)
        return f"set clock of {_kind(name)} right"
    clock.set(-BEHIND_SECONDS[int(stroke.length * len(BEHIND_SECONDS))])
    return f"set clock of {_kind(name)} back"


def _set_terminal_back(field: Field, stroke: Stroke) -> str:
    """A terminal has a clock of its own, which anybody may set at its menu: minutes that were shown before are shown again."""
    _, door = field.terminal(stroke)
    ask_terminal(door, f"drift {-round(stroke.length * 7200)}")
    return "set clock of terminal back"


def _set_outbox_back(field: Field, stroke: Stroke) -> str:
    """The first time an edge's outbox is only copied; the next time the copy is put in its place, as if its disk were restored."""
    site = field.site(stroke)
    data, image = site.kit.parent / "data", field.world.folder / f"{site.edge}.image"
    site.part.kill()
    try:
        if site.edge not in field.images:
            return _copy_outbox(field, site, data, image)
        if site.edge in field.disks:
            field.disks[site.edge].empty()  # whoever restores a disk sees that it has room
        for file in data.glob("outbox.db*"):
            file.unlink()
        for file in image.iterdir():
            shutil.copy(file, data)
        shutil.rmtree(field.images.pop(site.edge))
    finally:
        site.part.start()
    return "set outbox back"


def _copy_outbox(field: Field, site: Site, data: Path, image: Path) -> str:
    shutil.rmtree(image, ignore_errors=True)
    image.mkdir()
    for file in data.glob("outbox.db*"):
        shutil.copy(file, image)
    field.images[site.edge] = image
    return "kill edge"


# Others ------------------------------------------------------------------------------------------------------------------------------


def _restart_terminal(field: Field, stroke: Stroke) -> str:
    """By its menu: connections and sessions are lost, its log stays."""
    _, door = field.terminal(stroke)
    ask_terminal(door, "restart")
    return "restart terminal"


def _kind(name: str) -> str:
    return name if name == "server" else "edge"


BLOWS: dict[str, Callable[[Field, Stroke], str]] = {
    "kill part": _kill_part,
    "kill edge": _kill_edge,
    "kill terminal": _kill_terminal,
    "kill server": _kill_server,
    "kill database": _kill_database,
    "freeze part": _freeze_part,
    "freeze edge": _freeze_edge,
    "freeze terminal": _freeze_terminal,
    "freeze database": _freeze_database,
    "cut": _cut,
    "deafen": _deafen,
    "spoil": _spoil,
    "fill disk": _fill_disk,
    "set clock back": _set_clock_back,
    "set terminal back": _set_terminal_back,
    "set outbox back": _set_outbox_back,
    "restart terminal": _restart_terminal,
}
