"""Edges and the keys they sign with. A key is never removed: what it sealed must be checked for ever."""

from datetime import datetime

from protocol.errors import IdentifierError
from protocol.identifiers import EdgeId, check_edge_id
from protocol.signing import Verifier
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import store
from server.fleet.actions.lines import forget_line
from server.fleet.model import Edge, EdgeKey, EdgeOverview, EdgeState, KnownEdge, Site
from server.fleet.tables import edge, edge_key
from server.storage import UnitOfWork


def add_edge(uow: UnitOfWork, name: str, site_code: str, key: Verifier | None, by: Actor, now: datetime) -> Edge:
    """Add an edge to a site; raises InvalidInputError, NotFoundError or RefusedError.

    key: what it will sign with; None where its box brings it when it enrols.
    """
    try:
        edge_id = check_edge_id(name)
    except IdentifierError as error:
        raise InvalidInputError(
            field="edge", reason="{name} is no name of an edge: use 1 to 63 of a-z, 0-9 and inner hyphens", name=name[:80]
        ) from error
    site = store.site_by_code(uow, site_code)
    if site is None:
        raise NotFoundError(what="site", name=site_code)
    if store.edge_by_name(uow, edge_id):
        raise RefusedError(reason="There is an edge {edge} already; choose another name, or replace its key.", edge=edge_id)
    uow.execute(edge.insert().values(name=edge_id, site_id=site.id, state=EdgeState.ACTIVE.value, created_at=now))
    made = _existing(uow, edge_id)
    if key is not None:
        _add_key(uow, made, key, now)
    store.raise_provisioning_version(uow)
    record(uow, by, "edge.add", "edge", edge_id, at=now, after={"site": site.code, "key": key.key_id if key else None})
    return made


def replace_edge_key(uow: UnitOfWork, name: EdgeId, key: Verifier, by: Actor, now: datetime, reason: str = "") -> Edge:
    """A new box, or a new key for the old one: from now on only this key is good for what arrives, and the edge is active."""
    found = _existing(uow, name)
    uow.execute(edge_key.update().where(edge_key.c.edge_id == found.id, edge_key.c.valid_until.is_(None)).values(valid_until=now))
    _add_key(uow, found, key, now)
    forget_line(uow, found.id)
    uow.execute(edge.update().where(edge.c.id == found.id).values(state=EdgeState.ACTIVE.value))
    store.raise_provisioning_version(uow)
    record(uow, by, "edge.replace-key", "edge", name, at=now, after={"key": key.key_id}, reason=reason)
    return _existing(uow, name)


def change_edge_state(uow: UnitOfWork, name: EdgeId, state: EdgeState, by: Actor, now: datetime, reason: str = "") -> Edge:
    """Revoke an edge, say that another took its place, or take it back."""
    before = _existing(uow, name)
    uow.execute(edge.update().where(edge.c.id == before.id).values(state=state.value))
    forget_line(uow, before.id)
    store.raise_provisioning_version(uow)
    record(uow, by, "edge.state", "edge", name, at=now, before=before.state, after=state, reason=reason)
    return _existing(uow, name)


def find_edge(uow: UnitOfWork, name: EdgeId) -> Edge:
    """Raises NotFoundError."""
    return _existing(uow, name)


def edge_with_id(uow: UnitOfWork, edge_id: int) -> Edge:
    """An edge that a row of ours points at."""
    return next(one for one in store.edges(uow) if one.id == edge_id)


def site_of(uow: UnitOfWork, one: Edge) -> Site:
    """Where an edge stands."""
    return next(found for found in store.sites(uow) if found.id == one.site_id)


def edge_keys(uow: UnitOfWork, name: EdgeId) -> list[EdgeKey]:
    """All keys an edge ever had, oldest first."""
    return [key for _, key in store.keys_of(uow, [_existing(uow, name).id])]


def known_edges(uow: UnitOfWork) -> dict[EdgeId, KnownEdge]:
    """All edges with their keys, by name: what messages are checked against."""
    found = store.edges(uow)
    keys: dict[int, dict[str, EdgeKey]] = {one.id: {} for one in found}
    for owner, key in store.keys_of(uow, list(keys)):
        keys[owner][key.key_id] = key
    return {one.name: KnownEdge(one.id, one.name, one.state, one.site_id, keys[one.id]) for one in found}


def list_edges(uow: UnitOfWork) -> list[EdgeOverview]:
    """All edges with their sites and health, by name."""
    return store.edge_overviews(uow)


def _existing(uow: UnitOfWork, name: EdgeId) -> Edge:
    found = store.edge_by_name(uow, name)
    if found is None:
        raise NotFoundError(what="edge", name=name)
    return found


def _add_key(uow: UnitOfWork, owner: Edge, key: Verifier, now: datetime) -> None:
    if store.key_is_known(uow, key.key_id):
        raise RefusedError(reason="The key {key} is known here already: every box makes keys of its own.", key=key.key_id)
    values = {"edge_id": owner.id, "key_id": key.key_id, "public_key": key.public, "valid_from": now, "valid_until": None}
    uow.execute(edge_key.insert().values(**values))
