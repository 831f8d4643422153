"""Messages survive the wire, and nothing else does."""

import struct
import tracemalloc
from datetime import UTC, datetime, timedelta
from zlib import crc32

import msgspec
import pytest
import zstandard
from hypothesis import given, strategies as st

from protocol import chain, codec
from protocol.errors import ChainError, DecodeError, ProtocolError, SignatureError
from protocol.identifiers import EdgeId, Epoch
from protocol.messages import (
    DOWN_KINDS,
    UP_KINDS,
    Batch,
    Bye,
    Captured,
    Counted,
    CountedDay,
    Health,
    Hello,
    Live,
    Order,
    OrderKind,
    OrderOutcome,
    OrderResult,
    PunchRow,
    Receipt,
    Refusal,
    Reported,
    Setup,
    Source,
    TerminalHealth,
    UserReport,
    UserState,
    Wanted,
    kind_of,
)
from protocol.signing import Signer
from protocol.topics import Encoding

signer = Signer.from_seed(bytes(range(32)))
stranger = Signer.from_seed(bytes(reversed(range(32))))
edge = EdgeId("site-a")
epoch = Epoch("0123456789abcdef" * 2)
noon = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
DAY = noon.date()

instants = st.datetimes(timezones=st.just(UTC))
texts = st.text(st.characters(codec="utf-8"), max_size=24)
codes = st.none() | st.integers(0, 255)
rows = st.builds(
    PunchRow,
    terminal=texts,
    user=texts,
    wall=st.just("2026-02-30 08:00:00"),
    received_at=instants,
    source=st.sampled_from(Source),
    salt=st.binary(min_size=16, max_size=16),
    verify=codes,
    state=codes,
    drift_ms=st.none() | st.integers(-(10**9), 10**9),
    raw=st.binary(max_size=49),
    doubt=st.none() | texts,
)


def one_row(**changes) -> PunchRow:
    facts = {
        "terminal": "CJ9200001",
        "user": "0012",
        "wall": "2026-11-23 12:00:03",
        "received_at": noon + timedelta(seconds=1),
        "source": Source.ZK_LIVE,
        "salt": bytes(16),
    }
    return PunchRow(**(facts | changes))


def batch_of(some_rows: list[PunchRow], first: int = 1) -> Batch:
    written = [codec.encode_row(row) for row in some_rows]
    before = chain.genesis(edge, epoch)
    head = chain.extend(before, [chain.digest(row) for row in written])[-1]
    raws = [msgspec.Raw(row) for row in written]
    return Batch(edge=edge, epoch=epoch, first=first, last=first + len(raws) - 1, previous_head=before, head=head, rows=raws)


def live_of(some_rows: list[PunchRow]) -> Live:
    return Live(edge=edge, epoch=epoch, first=7, rows=[msgspec.Raw(codec.encode_row(row)) for row in some_rows])


heads = st.binary(min_size=32, max_size=32)
messages = st.one_of(
    st.lists(rows, min_size=1, max_size=4).map(batch_of),
    st.lists(rows, min_size=1, max_size=4).map(live_of),
    st.builds(
        Hello,
        edge=st.just(edge),
        epoch=st.just(epoch),
        low=st.integers(0, 2**53),
        high=st.integers(0, 2**53),
        low_head=heads,
        high_head=heads,
        acknowledged=st.integers(0, 2**53),
        version=texts,
        clock=instants,
        nonce=st.just("ab" * 16),
    ),
    st.builds(Receipt, edge=st.just(edge), epoch=st.just(epoch), mark=st.integers(0, 2**53), session=texts, detail=texts),
    st.builds(Bye, edge=st.just(edge), at=instants),
    st.builds(
        Health,
        edge=st.just(edge),
        at=instants,
        version=texts,
        queue_depth=st.integers(0, 10**9),
        terminals=st.lists(st.builds(TerminalHealth, serial=texts, name=texts, address=texts, state=texts, held=codes), max_size=2),
    ),
    st.builds(Order, edge=st.just(edge), order=texts, action=st.sampled_from(OrderKind), expires_at=instants),
    st.builds(OrderResult, edge=st.just(edge), order=texts, at=instants, outcome=st.sampled_from(OrderOutcome), detail=texts),
)


@given(rows)
def test_given_any_row_when_written_and_read_then_it_is_the_same(row):
    assert codec.decode_row(codec.encode_row(row)) == row


@given(messages)
def test_given_any_message_when_sent_and_received_then_it_is_the_same_and_its_signature_holds(message):
    encoding, payload = codec.pack(codec.encode(message, signer))

    received = codec.decode(kind_of(message), codec.unpack(encoding, payload))

    received.check(signer.verifier)
    assert received.message == msgspec.structs.replace(message, key=signer.key_id)


