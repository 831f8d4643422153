"""What the company set for staff records."""

from dataclasses import asdict

from sqlalchemy import select

from server.hr.staff.model import SETTING_LIMITS, StaffSettings
from server.hr.staff.tables import staff_settings
from server.storage import UnitOfWork, upsert


def settings_now(uow: UnitOfWork) -> StaffSettings:
    """As set, or as they are while nobody has changed them."""
    row = uow.fetch_one(select(staff_settings))
    return StaffSettings() if row is None else StaffSettings(**{name: getattr(row, name) for name in SETTING_LIMITS})


def write_settings(uow: UnitOfWork, settings: StaffSettings) -> None:
    upsert(uow, staff_settings, [{"id": 1} | asdict(settings)], ("id",))
