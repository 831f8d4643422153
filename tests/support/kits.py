"""Authorities and certificates of edges for tests: keys and certificates in a folder, as an installation and a kit have them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from protocol.identifiers import EdgeId
from server.broker.authority import CLIENT_DAYS, Authority, Bundle
from server.broker.key_files import write_secret
from server.storage.vault import KEY_FILE, new_vault_key


def make_authority(folder: Path, hosts: Sequence[str] = (), seed: bytes = bytes(range(32)), now: datetime | None = None) -> Authority:
    """A whole installation's keys in a folder, with a vault's key that seals them."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / KEY_FILE).exists():
        write_secret(folder / KEY_FILE, new_vault_key())
    authority = Authority(folder)
    authority.create(list(hosts), seed, now)
    return authority


def issue_edge(authority: Authority, edge: EdgeId, folder: Path, now: datetime | None = None, days: int = CLIENT_DAYS) -> Bundle:
    """A certificate that the server has not noted: it is in force, and nobody can revoke it but by its number."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = authority.sign_edge(edge, key.public_key(), now or datetime.now(UTC), days)
    files = Bundle(folder / "edge.crt", folder / "edge.key", folder / "ca.crt")
    write_secret(files.key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    write_secret(files.certificate, certificate.public_bytes(Encoding.PEM))
    write_secret(files.authority, authority.trusted())
    return files
