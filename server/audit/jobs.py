"""Long work of the trail: following its chain, each night and when somebody asks."""

from datetime import UTC, datetime

from server.audit import store
from server.audit.actions import CHECK_JOB, ask_check, verify
from server.audit.model import SERVER
from server.jobs.kinds import Arguments, JobKind, Progress, Save, Schedule
from server.jobs.model import Job, Shard
from server.storage import UnitOfWork


def _whole(uow: UnitOfWork, _arguments: Arguments) -> list[Shard]:
    return [Shard(max(store.head(uow).last_id, 1), {})]


def _follow(uow: UnitOfWork, job: Job, _arguments: Arguments, progress: Progress) -> Save:
    """Against the end that the last sound check saw, too: so a tail that was cut off since is found."""
    before = store.last_check(uow, sound=True)
    found = verify(uow, None if before is None else before.found.head, progress)
    return lambda saving: store.add_check(saving, found, job.asked_by, datetime.now(UTC))


KINDS = (JobKind(CHECK_JOB, _whole, _follow),)


def schedules(zone: str) -> list[Schedule]:
    """Each night, on the company's clock."""
    return [Schedule(CHECK_JOB, "20 3 * * *", zone, lambda uow, at: ask_check(uow, SERVER.name, at.astimezone(UTC)))]
