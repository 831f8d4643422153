"""Decisions about rows in quarantine: replay, accept, dismiss, undo, say who a terminal user is."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.ingest.actions import dismiss, find_row, map_user, reopen, replay
from server.ingest.actions.listing import QuarantineFilter, QuarantineState
from server.ingest.actions.resolving import Resolved, Selection
from server.ingest.pages.quarantine import instant_of, show_list, show_row
from server.storage import to_microseconds
from server.web.asking import database_of, given_day, now, said
from server.web.visitor import needs

router = APIRouter()
RESOLVE = [needs(Permission.RESOLVE_QUARANTINE)]
Field = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Choice:
    """Rows that were ticked; without any, all open ones of the filter that the form repeats."""

    ids: list[int]
    wanted: QuarantineFilter

    @property
    def rows(self) -> Selection:
        return self.ids or self.wanted


def chosen_rows(ids: Annotated[list[int] | None, Form()] = None, reason: Field = "", terminal: Field = "", user: Field = "") -> Choice:
    """The choice of a form of the list."""
    return Choice(ids or [], QuarantineFilter(reason, terminal, user))


Chosen = Annotated[Choice, Depends(chosen_rows)]


@router.post("/quarantine/replay", dependencies=RESOLVE)
def replay_rows(request: Request, chosen: Chosen, view: Field = "") -> Response:
    """Try them again with what is provisioned now."""
    moment = now()
    with database_of(request).writing() as uow:
        result = replay(uow, chosen.rows, request.app.state.limits, actor_of(request), moment)
    return _back(chosen.wanted, view, "replayed", result.replayed + result.known, result, moment)


@router.post("/quarantine/dismiss", dependencies=RESOLVE)
def dismiss_rows(request: Request, chosen: Chosen, note: Field = "", view: Field = "") -> Response:
    """Decide that they are no punches; needs a note."""
    moment = now()
    try:
        with database_of(request).writing() as uow:
            result = dismiss(uow, chosen.rows, note, actor_of(request), moment)
    except InvalidInputError as error:
        wrong = said(request, error)
        return show_list(request, chosen.wanted, view=view, wrong=wrong, note=note, chosen=chosen.ids, status=error.status)
    return _back(chosen.wanted, view, "dismissed", result.dismissed, result, moment)


@router.post("/quarantine/reopen", dependencies=RESOLVE)
def undo_dismissal(request: Request, at: Field = "") -> Response:
    """Undo everything that one decision dismissed."""
    of_decision = QuarantineFilter(state=QuarantineState.DISMISSED, resolved_at=instant_of(at))
    moment = now()
    with database_of(request).writing() as uow:
        count = reopen(uow, of_decision, actor_of(request), moment)
    return _back(QuarantineFilter(), "", "reopened", count, Resolved(), moment)


@router.post("/quarantine/{row_id:int}/replay", dependencies=RESOLVE)
def replay_row(request: Request, row_id: int) -> Response:
    """Try this one again."""
    with database_of(request).writing() as uow:
        result = replay(uow, [find_row(uow, row_id).id], request.app.state.limits, actor_of(request), now())
    return _to_row(row_id, "still-stopped" if result.left else "replayed")


@router.post("/quarantine/{row_id:int}/accept", dependencies=RESOLVE)
def accept_row(request: Request, row_id: int, note: Field = "") -> Response:
    """Vouch for a doubtful time or row; needs a reason."""
    try:
        with database_of(request).writing() as uow:
            ids = [find_row(uow, row_id).id]
            result = replay(uow, ids, request.app.state.limits, actor_of(request), now(), accept=True, reason=note)
    except InvalidInputError as error:
        return show_row(request, row_id, wrong=said(request, error), typed={"note": note}, status=error.status)
    return _to_row(row_id, "still-stopped" if result.left else "replayed")


@router.post("/quarantine/{row_id:int}/dismiss", dependencies=RESOLVE)
def dismiss_row(request: Request, row_id: int, note: Field = "") -> Response:
    """Decide that this is no punch; needs a note."""
    try:
        with database_of(request).writing() as uow:
            dismiss(uow, [find_row(uow, row_id).id], note, actor_of(request), now())
    except InvalidInputError as error:
        return show_row(request, row_id, wrong=said(request, error), typed={"note": note}, status=error.status)
    return _to_row(row_id, "dismissed")


@router.post("/quarantine/{row_id:int}/reopen", dependencies=RESOLVE)
def reopen_row(request: Request, row_id: int) -> Response:
    """Undo its dismissal."""
    with database_of(request).writing() as uow:
        reopen(uow, [find_row(uow, row_id).id], actor_of(request), now())
    return _to_row(row_id, "reopened")


@router.post("/quarantine/{row_id:int}/map", dependencies=[*RESOLVE, needs(Permission.CHANGE_PEOPLE)])
def map_row(request: Request, row_id: int, person: Field = "", since: Field = "", search: Field = "") -> Response:
    """Say who the terminal user of this row is, from which day on; needs the right to change people too."""
    try:
        person_id = _chosen_person(person)
        with database_of(request).writing() as uow:
            row = find_row(uow, row_id)
            directory.require_within(uow, scope_of_visitor(request, Permission.CHANGE_PEOPLE), person_id, now().date())
            first, by, limits = _needed_day(since), actor_of(request), request.app.state.limits
            map_user(uow, row.terminal, row.user, person_id, first, limits, by, now())
            left = find_row(uow, row_id).state is QuarantineState.OPEN
    except (InvalidInputError, NotFoundError, RefusedError) as error:
        typed = {"person": person, "since": since}
        return show_row(request, row_id, search=search, wrong=said(request, error), typed=typed, status=error.status)
    return _to_row(row_id, "still-stopped" if left else "mapped")


def _chosen_person(person: str) -> int:
    if not (person.isascii() and person.isdecimal() and len(person) < 19):
        raise InvalidInputError(field="person", reason="search for a person and choose one")
    return int(person)


def _needed_day(value: str) -> date:
    found = given_day(value, "since")
    if found is None:
        raise InvalidInputError(field="since", reason="give a date such as 2026-11-23")
    return found


def _to_row(row_id: int, done: str) -> Response:
    return RedirectResponse(f"/quarantine/{row_id}?done={done}", 303)


def _back(wanted: QuarantineFilter, view: str, done: str, count: int, result: Resolved, at: datetime) -> Response:
    """To the list it came from, with what was done."""
    asked = {"view": view, "done": done, "count": count, "left": result.left, "at": to_microseconds(at) if done == "dismissed" else ""}
    asked |= {"reason": wanted.reason, "terminal": wanted.terminal, "user": wanted.user}
    return RedirectResponse(f"/quarantine?{urlencode({name: value for name, value in asked.items() if value != ''})}", 303)
