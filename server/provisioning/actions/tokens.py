"""Tokens: what IT carries to a box. The secret is shown once; only its digest is kept."""

import os
from datetime import datetime, timedelta

from sqlalchemy import insert, update

from protocol.enrolment import SECRET_BYTES, digest_of
from protocol.identifiers import EdgeId
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import actions as fleet
from server.provisioning import store
from server.provisioning.model import TOKEN_LIVES, Offered, TokenState
from server.provisioning.tables import edge_token
from server.storage import UnitOfWork


def offer_token(uow: UnitOfWork, name: EdgeId, life: timedelta, by: Actor, now: datetime, reason: str = "") -> Offered:
    """Make a token for an edge, for its first box, a new one or the same one anew; open ones before it are withdrawn.

    A box that is in use stays in use until the new one has enrolled. Raises NotFoundError or InvalidInputError.
    """
    if life not in TOKEN_LIVES:
        raise InvalidInputError(field="life", reason="choose how long the token is good")
    edge = fleet.find_edge(uow, name)
    store.withdraw_tokens(uow, edge.id, now)
    secret = os.urandom(SECRET_BYTES)
    values = {"edge_id": edge.id, "digest": digest_of(secret), "created_at": now, "created_by": by.name, "expires_at": now + life}
    uow.execute(insert(edge_token).values(values))
    record(uow, by, "edge.token", "edge", name, at=now, after={"until": (now + life).isoformat()}, reason=reason)
    return Offered(edge.name, secret, now + life)


def withdraw_token(uow: UnitOfWork, name: EdgeId, token_id: int, by: Actor, now: datetime) -> None:
    """Let a token that nobody has used be good no more; raises NotFoundError or RefusedError."""
    edge = fleet.find_edge(uow, name)
    found = next((one for one in store.tokens_of(uow, edge.id) if one.id == token_id), None)
    if found is None:
        raise NotFoundError(what="token", name=str(token_id))
    if found.state(now) is TokenState.USED:
        raise RefusedError(reason="A box has used this token: revoke the edge if it was not ours.")
    uow.execute(update(edge_token).where(edge_token.c.id == token_id).values(withdrawn_at=now))
    record(uow, by, "edge.withdraw-token", "edge", name, at=now)
