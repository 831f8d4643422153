"""The authority over time: the certificates that are trusted, each with its own key, and which of them signs what.

`authority.crt` holds them all, the newest first. A successor is made long before the end; from that moment brokers trust it and edges are
handed it. It signs for edges and tools a week later, when a broker outside has the file too, and for the broker and the pages only when the
one before it nears its end: an edge that has not heard of the successor finds its way in until then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from server.broker.key_files import AuthorityError, damaged, read_sealed

FILE = "authority.crt"
FIRST_KEY = "authority.key"
"""Of an installation's first authority; each later one's names its certificate."""
SUCCESSOR_BEFORE = timedelta(days=365 * 2)
"""So long before its end an authority gets a successor: longer than any box is away."""
SIGNS_AFTER = timedelta(days=7)
EDGES_KNOW_AFTER = timedelta(days=90)
"""The life of an edge's certificate: with each new one it is handed what is trusted."""
RENEWED_BEFORE = timedelta(days=60)
"""So long before their end the server's own certificates are made anew."""


@dataclass(frozen=True, slots=True)
class Member:
    """One certificate of the authority, and where its private key lies."""

    certificate: x509.Certificate
    key_file: Path

    @property
    def fingerprint(self) -> bytes:
        return self.certificate.fingerprint(SHA256())

    @property
    def name(self) -> str:
        return str(self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def begins_at(self) -> datetime:
        return self.certificate.not_valid_before_utc

    @property
    def ends_at(self) -> datetime:
        return self.certificate.not_valid_after_utc

    def key(self) -> ec.EllipticCurvePrivateKey:
        """Raises AuthorityError or VaultError."""
        try:
            key = load_pem_private_key(read_sealed(self.key_file), password=None)
        except (OSError, ValueError) as error:
            raise _unreadable(self.key_file.parent) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != self.certificate.public_key():
            raise damaged(self.key_file)
        return key


def read_members(folder: Path) -> list[Member]:
    """All that are trusted, the newest first; raises AuthorityError."""
    try:
        certificates = x509.load_pem_x509_certificates((folder / FILE).read_bytes())
    except FileNotFoundError as error:
        raise _unreadable(folder) from error
    except (OSError, ValueError) as error:
        raise damaged(folder / FILE) from error
    return [Member(one, key_file(folder, one)) for one in certificates]


def _unreadable(folder: Path) -> AuthorityError:
    return AuthorityError(reason="The authority's keys are not readable in {folder}: run `clockbridge server init` first.", folder=folder)


def key_file(folder: Path, certificate: x509.Certificate) -> Path:
    """Where a member's private key lies."""
    own = folder / f"authority-{certificate.fingerprint(SHA256()).hex()[:16]}.key"
    return own if own.exists() else folder / FIRST_KEY


def signs_for_clients(members: Sequence[Member], now: datetime) -> Member:
    """Whose signature edges, workers and tools get: the newest that every broker has had the time to learn of."""
    alive = [one for one in members if one.ends_at > now] or members
    settled = [one for one in alive if now - one.begins_at >= SIGNS_AFTER]
    return (settled or alive)[0]


def signs_for_servers(members: Sequence[Member], now: datetime) -> Member:
    """Whose signature broker and pages get: the oldest, until its end is near and edges have had the time to learn of a newer one."""
    *newer, oldest = [one for one in members if one.ends_at > now] or members
    known = [one for one in newer if now - one.begins_at >= EDGES_KNOW_AFTER]
    return known[0] if known and oldest.ends_at - now <= RENEWED_BEFORE else oldest


def wants_successor(members: Sequence[Member], now: datetime) -> bool:
    """Whether the newest nears its end."""
    return members[0].ends_at - now < SUCCESSOR_BEFORE


def successor_name(now: datetime, key: ec.EllipticCurvePublicKey) -> str:
    """Another name than any before it: lists of revoked certificates are told apart by their issuer's."""
    mark = x509.SubjectKeyIdentifier.from_public_key(key).digest.hex()[:8]
    return f"Clockbridge authority {now.astimezone(UTC):%Y-%m} {mark}"
