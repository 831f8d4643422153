"""Admission with real messages, real signatures and a real database: what arrives, what is stored, and what is answered."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter

import msgspec
import pytest
from sqlalchemy import select

from protocol import chain, codec, topics
from protocol.identifiers import ALL_SHARDS, EdgeId, TerminalSerial, shard_of
from protocol.messages import Bye, OrderOutcome, OrderResult, Refusal
from protocol.signing import Signer
from protocol.topics import Encoding
from server.attendance.tables import punch
from server.directory.actions import enrol
from server.fleet import actions as fleet
from server.fleet.model import EdgeState
from server.ingest import leases
from server.ingest.admit import NOBODYS_EPOCH, Admission, Arrival
from server.ingest.leases import LeaseLostError
from server.ingest.provisioned import Provisioned
from server.ingest.sift import Limits
from server.ingest.tables import batch, epoch, hole, quarantine, refused_message
from server.storage import Database
from tests.support.company import NOW, TESTER
from tests.support.paper_edge import RECEIVED, PaperEdge

HQ, PLANT, NORTH = EdgeId("edge-hq"), EdgeId("edge-plant"), EdgeId("edge-b")
NONCE, NEXT_NONCE = "1" * 32, "2" * 32
STRANGER = Signer.from_seed(b"s" * 32)


@dataclass
class Worker:
    """One ingest worker with its leases as it believes to have them; `others` keeps what carried no rows."""

    database: Database
    name: str = "worker-1"
    now: datetime = NOW
    others: list = field(default_factory=list)

    def __post_init__(self):
        self.provisioned = Provisioned(self.database)
        self.admission = Admission(self.database, self.name, self.provisioned, Limits(), self._take_other)
        self.held = leases.heartbeat(self.database, self.name, self.now)

    def _take_other(self, uow, edge_id, message, now):
        self.others.append(message)

    def take(self, *arrivals):
        return self.admission.take(arrivals, self.held, self.now)

    def later(self, seconds):
        """Time goes by and the worker lives."""
        self.now += timedelta(seconds=seconds)
        self.held = leases.heartbeat(self.database, self.name, self.now)


@pytest.fixture
def company(database, founded):
    with database.writing() as uow:
        fleet.replace_edge_key(uow, HQ, PaperEdge(HQ, 1).signer.verifier, TESTER, NOW)
        fleet.add_edge(uow, PLANT, "hq", PaperEdge(PLANT, 2).signer.verifier, TESTER, NOW)
        fleet.add_edge(uow, NORTH, "hq", PaperEdge(NORTH, 3).signer.verifier, TESTER, NOW)
    return founded


@pytest.fixture
def worker(database, company):
    return Worker(database)


@pytest.fixture
def edge():
    return PaperEdge(HQ, 1)


@pytest.fixture
def greeted(worker, edge):
    """An edge with five punches whose hello was heard."""
    edge.punches(5)
    worker.take(edge.hello(NONCE))
    return edge


def rows(database, table, *columns):
    with database.reading() as uow:
        found = uow.fetch_all(select(*(columns or table.c)).order_by(table.c.id))
        return [row[0] for row in found] if len(columns) == 1 else found


def stored(database):
    """(epoch's name, sequence) of each punch, in the order of recording."""
    with database.reading() as uow:
        names = dict(tuple(row) for row in uow.fetch_all(select(epoch.c.id, epoch.c.epoch)))
        return [(names[row.epoch_id], row.sequence) for row in uow.fetch_all(select(punch).order_by(punch.c.id))]


def sequences(database):
    return [sequence for _, sequence in stored(database)]


def reasons(database):
    return rows(database, quarantine, quarantine.c.reason)


def spelled(arrival, **changes):
    """The same message with other fields, signed anew by key number 1; a field whose value is None is left out."""
    body = msgspec.json.decode(codec.unpack(topics.parse(arrival.topic).encoding, arrival.payload), type=dict)
    body = {name: value for name, value in (body | changes).items() if value is not None and name != "signature"}
    text = msgspec.json.encode(body)
    signature = PaperEdge(HQ, 1).signer.sign(text).hex().encode()
    payload = b'{"signature":"' + signature + b'",' + text[1:]
    return replace(arrival, topic=arrival.topic.replace("/zst", "/json"), payload=payload)


# Hello and batches ---------------------------------------------------------------------------------------------------------------------


def test_given_a_hello_when_taken_then_the_receipt_tells_mark_head_and_session(worker, edge):
    edge.punches(5)

    (receipt,) = worker.take(edge.hello(NONCE))

    assert (receipt.mark, receipt.session, receipt.epoch, receipt.refusal) == (0, NONCE, edge.epoch, None)
    assert receipt.head == chain.genesis(HQ, edge.epoch)


def test_given_a_batch_when_taken_then_rows_mark_and_evidence_are_committed_and_receipted(database, worker, greeted):
    (receipt,) = worker.take(greeted.batch())

    assert (receipt.mark, receipt.head, receipt.session) == (5, greeted.heads[5], NONCE)
    assert sequences(database) == [1, 2, 3, 4, 5]
    assert rows(database, punch, punch.c.body) == greeted.rows
    (sealed,) = rows(database, batch)
    assert (sealed.first, sealed.last, sealed.outcomes, sealed.worker) == (1, 5, b"NNNNN", "worker-1")
    seal = chain.seal_text(HQ, greeted.epoch, 1, 5, sealed.previous_head, sealed.head)
    greeted.signer.verifier.verify(sealed.signature, seal)
    assert chain.extend(sealed.previous_head, [sealed.digests[at : at + 32] for at in range(0, 160, 32)])[-1] == sealed.head


def test_given_a_hello_and_batches_when_taken_in_one_transaction_then_one_receipt_tells_the_newest_mark(database, worker, edge):
    edge.punches(6)

    receipts = worker.take(edge.hello(NONCE), edge.batch(1, 2), edge.batch(3, 6))

    assert [receipt.mark for receipt in receipts] == [6]
    assert sequences(database) == [1, 2, 3, 4, 5, 6]


def test_given_a_batch_when_it_comes_again_then_nothing_is_stored_and_the_mark_is_told_again(database, worker, greeted):
    worker.take(greeted.batch())

    (receipt,) = worker.take(greeted.batch(), greeted.batch())

    assert receipt.mark == 5
    assert len(rows(database, batch)) == 1
    assert len(sequences(database)) == 5


def test_given_a_gap_when_taken_then_nothing_is_stored_and_the_mark_is_told(database, worker, greeted):
    worker.take(greeted.batch(1, 2))

    (receipt,) = worker.take(greeted.batch(4, 5))

    assert receipt.mark == 2
    assert sequences(database) == [1, 2]


def test_given_a_batch_that_overlaps_the_mark_when_taken_then_only_its_new_rows_are_stored(database, worker, greeted):
    worker.take(greeted.batch(1, 3))

    (receipt,) = worker.take(greeted.batch(2, 5))

    assert receipt.mark == 5
    assert sequences(database) == [1, 2, 3, 4, 5]
    assert rows(database, batch, batch.c.outcomes) == [b"NNN", b"DDNN"]


def test_given_a_batch_of_an_epoch_without_a_hello_when_taken_then_it_is_not_answered(database, worker, edge):
    edge.punches(2)

    assert worker.take(edge.batch()) == []
    assert sequences(database) == []


def test_given_the_same_punch_in_two_epochs_when_taken_then_it_is_recorded_once_and_counts_as_duplicate(database, worker, greeted):
    worker.take(greeted.batch())
    greeted.begin_epoch("f" * 32)
    greeted.punches(6)

    (receipt,) = worker.take(greeted.hello(NEXT_NONCE), greeted.batch())

    assert receipt.mark == 6
    assert len(sequences(database)) == 6
    assert rows(database, batch, batch.c.outcomes) == [b"NNNNN", b"DDDDDN"]


def test_given_one_punch_twice_in_a_batch_when_taken_then_it_is_recorded_once(database, worker, edge):
    edge.punch("2026-11-23 08:00:00")
    edge.punch("2026-11-23 08:00:00")

    (receipt,) = worker.take(edge.hello(), edge.batch())

    assert receipt.mark == 2
    assert sequences(database) == [1]
    assert rows(database, batch, batch.c.outcomes) == [b"ND"]


def test_given_a_message_without_rows_when_taken_then_it_is_handed_on(worker, edge):
    bye = Bye(edge=HQ, at=RECEIVED)

    assert worker.take(edge.send(bye)) == []
    assert [message.at for message in worker.others] == [RECEIVED]


# Who may speak -------------------------------------------------------------------------------------------------------------------------


def test_given_an_edge_that_nobody_added_when_it_speaks_then_it_is_kept_and_not_answered(database, worker):
    unknown = PaperEdge(EdgeId("edge-nobody"), 9)

    assert worker.take(unknown.hello()) == []
    (kept,) = rows(database, refused_message)
    assert (kept.reason, kept.edge) == (Refusal.UNKNOWN_EDGE, "edge-nobody")


def test_given_a_revoked_edge_when_it_speaks_then_it_is_told_and_nothing_is_stored(database, worker, greeted):
    with database.writing() as uow:
        fleet.change_edge_state(uow, HQ, EdgeState.REVOKED, TESTER, NOW)
    worker.later(2)

    (receipt,) = worker.take(greeted.batch())

    assert (receipt.refusal, receipt.session, receipt.epoch) == (Refusal.UNKNOWN_EDGE, "", NOBODYS_EPOCH)
    assert sequences(database) == []


def test_given_an_edge_that_is_taken_back_when_it_speaks_then_it_goes_on(database, worker, greeted):
    for state in (EdgeState.REVOKED, EdgeState.ACTIVE):
        with database.writing() as uow:
            fleet.change_edge_state(uow, HQ, state, TESTER, NOW)
        worker.later(2)

    assert worker.take(greeted.batch())[0].mark == 5


def test_given_a_key_that_was_replaced_when_something_signed_with_it_arrives_then_it_is_refused(database, worker, greeted):
    with database.writing() as uow:
        fleet.replace_edge_key(uow, HQ, STRANGER.verifier, TESTER, NOW)
    worker.later(2)

    (old,) = worker.take(greeted.batch())
    (new,) = worker.take(greeted.send(greeted.batch_message(), STRANGER))

    assert (old.refusal, new.refusal, new.mark) == (Refusal.BAD_SIGNATURE, None, 5)


@pytest.mark.parametrize("signer", [STRANGER, PaperEdge(PLANT, 2).signer], ids=["a stranger's key", "another edge's key"])
def test_given_a_batch_signed_with_another_key_when_taken_then_it_is_refused(database, worker, greeted, signer):
    (receipt,) = worker.take(greeted.send(greeted.batch_message(), signer))

    assert (receipt.refusal, receipt.session) == (Refusal.BAD_SIGNATURE, "")
    assert sequences(database) == []


def test_given_a_message_of_another_edge_on_ones_topic_when_taken_then_it_is_refused(database, worker, greeted):
    other = PaperEdge(PLANT, 2)
    other.punches(1)
    stolen = replace(other.hello(), topic=greeted.hello().topic)

    (receipt,) = worker.take(stolen)

    assert (receipt.edge, receipt.refusal) == (HQ, Refusal.BAD_SIGNATURE)


def test_given_any_byte_of_a_batch_flipped_when_taken_then_nothing_is_stored(database, worker, greeted):
    good = greeted.batch(1, 1)
    flipped = [
        replace(good, payload=good.payload[:at] + bytes([good.payload[at] ^ 1]) + good.payload[at + 1 :])
        for at in range(0, len(good.payload), 3)
    ]

    receipts = worker.take(*flipped)

    assert {receipt.mark for receipt in receipts} == {0}
    assert all(receipt.refusal for receipt in receipts)
    assert sequences(database) == []


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("up/s02/edge-hq/hello/json", Refusal.WRONG_SHARD),
        ("somewhere/else", Refusal.WRONG_SHARD),
        ("up/s01/edge-hq/song/json", Refusal.UNDECODABLE),
        ("up/s01/edge-hq/batch/json", Refusal.UNDECODABLE),
        ("up/s01/edge-hq/hello/zst", Refusal.UNDECODABLE),
    ],
)
def test_given_a_topic_that_does_not_fit_when_taken_then_the_message_is_kept_with_the_reason(database, worker, edge, topic, reason):
    worker.take(replace(edge.hello(), topic=topic))

    assert rows(database, refused_message, refused_message.c.reason) == [reason]
    assert rows(database, epoch) == []


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b"\xff" * 40, b'{"signature":"' + b"0" * 128 + b'",'], ids=["empty", "bare", "bytes", "cut"]
)
def test_given_bytes_that_are_no_message_when_taken_then_they_are_kept_once_however_often_they_come(database, worker, edge, payload):
    poison = Arrival(topics.up(HQ, "batch", Encoding.JSON), payload, NOW)

    for _ in range(3):
        assert [receipt.refusal for receipt in worker.take(poison)] == [Refusal.UNDECODABLE]

    (kept,) = rows(database, refused_message)
    assert (kept.count, kept.body, kept.reason) == (3, payload, Refusal.UNDECODABLE)