@given(messages, st.data())
def test_given_any_message_when_cut_or_a_bit_flips_then_it_is_refused_with_a_reason(message, data):
    encoding, payload = codec.pack(codec.encode(message, signer))
    if data.draw(st.booleans(), label="cut"):
        damaged = payload[: data.draw(st.integers(0, len(payload) - 1))]
    else:
        bit = data.draw(st.integers(0, len(payload) * 8 - 1))
        damaged = bytearray(payload)
        damaged[bit // 8] ^= 1 << bit % 8
        damaged = bytes(damaged)

    with pytest.raises(ProtocolError) as refusal:
        take(kind_of(message), encoding, damaged)

    assert refusal.value.reason


def take(kind, encoding, payload):
    """All the checks that a receiver makes."""
    received = codec.decode(kind, codec.unpack(encoding, payload))
    received.check(signer.verifier)
    if isinstance(received.message, Batch):
        codec.check_rows(received.message)


def one_of_each(note: str = "") -> list:
    """A message of every kind; a note makes it large enough to be compressed."""
    at = {"edge": edge, "epoch": epoch}
    row = one_row(raw=note.encode() or b"\x01")
    heads = {"low_head": bytes(32), "high_head": b"\xff" * 32}
    return [
        Hello(**at, **heads, low=1, high=2, acknowledged=0, version="0.1.0", clock=noon, nonce=(note or "ab")[:2] * 16),
        batch_of([row, one_row(user="0013")]),
        live_of([row]),
        Health(edge=edge, at=noon, version="0.1.0", queue_depth=3, alarms=[f"clock-off: {note}"], hours_left=7.5),
        Bye(edge=edge, at=noon),
        OrderResult(edge=edge, order="o-1", at=noon, outcome=OrderOutcome.REFUSED, detail=f"no terminal {note}"),
        Receipt(**at, mark=2, session="ab" * 16, refusal=Refusal.BAD_CHAIN, detail=note, head=bytes(32)),
        Reported(edge=edge, terminal="T-1", at=noon, users=[UserReport("0012", UserState.FAILED, 3, ["finger-6"], note)]),
        Captured(edge=edge, terminal="T-1", at=noon, sealed=note.encode() or b"\x01"),
        Counted(edge=edge, terminal=f"T-1{note}"[:200], at=noon, first=DAY, last=DAY, days=[CountedDay(DAY, 2, "0123456789abcdef")]),
        Order(edge=edge, order="o-1", action=OrderKind.RE_READ, expires_at=noon, parameters={"terminal": note}),
        Setup(edge=edge, version=7, sealed=note.encode() or b"\x01"),
        Wanted(edge=edge, terminal="T-1", sealed=note.encode() or b"\x01"),
    ]


def test_given_the_samples_then_they_are_of_every_kind():
    assert {kind_of(message) for message in one_of_each()} == UP_KINDS.keys() | DOWN_KINDS.keys()


@pytest.mark.parametrize("message", one_of_each(), ids=kind_of)
def test_given_a_message_of_any_kind_when_any_single_bit_of_it_flips_then_it_is_refused(message):
    data = codec.encode(message, signer)

    for bit in range(len(data) * 8):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ProtocolError):
            take(kind_of(message), Encoding.JSON, bytes(damaged))


@pytest.mark.parametrize("note", ["", "ef" * 600], ids=["plain", "compressed"])
def test_given_a_message_of_any_kind_when_it_is_cut_anywhere_then_it_is_refused(note):
    for message in one_of_each(note):
        encoding, payload = codec.pack(codec.encode(message, signer))
        for length in range(len(payload)):
            with pytest.raises(ProtocolError):
                take(kind_of(message), encoding, payload[:length])


