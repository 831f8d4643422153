"""`/quarantine`: rows that became no punches, by cause or one by one; `/quarantine/{id}`: one with its evidence."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from protocol import chain
from protocol.errors import DecodeError
from protocol.instants import pack_wall, wall_moment
from server.access.model import Permission
from server.access.pages.visitors import scope_of_visitor
from server.directory import actions as directory, store as directory_store
from server.directory.model import PersonOverview
from server.errors import InvalidInputError, NotFoundError
from server.fleet import actions as fleet_actions
from server.ingest.actions import count_rows, find_row, known_reasons, list_groups, list_rows, may_pass, readable, zone_of
from server.ingest.actions.listing import PAGE, GroupKey, QuarantinedRow, QuarantineFilter, QuarantineGroup, QuarantineState
from server.ingest.pages.common import export_address
from server.ingest.provisioned import load_known
from server.storage import UnitOfWork, from_microseconds
from server.web.asking import database_of, may, now, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
SEE = [needs(Permission.SEE_QUARANTINE)]
CSV_ROWS = 10_000
CANDIDATES = 12
ALL_STATES = "all"


WHY = {
    "undecodable": "These bytes are no row that this release can read. They can only be dismissed.",
    "unknown-terminal": "This terminal is not provisioned here.",
    "unknown-user": "Nobody was enrolled as this user on this day.",
    "impossible-time": "No calendar or clock has this time, so it can only be dismissed.",
    "future-time": "The terminal's time lies too far after the edge received the row: its clock was wrong, or the edge's.",
    "past-time": "The terminal's time lies too long before the edge received the row.",
    "out-of-service": "The terminal was out of service when the row was received.",
    "uid-unresolved": "The terminal stored only an internal number, and its user list did not say whose it is.",
    "salvaged-unproven": "The row was saved from a damaged outbox, and its chain does not prove it.",
    "pyzk-implausible": "The row does not look like a punch of this terminal.",
}
"""What a reason means, in a sentence."""
EDGE_DOUBTED = "The edge itself doubted this row."


@dataclass(frozen=True, slots=True)
class Done:
    """What the last decision did, as the address tells it. at: its instant, by which a dismissal is undone."""

    what: str
    count: int
    left: int
    at: str


def asked_filter(reason: str = "", terminal: str = "", user: str = "", state: str = "") -> QuarantineFilter:
    """The filter of an address; raises InvalidInputError for a state that there is not."""
    if state == ALL_STATES:
        return QuarantineFilter(reason, terminal, user, None)
    try:
        return QuarantineFilter(reason, terminal, user, QuarantineState(state or QuarantineState.OPEN))
    except ValueError as error:
        raise InvalidInputError(field="state", reason="choose open, replayed, dismissed or all") from error


Asked = Annotated[QuarantineFilter, Depends(asked_filter)]


@router.get("/quarantine", dependencies=SEE)
def quarantine_page(
    request: Request, wanted: Asked, view: str = "", after: str = "", done: str = "", count: str = "", left: str = "", at: str = ""
) -> Response:
    """Groups by cause, or single rows with `view=rows`."""
    told = Done(done, whole(count, "count") or 0, whole(left, "left") or 0, at) if done else None
    return show_list(request, wanted, view=view, after=after, done=told)


@router.get("/quarantine.csv", dependencies=SEE)
@router.get("/quarantine.xlsx", dependencies=SEE)
def quarantine_file(request: Request, wanted: Asked) -> Response:
    """Single rows as seen, the latest 10,000."""
    tell = words(request)
    with database_of(request).reading() as uow:
        found = list_rows(uow, wanted, limit=CSV_ROWS)
    names = (
        "Reason", "Terminal", "Terminal user", "Time of the terminal", "Received", "Arrived", "Edge", "Epoch", "Sequence", "State",
        "Decided by", "Decided", "Note", "SHA-256",
    )  # fmt: skip
    rows = (
        [
            tell(one.reason),
            one.terminal,
            one.user,
            one.wall,
            one.received_at,
            one.arrived_at,
            one.edge,
            one.epoch,
            one.sequence,
            tell(one.state.value),
            one.resolved_by,
            one.resolved_at,
            one.note,
            one.content_hash.hex(),
        ]
        for one in found
    )
    return table_answer(request, tell("Quarantine"), [tell(name) for name in names], rows)


@router.get("/quarantine/{row_id:int}", dependencies=SEE)
def row_page(request: Request, row_id: int, search: str = "", done: str = "") -> Response:
    """One row: why it is here, what it says, where its evidence is, and what can be done."""
    return show_row(request, row_id, search=search, done=done)


def show_list(
    request: Request,
    wanted: QuarantineFilter,
    *,
    view: str = "",
    after: str = "",
    done: Done | None = None,
    wrong: str = "",
    note: str = "",
    chosen: Sequence[int] = (),
    status: int = 200,
) -> Response:
    """The list, also with what was wrong with a form that was sent from it."""
    by_row = view == "rows"
    groups: list[QuarantineGroup] = []
    rows: list[QuarantinedRow] = []
    following = ""
    with database_of(request).reading() as uow:
        if by_row:
            rows = list_rows(uow, wanted, whole(after, "after"), PAGE + 1)
            following = str(rows[PAGE - 1].id) if len(rows) > PAGE else ""
        else:
            groups = list_groups(uow, wanted, _group_key(after), PAGE + 1)
            following = json.dumps(groups[PAGE - 1].key, ensure_ascii=False) if len(groups) > PAGE else ""
        total, reasons = count_rows(uow, wanted), known_reasons(uow)
        known = load_known(uow)
        holders = _holders(request, uow, groups) if may(request, Permission.SEE_PEOPLE) else {}
    return shell_of(request).page(
        request,
        "ingest/quarantine.html",
        status,
        export=export_address(request, "/quarantine.csv"),
        wanted=wanted,
        state=wanted.state or ALL_STATES,
        view="rows" if by_row else "",
        groups=[(one, may_pass(known, one), holders.get(one.key)) for one in groups[:PAGE]],
        rows=rows[:PAGE],
        total=total,
        reasons=reasons,
        terminals=set(known.terminals),
        whys=WHY,
        doubted=EDGE_DOUBTED,
        following=following,
        paged=bool(after),
        done=done,
        wrong=wrong,
        note=note,
        chosen=chosen,
        trail_of=(("quarantine", ""),),
    )


def show_row(
    request: Request,
    row_id: int,
    *,
    search: str = "",
    done: str = "",
    wrong: str = "",
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """The row's page, also with what was wrong with a form that was sent from it."""
    with database_of(request).reading() as uow:
        row = find_row(uow, row_id)
        terminal = next((one for one in fleet_actions.list_terminals(uow) if one.terminal.serial == row.terminal), None)
        may_map = terminal is not None and bool(row.user) and may(request, Permission.CHANGE_PEOPLE) and may(request, Permission.SEE_PEOPLE)
        people = _candidates(request, uow, row, search) if may_map and search else []
        like_it = QuarantineFilter(row.reason, row.terminal, row.user)
        others = count_rows(uow, like_it) - (row.state is QuarantineState.OPEN)
        holder = _holder(request, uow, row.terminal, row.user) if may(request, Permission.SEE_PEOPLE) and row.user else None
    return shell_of(request).page(
        request,
        "ingest/quarantined_row.html",
        status,
        row=row,
        why=WHY.get(row.reason, EDGE_DOUBTED),
        said=row.row,
        text=readable(row.raw),
        digest=chain.digest(row.body),
        terminal=terminal,
        may_map=may_map and row.state is QuarantineState.OPEN,
        people=people,
        search=search,
        others=others,
        holder=holder,
        done=done,
        wrong=wrong,
        typed={"since": _first_day(row), "note": "", "person": ""} | (typed or {}),
        trail_of=(
            ("quarantine", f"row {row.id}"),
            ("quarantine", f"{row.terminal} / {row.user}"),
            ("quarantine", row.terminal or "undecodable"),
        ),
    )