def test_given_an_edge_that_goes_on_for_ever_with_keys_worth_nothing_when_refused_then_the_latest_messages_are_kept(
    database, worker, edge, monkeypatch
):
    monkeypatch.setattr("server.ingest.store.MOST_REFUSED", 3)

    for number in (0, 1, 2, 3, 4, 3, 3, 3, 3):
        worker.take(Arrival(topics.up(HQ, "batch", Encoding.JSON), b"no message, %d" % number, NOW))

    kept = sorted((row.body[-1:], row.count) for row in rows(database, refused_message))
    assert kept == [(b"2", 1), (b"3", 5), (b"4", 1)]


def test_given_a_decompression_bomb_when_taken_then_it_is_refused(database, worker, greeted):
    bomb = codec.pack(b" " * (codec.MAX_MESSAGE_BYTES + 1))[1]

    (receipt,) = worker.take(Arrival(topics.up(HQ, "batch", Encoding.ZSTD), bomb, NOW))

    assert receipt.refusal is Refusal.UNDECODABLE


def test_given_poison_beside_good_messages_when_taken_then_the_good_ones_are_stored_and_each_is_answered(database, worker, greeted):
    poison = Arrival(topics.up(PLANT, "batch", Encoding.JSON), b"\x00", NOW)

    receipts = worker.take(poison, greeted.batch(1, 2), poison, greeted.batch(3, 5))

    assert sorted((receipt.edge, receipt.mark, receipt.refusal) for receipt in receipts if not receipt.refusal) == [(HQ, 5, None)]
    assert {receipt.refusal for receipt in receipts if receipt.edge == PLANT} == {Refusal.UNDECODABLE}
    assert sequences(database) == [1, 2, 3, 4, 5]


