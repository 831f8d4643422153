"""`/sign-in`, `/sign-out`, `/password`: what everybody does with their own account."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.actions import change_password, sign_in, sign_out
from server.access.actions.passwords import MINIMUM_LENGTH
from server.access.model import LockedOut, SignedIn
from server.access.pages.visitors import COOKIE, actor_of, visitor_of
from server.errors import InvalidInputError
from server.web.asking import database_of, now, own_path, said, shell_of, words
from server.web.visitor import PUBLIC, SIGNED_IN, needs

router = APIRouter()
Text = Annotated[str, Form()]


@router.get("/sign-in", dependencies=[needs(PUBLIC)])
def sign_in_page(request: Request, next: str = "/") -> Response:  # noqa: A002 - the word that addresses use for it
    if request.state.visitor:
        return RedirectResponse(own_path(next), 303)
    return shell_of(request).page(request, "access/sign_in.html", next=own_path(next), login="", wrong="")


@router.post("/sign-in", dependencies=[needs(PUBLIC)])
def sign_in_now(request: Request, login: Text = "", password: Text = "", next: Text = "/") -> Response:  # noqa: A002 - as above
    address = request.client.host if request.client else ""
    found = sign_in(database_of(request), login, password, address, "", now())
    if isinstance(found, SignedIn):
        answer = RedirectResponse("/password" if found.account.must_change else own_path(next), 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, found.token, httponly=True, samesite="lax", secure=secure, path="/", expires=found.expires_at)
        return answer
    tell = words(request)
    if isinstance(found, LockedOut):
        until = found.until.astimezone(shell_of(request).zone)
        wrong = tell("Too many wrong attempts. Try again at {time}.", time=f"{until:%H:%M}")
    else:
        wrong = tell("Login or password is wrong.")
    return shell_of(request).page(
        request, "access/sign_in.html", 429 if isinstance(found, LockedOut) else 401, next=own_path(next), login=login, wrong=wrong
    )


@router.post("/sign-out", dependencies=[needs(SIGNED_IN)])
def sign_out_now(request: Request) -> Response:
    with database_of(request).writing() as uow:
        sign_out(uow, request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.get("/password", dependencies=[needs(SIGNED_IN)])
def password_page(request: Request) -> Response:
    return shell_of(request).page(request, "access/password.html", minimum=MINIMUM_LENGTH, wrong="")


@router.post("/password", dependencies=[needs(SIGNED_IN)])
def change_password_now(request: Request, old: Text = "", new: Text = "", again: Text = "") -> Response:
    visitor, wrong = visitor_of(request), ""
    if new != again:
        wrong = words(request)("The new password is not the same both times.")
    else:
        try:
            keep = visitor.session.token_hash
            change_password(database_of(request), visitor.account, old, new, actor_of(request), now(), keep=keep)
        except InvalidInputError as error:
            wrong = said(request, error)
    if wrong:
        return shell_of(request).page(request, "access/password.html", 422, minimum=MINIMUM_LENGTH, wrong=wrong)
    return RedirectResponse("/", 303)
