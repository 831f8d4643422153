"""Couriers: they hear what edges say beside punches and send down what waits, and nothing that becomes of them keeps a punch out."""

import asyncio
import ssl
import threading
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta

import pytest
import structlog

from protocol.identifiers import EdgeId, Epoch, shard_of
from protocol.messages import Bye, Health, Order, OrderKind, OrderOutcome, OrderResult
from protocol.signing import Signer
from server.broker.authority import Bundle, Role, tool_name
from server.broker.processes import BrokerKind, BrokerPlace, BrokerProcess
from server.fleet import actions as fleet
from server.fleet.model import EdgeState
from server.ingest.admit import Admission
from server.ingest.leases import heartbeat, owners
from server.ingest.postman import Postman
from server.ingest.provisioned import Provisioned
from server.ingest.sift import Limits
from server.ingest.subscriber import BrokerAddress, IngestWorker
from server.storage import Database, DatabaseFullError
from server.wiring import take_other
from tests.support.company import NOW, TESTER, found_company
from tests.support.kits import issue_edge, make_authority
from tests.support.light_edge import LightEdge
from tests.support.paper_edge import RECEIVED, PaperEdge
from tests.support.world import free_port

HQ = EdgeId("edge-hq")
HOUR = timedelta(hours=1)


def order(name="o-1", edge=HQ):
    return Order(edge=edge, order=name, action=OrderKind.REBOOT, expires_at=NOW + HOUR)


class Keeping:
    """Remembers what it heard, sends what it is told to, to whoever can be reached; fails while `fault` is set."""

    def __init__(self, *outgoing):
        self.heard, self.outgoing, self.fault = [], list(outgoing), None

    def hear(self, uow, edge_id, message, at):
        if self.fault:
            fleet.add_site(uow, "half", "half done", "Asia/Shanghai", TESTER, NOW)
            raise self.fault
        self.heard.append((edge_id, message))

    def waiting(self, uow, shards, now):
        if self.fault:
            raise self.fault
        open_now = {line.edge for line in fleet.open_lines(uow, shards).values()}
        return [one for one in self.outgoing if one.edge in open_now]


# What it hears -------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def taken(database):
    """Let a worker with these couriers take messages of the company's edge in; gives the receipts."""
    found_company(database)
    edge = PaperEdge(HQ, 1)
    with database.writing() as uow:
        fleet.replace_edge_key(uow, HQ, edge.signer.verifier, TESTER, NOW)

    def take(couriers, *said):
        admission = Admission(database, "worker", Provisioned(database), Limits(), take_other, couriers)
        return admission.take([say(edge) for say in said], heartbeat(database, "worker", NOW), NOW)

    return take


def said(message):
    return lambda edge: edge.send(message)


HEALTH = Health(edge=HQ, at=RECEIVED, version="1", queue_depth=0)
RESULT = OrderResult(edge=HQ, order="o-1", at=RECEIVED, outcome=OrderOutcome.DONE)


def test_given_an_edge_that_speaks_when_admitted_then_each_courier_hears_all_but_its_rows(database, taken):
    first, second = Keeping(), Keeping()

    taken([first, second], PaperEdge.hello, said(HEALTH), said(RESULT), said(Bye(edge=HQ, at=RECEIVED)))

    kinds = ["Hello", "Health", "OrderResult", "Bye"]
    assert [type(message).__name__ for _, message in first.heard] == kinds
    assert first.heard == second.heard


def test_given_a_courier_that_fails_when_an_edge_speaks_then_its_punches_are_admitted_and_nothing_is_half_done(database, taken):
    broken, well = Keeping(), Keeping()
    broken.fault = ValueError("a fault of ours")

    with structlog.testing.capture_logs() as logged:
        (receipt,) = taken([broken, well], PaperEdge.hello)

    assert (receipt.refusal, receipt.session) == (None, "1" * 32)
    assert [type(message).__name__ for _, message in well.heard] == ["Hello"]
    assert [one["courier"] for one in logged] == ["Keeping"]
    with database.reading() as uow:
        assert [one.code for one in fleet.list_sites(uow)] == ["hq"]


def test_given_a_disk_that_is_full_when_a_courier_writes_then_nothing_is_answered(taken):
    full = Keeping()
    full.fault = DatabaseFullError(detail="full")

    with pytest.raises(DatabaseFullError):
        taken([full], PaperEdge.hello)


# Lines ---------------------------------------------------------------------------------------------------------------------------------


def lines(database):
    with database.reading() as uow:
        return [line.edge for line in fleet.open_lines(uow, [shard_of(HQ)]).values()]


