"""`/api/v1/sites`, `/api/v1/edges/…`: sites, edges, tokens and certificates, for programs that set many up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from protocol.enrolment import Token
from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.fleet import actions as fleet
from server.provisioning import actions
from server.provisioning.model import EdgeCertificate, Offered
from server.provisioning.pages.wizard import edge_named
from server.web.asking import database_of, now
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["edges"])
SEES = [needs(Permission.SEE_FLEET)]
CHANGES = [needs(Permission.CHANGE_FLEET)]


@dataclass(frozen=True)
class CertificateOut:
    """A certificate of an edge. how: token, renewal or kit. clock_off_ms: the box's clock minus the server's when it asked."""

    serial: str
    how: str
    issued_at: datetime
    ends_at: datetime
    withdrawn_at: datetime | None
    clock_off_ms: int | None


@dataclass(frozen=True)
class TokenOut:
    """A token, this once."""

    edge: str
    token: str
    expires_at: datetime


class NewSite(BaseModel):
    """time_zone: such as Asia/Shanghai."""

    code: str
    name: str = ""
    time_zone: str


class NewEdge(BaseModel):
    """site: its code."""

    name: str
    site: str


class Life(BaseModel):
    """How long a token shall be good: 1, 24 or 168 hours."""

    hours: int = 24
    reason: str = ""


class Why(BaseModel):
    """For the trail."""

    reason: str


@router.post("/sites", dependencies=CHANGES)
def add_site(request: Request, new: NewSite) -> dict[str, str]:
    """Add a place of work."""
    with database_of(request).writing() as uow:
        return {"code": fleet.add_site(uow, new.code, new.name, new.time_zone, actor_of(request), now()).code}


@router.post("/edges", dependencies=CHANGES)
def add_edge(request: Request, new: NewEdge) -> dict[str, str]:
    """Add an edge to a site; a token lets its box come."""
    with database_of(request).writing() as uow:
        return {"name": fleet.add_edge(uow, new.name, new.site, None, actor_of(request), now()).name}


@router.get("/edges/{name}/certificates", dependencies=SEES)
def certificates(request: Request, name: str) -> list[CertificateOut]:
    """The certificates that an edge was given, the latest first."""
    with database_of(request).reading() as uow:
        return [_certificate(one) for one in actions.standing_of(uow, edge_named(name)).certificates]


@router.post("/edges/{name}/token", dependencies=CHANGES)
def offer_token(request: Request, name: str, life: Life) -> TokenOut:
    """Make a token for an edge's box; open ones before it are withdrawn."""
    by, life_of_it = actor_of(request), timedelta(hours=life.hours)
    with database_of(request).writing() as uow:
        return _token(request, actions.offer_token(uow, edge_named(name), life_of_it, by, now(), life.reason[:200]))


@router.post("/edges/{name}/revoke", dependencies=CHANGES)
def revoke(request: Request, name: str, why: Why) -> dict[str, Any]:
    """Take nothing more from an edge and let it in nowhere; a new token takes it back."""
    with database_of(request).writing() as uow:
        actions.revoke_edge(uow, edge_named(name), actor_of(request), now(), why.reason[:200])
    return {"name": name}


@router.post("/edges/{name}/release", dependencies=CHANGES)
def release(request: Request, name: str, why: Why) -> dict[str, Any]:
    """Take an edge out of quarantine."""
    with database_of(request).writing() as uow:
        actions.release_edge(uow, edge_named(name), actor_of(request), now(), why.reason[:200])
    return {"name": name}


def _token(request: Request, offered: Offered) -> TokenOut:
    token = Token(offered.edge, offered.secret, request.app.state.entrance.authority.fingerprint)
    return TokenOut(offered.edge, token.write(), offered.expires_at)


def _certificate(one: EdgeCertificate) -> CertificateOut:
    return CertificateOut(one.serial, one.how.value, one.issued_at, one.ends_at, one.withdrawn_at, one.clock_off_ms)