# Neighbouring releases -----------------------------------------------------------------------------------------------------------------


def test_given_a_hello_of_a_later_release_when_taken_then_its_unknown_fields_are_passed_over(worker, edge):
    (receipt,) = worker.take(spelled(edge.hello(), mood="sunny", held={"T1": 7}))

    assert (receipt.session, receipt.refusal) == (NONCE, None)


def test_given_a_message_of_an_earlier_release_when_later_fields_are_missing_then_they_have_their_defaults(worker, edge):
    earlier = spelled(edge.hello(), v=None)

    assert worker.take(earlier)[0].refusal is None


def test_given_a_row_of_a_later_release_when_taken_then_it_is_a_punch_and_its_bytes_are_kept(database, worker, edge):
    body = edge.punch("2026-11-23 08:00:00")
    edge.append(body[:-1].replace(b"08:00:00", b"08:00:01") + b',"temperature":36.6}')

    worker.take(edge.hello(), edge.batch())

    assert rows(database, punch, punch.c.body) == edge.rows


def test_given_a_punch_that_came_by_a_way_only_a_later_release_knows_when_taken_then_it_is_a_punch(database, worker, edge):
    body = edge.punch("2026-11-23 08:00:00")
    edge.append(body.replace(b"08:00:00", b"08:00:01").replace(b'"zk-live"', b'"by-pigeon"'))

    worker.take(edge.hello(), edge.batch())

    assert rows(database, punch, punch.c.source) == ["zk-live", "other"]
    assert (rows(database, punch, punch.c.body), reasons(database)) == (edge.rows, [])


