"""`/second-factor`: begun with a QR code, and asked for at every sign-in from then on."""

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from server.access.actions import begin_factor, confirm_factor, count_try, factor_address, give_factor, has_factor
from server.access.pages.visitors import actor_of, visitor_of
from server.errors import ServerError
from server.web.asking import database_of, now, said, shell_of
from server.web.visitor import SIGNED_IN, needs

router = APIRouter()


@router.get("/second-factor", dependencies=[needs(SIGNED_IN)])
def factor_page(request: Request) -> Response:
    return _page(request)


@router.post("/second-factor", dependencies=[needs(SIGNED_IN)])
def give(request: Request, code: Annotated[str, Form()] = "") -> Response:
    """A code of the app, or a recovery code; the first one from a new app gives the recovery codes, shown once."""
    session = visitor_of(request).session
    try:
        with database_of(request).writing() as uow:
            count_try(uow, session.account, now())
        with database_of(request).writing() as uow:
            if has_factor(uow, session.account):
                give_factor(uow, session, code, now())
                return RedirectResponse("/", 303)
            made = confirm_factor(uow, session, code, actor_of(request), now())
    except ServerError as error:
        return _page(request, error.status, said(request, error))
    return shell_of(request).page(request, "access/recovery.html", codes=made)


def _page(request: Request, status: int = 200, wrong: str = "") -> Response:
    account, picture, secret = visitor_of(request).account, Markup(""), ""
    with database_of(request).writing() as uow:
        known = has_factor(uow, account)
        if not known:
            secret = begin_factor(uow, account)
    if secret:
        # drawn by segno out of an address of ours; nothing of it is typed by anybody
        drawn = segno.make(factor_address(account, secret, shell_of(request).company), error="m")
        picture = Markup(drawn.svg_inline(scale=5, border=2, svgclass="cb-qr", lineclass="", omitsize=False))  # noqa: S704 - see above
    return shell_of(request).page(request, "access/second_factor.html", status, known=known, picture=picture, secret=secret, wrong=wrong)
