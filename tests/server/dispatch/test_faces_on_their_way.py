"""A face on its whole way: enrolled at one terminal that pushes, through edge and server to one of the other dialect, and gone again.

The areas of a real server and the way down of a real edge; only the line between them is the test's.
"""

import asyncio
from datetime import UTC, date, datetime

from edge.devices.iclock.simulator import PushOptions, PushSimulator
from edge.settings import PushTerminal
from protocol.identifiers import ALL_SHARDS
from protocol.messages import Captured, Hello, Reported
from protocol.signing import Verifier
from server.directory.model import EventKind
from server.dispatch.areas import actions as areas
from server.dispatch.areas.courier import AreasCourier
from server.dispatch.areas.model import Area, Rule
from server.dispatch.areas.store import templates
from server.fleet import actions as fleet
from tests.edge.collect.conftest import until
from tests.edge.conftest import EDGE, certificate, outbox
from tests.edge.downlink.conftest import OPENER, SERVER, edge_setup, running_site
from tests.server.dispatch.test_areas import agree
from tests.support.areas import happen, settle
from tests.support.company import NOW, TESTER, found_company

__all__ = ["certificate", "outbox"]
FROM, TO = "FACE-FROM", "FACE-TO"


class Line:
    """Carries what each side says to the other, and lets the server work out what follows."""

    def __init__(self, database, edge_id, site):
        self._database, self._edge_id, self._site, self._told = database, edge_id, site, 0
        self._courier = AreasCourier(SERVER, lambda *_: None)

    async def until(self, wanted):
        async with asyncio.timeout(240):
            while not wanted():
                await self._carry()
                await asyncio.sleep(0.05)

    async def _carry(self):
        now = datetime.now(UTC)
        said = [one for one in self._site.line.sent[self._told :] if isinstance(one, Reported | Captured)]
        self._told = len(self._site.line.sent)
        with self._database.writing() as uow:
            for message in (_hello(now), await self._site.book.health(), *said):
                if isinstance(message, Hello):
                    fleet.record_line(uow, self._edge_id, message, now)
                self._courier.hear(uow, self._edge_id, message, now)
        settle(self._database, now)
        with self._database.reading() as uow:
            for message in self._courier.waiting(uow, sorted(ALL_SHARDS), now):
                self._site.say(message)


def test_given_person_and_area_that_agree_when_a_face_is_enrolled_at_one_terminal_then_the_other_has_it_until_the_person_leaves(
    database, tmp_path, outbox, certificate
):
    company = found_company(database)
    with database.writing() as uow:
        edge = fleet.add_edge(uow, EDGE, "hq", Verifier(bytes(range(32))), TESTER, NOW)
        serving = frozenset(fleet.add_terminal(uow, one, one, "hq", TESTER, NOW, edge=EDGE).id for one in (FROM, TO))
        areas.add_area(uow, Area(0, "gate", "大门", serving, (Rule(site_id=company.site),), carries_faces=True), TESTER, NOW)
    agree(database, company.people["A1"])

    async def live():
        push = {
            "host": "127.0.0.1",
            "port": 0,
            "terminals": [PushTerminal(serial=one) for one in (FROM, TO)],
            "requests_per_minute": 100_000,
        }
        async with running_site(tmp_path, outbox, push=push, certificate=certificate) as site:
            await until(lambda: site.crew.desk.port)
            await site.in_force(1, edge_setup())
            kind = {"port": site.crew.desk.port, "users": 1, "poll_seconds": 0.05, "faces": "visible"}
            line = Line(database, edge.id, site)
            async with (
                PushSimulator(PushOptions(serial=FROM, **kind)) as first,
                PushSimulator(PushOptions(serial=TO, dialect="security", **kind)) as second,
            ):
                await line.until(lambda: {"1", "2"} <= first.memory.users.keys() & second.memory.users.keys())
                for user in ("1", "2"):
                    first.enrol_face(user)
                await line.until(lambda: "1" in second.memory.faces)
                here, there = first.memory.faces["1"]["0.0"], second.memory.faces["1"]["0.0"]
                assert there["tmp"] == here["tmp"]
                assert second.memory.faces.keys() == {"1"}, "the other one never agreed"
                happen(database, company.people["A1"], EventKind.LEAVING, date(2026, 1, 31), {"ground": "resigned"})
                await line.until(lambda: "1" not in first.memory.users.keys() | second.memory.users.keys())
                return first.memory.faces.keys(), second.memory.faces

    first, second = asyncio.run(live())
    assert (first, second) == ({"2"}, {}), "a face that is not carried stays where it was enrolled"
    with database.reading() as uow:
        assert templates.counts_of(uow, company.people.values()) == {}


def _hello(now):
    return Hello(
        edge=EDGE, epoch="0" * 32, low=0, high=0, low_head=bytes(32), high_head=bytes(32), acknowledged=0, version="1", clock=now,
        nonce="0" * 32, sealing_key=OPENER.public,
    )  # fmt: skip