def test_given_a_batch_of_a_later_release_when_taken_then_what_stands_behind_its_rows_is_passed_over(database, worker, greeted):
    told = greeted.batch()
    plain = codec.unpack(topics.parse(told.topic).encoding, told.payload)
    later = replace(told, topic=told.topic.replace("/zst", "/json"), payload=plain[:-1] + b',"mood":"sunny"}')

    (receipt,) = worker.take(later)

    assert (receipt.mark, receipt.refusal) == (5, None)
    assert sequences(database) == [1, 2, 3, 4, 5]


def test_given_a_kind_of_message_that_only_a_later_release_knows_when_taken_then_it_stops_nobody(database, worker, greeted):
    song = replace(greeted.hello(), topic=topics.up(HQ, "song", Encoding.JSON))

    refused, taken = sorted(worker.take(song, greeted.batch()), key=lambda receipt: receipt.mark)

    assert (refused.refusal, taken.refusal, taken.mark) == (Refusal.UNDECODABLE, None, 5)


def test_given_brackets_within_brackets_when_taken_then_they_are_kept_as_refused_and_stop_nobody(database, worker, greeted):
    deep = b'{"later":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    bye = greeted.send(Bye(edge=HQ, at=RECEIVED))
    nested = replace(bye, payload=bye.payload[:-1] + b',"later":' + deep + b"}")

    refused, taken = sorted(worker.take(nested, greeted.batch()), key=lambda receipt: receipt.mark)

    assert (refused.refusal, taken.mark) == (Refusal.UNDECODABLE, 5)


