"""A box with a token becomes an edge. A refusal is a value, not an exception: what was refused is kept, and so must be committed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from protocol.enrolment import Enrolled, EnrolRequest, digest_of, enrol_text
from protocol.errors import SignatureError
from protocol.signing import Verifier
from server.audit.actions import record
from server.audit.model import Actor
from server.broker.authority import Authority
from server.errors import ServerError
from server.fleet import actions as fleet
from server.fleet.model import Edge, EdgeState
from server.provisioning import store
from server.provisioning.actions.issuing import keys_digest, take_box
from server.provisioning.model import SAME_ANSWER, EdgeCertificate, EdgeToken, FindingKind, How, TokenState
from server.provisioning.tables import edge_token
from server.storage import UnitOfWork

BOX = Actor("box")
"""A box that asks for itself, with a token or a key."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """What answers are made of. host, port: where edges find the broker.

    renew_expired: whether an edge whose certificate has ended may still renew by its signature.
    """

    authority: Authority
    host: str
    port: int
    renew_expired: bool = True


class EnrolmentRefusedError(ServerError):
    """A box may not come in; `reason` says what to do."""

    status = 403
    code = "enrolment-refused"
    message = "{reason}"


_WHY = {
    FindingKind.UNKNOWN_TOKEN: "This token is not known here. Copy the whole line again from the page of the edge.",
    FindingKind.TOKEN_EXPIRED: "This token has expired. Ask IT for a new one: the page of the edge makes it.",
    FindingKind.TOKEN_WITHDRAWN: "This token was withdrawn. Ask IT for a new one: the page of the edge makes it.",
    FindingKind.TOKEN_USED_AGAIN: "Another box has used this token already. If that box is not yours, tell IT at once.",
    FindingKind.BAD_PROOF: "The request was not signed by the keys that it names. Nothing was changed; try again.",
}


def enrol(uow: UnitOfWork, entrance: Entrance, asked: EnrolRequest, source: str, now: datetime) -> Enrolled | EnrolmentRefusedError:
    """Let a box in that has a good token, or answer it again; else say why not. source: the address that it came from.

    Raises InvalidInputError for a request that is none, and then nothing has happened.
    """
    keys = keys_digest(asked.request, asked.signing_key)
    token = store.token_by_digest(uow, digest_of(asked.secret))
    edge = fleet.edge_with_id(uow, token.edge_id) if token else None
    objection = _objection(token, edge, asked, keys, now)
    if objection or token is None or edge is None:
        return refuse(uow, objection or FindingKind.UNKNOWN_TOKEN, edge.name if edge else "", source, now)
    if token.certificate_id is not None:
        return answer(entrance, uow, edge, store.certificate(uow, token.certificate_id), now)
    made = take_box(uow, entrance.authority, edge, asked.request, Verifier(asked.signing_key), How.TOKEN, BOX, now, asked.clock)
    used = {"used_at": now, "used_key": keys, "certificate_id": made.id}
    uow.execute(update(edge_token).where(edge_token.c.id == token.id).values(used))
    after = {"certificate": made.serial, "from": source, "version": asked.version, "clock_off_ms": made.clock_off_ms}
    record(uow, BOX, "edge.enrol", "edge", edge.name, at=now, after=after)
    return answer(entrance, uow, edge, made, now)


def make_kit(uow: UnitOfWork, entrance: Entrance, edge: Edge, request: bytes, key: Verifier, by: Actor, now: datetime) -> Enrolled:
    """What a box gets that cannot ask for itself: somebody with a shell at the server makes its keys. Raises InvalidInputError."""
    return answer(entrance, uow, edge, take_box(uow, entrance.authority, edge, request, key, How.KIT, by, now), now)


def answer(entrance: Entrance, uow: UnitOfWork, edge: Edge, certificate: EdgeCertificate, now: datetime) -> Enrolled:
    """What a box needs to be the edge."""
    return Enrolled(
        edge=edge.name,
        certificate=certificate.pem,
        authority=entrance.authority.trusted().decode(),
        verify_key=entrance.authority.verifier().to_pem().decode(),
        host=entrance.host,
        port=entrance.port,
        time_zone=fleet.site_of(uow, edge).time_zone,
        now=now,
    )


def refuse(uow: UnitOfWork, kind: FindingKind, edge: str, source: str, now: datetime) -> EnrolmentRefusedError:
    """Keep what was refused, on the trail too where it is about an edge and is news; the error is for the caller to raise."""
    is_news = store.note_finding(uow, kind, edge, source, "", now)
    if is_news and edge:
        record(uow, BOX, "edge.refuse", "edge", edge, at=now, after={"cause": kind.value, "from": source})
    return EnrolmentRefusedError(reason=_WHY[kind])


def _objection(token: EdgeToken | None, edge: Edge | None, asked: EnrolRequest, keys: bytes, now: datetime) -> FindingKind | None:
    """Why a box may not come in with this token; None when it may."""
    if token is None or edge is None:
        return FindingKind.UNKNOWN_TOKEN
    try:
        Verifier(asked.signing_key).verify(asked.signature, enrol_text(asked.secret, asked.request))
    except (SignatureError, ValueError):
        return FindingKind.BAD_PROOF
    match token.state(now):
        case TokenState.EXPIRED:
            return FindingKind.TOKEN_EXPIRED
        case TokenState.WITHDRAWN:
            return FindingKind.TOKEN_WITHDRAWN
        case TokenState.USED if edge.state is not EdgeState.ACTIVE:
            return FindingKind.TOKEN_WITHDRAWN
        case TokenState.USED if token.used_key != keys or token.used_at is None or now - token.used_at > SAME_ANSWER:
            return FindingKind.TOKEN_USED_AGAIN
    return None
