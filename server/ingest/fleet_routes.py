"""The fleet for programs: `/api/v1/fleet`, read receipts of a terminal, taking alarms on, muting them, and their history."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, Field

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.fleet import actions as fleet
from server.ingest.alarms import Alarm
from server.ingest.board import STANDINGS, Line, Wanted, alarms_of_edges, chosen, counted, ordered
from server.ingest.pages.fleet import seen
from server.ingest.watch import actions as watch
from server.ingest.watch.actions.handling import Past
from server.ingest.watch.store import PAGE
from server.web.asking import database_of, now, whole, words
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["fleet"])
SEES, CHANGES = [needs(Permission.SEE_FLEET)], [needs(Permission.CHANGE_FLEET)]
Days = Annotated[int, Query(ge=1, le=100)]
Most = Annotated[int, Query(ge=1, le=1000)]


@dataclass(frozen=True)
class TakeOn:
    """note: what is done about it."""

    key: str
    note: str = ""


@dataclass(frozen=True)
class Mute:
    """hours: for how long nobody is told, at most 90 days."""

    key: str
    hours: Annotated[float, Field(allow_inf_nan=False)]
    reason: str


@dataclass(frozen=True)
class Unmute:
    """key: of the alarm."""

    key: str


@router.get("/fleet", dependencies=SEES)
def fleet_board(
    request: Request,
    site: str = "",
    edge: str = "",
    state: str = "",
    needs: str = "",
    text: str = "",
    order: str = "",
    after: int = 0,
    limit: Most = 100,
) -> dict[str, Any]:
    """The fleet board: terminals with what is wrong, counts, room and what is on its way, from behind the id `after` on; edges with theirs.

    site: an id; state: wrong, attention, off or ok; needs: anything, for those with an alarm that nobody has taken on; text: a part of a
    name or serial number; order: as the columns of the page. `following` is what `after` takes for the rest, null at the end.
    """
    wanted = Wanted(whole(site, "site"), edge, state, bool(needs), text)
    tell, moment = words(request), now()
    look = seen(request, moment)
    fits = ordered(chosen(look.lines, wanted), order)
    start = next((place for place, line in enumerate(fits, 1) if line.id == after), 0)
    shown, of_edges = fits[start : start + limit], alarms_of_edges(look.found)
    return {
        "total": len(fits),
        "standings": {standing.value: count for standing, count in counted(fits).items()},
        "following": shown[-1].id if len(fits) > start + limit else None,
        "terminals": [_line(line, tell, moment) for line in shown],
        "edges": [
            {
                "name": one.name,
                "site": one.overview.site.code,
                "state": one.line(moment).value,
                "heard_at": one.heard_at,
                "queue_depth": one.queue_depth,
                "oldest_at": one.oldest_at,
                "version": one.version,
                "alarms": of_edges.get(one.name, 0),
            }
            for one in look.fleet.edges
        ],
    }


@router.get("/terminals/{terminal_id}/readings", dependencies=SEES)
def readings(request: Request, terminal_id: int, before: AwareDatetime | None = None, limit: Most = 100) -> dict[str, Any]:
    """Read receipts of a terminal's log, the latest first; before: those that began earlier. Reads that came to the same are one row."""
    with database_of(request).reading() as uow:
        fleet.find_terminal(uow, terminal_id)
        found = fleet.readings(uow, terminal_id, before=before, limit=limit)
    return {"readings": [asdict(one) for one in found]}


@router.get("/terminals/{terminal_id}/pushed", dependencies=SEES)
def pushed(request: Request, terminal_id: int, before: date | None = None, days: Days = 14) -> dict[str, Any]:
    """What a terminal that pushes told, by day and table, the latest days first; before: earlier than this day."""
    with database_of(request).reading() as uow:
        fleet.find_terminal(uow, terminal_id)
        found = fleet.push_receipts(uow, terminal_id, before=before, days=days)
    return {"pushed": [asdict(one) for one in found]}


@router.get("/alarms/history", dependencies=SEES)
def history(request: Request, kind: str = "", page: str = "", below: str = "") -> dict[str, Any]:
    """Alarms that were and are, the latest first; page: the address of one edge or terminal; below: `following` of the page before."""
    tell = words(request)
    with database_of(request).reading() as uow:
        found = watch.history_of(uow, href=page, kind=kind, below=whole(below, "below"))
    following = found[PAGE - 1].episode.id if len(found) > PAGE else None
    return {"alarms": [_past(one, tell) for one in found[:PAGE]], "following": following}


@router.post("/alarms/take-on", dependencies=CHANGES)
def take_on(request: Request, body: TakeOn) -> dict[str, str]:
    """You look after it: it is not repeated and not escalated, until it is over."""
    with database_of(request).writing() as uow:
        watch.take_on(uow, body.key, body.note, actor_of(request), now())
    return {"key": body.key}


@router.post("/alarms/mute", dependencies=CHANGES)
def mute(request: Request, body: Mute) -> dict[str, Any]:
    """Nobody is told of it for a while, also when it ends and comes again."""
    moment = now()
    until = moment + timedelta(hours=max(min(body.hours, 1e5), -1e5))
    with database_of(request).writing() as uow:
        watch.mute(uow, body.key, until, body.reason, actor_of(request), moment)
    return {"key": body.key, "until": until}


@router.post("/alarms/unmute", dependencies=CHANGES)
def unmute(request: Request, body: Unmute) -> dict[str, str]:
    """It is told of again."""
    with database_of(request).writing() as uow:
        watch.unmute(uow, body.key, actor_of(request), now())
    return {"key": body.key}


def _line(line: Line, tell: Any, moment: datetime) -> dict[str, Any]:
    one, full = line.terminal, line.fullest
    return {
        "id": line.id,
        "serial": one.serial,
        "name": line.name,
        "site": one.overview.site.code,
        "edge": line.edge or None,
        "standing": line.standing.value,
        "standing_told": tell(STANDINGS[line.standing]),
        "state": one.state(moment).value,
        "seen_at": one.seen_at,
        "punched_at": one.punched_at,
        "drift_ms": one.drift_ms,
        "held": one.held,
        "appended": one.appended,
        "admitted": one.admitted,
        "missing": one.missing,
        "pending_users": line.pending.users,
        "pending_orders": line.pending.orders,
        "fullest": {"kind": full.kind, "used": full.used, "room": full.room} if full else None,
        "firmware": line.firmware,
        "alarms": [_alarm(alarm, tell) for alarm in line.alarms],
    }


def _alarm(alarm: Alarm, tell: Any) -> dict[str, Any]:
    return {
        "key": alarm.key,
        "kind": alarm.kind.value,
        "severity": alarm.severity.value,
        "since": alarm.since,
        "text": tell(alarm.text, **alarm.facts),
        "advice": tell(alarm.advice, **alarm.facts),
    }


def _past(past: Past, tell: Any) -> dict[str, Any]:
    one = past.episode
    return {
        "id": one.id,
        "key": one.key,
        "kind": one.kind,
        "severity": one.severity,
        "subject": one.subject,
        "page": one.href,
        "text": tell(one.text, **one.facts),
        "begun_at": one.begun_at,
        "ended_at": one.ended_at,
        "taken_at": one.taken_at,
        "taken_by": one.taken_by or None,
        "note": one.note,
        "told": [{"step": step, "at": at, "rule": rule} for step, at, rule in past.told],
    }
