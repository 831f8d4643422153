"""Closing an attendance period as a runner does it, at once."""

from collections.abc import Mapping
from datetime import date

from server.attendance import actions
from server.attendance.jobs import closing
from server.attendance.model import IssueKind
from server.jobs.model import JobState
from server.storage import Database
from tests.support.company import NOW, TESTER
from tests.support.jobs import do_all


def close_period(database: Database, group: str, month: date, reasons: Mapping[IssueKind, str], today: date) -> int:
    """Returns how many people are in it; raises what asking for it raises."""
    with database.writing() as uow:
        actions.ask_closing(uow, group, month, reasons, TESTER, NOW, today)
    do_all(database, closing.KINDS)
    with database.reading() as uow:
        job = actions.closing_job(uow, actions.find_period(uow, group, month))
    assert job is not None
    assert job.state is JobState.DONE, job.fault
    return job.total
