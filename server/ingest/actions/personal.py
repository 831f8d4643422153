"""What the quarantine holds about somebody: rows of a terminal user that they were on the day that the terminal showed."""

from datetime import datetime

from sqlalchemy import ColumnElement, Integer, String, and_, case, cast, func, or_, select, type_coerce, update

from server.directory.tables import enrolment
from server.fleet.tables import terminal
from server.ingest.store import erased_hash
from server.ingest.tables import quarantine
from server.storage import DataSubject, Holding, UnitOfWork


def _theirs(one: DataSubject) -> ColumnElement[bool]:
    """The date as text: what stands there may be no date at all."""
    shown = func.replace(func.substr(quarantine.c.wall_text, 1, 10), "-", "")
    first, last = (cast(type_coerce(column, Integer), String) for column in (enrolment.c.valid_from, enrolment.c.valid_until))
    joined = terminal.join(enrolment, enrolment.c.zone_id == terminal.c.zone_id)
    held = (
        select(enrolment.c.id)
        .select_from(joined)
        .where(
            enrolment.c.person_id == one.person_id,
            terminal.c.serial == quarantine.c.terminal_serial,
            enrolment.c.terminal_user == quarantine.c.terminal_user,
            shown >= first,
            or_(enrolment.c.valid_until.is_(None), shown <= last),
        )
    )
    return held.exists()


def _left(one: DataSubject) -> ColumnElement[bool]:
    return and_(_theirs(one), func.length(quarantine.c.body) > 0)


def _erase(uow: UnitOfWork, one: DataSubject, now: datetime) -> int:
    """That a row was kept back and why stays; what it said, and of whom, goes."""
    rows = uow.fetch_all(select(quarantine.c.id, quarantine.c.content_hash).where(_left(one)))
    open_state = quarantine.c.state == "open"
    for row in rows:
        blank = {"terminal_user": "", "body": b"", "note": "", "content_hash": erased_hash(uow, bytes(row.content_hash))}
        settled = {
            "state": case((open_state, "dismissed"), else_=quarantine.c.state),
            "resolved_at": case((open_state, now), else_=quarantine.c.resolved_at),
            "resolved_by": case((open_state, "server"), else_=quarantine.c.resolved_by),
        }
        uow.execute(update(quarantine).where(quarantine.c.id == row.id).values(**blank, **settled))
    return len(rows)


HOLDINGS = (Holding(quarantine, "Quarantine", _theirs, secret=("content_hash",), keep="attendance", goes=_left, erased=_erase),)
