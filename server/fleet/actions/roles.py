"""What terminals are for: entrance, exit, or both. A change is dated; what a terminal was for before stays."""

from datetime import date, datetime, timedelta

from protocol.identifiers import TerminalSerial
from server.audit.actions import record
from server.audit.model import Actor
from server.fleet import store
from server.fleet.actions.terminals import existing_terminal
from server.fleet.model import FOR_BOTH, RoleChange, TerminalRole, role_on
from server.fleet.tables import terminal_role
from server.storage import Subject, UnitOfWork, leave_change

DAY = timedelta(days=1)


def terminal_roles(uow: UnitOfWork) -> dict[int, tuple[RoleChange, ...]]:
    """The changes of what each terminal is for, in order; terminals that always were for both are left out."""
    return store.terminal_roles(uow)


def change_role(
    uow: UnitOfWork, serial: TerminalSerial, role: TerminalRole | None, first_day: date, by: Actor, now: datetime, reason: str = ""
) -> None:
    """From a date on a terminal is for this, whatever was said of later days; raises NotFoundError. Nothing happens where it is so already.

    Days of everybody who can punch there are worked out again from that date on, and the work date before it, to which a punch of that
    date may belong.
    """
    terminal = existing_terminal(uow, serial)
    before = store.terminal_roles(uow).get(terminal.id, ())
    kept = tuple(one for one in before if one.first_day < first_day)
    after = kept if role_on(kept, first_day) == role else (*kept, RoleChange(first_day, role))
    if after == before:
        return
    column = terminal_role.c
    uow.execute(terminal_role.delete().where(column.terminal_id == terminal.id, column.first_day >= first_day))
    if after != kept:
        uow.execute(terminal_role.insert().values(terminal_id=terminal.id, first_day=first_day, role=role))
    leave_change(uow, Subject.ZONE, terminal.zone_id, max(first_day, date.min + DAY) - DAY, None, "terminal")
    was, is_now = _shown(before, first_day), {"purpose": role or FOR_BOTH, "from": first_day.isoformat()}
    record(uow, by, "terminal.role", "terminal", serial, at=now, before=was, after=is_now, reason=reason)


def _shown(changes: tuple[RoleChange, ...], day: date) -> dict[str, str | dict[str, str]]:
    """What held on a day, and what had been said of later ones."""
    later = {one.first_day.isoformat(): one.role or FOR_BOTH for one in changes if one.first_day > day}
    held: dict[str, str | dict[str, str]] = {"purpose": role_on(changes, day) or FOR_BOTH}
    return held | {"later": later} if later else held
