"""`/terminals/{id}/readings`: what its edge read of it, and when; `/raw`: the bytes that it sent; a file of `/reconciliation`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from protocol.edge_words import told
from protocol.instants import show_wall
from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance.model import PunchFilter, PunchKey
from server.attendance.pages.asked import punch_filter, punch_key, searched, written_key
from server.errors import InvalidInputError
from server.fleet import actions as fleet
from server.ingest.actions import list_rows, raw_punches, readable, record_raw_export
from server.ingest.actions.listing import QuarantineFilter
from server.ingest.pages.common import TABLE_WORDS, export_address
from server.ingest.reconciliation.actions import last_reconciliation
from server.storage import Database, UnitOfWork
from server.web.asking import database_of, given_day, may, now, shell_of, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_FLEET)]
SEES_RAW = [*SEES, needs(Permission.SEE_PUNCHES)]
PAGE, RAW_PAGE, KEPT_BACK = 100, 50, 10
EXPORT_PAGE, EXPORT_MOST = 2_000, 100_000
PUSHED_DAYS, EXPORT_DAYS = 14, 1_000


@router.get("/terminals/{terminal_id:int}/readings", dependencies=SEES)
def readings_page(request: Request, terminal_id: int, after: str = "", before: str = "") -> Response:
    """Read receipts, and what it pushed on days before one, the latest first."""
    until = given_day(before, "before")
    with database_of(request).reading() as uow:
        one = fleet.find_terminal(uow, terminal_id)
        found = fleet.readings(uow, terminal_id, before=_moment(after), limit=PAGE + 1)
        pushed = fleet.push_receipts(uow, terminal_id, before=until, days=PUSHED_DAYS)
    days = {each.day for each in pushed}
    return shell_of(request).page(
        request,
        "ingest/readings.html",
        one=one,
        pushed=pushed,
        table_words=TABLE_WORDS,
        earlier=bool(until),
        before=min(days) if len(days) == PUSHED_DAYS else None,
        pushed_export=f"/terminals/{terminal_id}/pushed.csv",
        readings=found[:PAGE],
        following=found[PAGE - 1].first_at.isoformat() if len(found) > PAGE else "",
        paged=bool(after),
        export=export_address(request, f"/terminals/{terminal_id}/readings.csv"),
        trail_of=(("terminal", one.terminal.serial),),
    )


@router.get("/terminals/{terminal_id:int}/readings.csv", dependencies=SEES)
@router.get("/terminals/{terminal_id:int}/readings.xlsx", dependencies=SEES)
def readings_file(request: Request, terminal_id: int) -> Response:
    """All that is kept."""
    tell = words(request)
    with database_of(request).reading() as uow:
        one = fleet.find_terminal(uow, terminal_id)
        found = fleet.readings(uow, terminal_id, limit=EXPORT_MOST)
    names = (
        "First read", "Last read", "Times read", "Took (s)", "Terminal's own count", "Bytes declared", "Bytes received", "Decoded",
        "Doubtful", "Repeated", "Distinct", "New", "Whole", "Reason",
    )  # fmt: skip
    rows = (
        [
            each.first_at, each.last_at, each.times, each.milliseconds / 1000, each.declared, each.declared_bytes, each.received_bytes,
            each.decoded, each.doubtful, each.repeated, each.held, each.appended, tell("yes") if each.complete else tell("no"),
            told(each.reason, tell),
        ]
        for each in found
    )  # fmt: skip
    return table_answer(request, f"{one.terminal.name} {tell('Read receipts')}", [tell(name) for name in names], rows)


@router.get("/terminals/{terminal_id:int}/pushed.csv", dependencies=SEES)
@router.get("/terminals/{terminal_id:int}/pushed.xlsx", dependencies=SEES)
def pushed_file(request: Request, terminal_id: int) -> Response:
    """All that is kept of what it pushed."""
    tell = words(request)
    with database_of(request).reading() as uow:
        one = fleet.find_terminal(uow, terminal_id)
        found = fleet.push_receipts(uow, terminal_id, days=EXPORT_DAYS)
    names = ("Day", "Table", "Stamp", "First", "Last", "Acknowledged", "Not taken", "Rows", "Punches", "Doubtful", "New", "Missing")
    rows = (
        [
            each.day, each.told, each.stamp, each.first_at, each.last_at, each.bodies, each.refused, each.rows, each.punches,
            each.doubtful, each.appended, each.missing,
        ]
        for each in found
    )  # fmt: skip
    return table_answer(request, f"{one.terminal.name} {tell('What the terminal pushed')}", [tell(name) for name in names], rows)


@router.get("/terminals/{terminal_id:int}/reconciliation.csv", dependencies=SEES)
@router.get("/terminals/{terminal_id:int}/reconciliation.xlsx", dependencies=SEES)
def reconciliation_file(request: Request, terminal_id: int) -> Response:
    """Its days as they were compared last."""
    tell = words(request)
    with database_of(request).reading() as uow:
        one, found = fleet.find_terminal(uow, terminal_id), last_reconciliation(uow, terminal_id)
    names = (
        "Day", "At the edge", "Here", "Result", "Missing", "Gap since", "Asked for again", "Was missing", "Came back", "Missing at",
        "Here only", "Where from",
    )  # fmt: skip
    rows = (
        [
            each.day, each.at_edge, each.here, tell(each.state.words), each.missing, each.gap_since, each.asked_at, each.most_missing,
            each.filled_at, " ".join(each.named.missing_times) if each.named else "", each.extra,
            "; ".join(tell(origin.words, n=n) for origin, n in each.named.origins) if each.named else "",
        ]
        for each in (found.days if found else ())
    )  # fmt: skip
    return table_answer(request, f"{one.terminal.name} {tell('Compared with the edge')}", [tell(name) for name in names], rows)


@router.get("/terminals/{terminal_id:int}/raw", dependencies=SEES_RAW)
def raw_page(request: Request, terminal_id: int, after: str = "") -> Response:
    """The last punches with their bytes, and what could not become one."""
    wanted = _filter(request, terminal_id)
    with database_of(request).reading() as uow:
        one = fleet.find_terminal(uow, terminal_id)
        found = raw_punches(uow, wanted, behind=punch_key(after), limit=RAW_PAGE + 1)
        kept = _kept_back(request, uow, one.terminal.serial, wanted) if not after else []
    last = found[RAW_PAGE - 1].line if len(found) > RAW_PAGE else None
    return shell_of(request).page(
        request,
        "ingest/raw.html",
        one=one,
        wanted=wanted,
        filtered=bool(wanted.since or wanted.until or wanted.text),
        punches=found[:RAW_PAGE],
        kept=kept,
        readable=readable,
        following=written_key(PunchKey(last.wall, last.id)) if last else "",
        paged=bool(after),
        export_most=EXPORT_MOST,
        trail_of=(("terminal", one.terminal.serial),),
    )


@router.post("/terminals/{terminal_id:int}/raw.csv", dependencies=SEES_RAW)
def raw_file(
    request: Request,
    terminal_id: int,
    since: Annotated[str, Form()] = "",
    until: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
) -> Response:
    """The bytes as a file; that it was taken stands on the trail."""
    tell = words(request)
    wanted = replace(
        _filter(request, terminal_id),
        since=given_day(since, "since"),
        until=given_day(until, "until"),
        text=searched(text),
    )
    with database_of(request).writing() as uow:
        one = fleet.find_terminal(uow, terminal_id)
        record_raw_export(uow, one.terminal.serial, wanted, actor_of(request), now())
    names = ("Time at the terminal", "Terminal user", "Came by", "Received by the edge", "Bytes", "As text")
    rows = _all_rows(database_of(request), wanted)
    return table_answer(request, f"{one.terminal.name} {tell('Raw evidence')}", [tell(name) for name in names], rows)


def _filter(request: Request, terminal_id: int) -> PunchFilter:
    """The page's own questions about this terminal; whose punches these are is never said here."""
    return replace(punch_filter(request), terminal_id=terminal_id, site_id=None, department_id=None, person_id=None, see_people=False)


