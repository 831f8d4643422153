"""Long work done by hand, step by step, as a runner does it."""

from collections.abc import Sequence

from server.jobs import doing, store
from server.jobs.kinds import JobKind
from server.storage import Database


def do_all(database: Database, kinds: Sequence[JobKind]) -> None:
    """Do everything that was asked for and has not ended."""
    known = {kind.name: kind for kind in kinds}
    while jobs := _not_ended(database):
        for job in jobs:
            for number in doing.prepare(database, known, job.id, job.token):
                doing.do_shard(database, known, job.id, job.token, number)
            doing.finish(database, known, job.id, job.token)


def _not_ended(database: Database):
    with database.reading() as uow:
        return store.not_ended(uow)
