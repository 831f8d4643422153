"""An eight-byte record tells a person by a position in the user list only. Where the list of that read does not resolve it, the punch is
quarantined as it was read, however the position was used before or since; it is never anybody's."""

import asyncio

import pytest
from sqlalchemy import select

from edge.devices.zkteco.simulator import SimulatorOptions
from edge.devices.zkteco.simulator.thread import simulator_in_thread
from server.attendance.tables import punch
from server.directory.actions import enrol
from server.ingest.tables import quarantine
from server.storage import Database
from tests.edge.collect.conftest import running_crew, settings_for, terminal_at, until
from tests.edge.conftest import outbox
from tests.server.conftest import new_database_url, sqlite_template
from tests.support.company import FIRST_DAY, NOW, TESTER, found_company
from tests.support.sending import SendingEdge

__all__ = ["new_database_url", "outbox", "sqlite_template"]
PUNCHES, USERS = 60, 3


@pytest.mark.parametrize("record_size", ["8a", "8b"])
def test_given_a_uid_that_the_user_list_does_not_resolve_when_its_punch_arrives_then_it_is_nobodys(
    tmp_path, outbox, new_database_url, record_size
):
    options = SimulatorOptions(port=0, serial="T1", users=USERS, punches=PUNCHES, record_size=record_size, zone="Asia/Shanghai")
    with simulator_in_thread(options) as terminal:
        uid = terminal.do(lambda simulator: simulator.terminal.uids()[0])
        terminal.do(lambda simulator: simulator.terminal.delete_user(uid))
        asyncio.run(collect(terminal, outbox, tmp_path))
    database = Database(new_database_url("sqlite"))
    company = found_company(database)
    with database.writing() as uow:
        for number in ("1001", "1002", "1003", f"uid:{uid}"):  # also a number that somebody was once given by its position
            enrol(uow, company.people["A1"], company.zone, number, FIRST_DAY, TESTER, NOW)

    SendingEdge(database).send(*outbox.read(1, PUNCHES, 1 << 20).bodies)

    with database.reading() as uow:
        admitted = [row.terminal_user for row in uow.fetch_all(select(punch.c.terminal_user))]
        kept = uow.fetch_all(select(quarantine.c.reason, quarantine.c.terminal_user))
    database.close()
    assert set(admitted) == {"1002", "1003"}
    assert {tuple(row) for row in kept} == {("uid-unresolved", f"uid:{uid}")}
    assert len(admitted) + len(kept) == PUNCHES


async def collect(terminal, outbox, tmp_path):
    async with running_crew(settings_for(tmp_path, terminal_at(terminal.port)), outbox, tmp_path):
        await until(lambda: outbox.high == PUNCHES)
