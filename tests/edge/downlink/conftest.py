"""An edge at work without a line: what the server says is told by the test, what the edge says stands on paper."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

from edge.collect import Crew
from edge.downlink import Downlink
from edge.health import HealthBook
from edge.link import Arrived, LineUp
from edge.settings import EdgeSettings, PushSettings, ServerAddress
from edge.support import RecentLog, Support
from edge.vault import Vault
from protocol.messages import Order, OrderOutcome, OrderResult, Setup
from protocol.sealing import Opener
from protocol.wanted import ClockRule, EdgeSetup, TerminalSetup, wrap
from tests.edge.collect.conftest import until
from tests.edge.conftest import EDGE
from tests.edge.uplink.test_agent import PaperLine

SOON = timedelta(minutes=5)
OPENER = Opener(bytes(range(32)))
SERVER = Opener(bytes(range(1, 33)))
VAULT = Vault(bytes(32))
NO_RULE = ClockRule()
_names = count(1)


def order(action, name=None, within=SOON, **parameters):
    made = name or f"o-{next(_names)}"
    return Order(edge=EDGE, order=made, action=action, expires_at=datetime.now(UTC) + within, parameters=parameters)


def terminal_setup(terminal, **more):
    """How a simulated terminal stands in a set-up."""
    serial = more.pop("serial", "CBSIM0001")
    return TerminalSetup(
        **({"serial": serial, "name": f"t-{serial}", "host": "127.0.0.1", "port": terminal.port, "poll_seconds": 0.3} | more)
    )


def edge_setup(*terminals, clock=NO_RULE, zone="Asia/Shanghai"):
    return EdgeSetup(zone, list(terminals), clock, SERVER.public)


class Site:
    """The edge of a test."""

    def __init__(self, settings, outbox):
        self.line = PaperLine()
        self.outbox = outbox
        self.book = HealthBook(EDGE, outbox, settings.status_file, settings.server.certificate)
        self.crew = Crew(settings, outbox, self.book)
        support = Support(settings, outbox, self.book, RecentLog(), self.crew.keys)
        self.downlink = Downlink(settings, outbox, self.line, self.crew, self.book, OPENER, VAULT, support)

    def say(self, message):
        self.line.tell(Arrived(message))

    def set_up(self, version, setup, *, sealed_for=OPENER.public):
        self.say(Setup(edge=EDGE, version=version, sealed=wrap(setup, sealed_for, "setup", EDGE)))

    async def in_force(self, version, setup):
        self.set_up(version, setup)
        await until(lambda: self.book.setup_version == version)

    def results(self, name):
        return [one for one in self.line.of(OrderResult) if one.order == name]

    async def obey(self, one):
        """Say an order; gives its last word."""
        said = len(self.results(one.order))
        self.say(one)
        await until(lambda: any(result.outcome is not OrderOutcome.TAKEN for result in self.results(one.order)[said:]))
        return self.results(one.order)[-1]

    def report(self, serial="CBSIM0001"):
        return next((one for one in self.book._reports if one.serial == serial), None)

    def alarms(self):
        return self.book._alarm_notes()


@asynccontextmanager
async def running_site(tmp_path, outbox, *terminals, push=None, certificate=None):
    server = ServerAddress(host="localhost", certificate=certificate or tmp_path / "none.crt")
    settings = EdgeSettings(
        edge=EDGE, data_dir=tmp_path / "data", server=server, terminals=list(terminals), push=PushSettings(**push) if push else None
    )
    site = Site(settings, outbox)
    await site.downlink.begin()
    tasks = [asyncio.create_task(site.crew.run()), asyncio.create_task(site.downlink.run())]
    await asyncio.sleep(0)
    site.line.tell(LineUp())
    try:
        yield site
        for task in tasks:
            assert not task.done(), task.exception()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
