"""People of an area come to its terminals and go from them, through real processes: server, broker, an edge that is killed, terminals."""

from datetime import UTC, date, datetime

import pytest

from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from server.dispatch.areas import actions as areas
from server.dispatch.areas.actions.listing import Tally
from server.dispatch.areas.model import Area, Rule
from server.fleet import actions as fleet
from tests.support.company import TESTER
from tests.support.world import Site, World

PEOPLE = 40
SERIALS = ("AREA1", "AREA2")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with World(tmp_path_factory.mktemp("areas"), users=PEOPLE) as world:
        site = world.add_site("edge-areas")
        for serial in SERIALS:
            world.add_terminal(site, serial, options=("--users", 0))
        world.start()
        yield world


def test_given_an_area_when_it_is_made_and_somebody_leaves_then_its_terminals_follow_also_over_an_edge_that_is_killed(world):
    site: Site = world.sites["edge-areas"]

    area = open_area(world)
    world.until(lambda: tally(world, area).there > 0, "somebody is there")
    site.part.kill()
    site.part.start()
    world.until(lambda: tally(world, area) == Tally(2 * PEOPLE, 2 * PEOPLE, 0, 0), "everybody is there")

    assert users(world) == [PEOPLE, PEOPLE]

    dismiss(world, "edge-areas-1001")
    world.until(lambda: tally(world, area) == Tally(2 * (PEOPLE - 1), 2 * (PEOPLE - 1), 0, 0), "the one who left is gone")

    assert users(world) == [PEOPLE - 1, PEOPLE - 1]


def open_area(world: World) -> Area:
    with world.database.writing() as uow:
        site = next(one for one in fleet.list_sites(uow) if one.code == "edge-areas")
        serving = frozenset(one.terminal.id for one in fleet.list_terminals(uow))
        return areas.add_area(uow, Area(0, "all", "全部", serving, (Rule(site_id=site.id),)), TESTER, datetime.now(UTC))


def tally(world: World, area: Area) -> Tally:
    with world.database.reading() as uow:
        return next(line.tally for line in areas.area_lines(uow, datetime.now(UTC)) if line.area.id == area.id)


def users(world: World) -> list[int]:
    return [world.ask(serial, "counts")["users"] for serial in SERIALS]


def dismiss(world: World, number: str) -> None:
    """Their last day was long ago."""
    with world.database.writing() as uow:
        person = directory.find_person(uow, number)
        assert person is not None
        directory.add_event(
            uow, person.id, NewEvent(EventKind.LEAVING, date(2026, 1, 31), {"ground": "resigned"}), TESTER, datetime.now(UTC)
        )
