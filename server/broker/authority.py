"""Keys and certificates: our own authority, the broker's and web's certificates, one for each edge, worker and tool.

What a certificate is good for stands in it: the common name is the client's name, user and client id; the organisational unit is its
role. Files are written with mode 0600 into folders with mode 0700; private keys never leave the folder they are made for, and those that
only we use are sealed there (`key_files`).
"""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from protocol.errors import ProtocolError
from protocol.identifiers import EdgeId
from protocol.signing import Signer, Verifier
from server.broker.certificates import named, reached_at, revocation_list, self_signed, unsigned, usage
from server.broker.key_files import AuthorityError, damaged, is_plain, read_sealed, write_sealed, write_secret
from server.broker.members import (
    FILE,
    FIRST_KEY,
    RENEWED_BEFORE,
    Member,
    read_members,
    signs_for_clients,
    signs_for_servers,
    successor_name,
    wants_successor,
)

SERVER_DAYS = 825
CLIENT_DAYS = 90
CRL_BEGINS = b"-----BEGIN X509 CRL-----"


class Role(StrEnum):
    """What a client may do at the broker."""

    EDGE = "edge"
    INGEST = "ingest"
    TAIL = "tail"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Paths of one identity: certificate, private key, and the authority both sides trust."""

    certificate: Path
    key: Path
    authority: Path


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate and when it ends."""

    name: str
    ends_at: datetime


