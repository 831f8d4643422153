"""The navigation offers what a visitor may see, in groups, and the first page is what waits for them."""

import pytest

from server.access.model import PERMISSIONS, Permission, Role
from server.settings import ServerSettings
from server.web.app import routes_of
from server.web.help import HELP
from server.web.language import chinese
from server.web.places import GROUPS, MOST_IN_BAR, PERSON, Group, Place, bar_for, first_page, groups_for, place_of
from server.web.visitor import needs_of
from server.wiring import build_pages
from tests.support.pages import Reader

PLACES = [place for group in GROUPS for place in group.places]


@pytest.fixture
def dialect() -> str:
    return "sqlite"


def reader(role: Role, **more) -> Reader:
    return Reader(frozenset(map(str, PERMISSIONS[role])), **more)


def page_needs(database, tmp_path):
    """What each page needs, by its address."""
    app = build_pages(ServerSettings(data_dir=tmp_path, database_url=str(database.url)))
    needed = {
        route.path: needs_of(route)
        for one in app.routes
        if hasattr(one, "original_router")
        for route in routes_of(one.original_router)
        if "GET" in route.methods
    }
    app.state.database.close()
    return needed


def test_every_place_is_a_page_that_needs_what_the_place_says(database, tmp_path):
    needed = page_needs(database, tmp_path)

    assert {place.address: place.permission for place in PLACES if place.permission not in needed.get(place.address, ())} == {}


def test_names_have_their_chinese_and_places_stand_once():
    names = {name for group in GROUPS for name in (group.name, *(place.name for place in group.places))} | {one.name for one in PERSON}

    assert names - chinese().keys() == set()
    assert len({place.address for place in PLACES}) == len(PLACES)
    assert {place.permission for place in PLACES} <= set(map(str, Permission))


def test_every_place_has_help_in_both_languages_and_no_help_is_left_over():
    assert HELP.keys() == {place.address for place in PLACES}
    assert set(HELP.values()) - chinese().keys() == set()


def test_what_a_visitor_may_not_see_is_not_offered_and_empty_groups_are_not_there():
    offered = groups_for(reader(Role.IT))

    assert [group.name for group in offered] == ["Clocking in", "Terminals", "Administration"]
    assert groups_for(None) == groups_for(reader(Role.HR, must_change=True)) == ()


def test_whoever_has_nothing_to_see_begins_at_their_own_account():
    assert first_page(Reader(frozenset())) == "/password"


def test_it_begins_at_the_board():
    assert first_page(reader(Role.IT)) == "/board"


def test_a_page_belongs_to_the_place_that_says_most():
    day, month = Place("/x", "Day", "p"), Place("/x/month", "Month", "p")
    groups = (Group("Mine", (day, month), own=True),)

    assert place_of(groups, "/x/month/2026-11") == month
    assert place_of(groups, "/x/7") == day
    assert place_of(groups, "/xy") is None


def test_the_bar_of_a_phone_has_own_places_only_and_not_too_many():
    own = tuple(Place(f"/{number}", "One", "p") for number in range(6))

    assert bar_for((Group("Others", (Place("/a", "A", "p"),)), Group("Mine", own, own=True))) == own[:MOST_IN_BAR]


def test_pages_that_stand_beside_a_place_belong_to_it():
    groups = groups_for(reader(Role.EMPLOYEE, person_id=1))

    assert place_of(groups, "/delegations").address == "/approvals"
    assert place_of(groups, "/delegationsx") is None


def test_what_there_is_about_a_person_needs_what_its_page_needs(database, tmp_path):
    needed = page_needs(database, tmp_path)
    addresses = {one.address.split("?")[0].replace("{id}", "{person_id:int}"): one.permission for one in PERSON}

    assert {address: permission for address, permission in addresses.items() if permission not in needed.get(address, ())} == {}
