"""`/requests`: those of others, for supervisors and HR, each within the visitor's scope; `/requests/{id}` also for its approvers."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Form as FormField, Request as Asked
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance.pages.asked import choices, export_address, searched, today
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.hr.approvals import actions as approvals
from server.hr.requests import actions as requests
from server.hr.requests.engine.describing import when_of
from server.hr.requests.engine.telling import say
from server.hr.requests.engine.words import CAUSES, KINDS, STATES
from server.hr.requests.model import NewRequest, Purpose, Request, RequestFilter, RequestKind, RequestLine, RequestState
from server.hr.requests.pages.form import MOST_REQUEST, Whom, judged_part, kind_asked, new_form, received, send_form, typed_so_far
from server.hr.requests.pages.one import given_out, page_of, why_not
from server.hr.requests.pages.own import waiting_names
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, may, now, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import SIGNED_IN, needs

router = APIRouter(include_in_schema=False)
SEES = [needs(Permission.SEE_REQUESTS), needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_REQUESTS), needs(Permission.SEE_PEOPLE)]
LOOKS = [needs(SIGNED_IN)]
PAGE, EXPORT_PAGE, MOST_FOUND = 100, 1_000, 20
BASE = "/requests"
Text = Annotated[str, FormField()]


@router.get("/requests", dependencies=SEES)
def requests_page(asked: Asked, after: str = "") -> Response:
    wanted, day = request_filter(asked), today(asked)
    scope = asked.state.visitor.scope(Permission.SEE_REQUESTS)
    with database_of(asked).reading() as uow:
        if wanted.person_id:
            directory.require_within(uow, scope, wanted.person_id, day)
        found, counts = requests.list_requests(uow, wanted, scope, day, behind=whole(after, "after"), limit=PAGE + 1)
        waits = waiting_names(uow, [one.request for one in found])
        leaves = requests.leave_names(uow, day)
        person = directory.names_of(uow, [wanted.person_id]).get(wanted.person_id, "") if wanted.person_id else ""
        offered = choices(uow)
    shown = found[:PAGE]
    return shell_of(asked).page(
        asked,
        "requests/list.html",
        lines=shown,
        counts=counts,
        waits=waits,
        when=when_of_line(asked),
        detail=_detail(asked, leaves),
        wanted=wanted,
        filtered=wanted != RequestFilter(),
        person=person,
        offered=offered,
        kinds=KINDS,
        states=STATES,
        following=str(shown[-1].request.id) if len(found) > PAGE else "",
        paged=bool(after),
        may_change=may(asked, Permission.CHANGE_REQUESTS),
        export=export_address(asked, "/requests.csv"),
    )


@router.get("/requests.csv", dependencies=SEES)
@router.get("/requests.xlsx", dependencies=SEES)
def requests_file(asked: Asked) -> Response:
    """The list as it is asked for, the newest first, of everybody the reader may see."""
    tell = words(asked)
    names = ("Number", "Person", "Employee number", "Department", "Kind", "What", "When", "Hours", "State", "Reason", "Sent", "Decided")
    return table_answer(asked, tell("Requests"), [tell(name) for name in names], _file_rows(asked))


@router.get("/requests/new", dependencies=CHANGES)
def choose_whom(asked: Asked, search: str = "", person: str = "") -> Response:
    key, text = whole(person, "person"), searched(search)
    scope = asked.state.visitor.scope(Permission.CHANGE_REQUESTS)
    with database_of(asked).reading() as uow:
        if key is not None:
            directory.require_within(uow, scope, key, today(asked))
        whom = directory.see_person(uow, key)[0] if key is not None else None
        found = [one for one, _ in directory.list_people(uow, text=text, limit=MOST_FOUND)] if text and whom is None else []
        found = [one for one in found if directory.is_within(uow, scope, one.person.id, today(asked))]
    facts: dict[str, Any] = {"whom": whom, "found": found, "search": text, "kinds": KINDS, "base": BASE}
    return shell_of(asked).page(asked, "requests/choose_whom.html", **facts)


@router.get("/requests/new/{kind}", dependencies=CHANGES)
def form_in_name(asked: Asked, kind: str, person: str) -> Response:
    return new_form(asked, _in_name(asked, person), kind_asked(kind))


@router.post("/requests/new/{kind}", dependencies=CHANGES, max_body_size=MOST_REQUEST)
async def send_in_name(asked: Asked, kind: str) -> Response:
    sent = await received(asked)
    whom = await run_in_threadpool(_in_name, asked, sent.typed.get("person", ""))
    made = await run_in_threadpool(send_form, asked, whom, kind_asked(kind), sent, None)
    return made if isinstance(made, Response) else RedirectResponse(f"{BASE}/{made.id}", 303)


@router.post("/requests/check/{kind}", dependencies=CHANGES)
async def check_in_name(asked: Asked, kind: str) -> Response:
    typed = await typed_so_far(asked)
    whom = await run_in_threadpool(_in_name, asked, typed.get("person", ""))
    return await run_in_threadpool(judged_part, asked, whom, kind_asked(kind), typed, None)


@router.get("/requests/{request_id:int}", dependencies=LOOKS)
def request_page(asked: Asked, request_id: int, wrong: str = "") -> Response:
    """For those who may see the person's requests, and for the approvers of this one; to others it is not there."""
    with database_of(asked).reading() as uow:
        held = seen_by(uow, asked, request_id)
        if held.person_id == asked.state.visitor.person_id:
            return RedirectResponse(f"/me/requests/{request_id}", 303)
        seen = requests.see_request(uow, request_id, now())
        changes = may_change(uow, asked, held)
    return page_of(asked, seen, own=False, wrong=wrong, may_change=changes)


