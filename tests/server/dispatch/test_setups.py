"""A set-up goes down sealed for its edge, again into a new line, and no longer when the edge has it."""

from datetime import timedelta

import pytest

from protocol.identifiers import ALL_SHARDS, EdgeId, TerminalSerial
from protocol.messages import Health, Hello
from protocol.sealing import Opener
from protocol.wanted import EdgeSetup, TerminalSetup, unwrap
from server.dispatch.orders.actions.setups import SetupCourier
from server.fleet import actions as fleet
from server.fleet.model import TerminalSettings
from tests.support.company import NOW, TESTER, found_company

HQ = EdgeId("edge-hq")
OPENER = Opener(bytes(range(32)))
SECOND = timedelta(seconds=1)


@pytest.fixture
def waiting(database):
    """What a courier gives for the company's edge, so many seconds later; the edge may say something before."""
    company, courier = found_company(database), SetupCourier(b"s" * 32)

    def ask(seconds, *said):
        with database.writing() as uow:
            for message in said:
                fleet.record_line(uow, company.edge, message, NOW)
                if isinstance(message, Health):
                    fleet.record_health(uow, company.edge, message, NOW)
                courier.hear(uow, company.edge, message, NOW)
        with database.reading() as uow:
            return courier.waiting(uow, ALL_SHARDS, NOW + seconds * SECOND)

    with database.writing() as uow:
        fleet.set_terminal_settings(uow, TerminalSerial("T1"), TerminalSettings(host="10.0.0.9"), 77, TESTER, NOW)
    return ask


def hello():
    heads = {"low_head": bytes(32), "high_head": bytes(32)}
    return Hello(
        edge=HQ, epoch="a" * 32, low=0, high=0, acknowledged=0, version="1", clock=NOW, nonce="1" * 32, sealing_key=OPENER.public, **heads
    )


def test_given_settings_when_the_edge_says_hello_then_it_gets_them_sealed_until_it_has_them(waiting):
    assert waiting(5) == []
    assert waiting(2, hello()) == [], "an ingest worker may not know the terminal yet"

    (setup,) = waiting(5)
    content = unwrap(EdgeSetup, setup.sealed, OPENER, "setup", HQ)
    assert (setup.edge, setup.version, content.sealing_key) == (HQ, 1, b"s" * 32)
    assert content.terminals == [TerminalSetup(serial="T1", name="门 T1", host="10.0.0.9", key=77)]
    assert waiting(6) == []
    assert len(waiting(7, hello())) == 1, "what went into the old line may be lost"
    assert len(waiting(20)) == 1

    assert waiting(60, Health(edge=HQ, at=NOW, version="1", queue_depth=0, setup_version=1)) == []
