"""An area of 20 terminals and 1,000 people: from the change on the page until every terminal has told that it holds every one of them.

The edge is killed and started again when a third is done: it goes on where it was. The terminals are simulators in a process of their own.
"""

import time

from edge.devices.zkteco.simulator.options import SimulatorOptions
from protocol.identifiers import EdgeId
from server.dispatch.areas import actions as areas
from server.dispatch.areas.actions.listing import Tally
from server.dispatch.areas.model import Area, Rule
from server.fleet import actions as fleet
from tests.bench.bench_terminals import block
from tests.bench.machine import scratch, start_server, until
from tests.bench.row import Row
from tests.support.company import NOW, TESTER
from tests.support.crowd import Crowd, Handle, crowd
from tests.support.world import Site, World

EDGE = "edge-area"
TERMINALS, PEOPLE = 20, 1000
LONGEST_SECONDS = 900.0


def run() -> list[Row]:
    pull = tuple(SimulatorOptions(serial=f"AREA{place:04}", users=0, seed=place, zone="Asia/Shanghai") for place in range(TERMINALS))
    with scratch() as folder, World(folder, broker="amqtt", users=PEOPLE) as world, crowd(Crowd(pull)) as terminals:
        site = world.add_site(EDGE)
        _write_settings(world, site, terminals)
        start_server(world)
        site.part.start()
        until(lambda: _connected(world) == TERMINALS, "the edge has told of all its terminals", 120, pause=0.5)
        began = time.time()
        area = _open_area(world)
        derived = until(lambda: _tally(world, area).wanted == TERMINALS * PEOPLE, "all worked out", 300)
        until(lambda: _tally(world, area).there > TERMINALS * PEOPLE // 3, "a third is there", LONGEST_SECONDS, pause=0.5)
        site.part.kill()
        stood = _tally(world, area).there
        site.part.start()
        ended = until(lambda: _tally(world, area).there == TERMINALS * PEOPLE, "all are there", LONGEST_SECONDS, pause=0.5)
        held = set(terminals.users().values())
        assert held == {PEOPLE}, f"the terminals hold {held}"
    work = f"{PEOPLE:,} people to {TERMINALS} terminals"
    rate = TERMINALS * PEOPLE / (ended - began)
    note = f"edge killed and started again when {stood:,} of {TERMINALS * PEOPLE:,} were there; {rate:,.0f} users/s"
    return [
        Row(f"{work}: worked out at the server", derived - began, "s", "", None, None, None, "progress counted all along"),
        Row(f"{work}: until each terminal told that it holds all", ended - began, "s", "", None, None, None, note),
    ]


def _write_settings(world: World, site: Site, terminals: Handle) -> None:
    with world.database.writing() as uow:
        for serial in terminals.ports:
            fleet.add_terminal(uow, serial, serial, site.edge, TESTER, NOW, edge=EdgeId(EDGE))
    site.kit.write_text(site.kit.read_text() + "".join(block(serial, port) for serial, port in terminals.ports.items()))


def _connected(world: World) -> int:
    with world.database.reading() as uow:
        return sum(one.health is not None and one.health.state == "listening" for one in fleet.list_terminals(uow))


def _open_area(world: World) -> Area:
    with world.database.writing() as uow:
        site = next(one for one in fleet.list_sites(uow) if one.code == EDGE)
        serving = frozenset(one.terminal.id for one in fleet.list_terminals(uow))
        wanted = Area(0, "all", "All of the site", serving, (Rule(site_id=site.id),))
        return areas.add_area(uow, wanted, TESTER, NOW)


def _tally(world: World, area: Area) -> Tally:
    with world.database.reading() as uow:
        return next(line.tally for line in areas.area_lines(uow, NOW) if line.area.id == area.id)
