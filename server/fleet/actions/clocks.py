"""Clocks of terminals: when edges set them, and how they went."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from protocol.wanted import ClockRule
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError
from server.fleet import store
from server.fleet.actions.setups import note_setup
from server.fleet.engine import next_point
from server.fleet.model import DriftPoint
from server.fleet.tables import clock_rule, terminal_drift
from server.storage import UnitOfWork, upsert

KEPT = timedelta(days=800)
LONGEST_MS = 24 * 3600 * 1000
NEVER = ClockRule()


def clock_rules(uow: UnitOfWork) -> dict[int, ClockRule]:
    """When edges set clocks by themselves, by site; a site that is not there never does."""
    return store.clock_rules(uow)


def set_clock_rule(uow: UnitOfWork, site_code: str, rule: ClockRule, by: Actor, now: datetime, reason: str = "") -> None:
    """Let the edges of a site set the clocks of its terminals so; raises NotFoundError or InvalidInputError."""
    site = store.site_by_code(uow, site_code)
    if site is None:
        raise NotFoundError(what="site", name=site_code)
    if not 500 <= rule.tolerance_ms < rule.most_ms <= LONGEST_MS:
        told = "correct from half a second on, up to a whole day at most; the second must be more than the first"
        raise InvalidInputError(field="drift", reason=told)
    before = store.clock_rules(uow).get(site.id, NEVER)
    if before == rule:
        return
    row = {"site_id": site.id, "corrects": rule.corrects, "tolerance_ms": rule.tolerance_ms, "most_ms": rule.most_ms}
    upsert(uow, clock_rule, [row], key=["site_id"])
    note_setup(uow, [one.id for one in store.edges(uow) if one.site_id == site.id], now)
    record(uow, by, "site.clock-rule", "site", site_code, at=now, before=_shown(before), after=_shown(rule), reason=reason)


def record_drifts(uow: UnitOfWork, measured: Mapping[int, int], at: datetime) -> None:
    """Keep what an edge measured, by terminal, where it says something new."""
    last = {
        row.terminal_id: DriftPoint(row.at, row.drift_ms, row.corrected)
        for row in store.latest_rows(uow, terminal_drift, "at", list(measured))
    }
    points = {key: next_point(last.get(key), at, drift) for key, drift in measured.items()}
    rows = [{"terminal_id": key, "at": one.at, "drift_ms": one.drift_ms, "corrected": one.corrected} for key, one in points.items() if one]
    upsert(uow, terminal_drift, rows, key=["terminal_id", "at"])


def drift_history(uow: UnitOfWork, terminal_id: int, since: datetime, until: datetime) -> list[DriftPoint]:
    """Measurements of a terminal's clock from one moment to another, in order."""
    columns = terminal_drift.c
    query = select(columns.at, columns.drift_ms, columns.corrected).where(columns.terminal_id == terminal_id)
    return [
        DriftPoint(row.at, row.drift_ms, row.corrected)
        for row in uow.fetch_all(query.where(columns.at.between(since, until)).order_by(columns.at))
    ]


def tidy_drifts(uow: UnitOfWork, now: datetime) -> int:
    """Forget measurements of long ago; returns how many."""
    return uow.execute(delete(terminal_drift).where(terminal_drift.c.at < now - KEPT)).rowcount


def _shown(rule: ClockRule) -> dict[str, object]:
    return {"corrects": rule.corrects, "from_ms": rule.tolerance_ms, "up_to_ms": rule.most_ms}
