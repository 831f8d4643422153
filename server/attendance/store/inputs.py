"""What assessing reads, for many people at once: punches as instants, and what is stored of their days."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, select

from server.attendance.engine.walls import RawPunch, timed
from server.attendance.model.assessed import Known
from server.attendance.model.days import TimedPunch
from server.attendance.model.grants import Heading
from server.attendance.store.lines import day_ends, day_starts, enrolled_then
from server.attendance.tables import attendance_day, punch
from server.directory.tables import enrolment
from server.fleet import actions as fleet
from server.fleet.model import TerminalRole
from server.fleet.tables import site, terminal
from server.storage import UnitOfWork

HEADINGS = {TerminalRole.ENTRANCE: Heading.IN, TerminalRole.EXIT: Heading.OUT}


def timed_punches(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, list[TimedPunch]]:
    """Everybody's punches whose terminals showed a date of first..last, in order, by person; who has none is left out.

    Whose a punch is follows from the enrolments of its terminal's zone on its date.
    """
    zones = {
        row.id: row.time_zone for row in uow.fetch_all(select(terminal.c.id, site.c.time_zone).join(site, site.c.id == terminal.c.site_id))
    }
    joined = enrolment.join(terminal, terminal.c.zone_id == enrolment.c.zone_id)
    joined = joined.join(punch, and_(punch.c.terminal_id == terminal.c.id, enrolled_then()))
    columns = (enrolment.c.person_id, punch.c.id, punch.c.wall, punch.c.state, punch.c.terminal_id, punch.c.epoch_id, punch.c.sequence)
    span = punch.c.wall.between(day_starts(first), day_ends(last))
    query = select(*columns).select_from(joined).where(enrolment.c.person_id.in_(list(person_ids)), span)
    roles, raw = _roles(uow), defaultdict[int, list[RawPunch]](list)
    for row in uow.execute(query):
        person_id, key, wall, state, terminal_id, epoch_id, sequence = tuple(row)
        role = next((heading for begins, heading in roles.get(terminal_id, ()) if begins <= wall), None)
        raw[person_id].append(RawPunch(key, wall, state, terminal_id, zones[terminal_id], epoch_id, sequence, role))
    return {person_id: timed(own) for person_id, own in raw.items()}


def _roles(uow: UnitOfWork) -> dict[int, list[tuple[int, Heading | None]]]:
    """From which packed wall time on a terminal is for what, the latest first; terminals that always were for both are left out."""
    return {
        terminal_id: [(day_starts(one.first_day), HEADINGS[one.role] if one.role else None) for one in reversed(changes)]
        for terminal_id, changes in fleet.terminal_roles(uow).items()
    }


def known_days(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[tuple[int, date], Known]:
    """What is stored of these people's days."""
    column = attendance_day.c
    wanted = (column.inputs_hash, column.state, column.left_at, column.assessed_at, column.body, column.steps)
    span = and_(column.person_id.in_(list(person_ids)), column.work_date.between(first, last))
    rows: Any = uow.execute(select(column.person_id, column.work_date, *wanted).where(span))
    return {(row[0], row[1]): Known(bytes(row[2]), row[3], row[4], row[5], bytes(row[6]), bytes(row[7])) for row in rows}


def versions_now(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[tuple[int, date], tuple[bytes, datetime]]:
    """(inputs hash, when it was assessed) of what is stored: whether somebody wrote since."""
    column = attendance_day.c
    span = and_(column.person_id.in_(list(person_ids)), column.work_date.between(first, last))
    rows: Any = uow.execute(select(column.person_id, column.work_date, column.inputs_hash, column.assessed_at).where(span))
    return {(row[0], row[1]): (bytes(row[2]), row[3]) for row in rows}
