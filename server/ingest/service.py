"""What programs ask: does it live (`/healthz`), can it work (`/readyz`), how much (`/metrics`)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import func, select

from protocol.identifiers import ALL_SHARDS
from server import metrics
from server.attendance import actions as attendance
from server.errors import NotAllowedError, ServerError
from server.fleet import actions as fleet
from server.ingest.leases import LEASE, owners
from server.ingest.tables import quarantine, refused_message, shard_lease
from server.storage import Database, UnitOfWork
from server.web.visitor import PUBLIC, needs

LOOPBACK = {"127.0.0.1", "::1"}
SEE_FLEET = "see-fleet"

router = APIRouter(include_in_schema=False)


@router.get("/healthz", dependencies=[needs(PUBLIC)])
def healthz() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok"}


@router.get("/readyz", dependencies=[needs(PUBLIC)])
def readyz(request: Request) -> JSONResponse:
    """The database answers and is current, and every shard has or had an owner within a lease; 503 with the reason when not.

    A shard that one worker gives to another is nobody's for a moment: that is no reason to take the pages away.
    """
    database: Database = request.app.state.database
    try:
        request.app.state.require_current()
        with database.reading() as uow:
            held = uow.scalar(select(func.count()).where(shard_lease.c.expires_at > datetime.now(UTC) - LEASE))
    except ServerError as error:
        return JSONResponse({"status": "not ready", "reason": error.code}, 503)
    if held < len(ALL_SHARDS):
        return JSONResponse({"status": "not ready", "reason": "no-ingest-worker"}, 503)
    return JSONResponse({"status": "ok"})


@router.get("/metrics", dependencies=[needs(PUBLIC)])
def tell_metrics(request: Request) -> Response:
    """For a scraper on this machine, or somebody who may see the fleet."""
    local = request.client is not None and request.client.host in LOOPBACK and "x-forwarded-for" not in request.headers
    visitor = request.state.visitor
    if not local and (visitor is None or SEE_FLEET not in visitor.permissions):
        raise NotAllowedError(permission=SEE_FLEET)
    database: Database = request.app.state.database
    with database.reading() as uow:
        return Response(metrics.expose(_measures(uow, datetime.now(UTC))), media_type=metrics.CONTENT_TYPE)


def _measures(uow: UnitOfWork, now: datetime) -> Iterator[metrics.Measure]:
    def measure(name: str, meaning: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> metrics.Measure:
        return metrics.Measure(f"clockbridge_{name}", meaning, labels, dict(values))

    terminals = {one.terminal.id: one for one in fleet.list_terminals(uow)}
    admitted = {
        (terminals[key].terminal.serial,): float(tally.admitted) for key, tally in attendance.tallies(uow).items() if key in terminals
    }
    yield measure("punches_admitted", "Distinct punches admitted of a terminal.", ("terminal",), admitted)
    healths = {(one.terminal.serial,): one.health for one in terminals.values() if one.health}
    held = {key: float(health.held) for key, health in healths.items() if health.held is not None}
    yield measure("terminal_punches_held", "Distinct punches in a terminal's log at its last complete read.", ("terminal",), held)
    drift = {key: health.drift_ms / 1000 for key, health in healths.items() if health.drift_ms is not None}
    yield measure("terminal_drift_seconds", "A terminal's clock minus true time.", ("terminal",), drift)
    edges = {(one.edge.name,): one.health for one in fleet.list_edges(uow) if one.health}
    depth = {key: float(health.body.get("queue_depth", 0)) for key, health in edges.items()}
    yield measure("edge_queue_rows", "Rows an edge has not got a receipt for.", ("edge",), depth)
    age = {key: (now - health.received_at).total_seconds() for key, health in edges.items()}
    yield measure("edge_silence_seconds", "Since an edge last told how it is.", ("edge",), age)
    counted: Any = select(quarantine.c.reason, func.count().label("rows")).where(quarantine.c.state == "open").group_by(quarantine.c.reason)
    rows = {(row.reason,): float(row.rows) for row in uow.fetch_all(counted)}
    yield measure("quarantine_open_rows", "Rows in quarantine that nobody has resolved.", ("reason",), rows)
    refused = float(uow.scalar(select(func.count()).select_from(refused_message)))
    yield measure("refused_messages", "Distinct messages that were refused.", (), {(): refused})
    waiting = attendance.waiting_marks(uow)
    yield measure("days_marked", "Attendance days that wait to be worked out again.", (), {(): float(waiting.marks + waiting.failing)})
    yield measure(
        "days_failing", "Of those, days that could not be worked out and are tried again later.", (), {(): float(waiting.failing)}
    )
    oldest = 0.0 if waiting.oldest_at is None else (now - waiting.oldest_at).total_seconds()
    yield measure("days_marked_seconds", "Since the mark was set that waits longest.", (), {(): oldest})
    shards = {(name,): float(count) for name, count in owners(uow).items()}
    yield measure("ingest_shards", "Shards that an ingest worker owns.", ("worker",), shards)
