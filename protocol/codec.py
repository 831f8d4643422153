"""Messages to bytes and back.

A message is one flat JSON object whose first field is the signature over everything behind it:

    {"signature":"<128 hex>","kind":"hello","edge":"site-a","key":"0123456789abcdef",...}
                            ^ the signed text begins here, with a brace in the place of the comma

So people can read it, and every byte is either fixed or signed: a cut or a flipped bit is refused. A batch is signed by its
seal instead (`protocol.chain`), because the seal must stay checkable when the rows' content has been erased; the chain binds
its rows.
"""

import struct
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import msgspec
import zstandard

from protocol import chain
from protocol.errors import ChainError, DecodeError, SignatureError
from protocol.messages import DOWN_KINDS, UP_KINDS, VERSION, Batch, Message, PunchRow
from protocol.signing import SIGNATURE_BYTES, Signer, Verifier
from protocol.topics import Encoding

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""A batch is at most 256 KB; sixteen times that leaves room for a later release and none for a decompression bomb."""
COMPRESS_ABOVE_BYTES = 1024

_OPENING = b'{"signature":"'
_REST = len(_OPENING) + 2 * SIGNATURE_BYTES
_HEX = frozenset(b"0123456789abcdef")
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""All that the decoder raises for bytes; the last one for brackets within brackets, also in a field that is passed over."""

_encoder = msgspec.json.Encoder()
_row_decoder = msgspec.json.Decoder(PunchRow)
_decoders: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(struct_type) for kind, struct_type in (UP_KINDS | DOWN_KINDS).items()
}


@dataclass(frozen=True, slots=True)
class Received:
    """A message that decoded, not yet believed: `check` it with the sender's key."""

    message: Message
    signature: bytes
    signed: bytes

    def check(self, verifier: Verifier) -> None:
        """Return quietly when `verifier`'s key signed it; raises SignatureError."""
        if self.message.key != verifier.key_id:
            raise SignatureError("signed by another key")
        verifier.verify(self.signature, self.signed)


def encode_row(row: PunchRow) -> bytes:
    """Write a row for good: these bytes are what the chain and the server keep."""
    return _encoder.encode(row)


def decode_row(data: bytes) -> PunchRow:
    """Read a row; raises DecodeError."""
    try:
        return _row_decoder.decode(data)
    except _UNREADABLE as error:
        raise DecodeError(f"no punch row: {_say(error)}") from error


def encode(message: Message, signer: Signer) -> bytes:
    """Sign and write a message; its `key` becomes the signer's."""
    message = msgspec.structs.replace(message, key=signer.key_id)
    rest = _encoder.encode(message)
    signed = _seal(message) if isinstance(message, Batch) else rest
    return _OPENING + signer.sign(signed).hex().encode() + b'",' + rest[1:]


def decode(kind: str, data: bytes) -> Received:
    """Read a message of this kind; raises DecodeError. Nothing is believed until `Received.check`."""
    decoder = _decoders.get(kind)
    if decoder is None:
        raise DecodeError("a kind of message this release does not know")
    if len(data) > MAX_MESSAGE_BYTES:
        raise DecodeError("message too large")
    hex_signature = data[len(_OPENING) : _REST]
    if not data.startswith(_OPENING) or data[_REST : _REST + 2] != b'",' or not _HEX.issuperset(hex_signature):
        raise DecodeError("a message begins with its signature")
    rest = b"{" + data[_REST + 2 :]
    try:
        message = decoder.decode(rest)
    except _UNREADABLE as error:
        raise DecodeError(f"no {kind} message: {_say(error)}") from error
    if not 1 <= message.v <= VERSION:
        raise DecodeError("a version of the messages that this release does not know: update this side")
    if isinstance(message, Batch):
        # The seal covers values; their spelling is held to the one way in which every release writes what stands before the rows.
        if not rest.startswith(_encoder.encode(msgspec.structs.replace(message, rows=[]))[: -len(b"]}")]):
            raise DecodeError("a batch is not written the one way it is written")
        signed = _seal(message)
    else:
        signed = rest
    return Received(message, bytes.fromhex(hex_signature.decode()), signed)


def check_rows(batch: Batch) -> tuple[list[bytes], list[bytes]]:
    """Digests and heads of a batch's rows, in order; raises ChainError unless they lead from its first head to its last."""
    if batch.last - batch.first + 1 != len(batch.rows):
        raise ChainError("the batch's numbers and rows do not agree")
    digests = chain.digests(batch.rows)
    heads = chain.extend(batch.previous_head, digests)
    if heads[-1] != batch.head:
        raise ChainError("the rows do not lead to the batch's head")
    return digests, heads


def pack(data: bytes) -> tuple[Encoding, bytes]:
    """Compress above 1 KB. Behind the zstd frame stands a skippable frame with its CRC-32, so that any flipped bit shows."""
    if len(data) <= COMPRESS_ABOVE_BYTES:
        return Encoding.JSON, data
    frame = zstandard.ZstdCompressor(level=3).compress(data)
    return Encoding.ZSTD, frame + _trailer(frame)


def unpack(encoding: Encoding, data: bytes) -> bytes:
    """Undo `pack`; raises DecodeError, also for what would grow past MAX_MESSAGE_BYTES."""
    if len(data) > MAX_MESSAGE_BYTES:
        raise DecodeError("message too large")
    if encoding is Encoding.JSON:
        return data
    frame, trailer = data[:-_TRAILER_BYTES], data[-_TRAILER_BYTES:]
    if trailer != _trailer(frame):
        raise DecodeError("damaged on the way (its checksum differs)")
    try:
        if zstandard.frame_content_size(frame) > MAX_MESSAGE_BYTES:
            raise DecodeError("message too large")
        return zstandard.ZstdDecompressor().decompress(frame, max_output_size=MAX_MESSAGE_BYTES, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise DecodeError("no zstd frame") from error


_SKIPPABLE = 0x184D2A50  # RFC 8878, section 3.1.2: every zstd reader passes over such a frame
_TRAILER_BYTES = 12


def _trailer(frame: bytes) -> bytes:
    return struct.pack("<III", _SKIPPABLE, 4, crc32(frame))


def _seal(batch: Batch) -> bytes:
    return chain.seal_text(batch.edge, batch.epoch, batch.first, batch.last, batch.previous_head, batch.head)


def _say(error: Exception) -> str:
    """The decoder's reason; it names fields and types, never content."""
    return str(error)[:200]
