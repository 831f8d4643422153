"""Letting an edge in no more. What is written here the broker follows within a second, and ingest with its next look."""

from datetime import datetime

from sqlalchemy import select

from protocol.identifiers import EdgeId
from server.audit.actions import record
from server.audit.model import Actor
from server.broker.authority import Authority
from server.errors import InvalidInputError, RefusedError
from server.fleet import actions as fleet
from server.fleet.model import EdgeState
from server.fleet.tables import edge
from server.provisioning import store
from server.provisioning.model import FindingKind
from server.provisioning.tables import edge_certificate
from server.storage import UnitOfWork


def revoke_edge(uow: UnitOfWork, name: EdgeId, by: Actor, now: datetime, reason: str) -> None:
    """Take nothing more from an edge and let its certificates and tokens be worth nothing; a new token takes it back.

    What it has sent stays, and what it still holds stays with it. Raises NotFoundError or InvalidInputError.
    """
    if not reason.strip():
        raise InvalidInputError(field="reason", reason="say why, for the trail")
    found = fleet.change_edge_state(uow, name, EdgeState.REVOKED, by, now, reason.strip())
    store.withdraw_certificates(uow, found.id, now)
    store.withdraw_tokens(uow, found.id, now)
    store.settle_findings(uow, name, now)


def release_edge(uow: UnitOfWork, name: EdgeId, by: Actor, now: datetime, reason: str) -> None:
    """Take an edge out of quarantine: the second box was ours and is switched off. Raises NotFoundError, RefusedError or
    InvalidInputError.
    """
    if not reason.strip():
        raise InvalidInputError(field="reason", reason="say why, for the trail")
    if fleet.find_edge(uow, name).state is not EdgeState.QUARANTINED:
        raise RefusedError(reason="Edge {edge} is not in quarantine.", edge=name)
    fleet.change_edge_state(uow, name, EdgeState.ACTIVE, by, now, reason.strip())
    store.settle_findings(uow, name, now, [FindingKind.TWO_PLACES])


def settle_findings(uow: UnitOfWork, name: str, by: Actor, now: datetime) -> None:
    """Somebody has seen who wanted in and may not; a place that is not settled yet is a matter of its own."""
    seen = [kind for kind in FindingKind if kind not in (FindingKind.TWO_PLACES, FindingKind.BROKER_BEHIND)]
    if store.settle_findings(uow, name, now, seen):
        record(uow, by, "edge.settle", "edge", name, at=now)


def note_broker(uow: UnitOfWork, trouble: str, now: datetime) -> None:
    """Note that the broker does not follow the keys, in words; "" when it does again."""
    if trouble:
        store.note_finding(uow, FindingKind.BROKER_BEHIND, "", "", trouble[:500], now)
    else:
        store.settle_findings(uow, "", now, [FindingKind.BROKER_BEHIND])


def write_revocations(uow: UnitOfWork, authority: Authority, now: datetime) -> frozenset[EdgeId]:
    """Bring the authority's list of revoked certificates up to what is withdrawn here; the edges that are new in it.

    What stands in the list already stays: a database that was set back must not let anybody in again. Raises AuthorityError.
    """
    withdrawn, listed = _withdrawn_certificates(uow, now), set(authority.revoked())
    news = withdrawn.keys() - listed
    if news:
        authority.revoke(sorted(listed | news), now)
    return frozenset(withdrawn[serial] for serial in news)


def _withdrawn_certificates(uow: UnitOfWork, now: datetime) -> dict[int, EdgeId]:
    """Serial numbers of withdrawn certificates that would still be in their time, with their edges."""
    query = select(edge_certificate.c.serial, edge.c.name).join(edge, edge.c.id == edge_certificate.c.edge_id)
    query = query.where(edge_certificate.c.withdrawn_at.is_not(None), edge_certificate.c.ends_at > now)
    return {int(row.serial, 16): EdgeId(row.name) for row in uow.fetch_all(query)}
