"""What leave does by the clock: every night the ledger is brought to what the rules say of the day, for everybody.

Idempotent: a second run writes nothing, and one after days of standstill writes all that they brought, each movement with its own day.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from server.hr.leave.actions import ask_settling, missing_movements, settle
from server.hr.leave.store import ledger
from server.jobs.kinds import Arguments, JobKind, Progress, Save, Schedule, in_shards
from server.jobs.model import Job, Shard
from server.storage import UnitOfWork


def schedules(zone: str) -> list[Schedule]:
    """Soon after midnight on the company's clock, when everybody's events of the day are in force; and again at noon, for days on which the
    night had no runner. The second one of a day finds the work done."""

    def ask(uow: UnitOfWork, at: datetime) -> None:
        ask_settling(uow, at.astimezone(UTC), at.astimezone(ZoneInfo(zone)).date())

    return [Schedule("settle-leave", "15 0,12 * * *", zone, ask)]


def _split(uow: UnitOfWork, _arguments: Arguments) -> Sequence[Shard]:
    return list(in_shards(ledger.people_to_settle(uow)))


def _settle(uow: UnitOfWork, job: Job, arguments: Arguments, progress: Progress) -> Save:
    """Reads who lacks something; in the writing transaction only these are looked at again, so that it is short."""
    today, people = date.fromisoformat(job.arguments["today"]), arguments["people"]
    lacking = sorted({person_id for person_id, _, _ in missing_movements(uow, people, today)})
    progress(len(people))

    def save(saving: UnitOfWork) -> None:
        settle(saving, lacking, today, datetime.now(UTC))

    return save


KINDS = (JobKind("settle-leave", _split, _settle),)
"""For the runner."""
