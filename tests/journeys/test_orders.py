"""Orders and set-ups over the whole way: pages' database, worker, real broker, real edge, simulated terminals."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from clockbridge.demo.stage import free_port
from protocol.identifiers import EdgeId, TerminalSerial
from protocol.messages import OrderKind
from server.dispatch.orders import actions as orders
from server.dispatch.orders.model import PartState, Targets
from server.fleet import actions as fleet
from server.fleet.model import TerminalSettings
from server.fleet.tables import terminal
from tests.support.company import TESTER
from tests.support.world import Part, World

EDGE, KNOWN, NEW = "edge-a", "T-old", "T-new"


def simulated(world: World, site, serial: str, port: int) -> None:
    """A terminal that stands in nobody's settings file."""
    site.controls[serial] = free_port()
    # fmt: off
    words = ("--port", port, "--serial", serial, "--users", world.users, "--punches", 50, "--zone", "Asia/Shanghai",
             "--state", world.folder / f"{serial}.state", "--control", site.controls[serial])
    # fmt: on
    site.simulators[serial] = Part(serial, "simulate", "zkteco", *words, log=world.folder / f"{serial}.log")


def test_given_a_terminal_that_only_the_server_knows_when_its_edge_is_told_then_it_is_read_and_orders_are_carried_out_once(tmp_path):
    with World(tmp_path) as world:
        site, port = world.add_site(EDGE), free_port()
        world.add_terminal(site, KNOWN, punches=50)
        simulated(world, site, NEW, port)
        world.start()
        world.until(lambda: world.admitted().get(KNOWN, 0) >= 50, "the edge reads what stands in its own file")

        with world.database.writing() as uow:
            fleet.add_terminal(uow, NEW, "新门", EDGE, TESTER, datetime.now(UTC), edge=EdgeId(EDGE))
            fleet.set_terminal_settings(
                uow, TerminalSerial(NEW), TerminalSettings(host="127.0.0.1", port=port, poll_seconds=1), None, TESTER, datetime.now(UTC)
            )
        world.until(lambda: world.admitted().get(NEW, 0) >= 50, "told from here, it is read as well")
        assert world.admitted()[KNOWN] >= 50
        world.until(lambda: has_its_setup(world), "and says so")

        order_id = give(world, OrderKind.READ_OPTIONS, NEW)
        world.signal("ingest-1")  # killed between the commit and the sending, or near it
        world.until(lambda: states(world, order_id) == [PartState.DONE], "the order is carried out, whoever sends it")
        with world.database.reading() as uow:
            (part,) = orders.parts_of(uow, order_id, datetime.now(UTC))
        assert part.found
        site.part.stop()
        over = give(world, OrderKind.SET_CLOCK, NEW, at=datetime.now(UTC) - timedelta(days=2))
        good = give(world, OrderKind.RE_READ, NEW)
        site.part.start()
        world.until(lambda: states(world, good) == [PartState.DONE], "back again, it does what is still good")
        assert states(world, over) == [PartState.EXPIRED]


def has_its_setup(world: World) -> bool:
    with world.database.reading() as uow:
        (state,) = fleet.setup_states(uow).values()
    return state.held == state.version


def give(world: World, kind: OrderKind, serial: str, at: datetime | None = None) -> int:
    with world.database.writing() as uow:
        number = uow.scalar(select(terminal.c.id).where(terminal.c.serial == serial))
        return orders.give_order(uow, kind, Targets(serial, (number,)), {}, TESTER, at or datetime.now(UTC))


def states(world: World, order_id: int) -> list[PartState]:
    with world.database.reading() as uow:
        return [part.state for part in orders.parts_of(uow, order_id, datetime.now(UTC))]
