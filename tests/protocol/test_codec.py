"""Messages survive the wire, and nothing else does."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, strategies as st

from protocol import chain, codec
from protocol.errors import ChainError, DecodeError, ProtocolError, SignatureError
from protocol.identifiers import EdgeId, Epoch
from protocol.messages import Batch, Bye, Health, Hello, Live, Order, OrderKind, PunchRow, Receipt, Source, TerminalHealth, kind_of
from protocol.signing import Signer
from protocol.topics import Encoding

signer = Signer.from_seed(bytes(range(32)))
stranger = Signer.from_seed(bytes(reversed(range(32))))
edge = EdgeId("site-a")
epoch = Epoch("0123456789abcdef" * 2)
noon = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)

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


def test_given_a_batch_when_any_single_bit_of_it_flips_then_it_is_refused():
    data = codec.encode(batch_of([one_row()]), signer)

    for bit in range(len(data) * 8):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ProtocolError):
            take("batch", Encoding.JSON, bytes(damaged))


@given(st.binary(max_size=300))
def test_given_any_bytes_when_decoded_then_nothing_but_a_refusal_comes_out(noise):
    for kind in ("hello", "batch", "receipt", "unheard-of"):
        with pytest.raises(DecodeError):
            codec.decode(kind, noise)
    with pytest.raises(DecodeError):
        codec.unpack(Encoding.ZSTD, noise)
    with pytest.raises(DecodeError):
        codec.decode_row(noise)


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


def test_given_a_small_frame_that_would_grow_huge_when_unpacked_then_it_is_refused():
    _, bomb = codec.pack(bytes(codec.MAX_MESSAGE_BYTES + 1))

    with pytest.raises(DecodeError, match="too large"):
        codec.unpack(Encoding.ZSTD, bomb)


def test_given_a_naive_instant_when_decoded_then_it_is_refused():
    rest = b'{"kind":"bye","edge":"site-a","key":"","v":1,"at":"2026-11-23T12:00:00"}'
    data = b'{"signature":"' + b"0" * 128 + b'",' + rest[1:]

    with pytest.raises(DecodeError, match="at"):
        codec.decode("bye", data)
