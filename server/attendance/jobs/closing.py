"""Closing a period: one piece of work, because it comes to all of it or to nothing."""

from collections.abc import Sequence
from datetime import date

from server.attendance.actions.closing import close_period, order_of, work_out_closing
from server.attendance.actions.periods import find_period, members_of
from server.jobs.kinds import Arguments, JobKind, Progress, Save
from server.jobs.model import Job, Shard
from server.storage import UnitOfWork


def _split(uow: UnitOfWork, arguments: Arguments) -> Sequence[Shard]:
    period = find_period(uow, arguments["group"], date.fromisoformat(arguments["month"]))
    return [Shard(len(members_of(uow, period)), {})]


def _close(uow: UnitOfWork, job: Job, _arguments: Arguments, progress: Progress) -> Save:
    order = order_of(job)
    closing = work_out_closing(uow, order, progress)
    return lambda saving: close_period(saving, order, closing)


KINDS = (JobKind("close-period", _split, _close),)
"""For the runner."""
