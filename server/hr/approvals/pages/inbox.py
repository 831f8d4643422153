"""`/approvals`: what waits for the reader, what they decided, what they got a copy of; one tap on a phone, many at once on a desk."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError
from server.hr.approvals import actions
from server.hr.approvals.actions.bulk import MOST
from server.hr.approvals.model import KINDS, Task
from server.hr.approvals.pages.asked import kind_names, person_of, verdict_of
from server.hr.approvals.pages.cards import Card, as_tasks, cards_of
from server.hr.approvals.pages.wording import kind_name, told_fault
from server.storage import Database, UnitOfWork
from server.web.asking import database_of, may, now, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
DECIDES = [needs(Permission.DECIDE)]
PAGE, EXPORT_PAGE = 50, 500
TABS = ("waiting", "decided", "copied")
Text = Annotated[str, Form()]


@router.get("/approvals", dependencies=DECIDES)
def inbox_page(request: Request, tab: str = "waiting", kind: str = "", after: str = "") -> Response:
    person_id, tab = request.state.visitor.person_id, tab_of(tab)
    if person_id is None:
        return shell_of(request).page(request, "approvals/nobody.html")
    tell = words(request)
    with database_of(request).reading() as uow:
        found = page_of(uow, tab, person_id, kind, whole(after, "after"), PAGE + 1)
        cards = cards_of(request, uow, found[:PAGE])
        waiting = actions.count_waiting(uow, person_id, now())
        stuck = len(actions.without_approver(uow, now())) if may(request, Permission.CHANGE_REQUESTS) else 0
        names = kind_names(request, uow)
    kinds = [(one, kind_name(one, tell, names)) for one in (*KINDS, *names)]
    more: dict[str, Any] = {"waiting": waiting, "stuck": stuck, "kinds": kinds, "kind": kind, "most": MOST}
    following = str(found[PAGE - 1].course.id) if len(found) > PAGE else ""
    export = f"/approvals.csv?tab={tab}"
    return shell_of(request).page(
        request, "approvals/inbox.html", cards=cards, tab=tab, following=following, paged=bool(after), export=export, **more
    )


@router.get("/approvals.csv", dependencies=DECIDES)
@router.get("/approvals.xlsx", dependencies=DECIDES)
def inbox_file(request: Request, tab: str = "waiting") -> Response:
    tell = words(request)
    names = ("Number", "Person", "Employee number", "Department", "Kind", "Details", "Reason", "Warnings", "Asked", "State")
    return table_answer(request, tell("Approvals"), [tell(name) for name in names], _rows(request, database_of(request), tab_of(tab)))


@router.post("/approvals/decide", dependencies=DECIDES)
def decide_many(
    request: Request,
    ids: Annotated[list[int], Form()] = [],  # noqa: B006 - read only
    verdict: Text = "",
    comment: Text = "",
    everything: Text = "",
    kind: Text = "",
) -> Response:
    """One answer to those that were chosen, or to all that wait (of a kind)."""
    person_id = person_of(request)
    with database_of(request).writing() as uow:
        chosen = [one.course.id for one in actions.waiting_for(uow, person_id, now(), kind=kind, limit=MOST)] if everything else ids
        key = actions.decide_many(uow, chosen, verdict_of(verdict), comment, person_id, actor_of(request), now())
    return RedirectResponse(f"/approvals/bulk/{key}", 303)


@router.get("/approvals/bulk/{bulk_id:int}", dependencies=DECIDES)
def bulk_page(request: Request, bulk_id: int) -> Response:
    tell, person_id = words(request), person_of(request)
    with database_of(request).reading() as uow:
        view = actions.see_bulk(uow, bulk_id, person_id)
        wrong = {course_id: told_fault(fault, tell) for course_id, fault in view.faults}
        failed = [actions.see_course(uow, course_id, None, now()).course for course_id in wrong]
        cards = cards_of(request, uow, as_tasks(failed))
    return shell_of(request).page(request, "approvals/bulk.html", view=view, cards=cards, wrong=wrong)


def tab_of(value: str) -> str:
    if value not in TABS:
        raise InvalidInputError(field="tab", reason="choose one that the list offers")
    return value


def page_of(uow: UnitOfWork, tab: str, person_id: int, kind: str, behind: int | None, limit: int) -> list[Task]:
    """A page of one of the lists."""
    if tab == "waiting":
        return actions.waiting_for(uow, person_id, now(), kind=kind, behind=behind, limit=limit)
    listed = actions.decided_by if tab == "decided" else actions.copied_to
    return as_tasks(listed(uow, person_id, behind=behind, limit=limit))


def _rows(request: Request, database: Database, tab: str) -> Iterator[list[object]]:
    person_id, behind = person_of(request), None
    while True:
        with database.reading() as uow:
            tasks = page_of(uow, tab, person_id, "", behind, EXPORT_PAGE)
            cards = cards_of(request, uow, tasks)
        yield from (_cells(card) for card in cards)
        if len(tasks) < EXPORT_PAGE:
            return
        behind = tasks[-1].course.id


def _cells(card: Card) -> list[object]:
    details = "; ".join(f"{label}: {value}" for label, value in card.lines)
    warned = "; ".join(card.warnings)
    return [card.id, card.who, card.number, card.department, card.title, details, card.reason, warned, card.submitted_at, card.state[1]]
