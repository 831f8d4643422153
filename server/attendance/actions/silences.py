"""Accepting that a terminal is silent: days go on without it, so that a dead one holds up nobody's pay."""

from datetime import UTC, datetime

from server.attendance.engine.reporting import NEVER
from server.attendance.model.silent import Silence
from server.attendance.store import silences as store
from server.attendance.store.marks import mark_days
from server.attendance.store.reports import terminals_reported
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import actions as fleet
from server.storage import UnitOfWork


def accept_silence(uow: UnitOfWork, terminal_id: int, until: datetime, by: Actor, now: datetime, reason: str) -> Silence:
    """Wait no more for what a terminal has not reported from its last report to `until`. A punch that comes after all still counts.

    Raises NotFoundError, InvalidInputError, or RefusedError when it has reported up to then.
    """
    serial = str(fleet.find_terminal(uow, terminal_id).terminal.serial)
    if not reason.strip():
        raise InvalidInputError(field="reason", reason="say why, so that it can be understood later")
    if until > now:
        raise InvalidInputError(field="until", reason="only a silence that has been can be accepted: choose a moment that is past")
    reported = terminals_reported(uow, int(now.timestamp())).get(terminal_id)
    if reported is not None and reported >= int(until.timestamp()):
        raise RefusedError(reason="This terminal has reported up to then: there is nothing to accept.")
    starts_at, ends_at = reported or NEVER, int(until.timestamp())
    made = store.silence_by_id(uow, store.add_silence(uow, terminal_id, starts_at, ends_at, by.name, reason.strip(), now))
    assert made is not None
    record(uow, by, "silence.accept", "terminal", serial, at=now, after=_shown(made), reason=reason.strip())
    return made


def withdraw_silence(uow: UnitOfWork, silence_id: int, by: Actor, now: datetime, reason: str) -> None:
    """Wait for the terminal after all: days that were final by this are provisional again. Raises NotFoundError or InvalidInputError."""
    found = store.silence_by_id(uow, silence_id)
    if found is None:
        raise NotFoundError(what="accepted silence", name=silence_id)
    if not reason.strip():
        raise InvalidInputError(field="reason", reason="say why, so that it can be understood later")
    store.withdraw(uow, silence_id, by.name, now)
    days = store.days_between(uow, found.terminal_id, found.starts_at, found.ends_at)
    mark_days(uow, days, "silence", now, later=len(days) > 1)
    serial = str(fleet.find_terminal(uow, found.terminal_id).terminal.serial)
    record(uow, by, "silence.withdraw", "terminal", serial, at=now, before=_shown(found), reason=reason.strip())


def _shown(one: Silence) -> dict[str, object]:
    starts = datetime.fromtimestamp(one.starts_at, UTC) if one.starts_at != NEVER else None
    return {"from": starts, "until": datetime.fromtimestamp(one.ends_at, UTC)}
