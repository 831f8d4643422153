"""What a kind of long work is made of: three plain functions and a name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from server.jobs.model import Job, Shard
from server.storage import UnitOfWork

SHARD_PEOPLE = 500
"""People in a shard: some seconds of work, so that what a death costs is little, and what is written down about it, too."""

Arguments = Mapping[str, Any]
Save = Callable[[UnitOfWork], None]
"""Writes what a shard came to; called in the transaction that marks the shard done, so both happen once or neither."""


class Progress(Protocol):
    """Told now and then how much of the shard is done. Raises JobCancelledError when nobody wants the rest any more."""

    def __call__(self, done: int, step: str = "") -> None:
        """step: what it is at, a text of ours that a page can say in its language; "" where there is only one."""


class JobCancelledError(Exception):
    """Somebody cancelled the job that runs; goes through the work up to the runner."""


def nothing_more(_uow: UnitOfWork, _job: Job) -> None:
    """The end of a job that has nothing to put together."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """How work of one name is done.

    split: the shards, from one snapshot. work: does a shard, reading a snapshot, and gives what is to be saved; it may be called again
    after a death, and must come to the same. finish: the last step, in the transaction that marks the job done.
    """

    name: str
    split: Callable[[UnitOfWork, Arguments], Sequence[Shard]]
    work: Callable[[UnitOfWork, Job, Arguments, Progress], Save]
    finish: Callable[[UnitOfWork, Job], None] = nothing_more


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is done by the clock. cron: five fields, on the clock of `zone`. do: told the moment, in a transaction of its own; something
    short, or asking for a job. A moment at which no runner lives is left out; at one, `do` may be called twice.
    """

    name: str
    cron: str
    zone: str
    do: Callable[[UnitOfWork, datetime], object]


def in_shards(person_ids: Sequence[int], at_once: int = SHARD_PEOPLE) -> Iterator[Shard]:
    """People in shards, in the order given."""
    for start in range(0, len(person_ids), at_once):
        people = list(person_ids[start : start + at_once])
        yield Shard(len(people), {"people": people})
