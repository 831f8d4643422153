"""Up to when terminals have reported, as it is stored."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from server.attendance.engine.reporting import Quiet, Reports, Watched, earliest, reported_until
from server.attendance.tables import silence, terminal_report
from server.directory.tables import enrolment
from server.fleet.tables import terminal
from server.storage import UnitOfWork


def reports_of(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date, now: int) -> Reports:
    """What these people's days from first to last have to wait for."""
    span = enrolment.c
    overlaps = and_(span.valid_from <= last, or_(span.valid_until.is_(None), span.valid_until >= first))
    columns = (span.person_id, span.zone_id, span.valid_from, span.valid_until)
    watched: dict[int, list[Watched]] = defaultdict(list)
    for row in uow.fetch_all(select(*columns).where(span.person_id.in_(list(person_ids)), overlaps)):
        watched[row.person_id].append(Watched(row.valid_from, row.valid_until or date.max, row.zone_id))
    return Reports(watched, zones_reported(uow, now), now)


def zones_reported(uow: UnitOfWork, now: int) -> dict[int, int | None]:
    """Up to when all terminals of each zone have reported; None where one never did. Zones without terminals are left out."""
    terminals: dict[int, list[int | None]] = defaultdict(list)
    zone_of = {row.id: row.zone_id for row in uow.fetch_all(select(terminal.c.id, terminal.c.zone_id))}
    for terminal_id, until in terminals_reported(uow, now).items():
        terminals[zone_of[terminal_id]].append(until)
    return {zone_id: earliest(moments, now) for zone_id, moments in terminals.items()}


def terminals_reported(uow: UnitOfWork, now: int) -> dict[int, int | None]:
    """Up to when each terminal need not be waited for."""
    quiet = quiet_times(uow, now)
    query = select(terminal.c.id, terminal_report.c.reported_until)
    rows = uow.fetch_all(query.select_from(terminal.outerjoin(terminal_report, terminal_report.c.terminal_id == terminal.c.id)))
    return {row.id: reported_until(row.reported_until, quiet.get(row.id, ())) for row in rows}


def quiet_times(uow: UnitOfWork, now: int) -> Mapping[int, list[Quiet]]:
    """When terminals need not report: accepted silences and times out of service, by terminal."""
    found: dict[int, list[Quiet]] = defaultdict(list)
    for row in uow.fetch_all(select(silence).where(silence.c.withdrawn_at.is_(None))):
        found[row.terminal_id].append(Quiet(row.starts_at, row.ends_at))
    out = (terminal.c.id, terminal.c.out_of_service_from, terminal.c.out_of_service_until)
    for row in uow.fetch_all(select(*out).where(terminal.c.out_of_service_from.is_not(None))):
        ends = now if row.out_of_service_until is None else min(now, int(row.out_of_service_until.timestamp()))
        found[row.id].append(Quiet(int(row.out_of_service_from.timestamp()), ends))
    return found


def note_reports(uow: UnitOfWork, reported: Mapping[int, int]) -> None:
    """Terminals have reported up to these instants; an earlier one than is stored changes nothing."""
    if not reported:
        return
    statement: Any = (sqlite.insert if uow.dialect == "sqlite" else postgresql.insert)(terminal_report)
    newer = statement.excluded.reported_until > terminal_report.c.reported_until
    statement = statement.on_conflict_do_update(
        index_elements=["terminal_id"], set_={"reported_until": statement.excluded.reported_until}, where=newer
    )
    uow.execute(statement, [{"terminal_id": key, "reported_until": until} for key, until in sorted(reported.items())])
