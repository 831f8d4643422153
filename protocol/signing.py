"""Ed25519 keys as both sides use them: the edge signs what it sends, the server signs receipts and orders.

A key's id is the first 16 hex digits of the SHA-256 of its public half, so nobody has to agree on names for keys.
"""

from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from protocol.errors import SignatureError

SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Verifier:
    """The public half of a key; 32 raw bytes."""

    public: bytes

    @property
    def key_id(self) -> str:
        return sha256(self.public).hexdigest()[:16]

    def verify(self, signature: bytes, text: bytes) -> None:
        """Return quietly when this key signed `text`; raises SignatureError."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature as error:
            raise SignatureError("the signature does not match") from error

    def to_pem(self) -> bytes:
        key = Ed25519PublicKey.from_public_bytes(self.public)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @classmethod
    def from_pem(cls, pem: bytes) -> "Verifier":
        """Read a PEM public key; raises SignatureError when it is none of Ed25519."""
        try:
            key = load_pem_public_key(pem)
        except ValueError as error:
            raise SignatureError("this is no PEM public key") from error
        if not isinstance(key, Ed25519PublicKey):
            raise SignatureError("this is no Ed25519 public key")
        return cls(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


class Signer:
    """The private half of a key. It never prints itself."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.verifier = Verifier(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        self.key_id = self.verifier.key_id

    def sign(self, text: bytes) -> bytes:
        """Sign `text`; 64 bytes, the same for the same key and text."""
        return self._private.sign(text)

    def to_pem(self) -> bytes:
        """Write the secret itself, unencrypted: the caller keeps the file from other eyes (mode 0600)."""
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @classmethod
    def from_pem(cls, pem: bytes) -> "Signer":
        """Read a PEM private key; raises SignatureError when it is none of Ed25519."""
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError) as error:
            raise SignatureError("this is no PEM private key") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise SignatureError("this is no Ed25519 private key")
        return cls(key)

    @classmethod
    def from_seed(cls, seed: bytes) -> "Signer":
        """Make the key from 32 secret random bytes; the caller draws them, because this package draws nothing."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))
