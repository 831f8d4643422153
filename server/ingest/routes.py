"""The same for programs: `/api/v1/terminals`, `/edges`, `/alarms`, `/quarantine` with its decisions, a punch's evidence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import Response

from protocol.instants import show_wall
from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance.pages.asked import see_people
from server.attendance.pages.punches import known_line
from server.ingest.actions import (
    count_rows,
    dismiss,
    find_row,
    list_refused,
    list_rows,
    punch_evidence,
    read_fleet,
    reopen,
    replay,
    trace_punch,
)
from server.ingest.actions.listing import QuarantinedRow, QuarantineFilter, QuarantineState
from server.ingest.actions.resolving import Resolved, Selection
from server.ingest.alarms import Alarm, alarms
from server.ingest.overview import EdgeLine, TerminalLine
from server.web.asking import database_of, now, words
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["ingest"])
RESOLVE = [needs(Permission.RESOLVE_QUARANTINE)]


@dataclass(frozen=True)
class TerminalOut:
    """A terminal; counts are of distinct punches, None where nobody said. counts: agrees, on the way, missing, unknown. role: what it is
    for today, entrance or exit, None for both.
    """

    id: int
    serial: str
    name: str
    site: str
    role: str | None
    edge: str | None
    state: str
    drift_ms: int | None
    last_read_at: datetime | None
    last_event_at: datetime | None
    held: int | None
    cleared: int | None
    appended: int | None
    admitted: int
    quarantined_open: int
    quarantined_settled: int
    missing: int
    counts: str


@dataclass(frozen=True)
class EdgeOut:
    """An edge with the last it said of itself."""

    name: str
    site: str
    state: str
    heard_at: datetime | None
    queue_depth: int | None
    oldest_at: datetime | None
    hours_left: float | None
    version: str
    certificate_ends_at: datetime | None
    stages: dict[str, datetime | None]
    alarms: list[str]


@dataclass(frozen=True)
class AlarmOut:
    """An alarm; text and advice in the reader's language. since None: not known when it began, said to be so at `told_at`."""

    kind: str
    severity: str
    subject: str
    page: str
    since: datetime | None
    told_at: datetime | None
    text: str
    advice: str


@dataclass(frozen=True)
class QuarantinedOut:
    """A row in quarantine; body: its bytes in hex."""

    id: int
    reason: str
    state: str
    terminal: str
    user: str
    wall: str
    received_at: datetime | None
    arrived_at: datetime
    edge: str
    epoch: str
    sequence: int
    note: str
    resolved_by: str | None
    resolved_at: datetime | None
    content_hash: str
    body: str


@dataclass(frozen=True)
class QuarantinePage:
    """after: give it back for the next page; None at the end."""

    total: int
    rows: list[QuarantinedOut]
    after: int | None


@dataclass(frozen=True)
class RefusedOut:
    """A refused message, without its bytes."""

    id: int
    edge: str
    reason: str
    detail: str
    topic: str
    first_at: datetime
    last_at: datetime
    count: int
    content_hash: str


@dataclass(frozen=True)
class Decision:
    """Rows by `ids`; without any, all open ones of reason, terminal and user, at least one of which must be given."""

    ids: list[int] | None = None
    reason: str = ""
    terminal: str = ""
    user: str = ""
    note: str = ""
    accept: bool = False


@dataclass(frozen=True)
class ResolvedOut:
    """What a decision did; more: rows of the filter wait behind the first 2,000, ask again."""

    replayed: int
    known: int
    dismissed: int
    left: int
    more: bool


@dataclass(frozen=True)
class TraceOut:
    """A punch's way through the system."""

    id: int
    wall: str
    terminal: str
    user: str
    received_at: datetime
    admitted_at: datetime
    drift_ms: int | None
    edge: str
    epoch: str
    sequence: int
    mark: int
    receipted: bool
    digest: str
    batch: list[int] | None
    verified: bool
    why_not: str


