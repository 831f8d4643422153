"""A whole Clockbridge on this machine for tests: server, edges and terminals as processes of their own, over real sockets."""

import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import select

from clockbridge.demo.counting import appended_of, ask_terminal
from clockbridge.demo.parts import Part
from clockbridge.demo.stage import TERMINAL_BLOCK, free_port
from clockbridge.server_setup import Plan, make_kit, set_up
from protocol.identifiers import EdgeId
from server.attendance.tables import punch
from server.directory import actions as directory
from server.fleet import actions as fleet
from server.ingest.tables import epoch
from server.storage import Database
from server.wiring import build_database
from tests.support.company import NOW, TESTER
from tests.support.waiting import PATIENCE_SECONDS, until


@dataclass
class Site:
    """An edge with its terminals: simulators by serial number, and the ports of their doors."""

    edge: str
    kit: Path
    part: Part
    simulators: dict[str, Part] = field(default_factory=dict)
    controls: dict[str, int] = field(default_factory=dict)


class World:
    """`with World(folder) as world:` sets a server up and ends whatever was started; parts are started by hand."""

    def __init__(
        self,
        folder: Path,
        *,
        broker: str = "amqtt",
        workers: int = 1,
        web: int = 0,
        jobs: int = 0,
        database_url: str = "",
        users: int = 20,
        host: str = "127.0.0.1",
    ) -> None:
        """host: address the broker listens at, and edges find it at."""
        self.folder, self.users = folder, users
        self.broker_port, self.web_port = free_port(), free_port()
        plan = Plan(
            database_url=database_url,
            broker=broker,
            broker_host=host,
            names=("localhost", "127.0.0.1") if host == "127.0.0.1" else (host,),
            broker_port=self.broker_port,
            web_port=self.web_port,
            workers=workers,
        )
        self.settings_file = folder / "server.toml"
        made = set_up(self.settings_file, plan)
        text = self.settings_file.read_text().replace("[web]\n", f"[web]\nprocesses = {web}\n") + "past_days = 36500\n"
        text += f"\n[jobs]\nworkers = {jobs}\n"
        self.settings_file.write_text(text)
        self.settings, self.password = made.settings, made.password
        self.database: Database = build_database(made.settings)
        self.sites: dict[str, Site] = {}
        self.server = Part("server", "server", "run", "--settings", self.settings_file, log=folder / "server.log")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        everything = [self.server, *(part for site in self.sites.values() for part in (site.part, *site.simulators.values()))]
        for part in everything:
            part.terminate()
        for part in everything:
            part.stop()
        self.database.close()

    # Building -----------------------------------------------------------------------------------------------------------------------

    def add_site(self, edge: str, port: int | None = None) -> Site:
        """A site with an edge; port: where its edge finds the broker, when not at the broker itself."""
        with self.database.writing() as uow:
            fleet.add_site(uow, edge, edge, "Asia/Shanghai", TESTER, NOW)
        kit = make_kit(self.settings, edge, edge, self.folder / edge)
        text = kit.read_text().replace(f"port = {self.broker_port}", f"port = {port or self.broker_port}")
        kit.write_text("health_seconds = 0.5\n" + text)
        site = Site(edge, kit, self._edge_part(edge, kit))
        self.sites[edge] = site
        self._enrol_everybody(edge)
        return site

    def add_terminal(
        self, site: Site, serial: str, *, punches: int = 0, rate: float = 0, transport: str = "tcp", options: tuple = ()
    ) -> None:
        """A simulated terminal with a past of its own, and its block in the edge's settings."""
        with self.database.writing() as uow:
            fleet.add_terminal(uow, serial, serial, site.edge, TESTER, NOW, edge=EdgeId(site.edge))
        port, site.controls[serial] = free_port(), free_port()
        block = TERMINAL_BLOCK.format(name=serial, port=port, transport=transport, key=0, serial=serial)
        site.kit.write_text(site.kit.read_text() + block.replace("poll_seconds = 5", "poll_seconds = 1"))
        # fmt: off
        words = ("--port", port, "--serial", serial, "--users", self.users, "--punches", punches, "--rate", rate, "--zone", "Asia/Shanghai",
                 "--state", self.folder / f"{serial}.state", "--control", site.controls[serial], *options)
        # fmt: on
        site.simulators[serial] = Part(serial, "simulate", "zkteco", *words, log=self.folder / f"{serial}.log")

    def start(self) -> None:
        """Everything at once."""
        self.server.start()
        for site in self.sites.values():
            for part in (*site.simulators.values(), site.part):
                part.start()

    def replace_box(self, site: Site) -> None:
        """The edge's box is dead: a new one comes, with a new kit, the old terminals and nothing of the old data."""
        blocks = site.kit.read_text().partition("\n[[terminals]]")
        folder = self.folder / f"{site.edge}-new"
        kit = make_kit(self.settings, site.edge, "", folder, replace=True)
        kit.write_text("health_seconds = 0.5\n" + kit.read_text() + blocks[1] + blocks[2])
        site.kit, site.part = kit, self._edge_part(site.edge, kit)

    def _edge_part(self, edge: str, kit: Path) -> Part:
        return Part(edge, "edge", "run", "--config", kit, log=self.folder / f"{edge}.log")

    def _enrol_everybody(self, edge: str) -> None:
        """The simulator's people, numbered from 1001 on, in this site's zone."""
        with self.database.writing() as uow:
            site = next(one for one in fleet.list_sites(uow) if one.code == edge)
            zone = fleet.own_zone(uow, site)
            for number in range(1001, 1001 + self.users):
                person = directory.add_person(uow, f"{edge}-{number}", f"员工{number}", TESTER, NOW, site_id=site.id)
                directory.enrol(uow, person.id, zone.id, str(number), date(2000, 1, 1), TESTER, NOW)

    # Looking ------------------------------------------------------------------------------------------------------------------------

    def processes(self) -> dict[str, int]:
        """Broker, workers and web processes by name."""
        try:
            found: dict[str, int] = json.loads((self.settings.data_dir / "run" / "parts.json").read_text())
        except (OSError, ValueError):
            return {}
        return {name: pid for name, pid in found.items() if pid}

    def signal(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to one of the server's processes."""
        with suppress(KeyError, ProcessLookupError):
            os.kill(self.processes()[name], number)

    def ask(self, serial: str, command: str) -> dict:
        """One command to a terminal's door, as soon as it is open; see docs/reference/simulator.md."""
        return ask_when_open(next(site.controls[serial] for site in self.sites.values() if serial in site.controls), command)

    def everybody_punches(self, serial: str) -> None:
        """Each of the simulator's people once, at this moment."""
        for number in range(1001, 1001 + self.users):
            self.ask(serial, f"punch {number}")

    def held(self) -> dict[str, int | None]:
        """Distinct punches in each terminal's log, as it counts them itself; None for one that does not run."""
        found = {}
        for site in self.sites.values():
            for serial, control in site.controls.items():
                answer = ask_terminal(control, "counts", PATIENCE_SECONDS)
                found[serial] = None if answer is None else answer["held"]
        return found

    def admitted(self) -> dict[str, int]:
        """Distinct punches of each terminal at the server."""
        from server.attendance import actions as attendance

        with self.database.reading() as uow:
            names = {one.terminal.id: str(one.terminal.serial) for one in fleet.list_terminals(uow)}
            return {names[key]: tally.admitted for key, tally in attendance.tallies(uow).items()}

    def appended(self) -> dict[str, int]:
        return appended_of(site.kit.parent / "data" / "status.json" for site in self.sites.values())

    def is_equal(self) -> bool:
        """Whether every terminal can be asked and all that it holds is at the server."""
        held = self.held()
        return all(held.values()) and held == {serial: self.admitted().get(serial) for serial in held}

    def is_settled(self) -> bool:
        """Whether it is equal, and sealed, too: a punch that overtakes a backlog is at the server before the batch that seals it."""
        ahead = select(punch.c.id).join(epoch, epoch.c.id == punch.c.epoch_id).where(punch.c.sequence > epoch.c.mark).limit(1)
        if not self.is_equal():
            return False
        with self.database.reading() as uow:
            return not uow.fetch_all(ahead)

    def until(self, wanted: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait; after `seconds` without it, fail with what there is."""
        end = time.monotonic() + seconds
        while not wanted():
            if time.monotonic() > end:
                raise AssertionError(
                    f"{what}: not within {seconds} s; held {self.held()}, appended {self.appended()}, at the server {self.admitted()}"
                )
            time.sleep(0.1)


def ask_when_open(control_port: int, command: str) -> dict:
    """One command to a simulator's door, told once: whoever only just started it need not wait for it."""
    until(lambda: ask_terminal(control_port, "help", PATIENCE_SECONDS) is not None, "the terminal's door opens")
    answer = ask_terminal(control_port, command, PATIENCE_SECONDS)
    assert answer is not None, f"the terminal does not answer to {command}"
    return answer