@router.post("/requests/{request_id:int}/withdraw", dependencies=CHANGES)
def withdraw_in_name(asked: Asked, request_id: int, comment: Text = "") -> Response:
    try:
        with database_of(asked).writing() as uow:
            held = seen_by(uow, asked, request_id)
            require_change(uow, asked, held)
            _require_said(comment)
            requests.withdraw_request(uow, asked.app.state.approval_handlers, held.id, actor_of(asked), now(), comment)
    except NotFoundError:
        raise
    except ServerError as error:
        return request_page(asked, request_id, why_not(asked, error))
    return RedirectResponse(f"{BASE}/{request_id}", 303)


@router.post("/requests/{request_id:int}/cancel", dependencies=CHANGES)
def cancel_in_name(asked: Asked, request_id: int, key: Text, reason: Text = "", late: Text = "") -> Response:
    """Ask in the person's name for an approved request to be taken back."""
    try:
        with database_of(asked).writing() as uow:
            held = seen_by(uow, asked, request_id)
            require_change(uow, asked, held)
            _require_said(reason)
            new = NewRequest(held.person_id, held.content, reason.strip(), key, Purpose.CANCEL, held.id, held.late or bool(late))
            made = requests.ask(uow, asked.app.state.approval_handlers, new, actor_of(asked), now(), in_name=True)
    except NotFoundError:
        raise
    except ServerError as error:
        return request_page(asked, request_id, why_not(asked, error))
    return RedirectResponse(f"{BASE}/{made.id}", 303)


@router.post("/requests/{request_id:int}/documents", dependencies=CHANGES, max_body_size=MOST_REQUEST)
async def hand_in_in_name(asked: Asked, request_id: int) -> Response:
    """A certificate that somebody brought to HR."""
    sent = await received(asked)

    def act() -> Response:
        try:
            if sent.too_large:
                raise InvalidInputError(field="attachment", reason="the file {file} is larger than 20 MB", file=sent.too_large)
            with database_of(asked).writing() as uow:
                held = seen_by(uow, asked, request_id)
                require_change(uow, asked, held)
                requests.hand_in_later(uow, held, sent.files, actor_of(asked), now(), in_name=True)
        except NotFoundError:
            raise
        except ServerError as error:
            return request_page(asked, request_id, why_not(asked, error))
        return RedirectResponse(f"{BASE}/{request_id}", 303)

    return await run_in_threadpool(act)


@router.get("/requests/{request_id:int}/documents/{document_id:int}", dependencies=LOOKS)
def attachment(asked: Asked, request_id: int, document_id: int) -> Response:
    with database_of(asked).writing() as uow:
        seen_by(uow, asked, request_id)
        document = requests.open_attachment(uow, request_id, document_id, actor_of(asked), now())
    return given_out(database_of(asked), document)


def seen_by(uow: UnitOfWork, asked: Asked, request_id: int) -> Request:
    """A request that this visitor may see; raises NotFoundError for any other, the same as for one that is not there."""
    held = requests.find_request(uow, request_id)
    visitor = asked.state.visitor
    if held.person_id == visitor.person_id:
        return held
    if held.state is not RequestState.DRAFT:
        scope = visitor.scope(Permission.SEE_REQUESTS)
        if may(asked, Permission.SEE_REQUESTS) and directory.is_within(uow, scope, held.person_id, today(asked)):
            return held
        course = requests.course_of(uow, request_id)
        if course is not None and visitor.person_id is not None:
            approvals.see_course(uow, course.id, visitor.person_id, now())
            return held
    raise NotFoundError(what="request", name=request_id)