def test_given_a_version_above_ours_when_taken_then_it_is_refused_with_advice(worker, edge):
    (receipt,) = worker.take(spelled(edge.hello(), v=2))

    assert receipt.refusal is Refusal.UNDECODABLE
    assert "update" in receipt.detail


# Chains --------------------------------------------------------------------------------------------------------------------------------


def test_given_rows_that_do_not_lead_to_the_sealed_head_when_taken_then_they_are_refused_and_the_epoch_goes_on(database, worker, greeted):
    swapped = msgspec.structs.replace(greeted.batch_message(), rows=[msgspec.Raw(row) for row in reversed(greeted.rows)])

    (bad,) = worker.take(greeted.send(swapped))
    (good,) = worker.take(greeted.batch())

    assert (bad.refusal, bad.mark, bad.session) == (Refusal.BAD_CHAIN, 0, NONCE)
    assert (good.refusal, good.mark) == (None, 5)
    assert rows(database, refused_message, refused_message.c.reason) == [Refusal.BAD_CHAIN]


def test_given_two_histories_of_one_epoch_when_the_second_goes_on_then_the_epoch_is_refused_for_good(database, worker, greeted):
    worker.take(greeted.batch())
    other = PaperEdge(HQ, 1)
    other.punches(7, user="2")

    (found,) = worker.take(other.batch(4, 7))
    (again,) = worker.take(other.hello(NEXT_NONCE), greeted.batch())

    assert (found.refusal, found.mark) == (Refusal.EPOCH_REFUSED, 5)
    assert again.refusal is Refusal.EPOCH_REFUSED
    assert rows(database, epoch, epoch.c.state) == ["refused"]
    assert sequences(database) == [1, 2, 3, 4, 5]


def test_given_a_refused_epoch_when_rows_come_ahead_of_their_turn_then_they_are_refused_with_it(database, worker, greeted):
    worker.take(greeted.batch())
    other = PaperEdge(HQ, 1)
    other.punches(7, user="2")
    worker.take(other.batch(4, 7))

    (told,) = worker.take(other.live(6, 7))

    assert told.refusal is Refusal.EPOCH_REFUSED
    assert sequences(database) == [1, 2, 3, 4, 5]


def test_given_a_refused_epoch_when_a_new_one_brings_the_rows_again_then_each_punch_is_there_once(database, worker, greeted):
    worker.take(greeted.batch())
    other = PaperEdge(HQ, 1)
    other.punches(7, user="2")
    worker.take(other.batch())
    other.begin_epoch("f" * 32)
    other.punches(7, user="2")

    (receipt,) = worker.take(other.hello(NEXT_NONCE), other.batch())

    assert (receipt.mark, receipt.refusal) == (7, None)
    assert stored(database) == [("e" * 32, n) for n in range(1, 6)] + [("f" * 32, n) for n in range(1, 8)]


def test_given_a_refusal_when_another_message_of_the_epoch_follows_in_the_same_transaction_then_it_is_told_still(worker, greeted):
    worker.take(greeted.batch())
    other = PaperEdge(HQ, 1)
    other.punches(7, user="2")

    receipts = worker.take(other.batch(), other.batch(1, 3))

    assert [receipt.refusal for receipt in receipts] == [Refusal.EPOCH_REFUSED]


