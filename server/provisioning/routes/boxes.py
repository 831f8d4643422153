"""`/api/v1/authority`, `/api/v1/enrol`, `/api/v1/renew`: what boxes ask. Nobody is signed in here: a token or a signature speaks."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias, TypeVar

from fastapi import APIRouter, Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from protocol import enrolment
from protocol.enrolment import Enrolled, EnrolRequest, Nonce, RenewRequest
from server.errors import ServerError
from server.provisioning import actions
from server.provisioning.actions import EnrolmentRefusedError, Entrance
from server.storage import UnitOfWork
from server.web.asking import database_of, now, said
from server.web.bodies import body_of, in_body, json
from server.web.visitor import PUBLIC, needs

router = APIRouter(prefix="/api/v1", tags=["edges"])
PER_MINUTE = RateLimitItemPerMinute(60)
"""Requests of one address: a proxy's boxes count together, and nobody guesses 128 bits at this pace."""
Asked = TypeVar("Asked", EnrolRequest, RenewRequest)
Act: TypeAlias = Callable[[UnitOfWork, Entrance, Asked, str, datetime], Enrolled | EnrolmentRefusedError]
_limiter = MovingWindowRateLimiter(MemoryStorage())


class TooManyError(ServerError):
    """Somebody asks too often."""

    status = 429
    code = "too-many"
    message = "Too many requests from this address. Try again in a minute."


@router.get("/authority", dependencies=[needs(PUBLIC)])
def authority(request: Request) -> Response:
    """The certificates that edges believe, to be held against the fingerprint in the token, and the server's clock."""
    _count(request)
    return json(enrolment.Authority(_entrance(request).authority.trusted().decode(), now()))


@router.post(
    "/enrol",
    dependencies=[needs(PUBLIC)],
    openapi_extra=in_body(
        secret="the token's secret, base64",  # noqa: S106 - its meaning
        request="a PKCS #10 request (DER, base64) by the box's P-256 key; its subject is not looked at",
        signing_key="the Ed25519 key that will sign messages, raw, base64",
        signature="by that key over the token's digest and the request's, base64",
        clock="what the box's clock shows",
        version="?the box's release",
    ),
)
async def enrol(request: Request) -> Response:
    """Let a box with a good token be the edge that the token is for: certificate, authority, address of the broker, the server's key."""
    return await _asked(request, EnrolRequest, actions.enrol)


@router.get("/renew/{edge}", dependencies=[needs(PUBLIC)])
def renewal_nonce(request: Request, edge: str) -> Response:
    """The number that an edge's request for renewal must carry, good for ten minutes."""
    _count(request)
    moment = now()
    with database_of(request).reading() as uow:
        return json(Nonce(actions.nonce_for(uow, edge[:63], moment), moment))


@router.post(
    "/renew",
    dependencies=[needs(PUBLIC)],
    openapi_extra=in_body(
        edge="the edge's name",
        request="a PKCS #10 request (DER, base64) by its new P-256 key",
        nonce="from GET /api/v1/renew/{edge}",
        signature="by the key that it signs messages with, over edge, nonce and the request's digest, base64",
        clock="what the box's clock shows",
        version="?the box's release",
    ),
)
async def renew(request: Request) -> Response:
    """The next certificate of an edge, proven by the key that it signs messages with."""
    return await _asked(request, RenewRequest, actions.renew)


async def _asked(request: Request, kind: type[Asked], act: Act[Asked]) -> Response:
    """Refusals are told with the server's clock: a box whose own is wrong must be able to say by how much."""
    _count(request)
    asked = await body_of(request, kind)

    def work() -> Enrolled | EnrolmentRefusedError:
        with database_of(request).writing() as uow:
            return act(uow, _entrance(request), asked, _source(request), now())

    answer = await run_in_threadpool(work)
    if isinstance(answer, Enrolled):
        return json(answer)
    return json(enrolment.Refused(answer.code, said(request, answer), now()), answer.status)


def _count(request: Request) -> None:
    if not _limiter.hit(PER_MINUTE, _source(request)):
        raise TooManyError


def _source(request: Request) -> str:
    return (request.client.host if request.client else "")[:64]


def _entrance(request: Request) -> Entrance:
    found: Entrance = request.app.state.entrance
    return found
