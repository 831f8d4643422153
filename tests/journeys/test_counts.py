"""The four numbers of a terminal, each counted where it is known: repeats, equal seconds, strangers, a cleared log, a log read again."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.directory import actions as directory
from server.ingest.actions import map_user, read_fleet
from server.ingest.overview import Agreement
from server.ingest.sift import Limits
from tests.support.company import NOW, TESTER
from tests.support.world import World


def counts(world: World) -> tuple[int | None, int | None, int, int, int | None]:
    """(held by the terminal, appended by the edge, admitted, in quarantine, cleared at the terminal) as the pages show them."""
    with world.database.reading() as uow:
        (line,) = read_fleet(uow).terminals
    return line.held, line.appended, line.admitted, line.quarantined, line.cleared


def test_given_everything_that_can_be_counted_twice_when_counted_then_the_four_numbers_agree(tmp_path):
    moment = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(minutes=30)
    with World(tmp_path) as world:
        site = world.add_site("edge-a")
        world.add_terminal(site, "T-A", punches=60)
        world.start()
        world.until(lambda: counts(world) == (60, 60, 60, 0, 0), "the past is there")

        for user in ("1001", "1001", "1002", "9999"):  # a repeat, another person in the same second, and a stranger
            world.ask("T-A", f"punch {user} {moment:%Y-%m-%d %H:%M:%S}")
        world.until(lambda: counts(world) == (63, 63, 62, 1, 0), f"distinct ones are counted: {counts(world)}")
        assert world.ask("T-A", "counts")["held"] == 63
        assert world.ask("T-A", "counts")["rows"] == 64

        world.ask("T-A", "clear")
        world.ask("T-A", f"punch 1003 {moment + timedelta(minutes=1):%Y-%m-%d %H:%M:%S}")
        world.until(lambda: counts(world) == (1, 64, 63, 1, 63), f"what was cleared is a number of its own: {counts(world)}")
        assert world.ask("T-A", "counts")["cleared"] == 63

        with world.database.writing() as uow:
            person = directory.add_person(uow, "S-1", "陌生人", TESTER, NOW)
            map_user(uow, "T-A", "9999", person.id, date(2000, 1, 1), Limits(past=timedelta(days=36_500)), TESTER, datetime.now(UTC))
        assert counts(world) == (1, 64, 64, 0, 63)

        world.ask("T-A", "restart")  # it is read whole again: its log does not begin as it did
        world.ask("T-A", f"punch 1003 {moment + timedelta(minutes=2):%Y-%m-%d %H:%M:%S}")
        world.until(lambda: counts(world) == (2, 65, 65, 0, 63), f"read again, counted once: {counts(world)}")

        site.part.kill()  # an edge that dies forgets nothing of it
        site.part.start()
        world.ask("T-A", f"punch 1004 {moment + timedelta(minutes=3):%Y-%m-%d %H:%M:%S}")
        world.until(lambda: counts(world) == (3, 66, 66, 0, 63), f"counted after a death: {counts(world)}")
        with world.database.reading() as uow:
            (line,) = read_fleet(uow).terminals
            assert line.agreement is Agreement.AGREES
