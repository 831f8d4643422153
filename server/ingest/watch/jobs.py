"""The watch by the clock."""

from datetime import UTC, datetime
from functools import partial

from server.ingest.watch.actions import Office, tidy, watch
from server.jobs.kinds import Schedule
from server.storage import UnitOfWork


def schedules(office: Office) -> list[Schedule]:
    """A look each minute, and each night what was over long ago is forgotten."""
    zone = office.zone.key
    return [Schedule("watch-alarms", "* * * * *", zone, partial(_look, office)), Schedule("tidy-alarms", "20 3 * * *", zone, _tidy)]


def _look(office: Office, uow: UnitOfWork, at: datetime) -> None:
    watch(uow, office, at.astimezone(UTC))


def _tidy(uow: UnitOfWork, at: datetime) -> None:
    tidy(uow, at.astimezone(UTC))