def test_given_a_compressed_message_when_any_single_bit_of_it_flips_then_it_is_refused():
    compressed = [(kind_of(one), *codec.pack(codec.encode(one, signer))) for one in one_of_each("ef" * 600)]
    compressed = [one for one in compressed if one[1] is Encoding.ZSTD]
    assert {kind for kind, _, _ in compressed} >= {"batch", "live", "health", "order-result", "receipt", "order"}

    for kind, encoding, payload in compressed:
        for bit in range(len(payload) * 8):
            damaged = bytearray(payload)
            damaged[bit // 8] ^= 1 << bit % 8
            with pytest.raises(ProtocolError):
                take(kind, encoding, bytes(damaged))


NESTED = b"[" * 100_000 + b"]" * 100_000


def test_given_brackets_within_brackets_in_a_field_nobody_knows_when_decoded_then_they_are_refused():
    written = codec.encode(Bye(edge=edge, at=noon), signer)

    with pytest.raises(DecodeError, match="recursion"):
        codec.decode("bye", written[:-1] + b',"later":' + NESTED + b"}")
    with pytest.raises(DecodeError, match="recursion"):
        codec.decode_row(b'{"later":' + NESTED + b"}")


def test_given_brackets_within_brackets_in_the_place_of_a_row_when_decoded_then_they_are_refused():
    written = codec.encode(batch_of([one_row()]), signer)
    before = written[: written.index(b'"rows":[') + len(b'"rows":[')]

    with pytest.raises(DecodeError):
        codec.decode_row(NESTED)
    with pytest.raises(ProtocolError):
        take("batch", Encoding.JSON, before + NESTED + b"]}")


@given(st.binary(max_size=300))
def test_given_any_bytes_when_decoded_then_nothing_but_a_refusal_comes_out(noise):
    for kind in ("hello", "batch", "receipt", "unheard-of"):
        with pytest.raises(DecodeError):
            codec.decode(kind, noise)
    with pytest.raises(DecodeError):
        codec.unpack(Encoding.ZSTD, noise)
    with pytest.raises(DecodeError):
        codec.decode_row(noise)


def test_given_a_message_of_another_key_when_checked_then_it_is_refused():
    received = codec.decode("bye", codec.encode(Bye(edge=edge, at=noon), stranger))

    with pytest.raises(SignatureError, match="another key"):
        received.check(signer.verifier)


def test_given_a_batch_whose_rows_were_changed_under_the_same_seal_when_checked_then_the_chain_tells():
    batch = batch_of([one_row(), one_row(user="0013")])
    forged = msgspec.structs.replace(batch, rows=[msgspec.Raw(codec.encode_row(one_row(user="0099"))), batch.rows[1]])

    with pytest.raises(ChainError):
        codec.check_rows(forged)


def test_given_a_batch_that_counts_wrongly_when_checked_then_it_is_refused():
    batch = msgspec.structs.replace(batch_of([one_row()]), last=2)

    with pytest.raises(ChainError, match="numbers"):
        codec.check_rows(batch)


def test_given_a_message_of_a_newer_release_when_decoded_then_its_new_fields_are_passed_over():
    known = msgspec.json.decode(msgspec.json.encode(Bye(edge=edge, at=noon, key=signer.key_id)))
    rest = msgspec.json.encode(known | {"reason": "new in a later release"})
    data = b'{"signature":"' + signer.sign(rest).hex().encode() + b'",' + rest[1:]

    received = codec.decode("bye", data)

    received.check(signer.verifier)
    assert received.message == Bye(edge=edge, at=noon, key=signer.key_id)


@pytest.mark.parametrize(
    ("written", "word", "read_as"),
    [
        (Receipt(edge=edge, epoch=epoch, mark=2, session="", refusal=Refusal.STORAGE), b"storage", ("refusal", Refusal.OTHER)),
        (Order(edge=edge, order="o", action=OrderKind.RE_READ, expires_at=noon), b"re-read", ("action", OrderKind.OTHER)),
        (OrderResult(edge=edge, order="o", at=noon, outcome=OrderOutcome.DONE), b"done", ("outcome", OrderOutcome.OTHER)),
    ],
    ids=["refusal", "order", "outcome"],
)
def test_given_a_word_that_a_newer_release_added_when_decoded_then_it_is_read_as_other(written, word, read_as):
    rest = msgspec.json.encode(msgspec.structs.replace(written, key=signer.key_id)).replace(b'"%s"' % word, b'"from-the-future"')
    data = b'{"signature":"' + signer.sign(rest).hex().encode() + b'",' + rest[1:]

    received = codec.decode(kind_of(written), data)

    received.check(signer.verifier)
    field, value = read_as
    assert getattr(received.message, field) is value


def test_given_a_row_of_a_newer_release_when_decoded_then_its_punch_is_whole():
    written = codec.encode_row(one_row()).replace(b'"zk-live"', b'"by-pigeon","temperature":36.6')

    row = codec.decode_row(written)

    assert row == one_row(source=Source.OTHER)


def test_given_a_row_without_what_later_releases_added_when_decoded_then_defaults_stand_in():
    oldest = {"terminal", "user", "wall", "received_at", "source", "salt"}
    written = msgspec.json.decode(codec.encode_row(one_row()))

    row = codec.decode_row(msgspec.json.encode({name: written[name] for name in oldest}))

    assert row == one_row()


def test_given_a_small_frame_that_would_grow_huge_when_unpacked_then_it_is_refused():
    _, bomb = codec.pack(bytes(codec.MAX_MESSAGE_BYTES + 1))

    with pytest.raises(DecodeError, match="too large"):
        codec.unpack(Encoding.ZSTD, bomb)


@pytest.mark.parametrize("says_its_size", [True, False])
def test_given_a_frame_of_a_hundred_megabytes_when_unpacked_then_no_more_than_a_message_is_made_of_it(says_its_size):
    frame = zstandard.ZstdCompressor(level=3, write_content_size=says_its_size).compress(bytes(100 * 1024 * 1024))
    bomb = frame + struct.pack("<III", 0x184D2A50, 4, crc32(frame))
    assert len(bomb) < 10_000

    tracemalloc.start()
    with pytest.raises(DecodeError):
        codec.unpack(Encoding.ZSTD, bomb)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert most < 2 * codec.MAX_MESSAGE_BYTES


def test_given_a_naive_instant_when_decoded_then_it_is_refused():
    rest = b'{"kind":"bye","edge":"site-a","key":"","v":1,"at":"2026-11-23T12:00:00"}'
    data = b'{"signature":"' + b"0" * 128 + b'",' + rest[1:]

    with pytest.raises(DecodeError, match="at"):
        codec.decode("bye", data)
