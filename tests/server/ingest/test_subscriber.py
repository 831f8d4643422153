"""A worker's shards, line and rests, with time and the line's events in the test's hand. The broker is real in tests/journeys."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from protocol.identifiers import ALL_SHARDS
from protocol.topics import Encoding, up
from server.broker.authority import Role, tool_name
from server.ingest import leases
from server.ingest.admit import Arrival
from server.ingest.leases import LEASE, LeaseLostError, heartbeat, owners
from server.ingest.subscriber import BrokerAddress, IngestWorker
from server.storage import Database, DatabaseFullError
from tests.support.company import NOW
from tests.support.kits import make_authority
from tests.support.sending import EDGE

SECOND = timedelta(seconds=1)
CAME, LEFT = SimpleNamespace(is_failure=False), SimpleNamespace(is_failure=True)


class Line:
    """paho's client as a worker uses it: remembers what it hears and what was sent."""

    def __init__(self):
        self.hears, self.sent = set(), []

    def subscribe(self, wanted):
        self.hears |= {name.split("/")[1] for name, _ in wanted}

    def unsubscribe(self, names):
        self.hears -= {name.split("/")[1] for name in names}

    def is_connected(self):
        return True

    def publish(self, topic, payload, qos):
        self.sent.append(topic)


class Admission:
    """Answers nothing, or fails as it is told; remembers what it took."""

    def __init__(self):
        self.taken, self.failing = [], lambda arrivals: None

    def take(self, arrivals, held, now):
        error = self.failing(arrivals)
        if error:
            raise error
        self.taken += arrivals
        return []


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    authority = make_authority(tmp_path_factory.mktemp("keys"))
    authority.tool("ingest-1", Role.INGEST)
    return authority


@pytest.fixture
def worker(keys, new_database_url):
    """Not connected, at NOW; `clock[0]` moves it."""
    clock = [NOW]
    database = Database(new_database_url("sqlite"))
    bundle = keys.bundle("ingest-1")
    address = BrokerAddress("127.0.0.1", 1, tool_name("ingest-1"), bundle.authority, bundle.certificate, bundle.key)
    made = IngestWorker("ingest-1", address, database, Admission(), keys.signer(), clock=lambda: clock[0])
    made._client = Line()
    made.clock, made.database = clock, database
    yield made
    database.close()


def beat(worker, after=SECOND):
    """Its heart beats after a while."""
    worker.clock[0] += after
    worker._beat()


def come(worker):
    worker._came(None, None, None, CAME, None)


def shards_of(worker):
    with worker.database.reading() as uow:
        return owners(uow).get("ingest-1", 0)


def arrival(number=0):
    return Arrival(up(EDGE, "bye", Encoding.JSON), b"%d" % number, NOW)


def test_given_no_broker_when_its_heart_beats_then_a_worker_owns_nothing_until_it_hears(worker):
    beat(worker)
    assert shards_of(worker) == 0

    come(worker)
    beat(worker)

    assert worker._client.hears == set(ALL_SHARDS)
    assert shards_of(worker) == 16


def test_given_a_line_that_comes_just_after_a_worker_looked_when_shards_are_gained_then_it_hears_them(worker):
    """paho's thread: it comes between the look whether there is a line, and the end of the beat."""
    come(worker)
    worker._connected.clear()
    worker._heard_broker_at = worker.clock[0]
    looked = worker._connected.is_set

    def then_it_comes():
        found = looked()
        if worker._held:
            worker._connected.is_set = looked
            come(worker)
        return found

    worker._connected.is_set = then_it_comes
    beat(worker)

    assert set(worker._held) == set(ALL_SHARDS)
    assert worker._client.hears == set(ALL_SHARDS)


def test_given_a_broken_line_when_it_lasts_for_a_lease_then_another_worker_has_the_shards(worker):
    come(worker)
    beat(worker)
    worker._left(None, None, None, LEFT, None)

    beat(worker, LEASE - SECOND)
    assert shards_of(worker) == 16, "a broker may be started again"
    beat(worker, LEASE / 4)

    assert shards_of(worker) == 0
    assert set(heartbeat(worker.database, "ingest-2", worker.clock[0])) == set(ALL_SHARDS)


