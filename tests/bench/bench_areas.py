"""An area change that brings 1,000 people to 20 terminals: until all is worked out, and until an edge that answers at once has it all."""

import time
from collections.abc import Callable

from clockbridge.server_setup import Plan, set_up
from protocol.identifiers import EdgeId
from server.directory import actions as directory
from server.dispatch.areas import actions as areas
from server.dispatch.areas.model import Area, Rule
from server.fleet import actions as fleet
from server.storage import Database, Vault
from tests.bench.machine import scratch
from tests.bench.row import Row
from tests.support.areas import DutifulEdge, settle
from tests.support.company import NOW, TESTER, found_company

TERMINALS = 20
SECONDS = 10.0
"""For 1,000 people: somebody waits at the page."""


def run(people: int = 1_000) -> list[Row]:
    with scratch() as folder:
        settings = set_up(folder / "server.toml", Plan()).settings
        database = Database(settings.resolved_database_url, Vault(bytes(range(32))))
        company = found_company(database)
        with database.writing() as uow:
            terminals = list(company.terminals.values())
            for number in range(TERMINALS - len(terminals)):
                made = fleet.add_terminal(uow, f"X{number}", f"门 {number}", "hq", TESTER, NOW, edge=EdgeId("edge-hq"))
                terminals.append(made.id)
            for number in range(people - len(company.people)):
                directory.add_person(uow, str(100_000 + number), f"员工{number}", TESTER, NOW, site_id=company.site)
        settle(database)
        gate = Area(0, "gate", "大门", frozenset(terminals), (Rule(site_id=company.site),))
        with database.writing() as uow:
            areas.add_area(uow, gate, TESTER, NOW)
        edge = DutifulEdge(database, company.edge)
        edge.connect()
        users = people * TERMINALS
        rows = [
            _row(f"work out {users:,} users of {TERMINALS} terminals, with a number for each person", people, lambda: settle(database)),
            _row(f"seal, send and take the reports of {users:,} users", people, edge.all_rounds),
        ]
        database.close()
    return rows


def _row(work: str, people: int, do: Callable[[], object]) -> Row:
    started = time.perf_counter()
    do()
    taken = time.perf_counter() - started
    goal = SECONDS * people / 1_000
    return Row(work, taken, "s", "goal", goal, goal / taken, 1.0, f"{taken / people / TERMINALS * 1e6:.0f} µs a user")
