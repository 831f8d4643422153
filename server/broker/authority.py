"""Keys and certificates: our own authority, the broker's and web's certificates, one for each edge, worker and tool.

What a certificate is good for stands in it: the common name is the client's name, user and client id; the organisational unit is its
role. Files are written with mode 0600 into folders with mode 0700; private keys never leave the folder they are made for, and those that
only we use are sealed there (`key_files`).
"""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from protocol.errors import ProtocolError
from protocol.identifiers import EdgeId
from protocol.signing import Signer, Verifier
from server.broker.key_files import AuthorityError, damaged, is_plain, read_sealed, write_sealed, write_secret

AUTHORITY_YEARS = 10
SERVER_DAYS = 825
CLIENT_DAYS = 90
BACKDATED = timedelta(minutes=5)
"""A box whose clock is a little slow must still be able to use a new certificate."""


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
        name = _name("Clockbridge authority", "authority")
        certificate = (
            _builder(name, name, key.public_key(), now, timedelta(days=365 * AUTHORITY_YEARS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs=True), critical=True)
            .sign(key, SHA256())
        )
        write_sealed(self.folder / "authority.key", _pem(key))
        write_secret(self.folder / "authority.crt", certificate.public_bytes(Encoding.PEM))
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
        self.tool("tail", Role.TAIL)

    def unsealed(self) -> list[Path]:
        """Private keys that an earlier release wrote, and that lie open still."""
        return [file for file in (self.folder / "authority.key", self.folder / "server-signing.key") if is_plain(file)]

    def seal(self) -> None:
        """Take over the keys of an earlier release; repeating it changes nothing. Raises OSError, VaultError or AuthorityError."""
        for file in self.unsealed():
            write_sealed(file, file.read_bytes())

    def issue_server(self, name: str, hosts: list[str], now: datetime | None = None) -> Bundle:
        """A certificate under which this machine is reached."""
        alternatives = x509.SubjectAlternativeName([_host(host) for host in dict.fromkeys(["localhost", "127.0.0.1", *hosts])])
        return self._issue(self.folder, name, _name(name, "server"), ExtendedKeyUsageOID.SERVER_AUTH, SERVER_DAYS, now, alternatives)

    def issue_tool(self, name: str, role: Role, now: datetime | None = None) -> Bundle:
        """A client certificate for a worker or tool of this installation, kept beside the others. No edge can have its name."""
        return self._issue(self.folder, name, _name(tool_name(name), role), ExtendedKeyUsageOID.CLIENT_AUTH, SERVER_DAYS, now)

    def sign_edge(self, edge: EdgeId, key: ec.EllipticCurvePublicKey, now: datetime, days: int = CLIENT_DAYS) -> x509.Certificate:
        """A client certificate for an edge's own key. Whoever calls notes it down: only what is known can be revoked."""
        alternatives = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"clockbridge:edge:{edge}")])
        return self._signed(_name(edge, Role.EDGE), key, ExtendedKeyUsageOID.CLIENT_AUTH, days, now, alternatives)

    def trusted(self) -> bytes:
        """The certificates that edges and tools shall believe (PEM), the one that issues first; raises AuthorityError."""
        try:
            return (self.folder / "authority.crt").read_bytes()
        except OSError as error:
            raise damaged(self.folder / "authority.crt") from error

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the issuing authority's certificate: what a box compares before it believes anything. Raises AuthorityError."""
        return _read_certificate(self.folder / "authority.crt").fingerprint(SHA256())

    def tool(self, name: str, role: Role) -> Bundle:
        """The certificate of a worker or tool, made when it is not there yet."""
        if not (self.folder / f"{name}.crt").is_file():
            return self.issue_tool(name, role)
        return self.bundle(name)

    def bundle(self, name: str) -> Bundle:
        return Bundle(self.folder / f"{name}.crt", self.folder / f"{name}.key", self.folder / "authority.crt")

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
        certificate, authority = _read_certificate(bundle.certificate), _read_certificate(bundle.authority)
        facts = {"file": bundle.certificate, "ends": f"{certificate.not_valid_after_utc:%Y-%m-%d}"}
        try:
            certificate.verify_directly_issued_by(authority)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise AuthorityError(
                reason="{file} is not of this installation's authority. Remove it and its key, and run `clockbridge server init`.", **facts
            ) from error
        if certificate.not_valid_after_utc <= (now or datetime.now(UTC)):
            raise AuthorityError(reason="{file} ended on {ends}. Remove it and its key, and run `clockbridge server init`.", **facts)
        require_fitting(bundle.certificate, bundle.key)

    def revoked(self) -> list[int]:
        """Serial numbers of certificates that are no longer good; raises AuthorityError."""
        file = self.folder / "revoked.crl"
        try:
            return [one.serial_number for one in x509.load_pem_x509_crl(file.read_bytes())]
        except (OSError, ValueError) as error:
            raise damaged(file) from error

    def issued(self) -> dict[EdgeId, list[x509.Certificate]]:
        """Certificates of edges that a release which noted them in files only has given out."""
        files = (self.folder / "issued").glob("*/*.crt")
        found: dict[EdgeId, list[x509.Certificate]] = {}
        for file in sorted(files):
            found.setdefault(EdgeId(file.parent.name), []).append(_read_certificate(file))
        return found

    def revoke(self, serials: list[int], now: datetime | None = None) -> Path:
        """Write the list of certificates that are no longer good (the whole list, not an addition)."""
        now = now or datetime.now(UTC)
        key, certificate = self._own()
        builder = x509.CertificateRevocationListBuilder().issuer_name(certificate.subject).last_update(now - BACKDATED)
        builder = builder.next_update(now + timedelta(days=365 * AUTHORITY_YEARS))
        for serial in serials:
            builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build())
        path = self.folder / "revoked.crl"
        write_secret(path, builder.sign(key, SHA256()).public_bytes(Encoding.PEM))
        return path

    def endings(self) -> list[Ending]:
        """When the certificates in the folder end, soonest first; raises AuthorityError."""
        certificates = {file.stem: _read_certificate(file) for file in self.folder.glob("*.crt")}
        endings = [Ending(name, certificate.not_valid_after_utc) for name, certificate in certificates.items()]
        return sorted(endings, key=lambda ending: ending.ends_at)

    def _own(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        try:
            key = load_pem_private_key(read_sealed(self.folder / "authority.key"), password=None)
            certificate = x509.load_pem_x509_certificate((self.folder / "authority.crt").read_bytes())
        except (OSError, ValueError) as error:
            raise AuthorityError(
                reason="The authority's keys are not readable in {folder}: run `clockbridge server init` first.", folder=self.folder
            ) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise damaged(self.folder / "authority.key")
        return key, certificate

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
        authority_key, authority = self._own()
        builder = (
            _builder(name, authority.subject, key, now, timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        )
        if alternatives:
            builder = builder.add_extension(alternatives, critical=False)
        return builder.sign(authority_key, SHA256())


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


def _builder(name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(common: str, unit: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit), x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
