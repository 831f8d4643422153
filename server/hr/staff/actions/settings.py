"""What the company sets for its staff records."""

from dataclasses import asdict
from datetime import datetime

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError
from server.hr.staff import store
from server.hr.staff.model import SETTING_LIMITS, StaffSettings
from server.storage import UnitOfWork


def settings_now(uow: UnitOfWork) -> StaffSettings:
    """As set, or as they come."""
    return store.settings_now(uow)


def change_settings(uow: UnitOfWork, wanted: StaffSettings, by: Actor, now: datetime) -> None:
    """Raises InvalidInputError for a figure outside its limits."""
    held = store.settings_now(uow)
    for name, (fewest, most) in SETTING_LIMITS.items():
        if not fewest <= getattr(wanted, name) <= most:
            raise InvalidInputError(field=name, reason="use a number from {fewest} to {most}", fewest=fewest, most=most)
    changed = [name for name in SETTING_LIMITS if getattr(wanted, name) != getattr(held, name)]
    if not changed:
        return
    store.write_settings(uow, wanted)
    before, after = ({name: asdict(one)[name] for name in changed} for one in (held, wanted))
    record(uow, by, "staff.settings", "staff", "settings", at=now, before=before, after=after)
