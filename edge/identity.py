"""The files that make a box an edge, replaced together: after a crash at any point the old ones stand, or the new ones do.

Each new file is written beside its old one as `NAME.new`, durable; the certificate's comes last and is the mark that all of them are there.
From then on `settle` puts them into their places, as often as it is interrupted. Private keys are made here and never leave; those of a
request that was not answered yet wait as `.new` files for the next try, which then gets the same answer.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from edge.secret_file import sync_folder, write_secret
from edge.settings import ServerAddress
from protocol.errors import ProtocolError
from protocol.signing import Signer

NEW = ".new"
TOKEN = "enrolled.token"  # noqa: S105 - a file
"""Holds the digest of the token that this box has enrolled with: with the same one there is nothing to do."""


class Identity:
    """Files of one edge. certificate: the one whose new file says that all new ones are there."""

    def __init__(self, certificate: Path, key: Path, others: Mapping[str, Path]) -> None:
        """others: further files by a word for each, such as "ca"."""
        self.certificate, self.key, self.others = certificate, key, others

    @classmethod
    def in_folder(cls, folder: Path) -> "Identity":
        """With the names that a new edge gets."""
        others = {"signing_key": "signing.key", "ca": "ca.crt", "verify_key": "server.pub", "settings": "edge.toml", "token": TOKEN}
        return cls(folder / "edge.crt", folder / "edge.key", {word: folder / name for word, name in others.items()})

    @classmethod
    def of(cls, server: ServerAddress) -> "Identity":
        """Of an edge that has settings; they are not touched."""
        others = {"signing_key": server.signing_key, "ca": server.ca, "verify_key": server.verify_key}
        others["token"] = server.certificate.with_name(TOKEN)
        return cls(server.certificate, server.key, others)

    @property
    def _all(self) -> list[Path]:
        """The certificate last."""
        return [*self.others.values(), self.key, self.certificate]

    def settle(self) -> bool:
        """Finish what was interrupted, and forget what was never whole but for keys; whether new files are in their places now."""
        if not _beside(self.certificate).exists():
            for word, file in self.others.items():
                if word != "signing_key":
                    _beside(file).unlink(missing_ok=True)
            return False
        for file in self._all:
            with suppress(FileNotFoundError):
                _beside(file).replace(file)
        for folder in {file.parent for file in self._all}:
            sync_folder(folder)
        return True

    def commit(self, certificate: bytes, others: Mapping[str, bytes]) -> None:
        """Let the waiting keys be the edge's, with this certificate (PEM) and these further files by their words."""
        for word, data in others.items():
            write_secret(_beside(self.others[word]), data)
        write_secret(_beside(self.certificate), certificate)
        self.settle()

    def waiting_key(self) -> ec.EllipticCurvePrivateKey:
        """The TLS key of the next certificate: that of a request that was not answered, or a new one, durable before it is used."""
        file = _beside(self.key)
        with suppress(OSError, ValueError):
            found = load_pem_private_key(file.read_bytes(), password=None)
            if isinstance(found, ec.EllipticCurvePrivateKey):
                return found
        made = ec.generate_private_key(ec.SECP256R1())
        write_secret(file, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return made

    @property
    def waiting_key_file(self) -> Path:
        """Where `waiting_key` keeps it."""
        return _beside(self.key)

    def waiting_signer(self) -> Signer:
        """The key to sign messages with, in the same way."""
        file = _beside(self.others["signing_key"])
        with suppress(OSError, ProtocolError):
            return Signer.from_pem(file.read_bytes())
        made = Signer.from_seed(os.urandom(32))
        write_secret(file, made.to_pem())
        return made

    def forget_waiting(self) -> None:
        """Drop keys that wait: they were meant for another edge."""
        for file in (self.key, self.others["signing_key"]):
            _beside(file).unlink(missing_ok=True)


def request_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A request for a certificate (PKCS #10, DER). It names nobody: who this is, the server knows by the token or the signature."""
    return x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, SHA256()).public_bytes(Encoding.DER)


def _beside(file: Path) -> Path:
    return file.with_name(file.name + NEW)
