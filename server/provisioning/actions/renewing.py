"""The next certificate of an edge, for a new TLS key, proven by the key that it signs messages with.

The web server may stand behind a proxy that knows no client certificates, so the request itself is signed. A nonce of ours, minutes old,
keeps a request that was caught from being good for ever.
"""

import hmac
from datetime import UTC, datetime, timedelta

from cryptography import x509

from protocol.enrolment import Enrolled, RenewRequest, renew_text
from protocol.errors import SignatureError
from protocol.identifiers import EdgeId
from protocol.signing import Verifier
from server.audit.actions import record
from server.fleet import actions as fleet
from server.fleet.model import EdgeState, KnownEdge
from server.provisioning import store
from server.provisioning.actions.enrolling import BOX, EnrolmentRefusedError, Entrance, answer
from server.provisioning.actions.issuing import issue, public_key_of
from server.provisioning.model import SAME_ANSWER, EdgeCertificate, FindingKind, How
from server.storage import UnitOfWork

NONCE_LIFE = timedelta(minutes=10)


def nonce_for(uow: UnitOfWork, edge: str, now: datetime) -> str:
    """A number for one edge's request, which nobody has to remember: it carries its time and our seal."""
    moment = int(now.timestamp())
    return f"{moment}.{uow.vault.index(f'{edge}/{moment}', 'renewal').hex()}"


def renew(uow: UnitOfWork, entrance: Entrance, asked: RenewRequest, source: str, now: datetime) -> Enrolled | EnrolmentRefusedError:
    """Give an edge its next certificate, or the same one again; else say why not. Raises InvalidInputError for what is no request."""
    key = public_key_of(asked.request)
    known = fleet.known_edges(uow).get(asked.edge)
    if known is None or not _is_proven(uow, known, asked, now):
        told = (
            "This edge's key did not sign the request, or it came too late. Enrol the box anew with a token: the page of the edge makes it."
        )
        return _refused(uow, known, source, now, told)
    if known.state is not EdgeState.ACTIVE:
        return _refused(uow, known, source, now, "This edge was revoked. Enrol the box anew with a token: the page of the edge makes it.")
    before = [one for one in store.certificates_of(uow, known.id) if one.withdrawn_at is None]
    if not entrance.renew_expired and not any(one.ends_at > now for one in before):
        told = "The certificate of this edge has ended. Enrol the box anew with a token: the page of the edge makes it."
        return _refused(uow, known, source, now, told)
    edge = fleet.find_edge(uow, known.name)
    if before and now - before[0].issued_at < SAME_ANSWER and _public_key(before[0]) == key:
        return answer(entrance, uow, edge, before[0], now)
    made = issue(uow, entrance.authority, edge, asked.request, How.RENEWAL, now, asked.clock)
    for older in before[1:]:  # the one before it is in use until the box has come with the new one
        store.withdraw_certificate(uow, older.id, now)
    record(uow, BOX, "edge.renew", "edge", edge.name, at=now, after={"certificate": made.serial, "from": source})
    return answer(entrance, uow, edge, made, now)


def _is_proven(uow: UnitOfWork, known: KnownEdge, asked: RenewRequest, now: datetime) -> bool:
    moment, _, _ = asked.nonce.partition(".")
    if not (moment.isascii() and moment.isdecimal() and len(moment) < 12):
        return False
    given_at = datetime.fromtimestamp(int(moment), UTC)
    ours = hmac.compare_digest(nonce_for(uow, known.name, given_at).encode(), asked.nonce.encode())
    if not ours or not timedelta(0) <= now - given_at <= NONCE_LIFE:
        return False
    text = renew_text(EdgeId(asked.edge), asked.nonce, asked.request)
    return any(_signed_by(Verifier(key.public_key), asked.signature, text) for key in known.keys.values() if key.valid_until is None)


def _signed_by(key: Verifier, signature: bytes, text: bytes) -> bool:
    try:
        key.verify(signature, text)
    except SignatureError:
        return False
    return True


def _refused(uow: UnitOfWork, known: KnownEdge | None, source: str, now: datetime, told: str) -> EnrolmentRefusedError:
    """Kept where it names an edge of ours; whoever invents names is nobody's finding."""
    if known is not None and store.note_finding(uow, FindingKind.RENEWAL_REFUSED, known.name, source, told, now):
        record(uow, BOX, "edge.refuse", "edge", known.name, at=now, after={"cause": FindingKind.RENEWAL_REFUSED.value, "from": source})
    return EnrolmentRefusedError(reason=told)


def _public_key(certificate: EdgeCertificate) -> object:
    return x509.load_pem_x509_certificate(certificate.pem.encode()).public_key()
