"""`/notices`: what somebody was told, with read marks, and what of it they want by mail. Everybody sees only their own."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.errors import InvalidInputError
from server.notify import actions as notify
from server.notify.model import MailWish, NoticeKind
from server.storage import UnitOfWork
from server.web.asking import database_of, now, shell_of, whole, words
from server.web.own import OwnEntry
from server.web.visitor import needs

PAGE = 50
KINDS = {
    NoticeKind.APPROVAL: "Approval",
    NoticeKind.REQUEST: "Request",
    NoticeKind.ATTENDANCE: "Attendance",
    NoticeKind.LEAVE: "Leave",
    NoticeKind.STAFF: "Staff record",
    NoticeKind.ACCOUNT: "Account",
    NoticeKind.ALARM: "Alarm",
}
WISHES = {
    MailWish.EACH: "Each notice",
    MailWish.DIGEST: "One letter a day with what waits",
    MailWish.NONE: "Nothing",
}

router = APIRouter()
OWN = [needs(Permission.SEE_OWN)]


@router.get("/notices", dependencies=OWN, include_in_schema=False)
def notices_page(request: Request, below: str = "") -> Response:
    person, tell = _reader(request), words(request)
    with database_of(request).reading() as uow:
        found = notify.notices_of(uow, person, below=whole(below, "below"), limit=PAGE + 1) if person else []
        wish = notify.wish_of(uow, person) if person else MailWish.EACH
    return shell_of(request).page(
        request,
        "notify/notices.html",
        notices=[(one, notify.told(one, tell)) for one in found[:PAGE]],
        following=found[PAGE - 1].id if len(found) > PAGE else None,
        kinds=KINDS,
        wish=wish,
        wishes=WISHES,
        mail=request.app.state.mail,
    )


@router.get("/notices/{notice_id:int}", dependencies=OWN, include_in_schema=False)
def follow_notice(request: Request, notice_id: int) -> Response:
    """Read it and go where it leads."""
    with database_of(request).writing() as uow:
        found = notify.open_notice(uow, _reader(request), notice_id, now())
    return RedirectResponse(found.address or "/notices", 303)


@router.post("/notices/{notice_id:int}/unread", dependencies=OWN, include_in_schema=False)
def keep_unread(request: Request, notice_id: int) -> Response:
    with database_of(request).writing() as uow:
        notify.keep_unread(uow, _reader(request), notice_id)
    return RedirectResponse("/notices", 303)


@router.post("/notices/read", dependencies=OWN, include_in_schema=False)
def read_all(request: Request) -> Response:
    with database_of(request).writing() as uow:
        notify.read_all(uow, _reader(request), now())
    return RedirectResponse("/notices", 303)


@router.post("/notices/mail", dependencies=OWN, include_in_schema=False)
def choose_mail(request: Request, wish: Annotated[str, Form()] = "") -> Response:
    if wish not in set(MailWish):
        raise InvalidInputError(field="mail", reason="choose one that the list offers")
    with database_of(request).writing() as uow:
        notify.wish(uow, _reader(request), MailWish(wish))
    return RedirectResponse("/notices", 303)


@router.get("/api/v1/notices", dependencies=OWN)
def notices_api(request: Request, below: int | None = None) -> dict[str, object]:
    """The reader's notices, newest first, 50 at once; `next` goes into `below`."""
    person, tell = _reader(request), words(request)
    with database_of(request).reading() as uow:
        found = notify.notices_of(uow, person, below=below, limit=PAGE + 1)
        unread = notify.unread(uow, person)
    rows = [
        {"id": one.id, "kind": one.kind, "text": notify.told(one, tell), "address": one.address, "at": one.at, "read_at": one.read_at}
        for one in found[:PAGE]
    ]
    return {"unread": unread, "notices": rows, "next": found[PAGE - 1].id if len(found) > PAGE else None}


def unread_of(request: Request) -> int:
    """For the head of every page: how many the visitor has not read; 0 for somebody who is nobody in the directory."""
    person = _reader(request)
    if not person:
        return 0
    with database_of(request).reading() as uow:
        return notify.unread(uow, person)


def entries(request: Request, uow: UnitOfWork) -> list[OwnEntry]:
    """Of the reader's own pages: the notices, and how many are not read."""
    tell, count = words(request), notify.unread(uow, _reader(request))
    return [OwnEntry("/notices", tell("Notices"), tell("{n} not read", n=count) if count else "")]


def _reader(request: Request) -> int:
    """The visitor as a person; 0 for nobody's account, who has been told nothing."""
    found: int | None = request.state.visitor.person_id
    return found or 0
