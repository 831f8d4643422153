"""Reading and writing tokens, certificates and findings."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, update

from server.fleet.model import EdgeState
from server.fleet.tables import edge
from server.provisioning.model import EdgeCertificate, EdgeToken, Finding, FindingKind, How, TrustedAuthority
from server.provisioning.tables import edge_certificate, edge_finding, edge_token, trusted_authority
from server.storage import UnitOfWork, insert_ignoring

MOST_STRANGERS = 1000
"""Sources of unknown tokens that are remembered one by one: whoever sends from many addresses must not fill the disk."""
_TOKEN = [column for column in edge_token.c if column.name != "digest"]


def token_by_digest(uow: UnitOfWork, digest: bytes) -> EdgeToken | None:
    """The token, locked until the transaction ends where that is possible: two boxes may hold it."""
    query: Select[Any] = select(*_TOKEN).where(edge_token.c.digest == digest)
    row = uow.fetch_one(query.with_for_update() if uow.dialect == "postgresql" else query)
    return None if row is None else EdgeToken(**row._mapping)  # noqa: SLF001 - a documented name


def tokens_of(uow: UnitOfWork, edge_id: int) -> list[EdgeToken]:
    """The latest first."""
    rows = uow.fetch_all(select(*_TOKEN).where(edge_token.c.edge_id == edge_id).order_by(edge_token.c.id.desc()))
    return [EdgeToken(**row._mapping) for row in rows]  # noqa: SLF001 - as above


def certificates_of(uow: UnitOfWork, edge_id: int) -> list[EdgeCertificate]:
    """The latest first."""
    query = select(edge_certificate).where(edge_certificate.c.edge_id == edge_id).order_by(edge_certificate.c.id.desc())
    return [_certificate(row) for row in uow.fetch_all(query)]


def certificate(uow: UnitOfWork, certificate_id: int) -> EdgeCertificate:
    row = uow.fetch_one(select(edge_certificate).where(edge_certificate.c.id == certificate_id))
    assert row is not None, "a token points at it"
    return _certificate(row)


def add_certificate(uow: UnitOfWork, values: dict[str, Any]) -> EdgeCertificate:
    return certificate(uow, int(uow.scalar(insert(edge_certificate).values(values).returning(edge_certificate.c.id))))


def withdraw_certificates(uow: UnitOfWork, edge_id: int, now: datetime, but: int | None = None) -> None:
    """Let no certificate of an edge be good any more, except one."""
    good = (edge_certificate.c.edge_id == edge_id, edge_certificate.c.withdrawn_at.is_(None))
    statement = update(edge_certificate).where(*good)
    uow.execute((statement if but is None else statement.where(edge_certificate.c.id != but)).values(withdrawn_at=now))


def withdraw_certificate(uow: UnitOfWork, certificate_id: int, now: datetime) -> None:
    """Let one certificate be good no more."""
    uow.execute(update(edge_certificate).where(edge_certificate.c.id == certificate_id).values(withdrawn_at=now))


def withdraw_tokens(uow: UnitOfWork, edge_id: int, now: datetime) -> None:
    """Let no token of an edge be good any more that nobody has used."""
    waiting = (edge_token.c.edge_id == edge_id, edge_token.c.withdrawn_at.is_(None), edge_token.c.used_at.is_(None))
    uow.execute(update(edge_token).where(*waiting).values(withdrawn_at=now))


def note_finding(uow: UnitOfWork, kind: FindingKind, edge: str, source: str, detail: str, now: datetime) -> bool:
    """Keep it once however often it comes, open again where it was settled; whether it is new, or news again."""
    if kind is FindingKind.UNKNOWN_TOKEN and _strangers(uow) >= MOST_STRANGERS:
        source = ""
    same = (edge_finding.c.kind == kind.value, edge_finding.c.edge == edge, edge_finding.c.source == source)
    known = uow.fetch_one(select(edge_finding.c.settled_at).where(*same))
    values = {"kind": kind.value, "edge": edge, "source": source, "detail": detail, "first_at": now, "last_at": now, "count": 0}
    insert_ignoring(uow, edge_finding, [values], ["kind", "edge", "source"])
    again = {"count": edge_finding.c.count + 1, "last_at": now, "detail": detail, "settled_at": None}
    uow.execute(update(edge_finding).where(*same).values(again))
    return known is None or known.settled_at is not None


def open_findings(uow: UnitOfWork, edge: str | None = None) -> list[Finding]:
    """What nobody has settled, the latest first; of one edge where it is named."""
    query = select(edge_finding).where(edge_finding.c.settled_at.is_(None)).order_by(edge_finding.c.last_at.desc(), edge_finding.c.id)
    return [_finding(row) for row in uow.fetch_all(query if edge is None else query.where(edge_finding.c.edge == edge))]


def settle_findings(uow: UnitOfWork, edge: str, now: datetime, kinds: Sequence[FindingKind] = tuple(FindingKind)) -> int:
    """Somebody has seen them; how many there were."""
    among = (edge_finding.c.edge == edge, edge_finding.c.settled_at.is_(None), edge_finding.c.kind.in_([kind.value for kind in kinds]))
    return uow.execute(update(edge_finding).where(*among).values(settled_at=now)).rowcount


def authorities(uow: UnitOfWork) -> list[TrustedAuthority]:
    """The newest first."""
    query = select(trusted_authority).order_by(trusted_authority.c.begins_at.desc(), trusted_authority.c.fingerprint)
    return [TrustedAuthority(**row._mapping) for row in uow.fetch_all(query)]  # noqa: SLF001 - as above


def add_authority(uow: UnitOfWork, one: TrustedAuthority) -> None:
    """Two that note the same are one."""
    insert_ignoring(uow, trusted_authority, [asdict(one)], ["fingerprint"])


def remove_authority(uow: UnitOfWork, fingerprint: str) -> None:
    """It is believed no more."""
    uow.execute(delete(trusted_authority).where(trusted_authority.c.fingerprint == fingerprint))


def edges_before(uow: UnitOfWork, moment: datetime) -> list[str]:
    """Active edges whose last good certificate was given before a moment: what they were handed with it is as old."""
    given = edge_certificate.join(edge, edge.c.id == edge_certificate.c.edge_id)
    good = (edge.c.state == EdgeState.ACTIVE.value, edge_certificate.c.withdrawn_at.is_(None))
    query = select(edge.c.name).select_from(given).where(*good).group_by(edge.c.name)
    return [row.name for row in uow.fetch_all(query.having(func.max(edge_certificate.c.issued_at) < moment).order_by(edge.c.name))]


def _strangers(uow: UnitOfWork) -> int:
    query = select(func.count()).select_from(edge_finding).where(edge_finding.c.kind == FindingKind.UNKNOWN_TOKEN.value)
    return int(uow.scalar(query))


def _certificate(row: Row[Any]) -> EdgeCertificate:
    values = dict(row._mapping)  # noqa: SLF001 - as above
    return EdgeCertificate(**values | {"how": How(row.how)})


def _finding(row: Row[Any]) -> Finding:
    return Finding(row.id, FindingKind(row.kind), row.edge, row.source, row.detail, row.first_at, row.last_at, row._mapping["count"])  # noqa: SLF001 - as above
