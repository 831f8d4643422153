"""Values of long work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    """WAITING: nobody has begun. The last three are ends."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class NewJob:
    """Work to be done once. name: of its kind. key: asked twice, it is the same work. arguments: values that JSON holds.

    title: what people call it, a text of ours with `facts` in it. permission: who may see and cancel it. place: the address of the page
    that shows what comes of it; empty where there is none.
    """

    name: str
    key: str
    title: str
    permission: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """Work as it stands. done of total: in whatever the kind counts, mostly people; total is 0 until it was divided.

    token: tells this row from one of the same number in another copy of the database. fault: why it failed, a text of ours and its facts.
    step: what it is at, a text of ours; "" where its kind does not say.
    """

    id: int
    token: str
    name: str
    key: str
    title: str
    facts: Mapping[str, Any]
    arguments: Mapping[str, Any]
    permission: str
    place: str
    state: JobState
    done: int
    total: int
    fault: Mapping[str, Any] | None
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    cancelled_by: str | None
    step: str = ""

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100; 100 only when everything is done."""
        return self.done * 100 // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of a job that is done in one go. size: how much of the job's total it is."""

    size: int
    arguments: Mapping[str, Any]
