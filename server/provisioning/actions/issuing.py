"""The one way in which an edge gets a certificate, whether its box asks with a token, renews, or gets a kit by hand."""

from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from protocol.signing import Verifier
from server.audit.model import Actor
from server.broker.authority import Authority
from server.errors import InvalidInputError
from server.fleet import actions as fleet
from server.fleet.model import Edge
from server.provisioning import store
from server.provisioning.model import EdgeCertificate, FindingKind, How
from server.storage import UnitOfWork


def public_key_of(request: bytes) -> ec.EllipticCurvePublicKey:
    """The key of a request for a certificate (PKCS #10, DER), which its owner has signed; its subject is nobody's business here.

    Raises InvalidInputError.
    """
    try:
        read = x509.load_der_x509_csr(request)
        key, sound = read.public_key(), read.is_signature_valid
    except (ValueError, TypeError) as error:
        raise InvalidInputError(field="request", reason="this is no request for a certificate") from error
    if not sound or not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InvalidInputError(field="request", reason="it must be signed by a P-256 key of its own")
    return key


def take_box(
    uow: UnitOfWork,
    authority: Authority,
    edge: Edge,
    request: bytes,
    key: Verifier,
    how: How,
    by: Actor,
    now: datetime,
    clock: datetime | None = None,
) -> EdgeCertificate:
    """Let a box be the edge from now on: its keys are good, and those of a box before it are worth nothing.

    clock: what the box's own clock shows now. Raises InvalidInputError.
    """
    fleet.replace_edge_key(uow, edge.name, key, by, now)
    made = issue(uow, authority, edge, request, how, now, clock)
    store.withdraw_certificates(uow, edge.id, now, but=made.id)
    store.settle_findings(uow, edge.name, now, [FindingKind.TWO_PLACES])  # whose keys were copied, they are worth nothing now
    return made


def issue(
    uow: UnitOfWork, authority: Authority, edge: Edge, request: bytes, how: How, now: datetime, clock: datetime | None = None
) -> EdgeCertificate:
    """Sign a certificate and note it. clock: what the box's own clock shows now. Raises InvalidInputError or AuthorityError."""
    certificate = authority.sign_edge(edge.name, public_key_of(request), now)
    values = {
        "edge_id": edge.id,
        "serial": f"{certificate.serial_number:x}",
        "issuer": authority.issuer_of(certificate).hex(),
        "how": how.value,
        "issued_at": now,
        "ends_at": certificate.not_valid_after_utc,
        "withdrawn_at": None,
        "clock_off_ms": None if clock is None else round((clock - now).total_seconds() * 1000),
        "pem": certificate.public_bytes(Encoding.PEM).decode(),
    }
    return store.add_certificate(uow, values)


def adopt_issued(uow: UnitOfWork, authority: Authority, now: datetime) -> None:
    """Take over what an earlier release noted in files only, so that it can be revoked. Repeating it changes nothing."""
    revoked, edges = set(authority.revoked()), fleet.known_edges(uow)
    for name, certificates in authority.issued().items():
        if name not in edges:
            continue
        known = {one.serial for one in store.certificates_of(uow, edges[name].id)}
        for one in certificates:
            if f"{one.serial_number:x}" not in known:
                _adopt(uow, edges[name].id, one, now if one.serial_number in revoked else None)


def _adopt(uow: UnitOfWork, edge_id: int, certificate: x509.Certificate, withdrawn_at: datetime | None) -> None:
    values = {
        "edge_id": edge_id,
        "serial": f"{certificate.serial_number:x}",
        "issuer": "",
        "how": How.KIT.value,
        "issued_at": certificate.not_valid_before_utc,
        "ends_at": certificate.not_valid_after_utc,
        "withdrawn_at": withdrawn_at,
        "clock_off_ms": None,
        "pem": certificate.public_bytes(Encoding.PEM).decode(),
    }
    store.add_certificate(uow, values)


def keys_digest(request: bytes, signing_key: bytes) -> bytes:
    """What tells one box's keys from another's: a box that asks again brings the same two."""
    point = public_key_of(request).public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return sha256(point + signing_key).digest()
