"""`/sign-in`, `/sign-out`, `/password`: what everybody does with their own account."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.actions import change_password, choose_password, end_session, has_factor, links_of, sessions_of, sign_in, sign_out
from server.access.actions.passwords import MINIMUM_LENGTH
from server.access.model import Duty, LockedOut, SignedIn
from server.access.pages.door import door, locked_page, signed_in, ways_of
from server.access.pages.visitors import COOKIE, DEVICE_COOKIE, actor_of, visitor_of
from server.errors import InvalidInputError, RefusedError
from server.web.asking import database_of, now, own_path, said, shell_of, words
from server.web.visitor import PUBLIC, SIGNED_IN, needs

router = APIRouter()
Text = Annotated[str, Form()]


@router.get("/sign-in", dependencies=[needs(PUBLIC)])
def sign_in_page(request: Request, next: str = "/") -> Response:  # noqa: A002 - the word that addresses use for it
    if request.state.visitor:
        return RedirectResponse(own_path(next), 303)
    return door(request, 200, next)


@router.post("/sign-in", dependencies=[needs(PUBLIC)])
def sign_in_now(request: Request, login: Text = "", password: Text = "", next: Text = "/") -> Response:  # noqa: A002 - as above
    address = request.client.host if request.client else ""
    found = sign_in(
        database_of(request), login, password, address, "", now(),
        device=request.cookies.get(DEVICE_COOKIE, ""),
        finders=getattr(request.app.state, "sign_in_names", ()),
        guarded=getattr(request.app.state, "guarded_roles", frozenset()),
    )  # fmt: skip
    if isinstance(found, SignedIn):
        return signed_in(request, found, "/password" if found.account.must_change or Duty.PASSWORD in found.duties else next)
    if isinstance(found, LockedOut):
        return locked_page(request, found, next, login)
    return door(request, 401, next, login, words(request)("Login or password is wrong."))


@router.post("/sign-out", dependencies=[needs(SIGNED_IN)])
def sign_out_now(request: Request) -> Response:
    with database_of(request).writing() as uow:
        sign_out(uow, request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.get("/sessions", dependencies=[needs(SIGNED_IN)])
def sessions_page(request: Request) -> Response:
    """One's own account: where it is signed in, its password, its second factor."""
    visitor = visitor_of(request)
    with database_of(request).reading() as uow:
        found = sessions_of(uow, visitor.account, now())
        factor = has_factor(uow, visitor.account)
        links = links_of(uow, visitor.account)
    facts: dict[str, Any] = {
        "sessions": found,
        "own": visitor.session.token_hash,
        "factor": factor,
        "links": links,
        "ways": ways_of(request),
    }
    return shell_of(request).page(request, "access/sessions.html", account=visitor.account, **facts)


@router.post("/sessions/end", dependencies=[needs(SIGNED_IN)])
def end_session_now(request: Request, session: Text = "") -> Response:
    """End one of one's own sessions."""
    try:
        hashed = bytes.fromhex(session)
    except ValueError as error:
        raise InvalidInputError(field="session", reason="choose one that the list offers") from error
    with database_of(request).writing() as uow:
        end_session(uow, visitor_of(request).account, hashed, actor_of(request), now())
    return RedirectResponse("/sessions", 303)


@router.get("/password", dependencies=[needs(SIGNED_IN)])
def password_page(request: Request) -> Response:
    return _password_page(request)


@router.post("/password", dependencies=[needs(SIGNED_IN)])
def change_password_now(request: Request, old: Text = "", new: Text = "", again: Text = "") -> Response:
    visitor, wrong = visitor_of(request), ""
    if new != again:
        wrong = words(request)("The new password is not the same both times.")
    else:
        try:
            if by_code(request):
                choose_password(database_of(request), visitor.session, new, actor_of(request), now())
            else:
                keep = visitor.session.token_hash
                change_password(database_of(request), visitor.account, old, new, actor_of(request), now(), keep=keep)
        except (InvalidInputError, RefusedError) as error:
            wrong = said(request, error)
    if wrong:
        return _password_page(request, 422, wrong)
    return RedirectResponse("/", 303)


def by_code(request: Request) -> bool:
    """Whether the visitor came with a one-time code, and has no present password to give."""
    return Duty.PASSWORD in visitor_of(request).session.duties


def _password_page(request: Request, status: int = 200, wrong: str = "") -> Response:
    facts = {"minimum": MINIMUM_LENGTH, "wrong": wrong, "by_code": by_code(request)}
    return shell_of(request).page(request, "access/password.html", status, **facts)
