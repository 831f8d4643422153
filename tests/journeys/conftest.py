"""A whole Clockbridge with a browser in front of it; made once for each module that asks for it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from server.access.actions import create_account, hash_password
from server.access.model import Role
from server.directory import actions as directory
from server.fleet import actions as fleet
from server.ingest.actions import read_fleet
from tests.support.browser import Desk, running_chromium
from tests.support.company import TESTER
from tests.support.world import World

PASSWORD = "four plain words here"
LONG_NAME = "阿卜杜热合曼·买买提依明江·玉素甫艾力·Abdurahman Memetimin Yusupeli"
STRANGERS = 4
"""Users of the terminal whom nobody has enrolled: 1021 and up."""


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def world(request, tmp_path_factory, chromium) -> Iterator[World]:
    """As many workers and web processes as the module's PROCESSES say; a site, a terminal with a past, 20 people and a very long name."""
    with World(tmp_path_factory.mktemp("world"), **request.module.PROCESSES) as made:
        site = made.add_site("edge-hq")
        made.add_terminal(site, "T1", punches=300, options=("--users", made.users + STRANGERS))
        with made.database.writing() as uow:
            unit = directory.add_department(uow, "LONG", "西北大区综合后勤保障与设备维护管理部", TESTER, datetime.now(UTC))
            place = fleet.list_sites(uow)[0].id
            directory.add_person(uow, "LONG-0001", LONG_NAME, TESTER, datetime.now(UTC), department_id=unit.id, site_id=place)
            hashed = hash_password(PASSWORD)
            for role in Role:
                create_account(uow, role.value, role.value, hashed, frozenset({role}), TESTER, datetime.now(UTC), must_change=False)
        made.start()
        made.until(lambda: is_all_here(made), "the past is at the server")
        yield made


def is_all_here(world: World) -> bool:
    """Whether all that the terminal holds is a punch or in quarantine."""
    with world.database.reading() as uow:
        line = read_fleet(uow).terminals[0]
    return line.held is not None and 0 < line.held == line.appended == line.admitted + line.quarantined


@pytest.fixture
def desk_of(world, chromium) -> Iterator:
    """A browser in which somebody of a role is signed in; nothing may have gone wrong in it at the end."""
    opened: list[Desk] = []

    def open_desk(role: Role | None = None, **look) -> Desk:
        desk = Desk(chromium, f"http://127.0.0.1:{world.web_port}", **look)
        opened.append(desk)
        if role is not None:
            desk.sign_in(role.value, PASSWORD)
        return desk

    yield open_desk
    for desk in opened:
        desk.close()
    assert [fault for desk in opened for fault in desk.faults] == []
