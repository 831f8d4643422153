"""What an area that asks for approval gives, so that approvals need not know what is asked for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from server.audit.model import Actor
from server.hr.approvals.model.facts import Told


@dataclass(frozen=True, slots=True)
class Described:
    """What an approver reads of a subject. lines: (label, value) in the order of weight, labels are texts of ours. address: its page.

    warnings: what the approver should know before saying yes (over balance, others away), whole sentences.
    """

    title: Told
    lines: tuple[tuple[str, str | Told], ...]
    reason: str
    person_id: int
    address: str
    warnings: tuple[Told, ...] = ()


class Handler(Protocol):
    """For one kind of subject. All run in the transaction of the decision: a ServerError raised in `approved` undoes it and is shown.

    uow: a unit of work (`server.storage`, which no model may know).
    """

    def approved(self, uow: Any, subject_id: int, by: Actor, now: datetime) -> None: ...
    def refused(self, uow: Any, subject_id: int, by: Actor, now: datetime) -> None: ...
    def sent_back(self, uow: Any, subject_id: int, by: Actor, now: datetime) -> None: ...
    def withdrawn(self, uow: Any, subject_id: int, by: Actor, now: datetime) -> None: ...
    def describe(self, uow: Any, subject_ids: Collection[int]) -> Mapping[int, Described]: ...


Handlers = Mapping[str, Handler]
"""By kind of subject."""
