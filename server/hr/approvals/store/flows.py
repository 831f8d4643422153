"""Versions of flows as rows."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, func, select
from sqlalchemy.dialects import postgresql, sqlite

from server.hr.approvals.model import Flow, FlowVersion
from server.hr.approvals.tables import approval_flow_version
from server.storage import UnitOfWork

_c = approval_flow_version.c


def flow_to_json(flow: Flow) -> dict[str, Any]:
    """A flow as the database and the API hold it."""
    body: dict[str, Any] = msgspec.to_builtins(flow)
    return body


def flow_from_json(body: object) -> Flow:
    """The flow of `flow_to_json`; raises msgspec.ValidationError, which names the place."""
    return msgspec.convert(body, Flow, strict=False)


def version_by_id(uow: UnitOfWork, version_id: int) -> FlowVersion | None:
    row = uow.fetch_one(select(approval_flow_version).where(_c.id == version_id))
    return None if row is None else _version(row)


def versions_by_id(uow: UnitOfWork, version_ids: Collection[int]) -> dict[int, FlowVersion]:
    rows = uow.fetch_all(select(approval_flow_version).where(_c.id.in_(list(version_ids))))
    return {row.id: _version(row) for row in rows}


def current_versions(uow: UnitOfWork, kinds: Collection[str] | None = None) -> dict[str, FlowVersion]:
    """The latest version of each kind, or of those named."""
    latest = select(_c.kind, func.max(_c.number).label("number")).group_by(_c.kind)
    if kinds is not None:
        latest = latest.where(_c.kind.in_(list(kinds)))
    newest = latest.subquery()
    joined = approval_flow_version.join(newest, (_c.kind == newest.c.kind) & (_c.number == newest.c.number))
    rows = uow.fetch_all(select(approval_flow_version).select_from(joined).order_by(_c.kind))
    return {row.kind: _version(row) for row in rows}


def versions_of(uow: UnitOfWork, kind: str) -> list[FlowVersion]:
    """All versions of a kind, the newest first."""
    return [_version(row) for row in uow.fetch_all(select(approval_flow_version).where(_c.kind == kind).order_by(_c.number.desc()))]


def add_version(uow: UnitOfWork, kind: str, number: int, flow: Flow | None, author: str, reason: str, now: datetime) -> bool:
    """False where the kind has a version of this number already."""
    row = {"kind": kind, "number": number, "flow": None if flow is None else flow_to_json(flow)}
    row |= {"author": author, "reason": reason, "published_at": now}
    statement = (sqlite.insert if uow.dialect == "sqlite" else postgresql.insert)(approval_flow_version).values(**row)
    return uow.scalar(statement.on_conflict_do_nothing(index_elements=["kind", "number"]).returning(_c.id)) is not None


def _version(row: Row[Any]) -> FlowVersion:
    flow = None if row.flow is None else flow_from_json(row.flow)
    return FlowVersion(row.id, row.kind, row.number, flow, row.author, row.reason, row.published_at)