class Authority:
    """The keys of one installation, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def ready(self) -> bool:
        return (self.folder / "authority.crt").is_file() and (self.folder / "server-signing.key").is_file()

    def create(self, hosts: list[str], seed: bytes, now: datetime | None = None) -> None:
        """Make authority, broker, web and worker certificates and the key that signs receipts; refuses to overwrite.

        hosts: names and addresses under which edges and browsers reach this server. seed: 32 random bytes for the signing key. The vault's
        key must lie in the folder already: without it nothing is made. Raises AuthorityError.
        """
        if self.ready:
            raise AuthorityError(reason="There are keys in {folder} already; they are never overwritten.", folder=self.folder)
        now = now or datetime.now(UTC)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = ec.generate_private_key(ec.SECP256R1())
        write_sealed(self.folder / FIRST_KEY, _pem(key))
        write_secret(self.folder / FILE, self_signed("Clockbridge authority", key, now).public_bytes(Encoding.PEM))
        self.revoke([], now)
        self.complete(hosts, now)
        signer = Signer.from_seed(seed)
        write_secret(self.folder / "server-signing.pub", signer.verifier.to_pem())
        write_sealed(self.folder / "server-signing.key", signer.to_pem())  # last: its presence says that all of it is there

    def complete(self, hosts: list[str], now: datetime | None = None) -> None:
        """Make those certificates of broker, web and tail that are not there: at first all, later who was removed to be made anew."""
        for name in ("broker", "web"):
            if not (self.folder / f"{name}.crt").is_file():
                self.issue_server(name, hosts, now)
        self.tool("tail", Role.TAIL, now)

    def succeed(self, now: datetime | None = None) -> Member:
        """Make the authority's successor: trusted from now on, and signing when brokers have had the time to learn of it.

        Nothing that is there is worth less by it. Raises OSError, AuthorityError or VaultError.
        """
        now, key = now or datetime.now(UTC), ec.generate_private_key(ec.SECP256R1())
        certificate = self_signed(successor_name(now, key.public_key()), key, now)
        trusted = self.trusted()
        file = self.folder / f"authority-{certificate.fingerprint(SHA256()).hex()[:16]}.key"
        write_sealed(file, _pem(key))
        write_secret(self.folder / FILE, certificate.public_bytes(Encoding.PEM) + trusted)
        self.revoke(self.revoked(), now)
        return Member(certificate, file)

    def keep_up(self, now: datetime | None = None) -> list[str]:
        """Do what is due: a successor, a list of revoked certificates by each member, own certificates near their end; names of those.

        Repeating it changes nothing. Raises OSError, AuthorityError or VaultError.
        """
        now = now or datetime.now(UTC)
        if wants_successor(self.members(), now):
            self.succeed(now)
        if {one.issuer for one in self._revocation_lists()} != {one.certificate.subject for one in self.members()}:
            self.revoke(self.revoked(), now)  # a successor's first one was cut off
        due = [name for name, one in self._own_certificates().items() if _is_due(one, now)]
        return [name for name in due if self._renew(name, now)]

    def _renew(self, name: str, now: datetime) -> bool:
        """The same certificate, for the same key, with a later end; whether it was one of ours, and there is a later one."""
        file = self.folder / f"{name}.crt"
        before = _read_certificate(file)
        if not any(_is_issued(before, one) for one in self.members()):
            return False
        purpose = next(iter(before.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value))
        names = [one.value for one in before.extensions if isinstance(one.value, x509.SubjectAlternativeName)]
        key = before.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey), "we made it"
        made = self._signed(before.subject, key, purpose, SERVER_DAYS, now, names[0] if names else None)
        if before.not_valid_before_utc <= now and made.not_valid_after_utc <= before.not_valid_after_utc:
            return False
        write_secret(file, made.public_bytes(Encoding.PEM))
        return True

    def members(self) -> list[Member]:
        """The certificates of this authority that are trusted, the newest first; raises AuthorityError."""
        return read_members(self.folder)

    def unsealed(self) -> list[Path]:
        """Private keys that an earlier release wrote, and that lie open still."""
        return [file for file in (self.folder / FIRST_KEY, self.folder / "server-signing.key") if is_plain(file)]

    def seal(self) -> None:
        """Take over the keys of an earlier release; repeating it changes nothing. Raises OSError, VaultError or AuthorityError."""
        for file in self.unsealed():
            write_sealed(file, file.read_bytes())

    def issue_server(self, name: str, hosts: list[str], now: datetime | None = None) -> Bundle:
        """A certificate under which this machine is reached."""
        alternatives = x509.SubjectAlternativeName([reached_at(host) for host in dict.fromkeys(["localhost", "127.0.0.1", *hosts])])
        return self._issue(self.folder, name, named(name, "server"), ExtendedKeyUsageOID.SERVER_AUTH, SERVER_DAYS, now, alternatives)

    def issue_tool(self, name: str, role: Role, now: datetime | None = None) -> Bundle:
        """A client certificate for a worker or tool of this installation, kept beside the others. No edge can have its name."""
        return self._issue(self.folder, name, named(tool_name(name), role), ExtendedKeyUsageOID.CLIENT_AUTH, SERVER_DAYS, now)

    def sign_edge(self, edge: EdgeId, key: ec.EllipticCurvePublicKey, now: datetime, days: int = CLIENT_DAYS) -> x509.Certificate:
        """A client certificate for an edge's own key. Whoever calls notes it down: only what is known can be revoked."""
        alternatives = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"clockbridge:edge:{edge}")])
        return self._signed(named(edge, Role.EDGE), key, ExtendedKeyUsageOID.CLIENT_AUTH, days, now, alternatives)

    def trusted(self) -> bytes:
        """The certificates that edges and tools shall believe (PEM), the newest first; raises AuthorityError."""
        try:
            return (self.folder / FILE).read_bytes()
        except OSError as error:
            raise damaged(self.folder / FILE) from error

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the certificate that vouches for the pages: what a box compares before it believes anything. Raises AuthorityError."""
        return signs_for_servers(self.members(), datetime.now(UTC)).fingerprint

    def issuer_of(self, certificate: x509.Certificate) -> bytes:
        """SHA-256 of the member that signed it; b"" for none of ours. Raises AuthorityError."""
        return next((one.fingerprint for one in self.members() if _is_issued(certificate, one)), b"")

    def tool(self, name: str, role: Role, now: datetime | None = None) -> Bundle:
        """The certificate of a worker or tool, made when it is not there yet."""
        if not (self.folder / f"{name}.crt").is_file():
            return self.issue_tool(name, role, now)
        return self.bundle(name)

    def bundle(self, name: str) -> Bundle:
        return Bundle(self.folder / f"{name}.crt", self.folder / f"{name}.key", self.folder / FILE)

    def signer(self) -> Signer:
        """The key that signs receipts and orders; raises AuthorityError."""
        try:
            return Signer.from_pem(read_sealed(self.folder / "server-signing.key"))
        except OSError as error:
            raise AuthorityError(
                reason="The server's keys are not readable in {folder}: run `clockbridge server init` first.", folder=self.folder
            ) from error
        except (ValueError, ProtocolError) as error:
            raise damaged(self.folder / "server-signing.key") from error

    def verifier(self) -> Verifier:
        return Verifier.from_pem((self.folder / "server-signing.pub").read_bytes())

    def require_sound(self, name: str, now: datetime | None = None) -> None:
        """Raises AuthorityError unless a certificate is there, readable, this authority's own, in its time, and its key fits."""
        bundle = self.bundle(name)
        certificate = _read_certificate(bundle.certificate)
        facts = {"file": bundle.certificate, "ends": f"{certificate.not_valid_after_utc:%Y-%m-%d}"}
        if not self.issuer_of(certificate):
            raise AuthorityError(
                reason="{file} is not of this installation's authority. Remove it and its key, and run `clockbridge server init`.", **facts
            )
        if certificate.not_valid_after_utc <= (now or datetime.now(UTC)):
            raise AuthorityError(reason="{file} ended on {ends}. Remove it and its key, and run `clockbridge server init`.", **facts)
        require_fitting(bundle.certificate, bundle.key)

    def revoked(self) -> list[int]:
        """Serial numbers of certificates that are no longer good; raises AuthorityError."""
        return sorted({one.serial_number for listed in self._revocation_lists() for one in listed})

    def _revocation_lists(self) -> list[x509.CertificateRevocationList]:
        file = self.folder / "revoked.crl"
        try:
            _, *blocks = file.read_bytes().split(CRL_BEGINS)
            lists = [x509.load_pem_x509_crl(CRL_BEGINS + block) for block in blocks]
        except (OSError, ValueError) as error:
            raise damaged(file) from error
        if not lists:
            raise damaged(file)
        return lists

    def issued(self) -> dict[EdgeId, list[x509.Certificate]]:
        """Certificates of edges that a release which noted them in files only has given out."""
        files = (self.folder / "issued").glob("*/*.crt")
        found: dict[EdgeId, list[x509.Certificate]] = {}
        for file in sorted(files):
            found.setdefault(EdgeId(file.parent.name), []).append(_read_certificate(file))
        return found

    def revoke(self, serials: list[int], now: datetime | None = None) -> Path:
        """Write the list of certificates that are no longer good (the whole list, not an addition), signed by each member.

        OpenSSL asks each issuer for a list of its own; numbers of 159 random bits need not be told apart by issuer.
        """
        path = self.folder / "revoked.crl"
        write_secret(path, self.revocation_lists(serials, now or datetime.now(UTC)))
        return path

    def revocation_lists(self, serials: list[int], now: datetime) -> bytes:
        """What `revoke` writes; raises AuthorityError or VaultError."""
        lists = [revocation_list(one.certificate.subject, one.key(), serials, now) for one in self.members()]
        return b"".join(one.public_bytes(Encoding.PEM) for one in lists)

    def endings(self) -> list[Ending]:
        """When this server's own certificates end, soonest first; raises AuthorityError."""
        endings = [Ending(name, certificate.not_valid_after_utc) for name, certificate in self._own_certificates().items()]
        return sorted(endings, key=lambda ending: ending.ends_at)

    def _own_certificates(self) -> dict[str, x509.Certificate]:
        """Those of broker, pages, workers and tools, by name."""
        return {file.stem: _read_certificate(file) for file in sorted(self.folder.glob("*.crt")) if file.name != FILE}

    def _issue(
        self,
        folder: Path,
        file: str,
        name: x509.Name,
        purpose: x509.ObjectIdentifier,
        days: int,
        now: datetime | None,
        alternatives: x509.SubjectAlternativeName | None = None,
    ) -> Bundle:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed(name, key.public_key(), purpose, days, now or datetime.now(UTC), alternatives)
        write_secret(folder / f"{file}.key", _pem(key))
        write_secret(folder / f"{file}.crt", certificate.public_bytes(Encoding.PEM))
        return Bundle(folder / f"{file}.crt", folder / f"{file}.key", self.folder / "authority.crt")

    def _signed(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePublicKey,
        purpose: x509.ObjectIdentifier,
        days: int,
        now: datetime,
        alternatives: x509.SubjectAlternativeName | None,
    ) -> x509.Certificate:
        signs = signs_for_servers if purpose == ExtendedKeyUsageOID.SERVER_AUTH else signs_for_clients
        member = signs(self.members(), now)
        key_of_member = member.key()
        builder = (
            unsigned(name, member.certificate.subject, key, now, min(now + timedelta(days=days), member.ends_at))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key_of_member.public_key()), critical=False)
        )
        if alternatives:
            builder = builder.add_extension(alternatives, critical=False)
        return builder.sign(key_of_member, SHA256())


def require_fitting(certificate: Path, key: Path) -> None:
    """Raises AuthorityError unless TLS can be served with these two files."""
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except OSError as error:  # also what TLS finds wrong in them
        raise AuthorityError(
            reason="{file} and {key} are missing, damaged or do not belong together. Put the right files there.", file=certificate, key=key
        ) from error


def _read_certificate(file: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError) as error:
        raise damaged(file) from error


def tool_name(name: str) -> str:
    """Common name, user and client id of a worker or tool: the underscore keeps it apart from every edge's name."""
    return f"_{name}"


def _is_due(certificate: x509.Certificate, now: datetime) -> bool:
    """Near its end, ended, or of a day that our clock showed wrongly."""
    return not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc - RENEWED_BEFORE


def _is_issued(certificate: x509.Certificate, member: Member) -> bool:
    try:
        certificate.verify_directly_issued_by(member.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
