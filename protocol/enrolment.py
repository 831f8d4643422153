"""What a box and the server say to each other before the box is an edge, and when it renews its certificate: JSON over HTTPS.

A token is what a person carries to the box: the edge's name, 128 secret bits, and the SHA-256 fingerprint of the authority that the box
shall believe. Only the secret goes to the server, and only after the fingerprint was compared. Requests are signed with the key that the
edge signs messages with, so that nobody can enrol somebody else's key, or renew with a certificate's name alone.
"""

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from msgspec import Meta, Struct

from protocol.errors import DecodeError, IdentifierError
from protocol.identifiers import EdgeId, check_edge_id
from protocol.messages import Instant, Name

SECRET_BYTES = 16
FINGERPRINT_BYTES = 32
Pem = Annotated[str, Meta(max_length=65_536)]
Der = Annotated[bytes, Meta(max_length=8192)]
Signature = Annotated[bytes, Meta(min_length=64, max_length=64)]
PublicKey = Annotated[bytes, Meta(min_length=32, max_length=32)]


@dataclass(frozen=True, slots=True)
class Token:
    """What a box enrols with, once. It never prints its secret unless it is asked to."""

    edge: EdgeId
    secret: bytes
    fingerprint: bytes

    @property
    def digest(self) -> bytes:
        """What the server keeps of it; 32 bytes."""
        return digest_of(self.secret)

    def write(self) -> str:
        """As a person copies it: the edge, 26 letters and digits, 64 hex digits, with points between them."""
        return f"{self.edge}.{base64.b32encode(self.secret).decode().rstrip('=').lower()}.{self.fingerprint.hex()}"

    def __repr__(self) -> str:
        return "Token(…)"


def read_token(text: str) -> Token:
    """Read what `write` wrote; spaces and case do not matter. Raises DecodeError."""
    edge, _, rest = "".join(text.split()).lower().partition(".")
    secret, _, fingerprint = rest.partition(".")
    try:
        read = Token(check_edge_id(edge), base64.b32decode(secret.upper() + "=" * (-len(secret) % 8)), bytes.fromhex(fingerprint))
    except (binascii.Error, ValueError, IdentifierError) as error:
        raise DecodeError("this is no token") from error
    if len(read.secret) != SECRET_BYTES or len(read.fingerprint) != FINGERPRINT_BYTES:
        raise DecodeError("this is no whole token")
    return read


def digest_of(secret: bytes) -> bytes:
    """What is kept of a token's secret."""
    return sha256(b"clockbridge token\0" + secret).digest()


class Authority(Struct, frozen=True):
    """The certificates that an edge shall believe (PEM, the one that issues first), and the server's clock."""

    authority: Pem
    now: Instant


class EnrolRequest(Struct, frozen=True):
    """A box asks to become the edge that the token is for.

    request: a PKCS #10 request (DER) by the box's TLS key; its subject is not looked at. signing_key: what it will sign messages with
    (Ed25519, raw); signature: by that key over `enrol_text`. clock: what the box's clock shows.
    """

    secret: Annotated[bytes, Meta(min_length=SECRET_BYTES, max_length=SECRET_BYTES)]
    request: Der
    signing_key: PublicKey
    signature: Signature
    clock: Instant
    version: Name = ""


class RenewRequest(Struct, frozen=True):
    """An edge asks for its next certificate, for a new TLS key. nonce: from the server, minutes old; signature: over `renew_text`."""

    edge: EdgeId
    request: Der
    nonce: Name
    signature: Signature
    clock: Instant
    version: Name = ""


class Nonce(Struct, frozen=True):
    """What a request for renewal must carry."""

    nonce: Name
    now: Instant


class Enrolled(Struct, frozen=True):
    """What makes a box an edge. certificate, authority, verify_key: PEM; host, port: of the broker.

    now: the server's clock when it answered.
    """

    edge: EdgeId
    certificate: Pem
    authority: Pem
    verify_key: Pem
    host: Name
    port: int
    time_zone: Name
    now: Instant


class Refused(Struct, frozen=True):
    """Why not: `code` for programs, `message` in the reader's language with what to do; `now` is the server's clock."""

    code: str = ""
    message: str = ""
    now: Instant | None = None


def enrol_text(secret: bytes, request: bytes) -> bytes:
    """What the signing key vouches for when a box enrols."""
    return b"clockbridge enrol\0" + digest_of(secret) + sha256(request).digest()


def renew_text(edge: EdgeId, nonce: str, request: bytes) -> bytes:
    """What the signing key vouches for when an edge renews."""
    return b"\0".join((b"clockbridge renew", edge.encode(), nonce.encode(), sha256(request).digest()))
