"""Read receipts: what is kept of what edges read of a terminal's log."""

from datetime import timedelta

from protocol.messages import Health, LastRead, TerminalHealth
from server.fleet import actions as fleet
from tests.support.company import NOW

MINUTE = timedelta(minutes=1)


def read(minute, decoded=10, **said):
    at = NOW + minute * MINUTE
    size = decoded * 40
    values = {"declared_bytes": size, "received_bytes": size, "held": decoded, "complete": True, "declared": decoded} | said
    return LastRead(started_at=at - timedelta(seconds=1.5), finished_at=at, decoded=decoded, **values)


def tell(database, company, minute, last_read, serial="T1"):
    told = TerminalHealth(serial=serial, name="x", address="a", state="ok", last_read=last_read)
    at = NOW + minute * MINUTE
    with database.writing() as uow:
        fleet.record_health(uow, company.edge, Health(edge="edge-hq", at=at, version="1", queue_depth=0, terminals=[told]), at)


def kept(database, company, serial="T1", **asked):
    with database.reading() as uow:
        return fleet.readings(uow, company.terminals[serial], **asked)


def test_reads_that_come_to_the_same_are_one_row_and_a_read_that_is_told_twice_counts_once(database, company):
    tell(database, company, 0, read(0, appended=10))
    tell(database, company, 1, read(0, appended=10))
    tell(database, company, 10, read(10))
    tell(database, company, 20, read(20))
    tell(database, company, 30, read(30, 12, appended=2))
    tell(database, company, 31, None)
    tell(database, company, 32, read(5), "T2")

    found = kept(database, company)

    assert [(one.declared, one.decoded, one.appended, one.times) for one in found] == [(12, 12, 2, 1), (10, 10, 10, 3)]
    assert (found[1].first_at, found[1].last_at, found[1].milliseconds) == (NOW, NOW + 20 * MINUTE, 1500)
    assert len(kept(database, company, "T2")) == 1
    assert kept(database, company, before=found[0].first_at) == found[1:]
    with database.writing() as uow:
        assert fleet.tidy_readings(uow, NOW + timedelta(days=401)) == 3


def test_a_read_that_did_not_come_whole_and_a_count_that_is_not_reached_stand_out(database, company):
    tell(database, company, 0, read(0, received_bytes=200, complete=False, reason="400 bytes were announced and 200 came"))
    tell(database, company, 1, read(1, declared=14, doubtful=1))

    lacking, torn = kept(database, company)

    assert (torn.complete, torn.reason, torn.differs) == (False, "400 bytes were announced and 200 came", False)
    assert (lacking.complete, lacking.differs) == (True, True)
