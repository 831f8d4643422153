"""What only its reader may see, also where others watch the line: HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305.

It hides and does not vouch: every message is signed besides. `about` names what it is for (edge, kind, terminal), and something that was
sealed for another purpose does not open.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from protocol.errors import SealError

KEY_BYTES = 32
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def seal(plain: bytes, public: bytes, *about: str) -> bytes:
    """Seal for the owner of a public key of 32 bytes; 48 bytes longer than `plain`. Raises SealError for a key that is none."""
    try:
        key = X25519PublicKey.from_public_bytes(public)
        return _SUITE.encrypt(plain, key, _context(about))
    except ValueError as error:
        raise SealError("this is no key to seal for") from error


class Opener:
    """The private half: opens what was sealed for it. It never prints itself."""

    def __init__(self, private: bytes) -> None:
        """private: 32 secret random bytes, drawn by the caller."""
        self._private = X25519PrivateKey.from_private_bytes(private)
        self.public = self._private.public_key().public_bytes_raw()

    def open(self, sealed: bytes, *about: str) -> bytes:
        """Raises SealError where it was sealed for somebody or something else, or was changed."""
        try:
            return _SUITE.decrypt(sealed, self._private, _context(about))
        except (InvalidTag, ValueError) as error:
            raise SealError("this was sealed for another reader or purpose, or was changed") from error


def _context(about: tuple[str, ...]) -> bytes:
    return "\n".join(("clockbridge sealed v1", *about)).encode()
