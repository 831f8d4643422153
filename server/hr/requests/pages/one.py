"""A request with its content, findings, course, comments, and what it made: for the person, and for those who may see it."""

from urllib.parse import quote
from uuid import uuid4

from fastapi import Request as Asked
from starlette.responses import Response, StreamingResponse

from server.errors import ServerError
from server.hr.approvals.model import EntryKind
from server.hr.requests.actions import RequestView, StoppedError, attachment_parts
from server.hr.requests.engine.states import MOVES
from server.hr.requests.engine.telling import say, sentence, told
from server.hr.requests.engine.words import KINDS, STATES, word_of
from server.hr.requests.model import Purpose, RequestEvent, RequestState
from server.hr.staff.model import Document
from server.storage import Database
from server.web.asking import said, shell_of, words

ENTRIES = {
    EntryKind.SUBMITTED: "sent",
    EntryKind.APPROVED: "approved",
    EntryKind.REFUSED: "refused",
    EntryKind.SENT_BACK: "sent back",
    EntryKind.WITHDRAWN: "withdrawn",
    EntryKind.RESUBMITTED: "asked again",
    EntryKind.REMINDED: "reminded",
    EntryKind.ESCALATED: "passed on to the next above",
    EntryKind.HANDED_OVER: "handed over to somebody else",
    EntryKind.COMMENTED: "said",
    EntryKind.TIME_UP: "nobody decided in time",
    EntryKind.COULD_NOT: "could not be done",
}
"""What stands in the course, in words of ours."""
EVENTS = {
    RequestEvent.SUBMIT: "sent",
    RequestEvent.EDIT: "changed",
    RequestEvent.APPROVE: "approved",
    RequestEvent.REFUSE: "refused",
    RequestEvent.SEND_BACK: "sent back",
    RequestEvent.WITHDRAW: "withdrawn",
    RequestEvent.CANCEL: "cancelled",
}


def page_of(asked: Asked, seen: RequestView, *, own: bool, wrong: str = "", may_change: bool = False) -> Response:
    """own: read by the person who asked. may_change: HR may withdraw it and ask in the person's name."""
    tell, held = words(asked), seen.request
    return shell_of(asked).page(
        asked,
        "requests/one.html",
        seen=seen,
        held=held,
        own=own,
        wrong=wrong,
        may_change=may_change,
        base="/me/requests" if own else "/requests",
        say=lambda one: say(one, tell),
        told=lambda one: [say(each, tell) for each in told(one)],
        kinds=KINDS,
        states=STATES,
        events=EVENTS,
        entries=ENTRIES,
        word_of=word_of,
        can_withdraw=RequestEvent.WITHDRAW in MOVES[held.state],
        can_change=RequestEvent.EDIT in MOVES[held.state] and held.purpose is not Purpose.CANCEL,
        can_cancel=held.state is RequestState.APPROVED and held.purpose is not Purpose.CANCEL and seen.change is None,
        key=uuid4().hex,
        trail_of=(("request", held.number),),
    )


def why_not(asked: Asked, error: ServerError) -> str:
    """Why something could not be done with a request, in the reader's language; of one that is stopped, everything that stops it."""
    if isinstance(error, StoppedError):
        return " ".join(sentence(one, words(asked)) for one in error.findings)
    return said(asked, error)


def given_out(database: Database, document: Document) -> Response:
    """A file to keep: never shown in our own pages, whatever it holds."""
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(document.name, safe='')}",
        "content-length": str(document.size),
    }
    return StreamingResponse(attachment_parts(database, document), media_type=document.file_type.media_type, headers=headers)