@router.get("/terminals", dependencies=[needs(Permission.SEE_FLEET)])
def terminals(request: Request) -> list[TerminalOut]:
    """All terminals, by serial number."""
    moment = now()
    with database_of(request).reading() as uow:
        return [_terminal(line, moment) for line in read_fleet(uow).terminals]


@router.get("/edges", dependencies=[needs(Permission.SEE_FLEET)])
def edges(request: Request) -> list[EdgeOut]:
    """All edges, by name."""
    moment = now()
    with database_of(request).reading() as uow:
        return [_edge(line, moment) for line in read_fleet(uow).edges]


@router.get("/alarms", dependencies=[needs(Permission.SEE_FLEET)])
def present_alarms(request: Request) -> list[AlarmOut]:
    """What is wrong now, the gravest first."""
    with database_of(request).reading() as uow:
        found = alarms(read_fleet(uow), now())
    return [_alarm(request, one) for one in found]


@router.get("/quarantine", dependencies=[needs(Permission.SEE_QUARANTINE)])
def quarantine(
    request: Request,
    reason: str = "",
    terminal: str = "",
    user: str = "",
    state: QuarantineState | None = QuarantineState.OPEN,
    after: int | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> QuarantinePage:
    """Rows in quarantine, the latest first."""
    wanted = QuarantineFilter(reason, terminal, user, state)
    with database_of(request).reading() as uow:
        total, rows = count_rows(uow, wanted), list_rows(uow, wanted, after, limit + 1)
    return QuarantinePage(total, [_quarantined(one) for one in rows[:limit]], rows[limit - 1].id if len(rows) > limit else None)


@router.get("/quarantine/refused", dependencies=[needs(Permission.SEE_QUARANTINE)])
def refused(
    request: Request, reason: str = "", edge: str = "", after: int | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> list[RefusedOut]:
    """Refused messages, those first seen latest first; `after`: the last id of the page before."""
    with database_of(request).reading() as uow:
        found = list_refused(uow, reason=reason, edge_name=edge, before=after, limit=limit)
    return [
        RefusedOut(one.id, one.edge, one.reason, one.detail, one.topic, one.at, one.last_at, one.count, one.content_hash.hex())
        for one in found
    ]


@router.get("/quarantine/{row_id}", dependencies=[needs(Permission.SEE_QUARANTINE)])
def quarantined_row(request: Request, row_id: int) -> QuarantinedOut:
    """One row."""
    with database_of(request).reading() as uow:
        return _quarantined(find_row(uow, row_id))


@router.post("/quarantine/replay", dependencies=RESOLVE)
def replay_rows(request: Request, decision: Annotated[Decision, Body()]) -> ResolvedOut:
    """Try rows again with what is provisioned now; `accept` with a `note` vouches for doubtful ones."""
    with database_of(request).writing() as uow:
        limits, by = request.app.state.limits, actor_of(request)
        return _resolved(replay(uow, _chosen(decision), limits, by, now(), accept=decision.accept, reason=decision.note))


@router.post("/quarantine/dismiss", dependencies=RESOLVE)
def dismiss_rows(request: Request, decision: Annotated[Decision, Body()]) -> ResolvedOut:
    """Decide that rows are no punches; needs a `note`."""
    with database_of(request).writing() as uow:
        return _resolved(dismiss(uow, _chosen(decision), decision.note, actor_of(request), now()))


@router.post("/quarantine/reopen", dependencies=RESOLVE)
def reopen_rows(request: Request, ids: Annotated[list[int], Body(embed=True)]) -> dict[str, int]:
    """Undo dismissals."""
    with database_of(request).writing() as uow:
        return {"reopened": reopen(uow, ids, actor_of(request), now())}


@router.get("/punches/{punch_id}/trace", dependencies=[needs(Permission.SEE_PUNCHES)])
def trace(request: Request, punch_id: int) -> TraceOut:
    """A punch's way, with its proof checked now."""
    with database_of(request).reading() as uow:
        known_line(uow, request, punch_id)
        found = trace_punch(uow, punch_id, see_people=False)
    punch, sealed = found.punch, found.batches[0] if found.batches else None
    return TraceOut(
        id=punch.id,
        wall=show_wall(punch.wall),
        terminal=found.line.terminal_serial,
        user=punch.terminal_user,
        received_at=punch.received_at,
        admitted_at=punch.admitted_at,
        drift_ms=punch.drift_ms,
        edge=found.edge,
        epoch=found.epoch,
        sequence=punch.sequence,
        mark=found.mark,
        receipted=found.receipted,
        digest=found.digest.hex(),
        batch=[sealed.first, sealed.last] if sealed else None,
        verified=found.finding.proven,
        why_not=found.finding.reason,
    )


@router.get("/punches/{punch_id}/evidence", dependencies=[needs(Permission.SEE_PUNCHES)])
def evidence(request: Request, punch_id: int) -> Response:
    """One punch as an evidence file that proves itself."""
    with database_of(request).reading() as uow:
        known_line(uow, request, punch_id)
        data = punch_evidence(uow, punch_id, see_people=see_people(request))
    headers = {"content-disposition": f'attachment; filename="punch-{punch_id}-evidence.json"'}
    return Response(data, media_type="application/json", headers=headers)


def _chosen(decision: Decision) -> Selection:
    """Nothing named is nothing chosen: a program that forgot its filter must not decide about everything."""
    if decision.ids is not None or not (decision.reason or decision.terminal or decision.user):
        return decision.ids or []
    return QuarantineFilter(decision.reason, decision.terminal, decision.user)


def _resolved(result: Resolved) -> ResolvedOut:
    return ResolvedOut(result.replayed, result.known, result.dismissed, result.left, result.more)


def _terminal(line: TerminalLine, moment: datetime) -> TerminalOut:
    terminal, health = line.overview.terminal, line.overview.health
    return TerminalOut(
        id=terminal.id,
        serial=line.serial,
        name=terminal.name,
        site=line.overview.site.code,
        role=line.role(moment),
        edge=line.edge.name if line.edge else None,
        state=line.state(moment).value,
        drift_ms=line.drift_ms,
        last_read_at=health.last_read_at if health else None,
        last_event_at=health.last_event_at if health else None,
        held=line.held,
        cleared=line.cleared,
        appended=line.appended,
        admitted=line.admitted,
        quarantined_open=line.open,
        quarantined_settled=line.settled,
        missing=line.missing,
        counts=line.agreement.value,
    )


def _edge(line: EdgeLine, moment: datetime) -> EdgeOut:
    return EdgeOut(
        name=line.name,
        site=line.overview.site.code,
        state=line.line(moment).value,
        heard_at=line.heard_at,
        queue_depth=line.queue_depth,
        oldest_at=line.oldest_at,
        hours_left=line.hours_left,
        version=line.version,
        certificate_ends_at=line.certificate_ends_at,
        stages=line.stages,
        alarms=line.alarms,
    )


def _alarm(request: Request, alarm: Alarm) -> AlarmOut:
    tell = words(request)
    said = (tell(alarm.text, **alarm.facts), tell(alarm.advice, **alarm.facts))
    return AlarmOut(alarm.kind.value, alarm.severity.value, alarm.subject, alarm.href, alarm.since, alarm.told_at, *said)


def _quarantined(row: QuarantinedRow) -> QuarantinedOut:
    return QuarantinedOut(
        id=row.id,
        reason=row.reason,
        state=row.state.value,
        terminal=row.terminal,
        user=row.user,
        wall=row.wall,
        received_at=row.received_at,
        arrived_at=row.arrived_at,
        edge=row.edge,
        epoch=row.epoch,
        sequence=row.sequence,
        note=row.note,
        resolved_by=row.resolved_by,
        resolved_at=row.resolved_at,
        content_hash=row.content_hash.hex(),
        body=row.body.hex(),
    )