def _group_key(after: str) -> GroupKey | None:
    if not after:
        return None
    try:
        reason, terminal, user = (str(part) for part in json.loads(after))
    except (ValueError, TypeError) as error:
        raise InvalidInputError(field="after", reason="start again from the first page") from error
    return reason, terminal, user


def _holders(request: Request, uow: UnitOfWork, groups: list[QuarantineGroup]) -> dict[GroupKey, PersonOverview]:
    """Whom these terminal users are or were last, where anybody is or was."""
    found = {one.key: _holder(request, uow, one.terminal, one.user) for one in groups[:PAGE] if one.user}
    return {key: person for key, person in found.items() if person}


def _holder(request: Request, uow: UnitOfWork, serial: str, user: str) -> PersonOverview | None:
    try:
        enrolments = directory_store.enrolments_at(uow, zone_of(uow, serial), user)
    except NotFoundError:
        return None
    scope = scope_of_visitor(request, Permission.SEE_PEOPLE)
    if not enrolments or not directory.is_within(uow, scope, enrolments[-1].person_id, now().date()):
        return None
    return directory_store.overview(uow, enrolments[-1].person_id)


def _candidates(request: Request, uow: UnitOfWork, row: QuarantinedRow, search: str) -> list[PersonOverview]:
    """People by name, its sound or number, and whoever is the terminal user that was typed."""
    within = directory.people_within(scope_of_visitor(request, Permission.SEE_PEOPLE), now().date())
    found = [person for person, _ in directory_store.list_people(uow, text=search, limit=CANDIDATES, within=within)]
    as_user = _holder(request, uow, row.terminal, search.strip())
    return [as_user, *(one for one in found if one.person.id != as_user.person.id)] if as_user else found


def _first_day(row: QuarantinedRow) -> str:
    """The day of the punch where it has one, else of its arrival: from then on the mapping is offered."""
    try:
        moment = wall_moment(pack_wall(row.wall))
    except DecodeError:
        moment = None
    return (moment or row.arrived_at).date().isoformat()


def instant_of(text: str) -> datetime:
    """The instant of a decision as the address tells it; raises InvalidInputError."""
    try:
        return from_microseconds(int(text))
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(field="at", reason="start again from the list") from error