def may_change(uow: UnitOfWork, asked: Asked, held: Request) -> bool:
    """Whether this visitor acts for HR about it: within the scope, and never their own."""
    scope = asked.state.visitor.scope(Permission.CHANGE_REQUESTS)
    own = held.person_id == asked.state.visitor.person_id
    return may(asked, Permission.CHANGE_REQUESTS) and not own and directory.is_within(uow, scope, held.person_id, today(asked))


def require_change(uow: UnitOfWork, asked: Asked, held: Request) -> None:
    """Raises NotFoundError where `may_change` is not."""
    if not may_change(uow, asked, held):
        raise NotFoundError(what="request", name=held.id)


def request_filter(asked: Asked) -> RequestFilter:
    """The question in an address; raises InvalidInputError for a value that cannot be used."""
    given = asked.query_params
    kind, state = given.get("kind", ""), given.get("state", "")
    if kind and kind not in set(RequestKind):
        raise InvalidInputError(field="kind", reason="choose one that the list offers")
    if state and state not in set(RequestState):
        raise InvalidInputError(field="state", reason="choose one that the list offers")
    return RequestFilter(
        person_id=whole(given.get("person", ""), "person"),
        kind=RequestKind(kind) if kind else None,
        detail=searched(given.get("detail", "")) or None,
        state=RequestState(state) if state else None,
        department_id=whole(given.get("department", ""), "department"),
        site_id=whole(given.get("site", ""), "site"),
        since=given_day(given.get("since", ""), "since"),
        until=given_day(given.get("until", ""), "until"),
        text=searched(given.get("text", "")),
    )


def _in_name(asked: Asked, person: str) -> Whom:
    key = whole(person, "person")
    with database_of(asked).reading() as uow:
        directory.require_within(uow, asked.state.visitor.scope(Permission.CHANGE_REQUESTS), key or 0, today(asked))
        directory.see_person(uow, key or 0)
    if key == asked.state.visitor.person_id:
        raise InvalidInputError(field="person", reason="ask for yourself under “My requests”, so that the same rules hold for everybody")
    return Whom(key or 0, BASE, by_hr=True)


def _require_said(comment: str) -> None:
    if not comment.strip():
        raise InvalidInputError(field="comment", reason="say why, so that it can be understood later")


def when_of_line(asked: Asked) -> Any:
    tell, company = words(asked), shell_of(asked).zone
    return lambda line: say(when_of(line.request.content, line.time_zone or company.key), tell)


def _detail(asked: Asked, leaves: dict[str, tuple[str, str]]) -> Any:
    """The type of leave, or the cause of a correction."""
    tell = words(asked)
    zh = tell("Leave") != "Leave"

    def told(held: Request) -> str:
        detail = getattr(held.content, "leave", "")
        if detail:
            return str(leaves.get(detail, (detail, detail))[1 if zh else 0])
        cause = getattr(held.content, "cause", None)
        return tell(CAUSES[cause]) if cause else ""

    return told


def _file_rows(asked: Asked) -> Iterator[list[object]]:
    wanted, day, database = request_filter(asked), today(asked), database_of(asked)
    scope = asked.state.visitor.scope(Permission.SEE_REQUESTS)
    tell, when = words(asked), when_of_line(asked)
    with database.reading() as uow:
        detail = _detail(asked, requests.leave_names(uow, day))
    behind: int | None = None
    while True:
        with database.reading() as uow:
            lines, _ = requests.list_requests(uow, wanted, scope, day, behind=behind, limit=EXPORT_PAGE)
        yield from (_cells(line, tell, when, detail) for line in lines)
        if len(lines) < EXPORT_PAGE:
            return
        behind = lines[-1].request.id


def _cells(line: RequestLine, tell: Any, when: Any, detail: Any) -> list[object]:
    held = line.request
    hours = None if held.minutes is None else held.minutes / 60
    return [
        held.number, line.person_name, line.employee_number, line.department, tell(KINDS[held.kind]), detail(held), when(line), hours,
        tell(STATES[held.state][1]), held.reason, held.submitted_at, held.ended_at,
    ]  # fmt: skip