def _kept_back(request: Request, uow: UnitOfWork, serial: str, wanted: PunchFilter) -> list[Any]:
    """Of the quarantine, for who may see it: rows of this user, or of all."""
    if not may(request, Permission.SEE_QUARANTINE) or wanted.since or wanted.until:
        return []
    return list_rows(uow, QuarantineFilter(terminal=serial, user=wanted.text, state=None), limit=KEPT_BACK)


def _all_rows(database: Database, wanted: PunchFilter) -> Iterator[tuple[object, ...]]:
    """Page by page, so that neither memory nor a long transaction grows with the file."""
    key: PunchKey | None = None
    for _ in range(EXPORT_MOST // EXPORT_PAGE):
        with database.reading() as uow:
            found = raw_punches(uow, wanted, behind=key, limit=EXPORT_PAGE)
        for one in found:
            line = one.line
            yield (show_wall(line.wall), line.terminal_user, line.source, line.received_at, one.raw.hex(" "), one.text)
        if len(found) < EXPORT_PAGE:
            return
        key = PunchKey(found[-1].line.wall, found[-1].line.id)


def _moment(value: str) -> datetime | None:
    """A place in the list, None at the beginning; raises InvalidInputError."""
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise InvalidInputError(field="after", reason="start again from the first page") from error
    if found.tzinfo is None:
        raise InvalidInputError(field="after", reason="start again from the first page")
    return found