def test_given_a_line_when_it_is_cut_and_comes_back_then_the_edge_can_be_reached_while_it_is_open(database, taken):
    assert lines(database) == []
    taken([], PaperEdge.hello)
    assert lines(database) == [HQ]

    taken([], said(Bye(edge=HQ, at=RECEIVED)))
    assert lines(database) == []
    taken([], said(HEALTH))

    assert lines(database) == [HQ], "a farewell that came behind the next hello is undone by what the edge says"
    with database.reading() as uow:
        assert not fleet.open_lines(uow, ["s99"])


@pytest.mark.parametrize(
    "deed",
    [
        lambda uow: fleet.change_edge_state(uow, HQ, EdgeState.REVOKED, TESTER, NOW),
        lambda uow: fleet.replace_edge_key(uow, HQ, Signer.from_seed(b"n" * 32).verifier, TESTER, NOW),
    ],
    ids=["revoked", "another box"],
)
def test_given_an_edge_when_it_is_revoked_or_replaced_then_nothing_is_sealed_for_the_old_box_any_more(database, taken, deed):
    taken([], PaperEdge.hello)

    with database.writing() as uow:
        deed(uow)
        fleet.change_edge_state(uow, HQ, EdgeState.ACTIVE, TESTER, NOW)

    assert lines(database) == []


# What it sends -------------------------------------------------------------------------------------------------------------------------


def test_given_couriers_of_which_one_fails_when_asked_then_the_others_send_and_it_is_said_once(database, taken):
    taken([], PaperEdge.hello)
    broken, well, sent = Keeping(), Keeping(order()), []
    broken.fault = ValueError("a fault of ours")
    postman = Postman(database, [broken, well], lambda: [shard_of(HQ)], sent.append, lambda: NOW)

    with structlog.testing.capture_logs() as logged:
        for _ in range(3):
            postman.go_round()

    assert (len(sent), len(logged)) == (3, 1)
    broken.fault, broken.outgoing = None, [order("o-2")]
    postman.go_round()
    assert [one.order for one in sent[3:]] == ["o-2", "o-1"]


def test_given_a_broker_that_is_away_when_it_is_time_to_ask_then_nobody_is_asked(database, taken):
    taken([], PaperEdge.hello)
    sent = []

    Postman(database, [Keeping(order())], list, sent.append, lambda: NOW).go_round()

    assert sent == []


# Over a real broker --------------------------------------------------------------------------------------------------------------------


@contextmanager
def working(worker: IngestWorker):
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()


def as_client(bundle: Bundle) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=bundle.authority)
    context.load_cert_chain(bundle.certificate, bundle.key)
    return context


async def until(wanted: Callable[[], bool], what: str):
    for _ in range(4800):
        if wanted():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(what)


def test_given_two_workers_and_a_real_broker_when_an_edge_says_hello_then_it_hears_once_a_second_what_waits_and_is_heard(
    new_database_url, tmp_path
):
    database = Database(new_database_url("sqlite"))
    authority = make_authority(tmp_path / "keys")
    signer, couriers = Signer.from_seed(b"e" * 32), [Keeping(order(), order("o-2", EdgeId("edge-away"))) for _ in range(2)]
    found_company(database)
    with database.writing() as uow:
        fleet.replace_edge_key(uow, HQ, signer.verifier, TESTER, NOW)
    broker = BrokerProcess(BrokerPlace(BrokerKind.AMQTT, "127.0.0.1", free_port(), tmp_path / "broker"), authority)
    broker.start()

    def worker(name, courier):
        keys = authority.tool(name, Role.INGEST)
        address = BrokerAddress("127.0.0.1", broker.port, tool_name(name), keys.authority, keys.certificate, keys.key)
        admission = Admission(database, name, Provisioned(database), Limits(), take_other, [courier])
        return IngestWorker(name, address, database, admission, authority.signer(), [courier])

    def shards():
        with database.reading() as uow:
            return owners(uow)

    async def talk():
        edge = LightEdge(HQ, Epoch("a" * 32), signer, authority.signer().verifier, "1" * 32)
        await until(lambda: shards() == {"w-1": 8, "w-2": 8}, "the workers share")
        await edge.connect(broker.port, as_client(issue_edge(authority, HQ, tmp_path / "edge")))
        await until(lambda: len(edge.heard) > 1, "the order comes, and again while it is not answered")
        edge.say(RESULT)
        await until(lambda: any(isinstance(message, OrderResult) for one in couriers for _, message in one.heard), "the answer is heard")
        await edge.close()
        return {one.order for one in edge.heard}

    try:
        with working(worker("w-1", couriers[0])), working(worker("w-2", couriers[1])):
            assert asyncio.run(talk()) == {"o-1"}
    finally:
        broker.stop()
        database.close()
    heard = [len(one.heard) for one in couriers]
    assert 0 in heard, "only the owner of the edge's shard is told"