def test_given_a_worker_that_gave_up_when_the_line_is_back_then_it_has_a_share_again(worker):
    come(worker)
    beat(worker)
    worker._left(None, None, None, LEFT, None)
    beat(worker, LEASE)

    worker._client.hears.clear()
    come(worker)
    beat(worker, LEASE)

    assert shards_of(worker) == 16
    assert worker._client.hears == set(ALL_SHARDS)


def test_given_a_lease_that_is_lost_when_admitting_then_the_shard_is_heard_no_more_and_the_heart_beats_at_once(worker):
    come(worker)
    beat(worker)
    worker._admission.failing = lambda arrivals: LeaseLostError([ALL_SHARDS[3]])

    worker._admit([arrival()])

    assert worker._client.hears == set(ALL_SHARDS) - {ALL_SHARDS[3]}
    beat(worker, timedelta(0))
    assert worker._client.hears == set(ALL_SHARDS), "nobody else had it"


def test_given_shards_that_went_to_another_when_its_heart_beats_then_they_are_heard_no_more(worker):
    come(worker)
    beat(worker)
    heartbeat(worker.database, "ingest-2", worker.clock[0])

    beat(worker, LEASE / 2)

    assert len(worker._client.hears) == 8
    assert worker._client.hears == set(worker._held)


def test_given_a_message_that_breaks_admission_when_others_came_with_it_then_they_are_taken(worker):
    come(worker)
    beat(worker)
    worker._admission.failing = lambda arrivals: ValueError("poison") if any(one.payload == b"1" for one in arrivals) else None

    worker._admit([arrival(0), arrival(1), arrival(2)])

    assert [one.payload for one in worker._admission.taken] == [b"0", b"2"]


def test_given_messages_of_shards_that_are_not_ours_when_admitted_then_they_are_left_to_their_owner(worker):
    come(worker)

    worker._admit([arrival()])

    assert worker._admission.taken == []


def test_given_a_full_disk_when_admitting_then_nothing_is_answered_and_it_is_said_once_and_once_that_it_is_well_again(worker, monkeypatch):
    import structlog

    monkeypatch.setattr(worker._stop, "wait", lambda seconds: None)
    come(worker)
    beat(worker)
    with structlog.testing.capture_logs() as said:
        worker._admission.failing = lambda arrivals: DatabaseFullError(detail="full")
        for _ in range(3):
            worker._admit([arrival()])
            beat(worker, LEASE / 4)  # so little can be written still
        worker._admission.failing = lambda arrivals: None
        for _ in range(3):
            worker._admit([arrival()])

    assert worker._client.sent == []
    assert [one["event"] for one in said] == ["database does not commit; edges keep everything meanwhile", "database commits again"]
    assert len(worker._admission.taken) == 3


def test_given_a_database_that_is_away_when_its_heart_beats_then_the_worker_lives_on(worker, monkeypatch):
    pauses = []
    monkeypatch.setattr(worker._stop, "wait", pauses.append)
    come(worker)

    def away(*_):
        raise DatabaseFullError(detail="full")

    with monkeypatch.context() as patched:
        patched.setattr(leases, "heartbeat", away)
        for _ in range(7):
            beat(worker, LEASE)
    assert pauses == [0.5, 1.0, 2.0, 5.0, 10.0, 10.0, 10.0]

    beat(worker, LEASE)
    assert shards_of(worker) == 16


def test_given_a_clock_that_is_set_back_when_its_heart_should_beat_then_it_beats(worker):
    come(worker)
    beat(worker)

    beat(worker, -timedelta(hours=3))

    with worker.database.reading() as uow:
        assert leases.at_work(uow, worker.clock[0]) == ["ingest-1"]
    assert shards_of(worker) == 16