# Quarantine ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"terminal": "T9"}, "unknown-terminal"),
        ({"user": "77"}, "unknown-user"),
        ({"user": "01"}, "unknown-user"),
        ({"wall": "2026-02-30 08:00:00"}, "impossible-time"),
        ({"wall": "2026-11-23 25:00:00"}, "impossible-time"),
        ({"wall": ""}, "impossible-time"),
        ({"wall": "2026-11-24 09:00:01"}, "future-time"),
        ({"wall": "2025-10-19 08:59:59"}, "past-time"),
        ({"wall": "2026-11-23 08:00:00", "doubt": "layout-unsure"}, "layout-unsure"),
    ],
)
def test_given_a_row_that_may_be_no_punch_when_taken_then_it_is_quarantined_whole_and_counts_as_received(
    database, worker, edge, row, reason
):
    edge.punch("2026-11-23 08:00:00")
    body = edge.punch(**{"wall": "2026-11-23 08:30:00"} | row)
    edge.punch("2026-11-23 08:00:02")

    (receipt,) = worker.take(edge.hello(), edge.batch())

    assert receipt.mark == 3
    assert sequences(database) == [1, 3]
    (kept,) = rows(database, quarantine)
    assert (kept.reason, kept.sequence, kept.body, kept.state) == (reason, 2, body, "open")
    (sealed,) = rows(database, batch)
    assert (sealed.outcomes, sealed.new, sealed.quarantined) == (b"NQN", 2, 1)
    assert sealed.digests[32:64] == chain.digest(kept.body)


@pytest.mark.parametrize("wall", ["2026-11-24 09:00:00", "2025-10-19 09:00:00"], ids=["a day ahead", "400 days ago"])
def test_given_a_time_just_within_the_limits_when_taken_then_it_is_a_punch(database, worker, edge, wall):
    edge.punch(wall)

    worker.take(edge.hello(), edge.batch())

    assert (sequences(database), reasons(database)) == ([1], [])


def test_given_a_terminal_out_of_service_when_its_rows_arrive_then_they_are_quarantined(database, worker, edge, company):
    with database.writing() as uow:
        fleet.put_out_of_service(uow, TerminalSerial("T1"), RECEIVED, RECEIVED + timedelta(hours=2), TESTER, NOW)
    worker.later(2)
    for second, hours in enumerate((-1, 0, 1, 2)):
        edge.punch(f"2026-11-23 08:00:0{second}", received_at=RECEIVED + timedelta(hours=hours))

    worker.take(edge.hello(), edge.batch())

    assert (sequences(database), reasons(database)) == ([1, 4], ["out-of-service"] * 2)


def test_given_bytes_that_are_no_row_when_taken_in_a_batch_then_they_are_quarantined_and_stop_nobody(database, worker, edge):
    edge.append(b'{"not":"a row"}')
    edge.punch("2026-11-23 08:00:00")

    (receipt,) = worker.take(edge.hello(), edge.batch())

    assert (receipt.mark, sequences(database), reasons(database)) == (2, [2], ["undecodable"])


def test_given_the_same_doubtful_row_again_with_another_salt_when_taken_then_it_is_kept_once(database, worker, edge):
    edge.punch("2026-11-23 08:00:00", user="77")
    edge.punch("2026-11-23 08:00:00", user="77")

    worker.take(edge.hello(), edge.batch())

    assert reasons(database) == ["unknown-user"]
    assert rows(database, batch, batch.c.outcomes) == [b"QQ"]


# The live lane -------------------------------------------------------------------------------------------------------------------------


def test_given_live_rows_when_taken_then_they_are_punches_at_once_and_no_mark_moves(database, worker, greeted):
    assert worker.take(greeted.live(4, 5)) == []

    assert [(row.sequence, row.live) for row in rows(database, punch)] == [(4, True), (5, True)]
    assert rows(database, epoch, epoch.c.mark) == [0]


def test_given_live_rows_when_they_come_again_in_their_turn_then_each_is_there_once_and_was_new_in_its_batch(database, worker, greeted):
    worker.take(greeted.live(4, 5), greeted.live(4, 5))

    (receipt,) = worker.take(greeted.batch())

    assert receipt.mark == 5
    assert sorted(sequences(database)) == [1, 2, 3, 4, 5]
    assert rows(database, batch, batch.c.outcomes) == [b"NNNNN"]


def test_given_doubtful_live_rows_when_taken_then_they_wait_for_their_turn(database, worker, edge):
    edge.punch("2026-11-23 08:00:00", user="77")
    worker.take(edge.hello(), edge.live(1, 1))
    early = reasons(database)

    worker.take(edge.batch())

    assert (early, reasons(database)) == ([], ["unknown-user"])


def test_given_live_rows_of_an_epoch_without_a_hello_when_taken_then_nothing_happens(database, worker, edge):
    edge.punches(1)

    assert worker.take(edge.live(1, 1)) == []
    assert sequences(database) == []


