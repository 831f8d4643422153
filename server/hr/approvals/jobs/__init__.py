"""Work of approvals that no request waits for: many answers at once, and what happens when time is up."""

from collections.abc import Sequence
from datetime import UTC, datetime

from server.hr.approvals.actions.bulk import JOB, answer_some, courses_left
from server.hr.approvals.actions.time_limits import follow_time
from server.hr.approvals.model import Handlers
from server.jobs.kinds import Arguments, JobKind, Progress, Save, Schedule
from server.jobs.model import Job, Shard
from server.storage import UnitOfWork

AT_ONCE = 25
"""Answers in one transaction: a quarter of a second, in which nobody else can write on SQLite."""


def kinds(handlers: Handlers) -> tuple[JobKind, ...]:
    """For the runner."""

    def split(uow: UnitOfWork, arguments: Arguments) -> Sequence[Shard]:
        left = courses_left(uow, arguments["bulk"])
        some = [left[start : start + AT_ONCE] for start in range(0, len(left), AT_ONCE)]
        return [Shard(len(each), {"courses": each}) for each in some]

    def work(_uow: UnitOfWork, job: Job, arguments: Arguments, _progress: Progress) -> Save:
        courses = list(arguments["courses"])
        return lambda saving: answer_some(saving, handlers, job.arguments["bulk"], courses, datetime.now(UTC))

    return (JobKind(JOB, split, work),)


def schedules(handlers: Handlers, zone: str) -> list[Schedule]:
    """What approvals do by the clock: every minute, those whose time is up."""
    return [Schedule("approvals-in-time", "* * * * *", zone, lambda uow, at: follow_time(uow, handlers, at.astimezone(UTC)))]