# After a restore -----------------------------------------------------------------------------------------------------------------------


def set_mark_back(database, edge, mark):
    """As an older backup has the epoch; its punches are left, because triggers guard them, and are recognised by identity."""
    with database.writing() as uow:
        uow.execute(epoch.update().values(mark=mark, head=edge.heads[mark], session="0" * 32))


def test_given_a_restored_server_when_the_edge_says_hello_then_the_lower_mark_is_told_and_rows_are_recognised(database, worker, greeted):
    worker.take(greeted.batch(1, 3))
    set_mark_back(database, greeted, 1)

    (receipt,) = worker.take(greeted.hello(NEXT_NONCE))
    (after,) = worker.take(greeted.batch(2, 5))

    assert (receipt.mark, receipt.head, receipt.session) == (1, greeted.heads[1], NEXT_NONCE)
    assert (after.mark, sequences(database)) == (5, [1, 2, 3, 4, 5])


def test_given_rows_that_the_edge_no_longer_has_when_it_says_hello_then_a_hole_is_recorded_and_the_chain_goes_on(database, worker, greeted):
    worker.take(greeted.batch(1, 1))

    (receipt,) = worker.take(greeted.hello(NEXT_NONCE, low=4))
    (after,) = worker.take(greeted.batch(4, 5))

    assert (receipt.mark, receipt.head, after.mark) == (3, greeted.heads[3], 5)
    assert [(gone.first, gone.last) for gone in rows(database, hole)] == [(2, 3)]
    assert sequences(database) == [1, 4, 5]


def test_given_a_hole_when_the_hello_is_repeated_then_it_is_recorded_once(database, worker, greeted):
    worker.take(greeted.hello(NEXT_NONCE, low=4))

    worker.take(greeted.hello(NEXT_NONCE, low=4))

    assert len(rows(database, hole)) == 1


# Workers -------------------------------------------------------------------------------------------------------------------------------


def test_given_a_worker_frozen_past_its_lease_when_it_goes_on_then_it_commits_nothing(database, worker, greeted):
    worker.now += leases.LEASE

    with pytest.raises(LeaseLostError):
        worker.take(greeted.batch())

    assert (sequences(database), rows(database, epoch, epoch.c.mark)) == ([], [0])


def test_given_a_frozen_worker_when_another_has_taken_over_then_only_the_new_one_commits(database, worker, greeted):
    frozen_at = worker.now
    second = Worker(database, "worker-2", NOW + leases.LEASE + timedelta(seconds=1))
    assert set(second.held) == set(ALL_SHARDS)

    worker.now = frozen_at  # its own clock stood still with it
    with pytest.raises(LeaseLostError):
        worker.take(greeted.batch(1, 3))
    (receipt,) = second.take(greeted.batch())

    assert (receipt.mark, sequences(database)) == (5, [1, 2, 3, 4, 5])
    assert rows(database, batch, batch.c.worker) == ["worker-2"]


def test_given_a_lost_lease_when_poison_and_good_messages_come_together_then_nothing_at_all_is_stored(database, worker, greeted):
    worker.now += leases.LEASE

    with pytest.raises(LeaseLostError):
        worker.take(Arrival(topics.up(HQ, "batch", Encoding.JSON), b"x", NOW), greeted.batch())

    assert (rows(database, refused_message), sequences(database)) == ([], [])


def test_given_two_workers_when_each_takes_its_own_edges_then_both_commit_and_neither_the_others(database, worker):
    hq, north = PaperEdge(HQ, 1), PaperEdge(NORTH, 3)
    hq.punches(2, user="1")
    north.punches(2, user="2")
    second = Worker(database, "worker-2")
    worker.later(0)
    second.later(0)
    of_hq = next(one for one in (worker, second) if shard_of(HQ) in one.held)
    of_north = next(one for one in (worker, second) if shard_of(NORTH) in one.held)

    marks = [of_hq.take(hq.hello(), hq.batch())[0].mark, of_north.take(north.hello(), north.batch())[0].mark]

    assert marks == [2, 2]
    assert of_hq is not of_north
    with pytest.raises(LeaseLostError):
        of_hq.take(north.hello())


def test_given_two_edges_when_taken_together_then_each_gets_its_own_receipt(database, worker):
    hq, plant = PaperEdge(HQ, 1), PaperEdge(PLANT, 2)
    hq.punches(3, user="1")
    plant.punches(2, user="2")

    receipts = worker.take(hq.hello(), plant.hello(), hq.batch(), plant.batch())

    assert sorted(((receipt.edge, receipt.mark) for receipt in receipts), key=itemgetter(0)) == [(HQ, 3), (PLANT, 2)]
    assert len(sequences(database)) == 5


def test_given_the_transaction_fails_when_the_same_messages_are_taken_again_then_they_are_stored_once(database, worker, greeted):
    def fail(*_):
        raise RuntimeError("cut off before the commit")

    failing = Admission(database, worker.name, worker.provisioned, Limits(), fail)
    with pytest.raises(RuntimeError):
        failing.take([greeted.batch(), greeted.send(Bye(edge=HQ, at=RECEIVED))], worker.held, worker.now)
    before = sequences(database), rows(database, epoch, epoch.c.mark)

    (receipt,) = worker.take(greeted.batch())

    assert before == ([], [0])
    assert (receipt.mark, sequences(database)) == (5, [1, 2, 3, 4, 5])


def test_given_a_new_enrolment_when_a_second_has_passed_then_it_counts(database, worker, edge, company):
    with database.writing() as uow:
        enrol(uow, company.people["A1"], company.zone, "77", date(2020, 1, 1), TESTER, NOW)
    worker.later(2)
    edge.punch("2026-11-23 08:00:00", user="77")

    worker.take(edge.hello(), edge.batch())

    assert (sequences(database), reasons(database)) == ([1], [])


# Poison --------------------------------------------------------------------------------------------------------------------------------

HUGE = 2**70


@pytest.mark.parametrize(
    "row",
    [
        {"user": "1\x00"},
        {"terminal": "T1\x00"},
        {"doubt": "un\x00sure"},
        {"wall": "2026-11-23\x0008:00:00"},
        {"received_at": datetime(1, 1, 1, tzinfo=UTC)},
        {"received_at": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)},
        {"verify": HUGE},
        {"verify": 2**40},
        {"state": -HUGE},
        {"drift_ms": HUGE},
        {"raw": bytes(4096)},
        {"user": "号" * 64, "terminal": "端" * 64, "doubt": "疑" * 64},
    ],
    ids=lambda row: " ".join(f"{name} {str(value)[:22]!a}" for name, value in row.items()),
)
def test_given_a_row_with_a_value_no_database_likes_when_taken_then_it_stops_nobody(database, worker, edge, row):
    edge.punch("2026-11-23 08:00:00")
    edge.punch(**{"wall": "2026-11-23 08:30:00"} | row)
    edge.punch("2026-11-23 08:00:02")

    (receipt,) = worker.take(edge.hello(), edge.batch())

    assert receipt.mark == 3
    assert {1, 3} <= set(sequences(database))
    assert len(sequences(database)) + len(reasons(database)) == 3


@pytest.mark.parametrize("changes", [{"low": HUGE, "high": HUGE}, {"low": 2**63, "high": 2**63}], ids=["2^70", "2^63"])
def test_given_a_hello_with_numbers_beyond_any_database_when_taken_then_it_is_refused_and_stops_nobody(database, worker, greeted, changes):
    other = PaperEdge(PLANT, 2)
    other.punches(1)
    body = msgspec.json.decode(codec.unpack(Encoding.JSON, other.hello().payload), type=dict) | changes
    del body["signature"]
    text = msgspec.json.encode(body) if max(changes.values()) < 2**64 else _big_json(body)
    bad = replace(other.hello(), payload=b'{"signature":"' + other.signer.sign(text).hex().encode() + b'",' + text[1:])

    receipts = worker.take(bad, greeted.batch())

    assert [(receipt.edge, receipt.mark, receipt.refusal) for receipt in receipts] == [
        (HQ, 5, None),
        (PLANT, 0, Refusal.UNDECODABLE),
    ]


def test_given_a_message_with_a_character_no_database_keeps_when_taken_then_it_alone_is_refused(worker, greeted):
    nul = greeted.send(OrderResult(edge=HQ, order="read\x00", at=RECEIVED, outcome=OrderOutcome.DONE))

    receipts = worker.take(nul, greeted.batch())

    assert [(receipt.mark, receipt.refusal) for receipt in receipts] == [(5, None), (0, Refusal.UNDECODABLE)]


def _big_json(body):
    return json.dumps(body, separators=(",", ":")).encode()
